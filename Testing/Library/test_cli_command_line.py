"""The frame of the command line: exit codes, one-line errors, JSON, progress."""

import errno
import io
import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from PerfusionRatioLib import __version__
from PerfusionRatioLib.cli import info, main
from PerfusionRatioLib.cli.command_line import COMMANDS
from PerfusionRatioLib.cli.console import Console, table
from PerfusionRatioLib.errors import Cancelled, InputError, NoAnswerError, OutputError


@pytest.fixture
def verb(monkeypatch):
    """Makes ``info`` do what a test wants: ``verb(action)`` with ``action(arguments, console)``."""
    return lambda action: monkeypatch.setattr(info, "run", action)


def raising(error):
    def run(arguments, console):
        raise error

    return run


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_help_names_every_verb(capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"\n    {name} " in out for name in COMMANDS)
    assert "not a medical device" in out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_each_verb_has_an_example(name, capsys):
    assert main([name, "--help"]) == 0
    assert f"  perfusion-ratio {name}" in capsys.readouterr().out


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"perfusion-ratio {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "The following arguments are required: VERB"),
        (["fitt"], "Argument VERB: invalid choice: 'fitt'"),
        (["info"], "The following arguments are required: DCE"),
        (["info", "dce.nii", "--unknown"], "Unrecognized arguments: --unknown"),
        (["fit", "dce.nii", "-o", "out", "--tr", "five"], "Argument --tr: invalid float value: 'five'"),
        (["fit", "dce.nii", "-o", "out", "--model", "tofst"], "Argument --model: invalid choice: 'tofst'"),
        (["fit", "dce.nii", "-o", "out", "--baseline", "3"], "'3' is not START:STOP, such as 1:6"),
        (["fit", "dce.nii", "-o", "out", "--vfa", "a", "--vfa-flip-angles", "2;5"], "'2;5' is not a list of numbers"),
        (["fit", "dce.nii"], "The following arguments are required: -o/--output"),
    ],
)
def test_wrong_arguments_end_with_2_and_one_line(arguments, sentence, capsys):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("perfusion-ratio: error: ")
    assert captured.err.count("\n") == 1
    assert sentence in captured.err
    assert "--help" in captured.err


@pytest.mark.parametrize("error", [InputError("The mask is empty."), NoAnswerError("No artery."), OutputError("Full.")])
def test_our_errors_end_with_2_and_their_sentence(verb, capsys, error):
    verb(raising(error))
    assert main(["info", "dce.nii"]) == 2
    assert capsys.readouterr().err == f"perfusion-ratio: error: {error}\n"


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), Cancelled()])
def test_an_interrupt_ends_with_130(verb, capsys, stop):
    verb(raising(stop))
    assert main(["info", "dce.nii"]) == 130
    assert capsys.readouterr().err == "perfusion-ratio: interrupted; nothing was written\n"


def test_a_sentence_with_line_breaks_is_told_in_one_line(verb, capsys):
    verb(raising(InputError("The reader said:\n   no.")))
    main(["info", "dce.nii"])
    assert capsys.readouterr().err == "perfusion-ratio: error: The reader said: no.\n"


def test_too_little_memory_is_told(verb, capsys):
    verb(raising(MemoryError()))
    assert main(["info", "dce.nii"]) == 2
    assert "not enough memory" in capsys.readouterr().err


def test_a_mistake_of_ours_is_not_hidden(verb):
    verb(raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        main(["info", "dce.nii"])


def test_json_is_all_there_is_on_standard_output(verb, capsys):
    def run(arguments, console):
        console.show("for people")
        return {"ktrans": np.float32(0.25), "path": Path("out"), "nan": float("nan")}

    verb(run)
    assert main(["info", "dce.nii", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ktrans": 0.25, "path": "out", "nan": None}
    assert main(["info", "dce.nii"]) == 0
    assert capsys.readouterr().out == "for people\n"


def test_progress_is_drawn_on_a_terminal_only(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert Console().progress is None
    monkeypatch.setattr(sys, "stderr", Terminal())
    console = Console()
    console.progress(0.5, "Fitting")
    assert "[############------------]  50% Fitting" in sys.stderr.getvalue()
    console.clear()
    assert sys.stderr.getvalue().endswith("\r\x1b[K")


def test_the_progress_line_never_wraps(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys, "stderr", Terminal())
    Console().progress(0.5, "something with a very long name indeed")
    assert len(sys.stderr.getvalue().removeprefix("\r\x1b[K")) < 40


def test_a_table_is_aligned():
    assert table([["", "ktrans"], ["grey", "1"]]) == "      ktrans\n------------\ngrey       1"


def test_the_package_can_be_run(capfd):
    run = subprocess.run([sys.executable, "-m", "PerfusionRatioLib", "fitt"], cwd=Path(__file__).parents[2])
    assert run.returncode == 2
    assert "invalid choice" in capfd.readouterr().err


def test_a_reader_that_goes_away_is_no_error():
    read_end, write_end = os.pipe()
    os.close(read_end)
    run = subprocess.run(
        [sys.executable, "-m", "PerfusionRatioLib", "fit", "--help"],
        cwd=Path(__file__).parents[2],
        stdout=write_end,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(write_end)
    assert (run.returncode, run.stderr) == (0, "")


ENDINGS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@pytest.mark.parametrize("kind", ENDINGS)
def test_being_terminated_is_an_interrupt(verb, capsys, kind):
    def run(arguments, console):
        signal.raise_signal(kind)

    verb(run)
    before = signal.getsignal(kind)
    assert main(["info", "dce.nii"]) == 130
    assert signal.getsignal(kind) is before


@pytest.mark.parametrize("kind", ENDINGS)
def test_a_signal_that_is_ignored_stays_ignored(verb, kind):
    def run(arguments, console):
        signal.raise_signal(kind)
        return {}

    verb(run)
    before = signal.signal(kind, signal.SIG_IGN)
    try:
        assert main(["info", "dce.nii"]) == 0
    finally:
        signal.signal(kind, before)


def test_an_error_of_the_system_names_the_file(verb, capsys):
    verb(raising(PermissionError(errno.EACCES, "Permission denied", "/data/dce.nii")))
    assert main(["info", "dce.nii"]) == 2
    assert capsys.readouterr().err == "perfusion-ratio: error: /data/dce.nii: Permission denied.\n"


def test_a_series_with_a_name_that_is_too_long_is_refused(capsys):
    assert main(["info", "x" * 300]) == 2
    err = capsys.readouterr().err
    assert err.startswith("perfusion-ratio: error: ")
    assert err.count("\n") == 1


def package(arguments, redirection) -> subprocess.CompletedProcess:
    """The package run by a shell that redirects its output."""
    command = shlex.join([sys.executable, "-m", "PerfusionRatioLib", *arguments])
    return subprocess.run(
        ["sh", "-c", f"{command} {redirection}"],
        cwd=Path(__file__).parents[2],
        env={key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"},
        capture_output=True,
        text=True,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [["--version"], ["fit", "--help"]])
def test_output_that_cannot_be_written_is_told_in_one_line(arguments):
    run = package(arguments, "> /dev/full")
    assert run.returncode == 2
    assert run.stderr == "perfusion-ratio: error: standard output: No space left on device.\n"


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_closed_output_is_no_error():
    run = package(["validate", "--protocol", "5,15,5,60,1.4", "--quick", "--model", "patlak"], ">&-")
    assert (run.returncode, run.stderr) == (0, "")
    assert package(["fitt"], "2>&-").returncode == 2


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["text", "json"])
def test_what_an_encoding_does_not_have_is_escaped(options, tmp_path):
    """A pipe on Windows has no sign for a name in Cyrillic, nor for the minus of a unit."""
    name = "\u041e\u043f\u0443\u0445"
    command = [sys.executable, "-m", "PerfusionRatioLib", "info", str(tmp_path / name), *options]
    done = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONIOENCODING": "cp1252"}, timeout=60)
    assert done.returncode == 2
    assert b"There is no file or folder" in done.stderr and rb"\u041e" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_name_that_is_no_text_is_told(tmp_path, capsys):
    assert main(["info", str(tmp_path / os.fsdecode(b"dce\xff"))]) == 2
    assert "is not UTF-8 text: rename the file or folder" in capsys.readouterr().err
