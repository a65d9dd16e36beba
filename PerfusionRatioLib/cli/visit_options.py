"""The choices for a visit on the command line."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np

from ..errors import InputError
from ..progress import Progress, advance
from ..series import DceSeries, Volume
from ..visit_settings import Model, VisitSettings
from .series_options import COMMAND_LINE

if TYPE_CHECKING:
    from ..aif.arterial_input import ArterialInput

CURVE_SUFFIXES = (".csv", ".tsv", ".txt")
SECONDS_LIMIT = 50.0
"""Above this a T10 is in milliseconds: no tissue or fluid has a T1 of 50 s, and none one of 50 ms."""


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


def visit_settings(arguments: argparse.Namespace) -> VisitSettings:
    """The choices that ``arguments`` make; what they leave out keeps its default."""
    if arguments.t10 is not None and arguments.vfa is not None:
        raise InputError("T10 is given twice: use --t10 or --vfa, not both.")
    if arguments.vfa is None and (arguments.vfa_flip_angles is not None or arguments.vfa_tr is not None):
        raise InputError("There are no images for --vfa-flip-angles or --vfa-tr: name them with --vfa.")
    if arguments.t10 is None and arguments.t10_unit is not None:
        raise InputError("--t10-unit is the unit of --t10, which is not given: add it, or leave the unit out.")
    seconds = _t10_seconds(arguments)
    given = {
        "model": arguments.model,
        "aif": arguments.aif if arguments.aif in ("auto", "parker", "georgiou") else None,
        "mask": arguments.mask if arguments.mask in ("brain", "all") else None,
        "t10": seconds,
        "blood_t10": arguments.blood_t10,
        "haematocrit": arguments.hematocrit,
        "relaxivity": arguments.relaxivity,
        "baseline": arguments.baseline,
        "delay": arguments.delay,
        "motion": None if arguments.motion is None else arguments.motion == "on",
        "content": arguments.input,
        "standard_errors": arguments.standard_errors or None,
    }
    given = {name: value for name, value in given.items() if value is not None}
    origins = dict.fromkeys(given, COMMAND_LINE)
    files = visit_paths(arguments)
    origins |= {
        name: str(files[key]) for name, key in (("mask", "mask"), ("aif", "AIF"), ("t10", "T10")) if key in files
    }
    if arguments.vfa is not None:
        origins["t10"] = f"{len(arguments.vfa)} flip angles"
    return VisitSettings(**given, origins=origins)


def visit_paths(arguments: argparse.Namespace) -> dict[str, Path]:
    """What each file that ``read_visit_inputs`` reads is for, and the file."""
    named = {
        "T10": None if _number(arguments.t10) is not None else arguments.t10,
        "B1": arguments.b1,
        "mask": None if arguments.mask in ("brain", "all") else arguments.mask,
        "AIF": None if arguments.aif in ("auto", "parker", "georgiou") else arguments.aif,
    }
    named |= {f"flip angle {number}": path for number, path in enumerate(arguments.vfa or (), 1)}
    return {role: Path(path) for role, path in named.items() if path is not None}


@dataclass(frozen=True)
class VisitInputs:
    """Images and curves on the grid and at the times of a series; None where none was named."""

    t10: np.ndarray | None
    b1: np.ndarray | None
    mask: np.ndarray | None
    aif: "ArterialInput | np.ndarray | None"
    notes: tuple[str, ...]


def read_visit_inputs(arguments: argparse.Namespace, series: DceSeries, progress: Progress | None) -> VisitInputs:
    """Read the maps, masks and curves that ``arguments`` name, on the grid and at the times of ``series``.

    Raises:
        InputError: one cannot be read or does not belong to the series.
    """
    from ..reading import place_map, place_mask

    advance(progress, 0, "reading maps and masks")
    paths, notes = visit_paths(arguments), []

    def placed(place: Callable, role: str) -> np.ndarray | None:
        if role not in paths:
            return None
        result = place(paths[role], series.grid, arguments.resample)
        notes.extend(result.notes)
        return result.array

    b1, mask, t10 = placed(place_map, "B1"), placed(place_mask, "mask"), placed(place_map, "T10")
    if t10 is not None:
        t10 = _in_seconds(t10, arguments)
    elif arguments.vfa:
        t10, failed = _t10_from_flip_angles(arguments, series, b1, progress)
        notes.append(
            f"T1 mapping from {len(arguments.vfa)} flip angles has no answer in {failed} of {t10.size} voxels."
        )
    if "AIF" in paths and paths["AIF"].suffix.lower() in CURVE_SUFFIXES:
        from ..aif.from_file import read_aif

        haematocrit = VisitSettings().haematocrit if arguments.hematocrit is None else arguments.hematocrit
        aif = read_aif(paths["AIF"], series.require_times(), haematocrit)
    else:
        aif = placed(place_mask, "AIF")
    return VisitInputs(t10, b1, mask, aif, tuple(notes))


def _t10_from_flip_angles(
    arguments: argparse.Namespace, series: DceSeries, b1: np.ndarray | None, progress: Progress | None
) -> tuple[np.ndarray, int]:
    """T10 in seconds on the grid of the series, and in how many voxels it failed."""
    from ..reading import read_map, read_volume
    from ..signal.flip_angles import t1_from_flip_angles

    volumes = [read_volume(path) for path in arguments.vfa]
    flip_angles, times = arguments.vfa_flip_angles, [arguments.vfa_tr] * len(volumes)
    if flip_angles is None:
        flip_angles = _of_images(arguments.vfa, volumes, "flip_angle", "those of all images with --vfa-flip-angles")
    if len(flip_angles) != len(volumes):
        raise InputError(
            f"The number of flip angles in --vfa-flip-angles is {len(flip_angles)}, that of images in --vfa "
            f"{len(volumes)}: give one for each."
        )
    if arguments.vfa_tr is None:
        times = _of_images(arguments.vfa, volumes, "repetition_time", "it with --vfa-tr")
    _check_images(arguments.vfa, flip_angles, times)
    signals = [
        volume.array if volume.grid.matches(series.grid) else read_map(path, series.grid, arguments.resample)
        for volume, path in zip(volumes, arguments.vfa, strict=True)
    ]
    mapped = t1_from_flip_angles(np.stack(signals), flip_angles, times, b1=b1, progress=progress)
    return mapped.t10, mapped.failed


def _of_images(paths: list[str], volumes: list[Volume], name: str, what: str) -> list[float]:
    """The value of ``name`` of each image; ``what`` is to be given where one has none."""
    for path, volume in zip(paths, volumes, strict=True):
        if getattr(volume.acquisition, name) is None:
            raise InputError(f"The {name.replace('_', ' ')} of {path} is not in its files: give {what}.")
    return [volume.acquisition.require(name) for volume in volumes]


def _check_images(paths: list[str], flip_angles: list[float], times: list[float]) -> None:
    for path, angle, time in zip(paths, flip_angles, times, strict=True):
        if not 0 < angle < 180:
            raise InputError(
                f"The flip angle of {path} is {angle:g} degrees; it must lie between 0 and 180: "
                "give the right ones with --vfa-flip-angles."
            )
        if not 0.0005 <= time < 1:
            raise InputError(
                f"The repetition time of {path} is {time:g} s; a spoiled gradient echo has 0.5 ms to 1 s: "
                "give the right one in seconds with --vfa-tr."
            )
    if len({*zip(flip_angles, times, strict=True)}) < 2:
        raise InputError("T1 mapping with --vfa needs images of at least two different flip angles.")


def _t10_seconds(arguments: argparse.Namespace) -> float | None:
    """The T10 that was given as a number."""
    number = _number(arguments.t10)
    return None if number is None else float(_in_seconds(np.asarray(number), arguments))


def _in_seconds(t10: np.ndarray, arguments: argparse.Namespace) -> np.ndarray:
    if arguments.t10_unit == "ms":
        return t10 / 1000
    known = t10[np.isfinite(t10) & (t10 > 0)]
    if known.size and np.median(known) > SECONDS_LIMIT:
        raise InputError(
            f"T10 ({arguments.t10}) has a median of {np.median(known):.4g}, but tissue has 0.1 to 5 s: "
            "it looks like milliseconds, so add --t10-unit ms."
        )
    return t10


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _numbers(text: str) -> list[float]:
    try:
        return [float(word) for word in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a list of numbers such as 2,5,10") from None


def _frames(text: str) -> tuple[int, int]:
    try:
        start, stop = (int(word) for word in text.split(":"))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not START:STOP, such as 1:6") from None
    return start, stop
