"""The dynamic series on the command line: which files, and values that replace what they say."""

import argparse

from ..progress import Progress
from ..series import DceSeries


def add_series_arguments(parser: argparse.ArgumentParser) -> None:
    """DCE, --tr, --flip-angle, --times."""
    parser.add_argument(
        "dce",
        metavar="DCE",
        help="the dynamic series: a 4D NIfTI or NRRD file (a JSON sidecar beside it is read), or a DICOM folder",
    )
    group = parser.add_argument_group("acquisition (replaces what the files say)")
    group.add_argument("--tr", type=float, metavar="SECONDS", help="repetition time, such as 0.005")
    group.add_argument("--flip-angle", type=float, metavar="DEGREES", help="flip angle, such as 15")
    group.add_argument(
        "--times", metavar="SECONDS|FILE", help="seconds between frames, or a text file with the time of each frame"
    )


def read_series(arguments: argparse.Namespace, progress: Progress | None = None) -> DceSeries:
    """Read the series that ``arguments`` name."""
    from ..reading import read_dce

    return read_dce(
        arguments.dce,
        repetition_time=arguments.tr,
        flip_angle=arguments.flip_angle,
        times=arguments.times,
        progress=progress,
    )
