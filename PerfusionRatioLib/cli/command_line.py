"""From the arguments of the command line to an exit code."""

import argparse
import contextlib
import importlib
import io
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator, Sequence

from .. import __version__
from ..errors import Cancelled, InputError, PerfusionRatioError
from ..export.json_text import json_text
from .console import Console

COMMANDS = ("demo", "info", "fit", "segment", "compare", "validate")
"""The verbs, in the order of the help."""

BAD_INPUT = 2
INTERRUPTED = 128 + signal.SIGINT
NOTICE = "For research only: not a medical device."


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``perfusion-ratio`` with ``argv`` (without the program's name) and return its exit code.

    0 when the work is done; 2 for anything the user can put right, told in one line; 130 when interrupted, with
    nothing half-written left behind.
    """
    console = Console()
    _show_anything()
    try:
        _run(list(sys.argv[1:] if argv is None else argv), console)
        return 0
    except (KeyboardInterrupt, Cancelled):
        done = "nothing was written" if console.complete is None else f"{console.complete} is complete"
        return _fail(console, f"interrupted; {done}", INTERRUPTED)
    except PerfusionRatioError as error:
        return _fail(console, f"error: {error}", BAD_INPUT)
    except BrokenPipeError:  # whoever read our output has gone (``| head``): no error
        _discard_output()
        return 0
    except OSError as error:
        if error.filename is None:
            _discard_output()
        where = "standard output" if error.filename is None else os.fsdecode(error.filename)
        return _fail(console, f"error: {where}: {error.strerror or error}.", BAD_INPUT)
    except MemoryError:
        return _fail(console, "error: There is not enough memory for this series: give fewer slices.", BAD_INPUT)


def _show_anything() -> None:
    """What the encoding of a terminal or pipe does not have is escaped: no result is lost to a name or a unit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _run(argv: list[str], console: Console) -> None:
    """Do what ``argv`` asks for, until everything printed is out."""
    try:
        arguments, unknown = _parser().parse_known_args(_with_negative_points(argv))
        if unknown:
            raise InputError(
                f"Unrecognized arguments: {' '.join(unknown)}: see 'perfusion-ratio {arguments.command} --help'."
            )
        arguments.command_line = argv
        console.silent = arguments.json
        with _termination_as_interrupt():
            result = importlib.import_module(f"{__package__}.{arguments.command}").run(arguments, console)
        if arguments.json:
            console.clear()
            print(json_text(result))
    except SystemExit as end:  # --help and --version
        if end.code:
            raise
    if sys.stdout is not None:  # None when it was closed before the start
        sys.stdout.flush()


_NEGATIVE_POINT = re.compile(r"-[\d.]+(e[+-]?\d+)?,")


def _with_negative_points(argv: list[str]) -> list[str]:
    """``--seed -31,34,22`` as ``--seed=-31,34,22``: argparse would take the point for an option."""
    joined: list[str] = []
    for word in argv:
        if joined and joined[-1].startswith("--") and "=" not in joined[-1] and _NEGATIVE_POINT.match(word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


class _Parser(argparse.ArgumentParser):
    """Reports wrong arguments the way every other wrong input is reported."""

    def error(self, message: str):
        raise InputError(f"{message[:1].upper()}{message[1:]}: see '{self.prog} --help'.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="perfusion-ratio",
        description=f"Ktrans and vp maps from dynamic contrast-enhanced MRI of the brain. {NOTICE}",
        epilog="'perfusion-ratio VERB --help' shows the options of a verb, with examples.",
    )
    parser.add_argument("--version", action="version", version=f"perfusion-ratio {__version__}")
    verbs = parser.add_subparsers(dest="command", metavar="VERB", required=True, parser_class=_Parser)
    for name in COMMANDS:
        command = importlib.import_module(f"{__package__}.{name}")
        verb = verbs.add_parser(
            name,
            help=command.SUMMARY,
            description=f"{command.SUMMARY[:1].upper()}{command.SUMMARY[1:]}.",
            epilog=f"examples:\n{command.EXAMPLES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.add_arguments(verb)
        verb.add_argument(
            "--json", action="store_true", help="print the result as JSON, and nothing else on standard output"
        )
    return parser


@contextlib.contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Clean up after SIGTERM (a batch system's stop) and SIGHUP (a closed terminal) as after Ctrl-C.

    Signals are the main thread's alone. One that is ignored (``nohup``) stays so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    before = {number: handler for number, handler in before.items() if handler not in (None, signal.SIG_IGN)}
    for number in before:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _discard_output() -> None:
    """Standard output goes nowhere from here, so that Python does not complain of it once more when it exits."""
    with contextlib.suppress(OSError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(console: Console, message: str, code: int) -> int:
    console.clear()
    if sys.stderr is not None:  # which print would take for standard output
        print(f"perfusion-ratio: {' '.join(message.split())}", file=sys.stderr)
    return code
