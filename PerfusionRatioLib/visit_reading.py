"""Reading a visit: the series, and the maps, masks and curves that go with it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .acquisition import Known
from .errors import InputError
from .progress import Progress, advance, part
from .series import DceSeries, Grid, Volume
from .visit_files import LARGEST_T10, VisitFiles, milliseconds
from .visit_settings import VisitSettings

if TYPE_CHECKING:
    from .aif.arterial_input import ArterialInput
    from .reading import Placed

CURVE_SUFFIXES = (".csv", ".tsv", ".txt")


@dataclass(frozen=True)
class VisitInputs:
    """Images and curves on the grid and at the times of a series, as ``fit_visit`` takes them; None where not given.

    Attributes:
        t10: T1 before contrast agent in seconds, shaped (k, j, i).
        b1: the actual divided by the nominal flip angle, shaped (k, j, i).
        mask: the voxels to fit, bool shaped (k, j, i).
        aif: the arterial input, or a mask of the artery, bool shaped (k, j, i).
    """

    t10: np.ndarray | None = None
    b1: np.ndarray | None = None
    mask: np.ndarray | None = None
    aif: "ArterialInput | np.ndarray | None" = None


def read_visit(
    files: VisitFiles, settings: VisitSettings = VisitSettings(), progress: Progress | None = None
) -> tuple[DceSeries, VisitInputs]:
    """Read all that a fit needs of ``files``.

    Returns:
        The series, with what was met in the other files among its notes, and what those hold.

    Raises:
        InputError: one cannot be read or does not belong to the series, or the baseline of ``settings`` lies outside.
    """
    from .signal.baseline import given_baseline

    series = read_series(files, part(progress, 0, 0.6))
    if settings.baseline is not None:  # told before the frames are aligned, which takes long
        given_baseline(*settings.baseline, series.require_times())
    advance(progress, 0.6, "reading maps and masks")
    notes: list[str] = []

    def placed(
        place: "Callable[[Path, Grid, bool, str], Placed]", path: Path | str | float | None, what: str
    ) -> np.ndarray | None:
        if not isinstance(path, Path):
            return None
        result = place(path, series.grid, files.resample, what)
        notes.extend(result.notes)
        return result.array

    from .reading import place_map, place_mask

    b1, mask = placed(place_map, files.b1, "B1 map"), placed(place_mask, files.mask, "mask")
    t10 = placed(place_map, files.t10, "T10 map")
    if t10 is not None:
        t10 = _in_seconds(t10, files)
    elif files.vfa:
        t10, mapping_notes = _t10_from_flip_angles(files, series, b1, part(progress, 0.7, 1))
        notes.extend(mapping_notes)
    if isinstance(files.aif, Path) and files.aif.suffix.lower() in CURVE_SUFFIXES:
        from .aif.from_file import read_aif

        aif = read_aif(files.aif, series.require_times(), settings.haematocrit)
    else:
        aif = placed(place_mask, files.aif, "mask of the artery")
    return replace(series, notes=(*series.notes, *notes)), VisitInputs(t10, b1, mask, aif)


def read_series(files: VisitFiles, progress: Progress | None = None) -> DceSeries:
    """Read the dynamic series alone.

    Raises:
        InputError: as ``reading.read_dce`` and ``reading.read_times``.
    """
    from .reading import read_dce, read_times

    def known(value):
        return None if value is None else Known(value, files.origin)

    return read_dce(
        files.dce,
        repetition_time=known(files.repetition_time),
        flip_angle=known(files.flip_angle),
        times=known(None if files.times is None else read_times(str(files.times))),
        series=files.series,
        content=files.content or "signal",
        progress=progress,
    )


def read_t1_post(files: VisitFiles, progress: Progress | None = None) -> Volume | None:
    """Read the post-contrast T1; None where the visit has none.

    Raises:
        InputError: as ``reading.read_volume``.
    """
    from .reading import read_volume

    if files.t1_post is None:
        return None
    try:
        return read_volume(files.t1_post, series=files.t1_post_series, progress=progress)
    except InputError as error:
        raise InputError(str(error).replace("--series", "--t1-post-series")) from error


def _t10_from_flip_angles(
    files: VisitFiles, series: DceSeries, b1: np.ndarray | None, progress: Progress | None
) -> tuple[np.ndarray, list[str]]:
    """T10 in seconds on the grid of the series, and sentences on what was met."""
    from .reading import place_map, read_volume
    from .signal.flip_angles import t1_from_flip_angles

    for path in files.vfa:
        if files.vfa.count(path) > 1:
            raise InputError(f"{path} is given twice among the images of several flip angles: give each image once.")
    volumes = [read_volume(path) for path in files.vfa]
    flip_angles, times = files.vfa_flip_angles, [files.vfa_tr] * len(volumes)
    if flip_angles is None:
        flip_angles = _of_images(files.vfa, volumes, "flip_angle", "those of all images with --vfa-flip-angles")
    if files.vfa_tr is None:
        times = _of_images(files.vfa, volumes, "repetition_time", "it with --vfa-tr")
    _check_images(files.vfa, flip_angles, times)
    signals, notes = [], []
    for path, volume, angle in zip(files.vfa, volumes, flip_angles, strict=True):
        if volume.grid.matches(series.grid):
            signals.append(volume.array)
            continue
        placed = place_map(path, series.grid, files.resample, f"image at {angle:g} degrees")
        signals.append(placed.array)
        notes.extend(placed.notes)
    mapped = t1_from_flip_angles(np.stack(signals), flip_angles, times, b1=b1, progress=progress)
    failed = f"has no answer in {mapped.failed} of {mapped.t10.size} voxels"
    return mapped.t10, [*notes, f"T1 mapping from {len(volumes)} flip angles {failed}."]


def _of_images(paths: tuple[Path, ...], volumes: list[Volume], name: str, what: str) -> list[float]:
    """The value of ``name`` of each image; ``what`` is to be given where one has none."""
    for path, volume in zip(paths, volumes, strict=True):
        if getattr(volume.acquisition, name) is None:
            raise InputError(f"The {name.replace('_', ' ')} of {path} is not in its files: give {what}.")
    return [volume.acquisition.require(name) for volume in volumes]


def _check_images(paths: tuple[Path, ...], flip_angles, times) -> None:
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


def _in_seconds(t10: np.ndarray, files: VisitFiles) -> np.ndarray:
    if files.t10_unit == "ms":
        return t10 / 1000
    known = t10[np.isfinite(t10) & (t10 > 0)]
    if known.size and np.median(known) > LARGEST_T10:
        raise InputError(milliseconds(files.t10, float(np.median(known))))
    return t10
