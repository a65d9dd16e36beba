"""The choices for a visit on the command line."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from ..visit_files import VisitFiles
from ..visit_settings import Aif, Model, Region, VisitSettings
from .numbers import number
from .series_options import series_files


def add_visit_arguments(parser: argparse.ArgumentParser) -> None:
    """Every choice of ``VisitSettings``, and the maps and masks that go with the series."""
    default = VisitSettings()
    model = parser.add_argument_group("model")
    model.add_argument("--model", choices=get_args(Model), help=f"default {default.model}; auto chooses for each voxel")
    model.add_argument(
        "--delay", choices=("none", "global", "voxel"), help="of the bolus in tissue behind the artery (default none)"
    )
    model.add_argument("--standard-errors", action="store_true", help="also a map of each parameter's standard error")

    aif = parser.add_argument_group("arterial input")
    aif.add_argument(
        "--aif",
        metavar="auto|parker|georgiou|FILE.csv|MASK",
        help="found in the images (default), a population's, a file with columns time_s and plasma_mM or blood_mM, "
        "or a mask of the artery",
    )
    aif.add_argument(
        "--hematocrit", "--haematocrit", type=float, metavar="FRACTION", help=f"default {default.haematocrit}"
    )

    conversion = parser.add_argument_group("signal to concentration")
    conversion.add_argument(
        "--t10", metavar="SECONDS|MAP", help=f"T1 before contrast agent, a number or an image (default {default.t10} s)"
    )
    conversion.add_argument("--t10-unit", choices=("s", "ms"), help="unit of --t10 (default s)")
    conversion.add_argument(
        "--blood-t10",
        type=float,
        metavar="SECONDS",
        help="T1 of blood, for the arterial input (default: from the T10 map or --vfa, else 1.65 s at 3 T)",
    )
    conversion.add_argument("--vfa", nargs="+", metavar="FILE", help="images of several flip angles, to map T1 from")
    conversion.add_argument("--vfa-flip-angles", type=_numbers, metavar="A,B,...", help="their flip angles in degrees")
    conversion.add_argument("--vfa-tr", type=float, metavar="SECONDS", help="their repetition time")
    conversion.add_argument("--b1", metavar="MAP", help="actual divided by nominal flip angle, an image")
    conversion.add_argument(
        "--relaxivity",
        type=float,
        metavar="R1",
        help=f"of the contrast agent, in 1/(mM s) (default {default.relaxivity})",
    )
    conversion.add_argument(
        "--baseline", type=_frames, metavar="START:STOP", help="frames before the bolus, from 0, STOP not included"
    )

    space = parser.add_argument_group("space")
    space.add_argument("--mask", metavar="brain|all|FILE", help="what to fit: the brain (default), all, or a mask")
    space.add_argument(
        "--resample", action="store_true", help="bring maps and masks of another geometry to that of DCE"
    )
    space.add_argument("--motion", choices=("on", "off"), help="align the frames first (default on)")


def visit_files(arguments: argparse.Namespace) -> VisitFiles:
    """The files and numbers of the visit that ``arguments`` name.

    Raises:
        InputError: some contradict each other.
    """
    t10 = number(arguments.t10)
    return replace(
        series_files(arguments),
        t10=_path(arguments.t10) if t10 is None else t10,
        t10_unit=arguments.t10_unit,
        vfa=tuple(map(Path, arguments.vfa or ())),
        vfa_flip_angles=arguments.vfa_flip_angles,
        vfa_tr=arguments.vfa_tr,
        b1=_path(arguments.b1),
        aif=arguments.aif if arguments.aif in get_args(Aif) else _path(arguments.aif),
        mask=arguments.mask if arguments.mask in get_args(Region) else _path(arguments.mask),
        baseline=arguments.baseline,
        resample=arguments.resample,
    )


def fit_choices(arguments: argparse.Namespace) -> dict[str, Any]:
    """How ``arguments`` say the visit is to be fitted, by the names of ``VisitSettings``; None where they do not."""
    return {
        "model": arguments.model,
        "blood_t10": arguments.blood_t10,
        "haematocrit": arguments.hematocrit,
        "relaxivity": arguments.relaxivity,
        "delay": arguments.delay,
        "motion": None if arguments.motion is None else arguments.motion == "on",
        "standard_errors": arguments.standard_errors or None,
    }


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(word) for word in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of numbers such as 2,5,10") from None


def _frames(text: str) -> tuple[int, int]:
    try:
        start, stop = (int(word) for word in text.split(":"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not START:STOP, such as 1:6") from None
    return start, stop
