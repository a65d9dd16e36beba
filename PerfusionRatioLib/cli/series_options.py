"""The dynamic series on the command line: which files, and values that replace what they say."""

import argparse
from pathlib import Path

from ..visit_files import VisitFiles
from .numbers import number

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


def series_files(arguments: argparse.Namespace) -> VisitFiles:
    """The series that ``arguments`` name, and the values that they give for it."""
    times = number(arguments.times)
    if times is None and arguments.times is not None:
        times = Path(arguments.times)
    return VisitFiles(
        Path(arguments.dce),
        series=arguments.series,
        content=arguments.input,
        repetition_time=arguments.tr,
        flip_angle=arguments.flip_angle,
        times=times,
        origin=COMMAND_LINE,
    )
