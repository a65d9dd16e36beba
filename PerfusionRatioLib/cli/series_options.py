"""The dynamic series on the command line: which files, and values that replace what they say."""

import argparse
from pathlib import Path

from ..acquisition import Known
from ..progress import Progress
from ..series import DceSeries

COMMAND_LINE = "command line"


def add_series_arguments(parser: argparse.ArgumentParser) -> None:
    """DCE, and how it is to be read."""
    parser.add_argument(
        "dce",
        metavar="DCE",
        help="the dynamic series: a 4D NIfTI or NRRD file (a JSON sidecar beside it is read), or a DICOM folder",
    )
    parser.add_argument("--series", metavar="WHICH", help="number, description or UID, in a folder of several series")
    parser.add_argument("--input", choices=("signal", "concentration"), help="what DCE holds (default signal)")
    group = parser.add_argument_group("acquisition (replaces what the files say)")
    group.add_argument("--tr", type=float, metavar="SECONDS", help="repetition time, such as 0.005")
    group.add_argument("--flip-angle", type=float, metavar="DEGREES", help="flip angle, such as 15")
    group.add_argument(
        "--times", metavar="SECONDS|FILE", help="seconds between frames, or a text file with the time of each frame"
    )


def read_series(arguments: argparse.Namespace, progress: Progress | None = None) -> DceSeries:
    """Read the series that ``arguments`` name."""
    from ..reading import read_dce, read_times

    times = None if arguments.times is None else read_times(arguments.times)
    return read_dce(
        arguments.dce,
        repetition_time=_given(arguments.tr),
        flip_angle=_given(arguments.flip_angle),
        times=_given(times),
        series=arguments.series,
        content=arguments.input or "signal",
        progress=progress,
    )


def series_inputs(arguments: argparse.Namespace) -> dict[str, Path]:
    """What each file that ``read_series`` reads is for, and the file."""
    from ..reading.sidecar import sidecar_path

    inputs = {"DCE": Path(arguments.dce)}
    if not inputs["DCE"].is_dir() and sidecar_path(inputs["DCE"]).is_file():
        inputs["sidecar"] = sidecar_path(inputs["DCE"])
    if arguments.times is not None and Path(arguments.times).is_file():
        inputs["times"] = Path(arguments.times)
    return inputs


def _given(value):
    return None if value is None else Known(value, COMMAND_LINE)
