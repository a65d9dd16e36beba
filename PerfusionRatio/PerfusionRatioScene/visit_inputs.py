"""From the nodes that a user chose for a visit to what the library works on."""

import datetime
from pathlib import Path

import numpy as np
import slicer

from PerfusionRatioLib.acquisition import Acquisition, Known
from PerfusionRatioLib.aif.from_file import read_aif
from PerfusionRatioLib.comparison.inputs import ComparedVisit
from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.series import DceSeries, check_times
from PerfusionRatioLib.signal.flip_angles import t1_from_flip_angles
from PerfusionRatioLib.visit_reading import VisitInputs
from PerfusionRatioLib.visit_settings import VisitSettings

from .acquisition_attributes import ATTRIBUTES, attribute_of, checked, finding
from .flip_angles import flip_angles_of
from .frame_times import frame_times, refuse_flip_angles
from .geometry import as_acquired, grid_of, to_lps
from .parameters import AifSource, Parameters, VisitParameters, visit_parameters
from .segments import mask_of
from .volumes import frame_count, frame_of, series_of, volume_of

PANEL = "entered in the panel"
ENTERED = ("repetition_time", "flip_angle", "field_strength")
"""What of the acquisition can be entered, in the units of the attributes."""
NOT_TOLD = {
    "repetition_time": "The series does not tell its repetition time (TR): give it in milliseconds.",
    "flip_angle": "The series does not tell its flip angle: give it in degrees.",
}
"""What to say where a parameter is needed and not known."""
TISSUE = 0.2
"""Signal, averaged over time and relative to nearly the highest (the 99th percentile), above which there is tissue."""
SECONDS, MILLISECONDS = (0.1, 10.0), (100.0, 10000.0)
"""Between which the median T1 of tissue lies in either unit."""


def what_is_missing(visit: VisitParameters) -> dict[str, str]:
    """What a visit still needs before maps can be computed: a sentence for each field of ``VisitParameters``."""
    if visit.series is None:
        return {"series": "Choose the dynamic series (DCE)."}
    found = _missing_times(visit) | _missing_acquisition(visit) | _missing_flip_angles_time(visit)
    if visit.t1 is None:
        found["t1"] = "Choose the post-contrast T1, on which lesions are outlined."
    if visit.aif_source is AifSource.REGION and (visit.aif_region is None or not visit.aif_segment):
        found["aif_region"] = "Choose the segment that holds the artery, or another source of the arterial input."
    if visit.aif_source is AifSource.FILE and not visit.aif_file:
        found["aif_file"] = "Choose the file that holds the arterial input, or another source of it."
    return found


def _missing_times(visit: VisitParameters) -> dict[str, str]:
    """What to say where the frames cannot be placed in time."""
    frames = frame_count(visit.series)
    if frames < 2:
        return {"series": f"'{visit.series.GetName()}' has {frames} frame(s): choose the dynamic series (DCE)."}
    try:
        refuse_flip_angles(visit.series)
    except InputError as error:
        return {"series": str(error)}
    try:
        if times_used(visit) is None:
            return {"frame_interval": "The series does not tell when its frames were taken: give the seconds between."}
    except InputError as error:
        return {"frame_interval": str(error)}
    return {}


def _missing_acquisition(visit: VisitParameters) -> dict[str, str]:
    """What to say of parameters that are not known or cannot be used."""
    found = {}
    for name in ATTRIBUTES:
        field = name if name in ENTERED else "series"
        try:
            if acquisition_parameter(visit, name) is None and name in NOT_TOLD:
                found[field] = NOT_TOLD[name]
        except InputError as error:
            found[field] = str(error)
    return found


def _missing_flip_angles_time(visit: VisitParameters) -> dict[str, str]:
    """What to say where T1 is to be mapped and the TR of the images for it is not known or cannot be used."""
    if visit.t10_map is not None or visit.flip_angle_images is None:
        return {}
    sentence = "The flip angle images do not tell their repetition time (TR): give it in milliseconds."
    try:
        return {} if flip_angles_time(visit) is not None else {"flip_angles_repetition_time": sentence}
    except InputError as error:
        return {"flip_angles_repetition_time": str(error)}


def acquisition_used(visit: VisitParameters) -> Acquisition:
    """What the series tells of its acquisition, with what was entered in its place.

    Raises:
        InputError: something that is used is no number, or out of range.
    """
    return Acquisition(**{name: acquisition_parameter(visit, name) for name in ATTRIBUTES})


def acquisition_parameter(visit: VisitParameters, name: str) -> Known[float] | None:
    """A parameter of the acquisition: as entered, else as the series tells it; None where neither does.

    Raises:
        InputError: it is no number, or out of range.
    """
    if name in ENTERED and getattr(visit, name):
        return _entered(name, getattr(visit, name))
    return None if visit.series is None else attribute_of(visit.series, name)


def flip_angles_time(visit: VisitParameters) -> Known[float] | None:
    """TR of the flip angle images in seconds: as entered, else as they tell it; None where neither does.

    Raises:
        InputError: it is no number, or out of range.
    """
    if visit.flip_angles_repetition_time:
        return _entered("repetition_time", visit.flip_angles_repetition_time)
    return attribute_of(visit.flip_angle_images, "repetition_time")


def _entered(name: str, value: float) -> Known[float]:
    return checked(name, Known(value * ATTRIBUTES[name][1], PANEL), "correct what was entered.")


def times_used(visit: VisitParameters) -> Known[np.ndarray] | None:
    """Seconds of each frame from the first: as entered, else as the series tells them; None where neither does.

    Raises:
        InputError: they are no numbers, or cannot be those of a dynamic series.
    """
    frames = frame_count(visit.series)
    if visit.frame_interval:
        times = Known(np.arange(frames) * visit.frame_interval, PANEL)
        whose, advice = "The frame interval that was entered makes", "correct the seconds between frames."
    else:
        times = frame_times(visit.series, frames)
        whose, advice = "The frame times of the images make", "give the seconds between frames."
    if times is None:
        return None
    try:
        check_times(times.value, frames, times.origin)
    except InputError as error:
        why = finding(error).replace(f" ({times.origin})", "")
        raise InputError(f"{whose} no dynamic series ({why[0].lower()}{why[1:]}): {advice}") from None
    return times


def gathered(parameters: Parameters, name: str) -> ComparedVisit:
    """A copy of everything that the visit ``name`` is computed from.

    Raises:
        InputError: something is missing or cannot be used.
    """
    visit = visit_parameters(parameters, name)
    missing = what_is_missing(visit)
    if missing:
        raise InputError(next(iter(missing.values())))
    series = _series(visit)
    settings = VisitSettings(
        model=parameters.model,
        aif=aif_setting(visit),
        t10=visit.t10,
        blood_t10=visit.blood_t10 or None,
        delay=parameters.delay,
        motion=parameters.motion,
        standard_errors=parameters.standard_errors,
    )
    inputs = VisitInputs(t10=_t10(visit, series), aif=arterial_input(visit, series, settings.haematocrit))
    return ComparedVisit(
        series,
        volume_of(visit.t1),
        settings,
        inputs,
        reference_centre=reference_centre(visit),
        date=date_of(visit),
    )


def aif_setting(visit: VisitParameters) -> str:
    """What ``VisitSettings.aif`` is, where no curve or mask is given."""
    return "parker" if visit.aif_source is AifSource.POPULATION else "auto"


def arterial_input(visit: VisitParameters, series: DceSeries, haematocrit: float):
    """What is given as arterial input: a mask of the artery, a curve, or None where it is found or a population's."""
    if visit.aif_source is AifSource.REGION:
        if visit.aif_region is None:
            raise InputError("The segmentation that held the artery is gone: choose another, or let it be found.")
        # where the region was drawn: over the maps, which may have been moved to the other visit, if there are maps
        drawn_on = visit.ktrans if visit.ktrans is not None and _same_voxels(visit) else frame_of(visit.series)
        return mask_of(visit.aif_region, visit.aif_segment, drawn_on)
    if visit.aif_source is AifSource.FILE:
        return read_aif(Path(visit.aif_file), series.require_times(), haematocrit)
    return None


def _same_voxels(visit: VisitParameters) -> bool:
    """Whether the maps are of the series that is chosen now, as far as their voxels tell."""
    return grid_of(visit.ktrans).matches(grid_of(frame_of(visit.series)))


def date_of(visit: VisitParameters) -> datetime.date | None:
    """The date of a visit; None where none is given.

    Raises:
        InputError: it is none.
    """
    return date_from(visit.date)


def date_from(text: str) -> datetime.date | None:
    """The date that was entered; None where none was.

    Raises:
        InputError: it is none.
    """
    if not text.strip():
        return None
    try:
        return datetime.date.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"'{text}' is no date: write it as 2026-01-31, or leave it empty.") from None


def _series(visit: VisitParameters) -> DceSeries:
    """The dynamic series; of times and acquisition nothing is read that was entered."""
    return series_of(visit.series, times_used(visit), acquisition_used(visit))


def _t10(visit: VisitParameters, series: DceSeries) -> np.ndarray | None:
    """The T10 map in seconds, chosen or made from images at several flip angles; None: a fixed value serves."""
    if visit.t10_map is not None:
        return _seconds(visit.t10_map, series)
    if visit.flip_angle_images is None:
        return None
    images = flip_angles_of(visit.flip_angle_images)
    if not images.grid.matches(series.grid):
        raise _elsewhere(visit.flip_angle_images, series)
    return t1_from_flip_angles(images.array, images.angles, flip_angles_time(visit).value).t10


def _seconds(node, series: DceSeries) -> np.ndarray:
    """A T10 map in seconds; its unit is told by the median in tissue, as there may be anything in air."""
    volume = volume_of(node)
    if not volume.grid.matches(series.grid):
        raise _elsewhere(node, series)
    values = volume.array[_tissue(series)]
    values = values[np.isfinite(values) & (values > 0)]
    if values.size == 0:
        raise InputError(
            f"The T10 map '{node.GetName()}' holds no positive value where the series has tissue: choose another."
        )
    median = float(np.median(values))
    if SECONDS[0] <= median <= SECONDS[1]:
        return volume.array
    if MILLISECONDS[0] <= median <= MILLISECONDS[1]:
        return volume.array / 1000
    raise InputError(
        f"The T10 map '{node.GetName()}' has a median of {median:.3g} where the series has tissue; {SECONDS[0]:g} to "
        f"{SECONDS[1]:g} (seconds) or {MILLISECONDS[0]:g} to {MILLISECONDS[1]:g} (milliseconds) is expected: choose a "
        "map of T1 in one of these units."
    )


def _tissue(series: DceSeries) -> np.ndarray:
    """Where the signal is more than that of air, bool [k, j, i]."""
    with np.errstate(invalid="ignore"):
        mean = np.nan_to_num(series.signal.mean(axis=0), posinf=0, neginf=0)
    return mean > TISSUE * np.percentile(mean, 99)


def _elsewhere(node, series: DceSeries) -> InputError:
    return InputError(
        f"'{node.GetName()}' does not lie on the voxels of '{series.source}': resample it to the series first "
        "(module Resample Scalar/Vector/DWI Volume)."
    )


def reference_centre(visit: VisitParameters) -> np.ndarray | None:
    """Where the user dragged the reference, LPS; None where it is to be found."""
    place = visit.reference_place
    if place is None or place.GetNumberOfControlPoints() == 0:
        return None
    seen = slicer.util.arrayFromMarkupsControlPoints(place, world=True)[:1]
    return to_lps(as_acquired(visit.t1, seen)[0])
