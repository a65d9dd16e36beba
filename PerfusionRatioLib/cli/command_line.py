"""From the arguments of the command line to an exit code."""

import argparse
import contextlib
import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence

from .. import __version__
from ..errors import Cancelled, InputError, PerfusionRatioError
from ..export.json_text import json_text
from .console import Console

COMMANDS = ("demo", "info", "fit", "validate")
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
    try:
        arguments = _parser().parse_args(argv)
        arguments.command_line = list(sys.argv[1:] if argv is None else argv)
        console.silent = arguments.json
        with _termination_as_interrupt():
            result = importlib.import_module(f"{__package__}.{arguments.command}").run(arguments, console)
        if arguments.json:
            console.clear()
            print(json_text(result))
        return _flushed(0)
    except SystemExit as end:  # --help and --version
        return _flushed(int(end.code or 0))
    except (KeyboardInterrupt, Cancelled):
        return _fail(console, "interrupted; nothing was written", INTERRUPTED)
    except PerfusionRatioError as error:
        return _fail(console, f"error: {error}", BAD_INPUT)
    except BrokenPipeError:
        return _reader_gone()
    except MemoryError:
        return _fail(console, "error: There is not enough memory for this series: give fewer slices.", BAD_INPUT)


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
        verb.add_argument("--json", action="store_true", help="print the result as JSON, and nothing else")
    return parser


@contextlib.contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Clean up after SIGTERM (a batch system's stop) as after Ctrl-C. Signals are the main thread's alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _flushed(code: int) -> int:
    """``code``, when everything printed is out."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _reader_gone()
    return code


def _reader_gone() -> int:
    """Whoever read our output has gone (``| head``): no error, and Python is not to complain when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _fail(console: Console, message: str, code: int) -> int:
    console.clear()
    print(f"perfusion-ratio: {' '.join(message.split())}", file=sys.stderr)
    return code
