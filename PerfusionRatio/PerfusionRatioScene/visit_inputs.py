"""From the nodes that a user chose for a visit to what the library works on."""

import datetime
from dataclasses import replace
from pathlib import Path

import numpy as np
import slicer

from PerfusionRatioLib.acquisition import Acquisition, Known
from PerfusionRatioLib.aif.from_file import read_aif
from PerfusionRatioLib.comparison.inputs import ComparedVisit
from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.series import DceSeries
from PerfusionRatioLib.signal.flip_angles import t1_from_flip_angles
from PerfusionRatioLib.visit_reading import VisitInputs
from PerfusionRatioLib.visit_settings import VisitSettings

from .acquisition_attributes import acquisition_of
from .flip_angles import flip_angles_of
from .frame_times import frame_times
from .geometry import as_acquired, grid_of, to_lps
from .parameters import AifSource, Parameters, VisitParameters, visit_parameters
from .segments import mask_of
from .volumes import frame_count, frame_of, series_of, volume_of

PANEL = "entered in the panel"


def what_is_missing(visit: VisitParameters) -> dict[str, str]:
    """What a visit still needs before maps can be computed: a sentence for each field of ``VisitParameters``."""
    if visit.series is None:
        return {"series": "Choose the dynamic series (DCE)."}
    found = {}
    try:
        acquisition = acquisition_of(visit.series)
        if not visit.frame_interval and frame_times(visit.series, frame_count(visit.series)) is None:
            found["frame_interval"] = "The series does not tell when its frames were taken: give the seconds between."
    except InputError as error:
        return {"series": str(error)}
    if acquisition.repetition_time is None and not visit.repetition_time:
        found["repetition_time"] = "The series does not tell its repetition time (TR): give it in milliseconds."
    if acquisition.flip_angle is None and not visit.flip_angle:
        found["flip_angle"] = "The series does not tell its flip angle: give it in degrees."
    if visit.t1 is None:
        found["t1"] = "Choose the post-contrast T1, on which lesions are outlined."
    if visit.aif_source is AifSource.REGION and (visit.aif_region is None or not visit.aif_segment):
        found["aif_region"] = "Choose the segment that holds the artery, or another source of the arterial input."
    if visit.aif_source is AifSource.FILE and not visit.aif_file:
        found["aif_file"] = "Choose the file that holds the arterial input, or another source of it."
    return found


def acquisition_used(visit: VisitParameters) -> Acquisition:
    """What the series tells of its acquisition, with what was entered in its place."""
    known = acquisition_of(visit.series) if visit.series is not None else Acquisition()
    if visit.repetition_time:
        known = replace(known, repetition_time=Known(visit.repetition_time / 1000, PANEL))
    if visit.flip_angle:
        known = replace(known, flip_angle=Known(visit.flip_angle, PANEL))
    return known


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
    if not visit.date.strip():
        return None
    try:
        return datetime.date.fromisoformat(visit.date.strip())
    except ValueError:
        raise InputError(f"'{visit.date}' is no date: write it as 2026-01-31, or leave it empty.") from None


def _series(visit: VisitParameters) -> DceSeries:
    interval = visit.frame_interval
    times = Known(np.arange(frame_count(visit.series)) * interval, PANEL) if interval else None
    return replace(series_of(visit.series, times), acquisition=acquisition_used(visit))


def _t10(visit: VisitParameters, series: DceSeries) -> np.ndarray | None:
    """The T10 map in seconds, chosen or made from images at several flip angles; None: a fixed value serves."""
    if visit.t10_map is not None:
        return _seconds(visit.t10_map, series)
    if visit.flip_angle_images is None:
        return None
    images = flip_angles_of(visit.flip_angle_images)
    if not images.grid.matches(series.grid):
        raise _elsewhere(visit.flip_angle_images, series)
    repetition_time = images.repetition_time or series.acquisition.require("repetition_time")
    return t1_from_flip_angles(images.array, images.angles, repetition_time).t10


def _seconds(node, series: DceSeries) -> np.ndarray:
    """A T10 map in seconds: one whose median is above ten holds milliseconds."""
    volume = volume_of(node)
    if not volume.grid.matches(series.grid):
        raise _elsewhere(node, series)
    positive = volume.array[volume.array > 0]
    if positive.size == 0:
        raise InputError(f"The T10 map '{node.GetName()}' holds no positive value: choose another.")
    return volume.array / 1000 if np.median(positive) > 10 else volume.array


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
