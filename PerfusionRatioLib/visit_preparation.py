"""A visit made ready for the fit: frames aligned, baseline and brain found, signal converted to concentration."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .acquisition import Known
from .errors import InputError
from .progress import Progress, advance, part
from .series import DceSeries, Grid
from .visit_account import (
    assumptions,
    excluded_counts,
    left_out,
    other_field,
    parameters_of_signal,
    parameters_used,
)
from .visit_settings import VisitSettings

if TYPE_CHECKING:
    from .alignment.motion import FrameMotion, MotionCorrected
    from .signal.baseline import Baseline
    from .signal.blood import BloodConversion

LATE = 0.2
"""The share of the frames, the last ones, whose mean shows what has taken up contrast agent."""
AIR = 0.1
"""Signal before the bolus, relative to the median of what is fitted, below which there is air and no artery."""
LEAST_T10 = 0.1
"""Seconds; the median of tissue is above."""


@dataclass(frozen=True)
class PreparedVisit:
    """A series aligned and converted: what the arterial input is taken from and the model is fitted to.

    Attributes:
        concentration: mM in tissue, float32 shaped (t, k, j, i); NaN where there is no answer.
        times: seconds from the first frame, shaped (t,).
        grid: where the voxels are.
        mask: the voxels to be fitted, bool shaped (k, j, i).
        baseline: the frames before the bolus; None where the series held concentrations.
        as_blood: turns ``concentration`` into that of blood, for voxels of arteries; None where it is right for them.
        motion: what was undone in each frame; empty without motion correction.
        settings: the choices.
        parameters: every parameter used with its origin.
        excluded: counts of samples and voxels that could not be used.
        notes: sentences on what was repaired, assumed or left out.
        before: the mean signal before the bolus, float32 shaped (k, j, i), of the aligned frames; None where the series
            held concentrations.
        late: the mean of the last frames, as they are fitted (aligned signal, or concentration), float32 shaped
            (k, j, i).
        artery_t10: the T10 map in seconds, shaped (k, j, i), where it serves for arteries too; None elsewhere.
    """

    concentration: np.ndarray
    times: np.ndarray
    grid: Grid
    mask: np.ndarray
    baseline: "Baseline | None"
    as_blood: "BloodConversion | None"
    motion: "tuple[FrameMotion, ...]"
    settings: VisitSettings
    parameters: Mapping[str, Known]
    excluded: Mapping[str, int]
    notes: tuple[str, ...]
    before: np.ndarray | None = None
    late: np.ndarray | None = None
    artery_t10: np.ndarray | None = None


def prepare_visit(
    series: DceSeries,
    settings: VisitSettings = VisitSettings(),
    *,
    t10: np.ndarray | None = None,
    b1: np.ndarray | None = None,
    mask: np.ndarray | None = None,
    artery: np.ndarray | None = None,
    progress: Progress | None = None,
) -> PreparedVisit:
    """The part of ``fit_visit`` before the arterial input; its result serves any arterial input and model.

    ``artery`` names voxels outside ``mask`` that are to be converted too; other arguments and errors as there.
    """
    times = series.require_times()
    mask = None if mask is None else _checked_mask(mask, series.grid)
    if settings.content == "concentration":
        return _taken_as_concentration(series, times, settings, mask)
    acquisition = series.acquisition
    repetition_time = acquisition.require("repetition_time")
    flip_angle = acquisition.require("flip_angle")

    from .signal.spoiled_gradient_echo import concentration_from_signal

    advance(progress, 0, "correcting motion" if settings.motion else "finding the baseline")
    aligned, corrected, saturated = _aligned(series, settings, part(progress, 0, 0.7))
    advance(progress, 0.7, "finding the baseline and the brain")
    baseline = _baseline(aligned, times, settings, _with_artery(settings, mask, artery))
    # missing samples count as no signal: this image only tells tissue from air
    before = np.nan_to_num(aligned.signal[baseline.frames]).mean(axis=0)
    late = _late(aligned.signal)
    region = _region(before, series.grid, settings, mask)
    _check_t10(t10, region)
    to_convert = _to_convert(before, region, artery)
    as_blood = _as_blood(series, settings, t10, b1)
    kept = as_blood and as_blood.signal_to_keep(aligned.signal, before, to_convert, artery)
    converted = concentration_from_signal(
        aligned.signal,
        baseline.frames,
        settings.t10 if t10 is None else t10,
        repetition_time,
        flip_angle,
        settings.relaxivity,
        b1=b1,
        mask=to_convert,
        progress=part(progress, 0.8, 1),
        # aligned frames are ours to overwrite, the caller's series is not
        out=aligned.signal if settings.motion else None,
    )
    if as_blood:
        as_blood = replace(as_blood, kept=as_blood.of_signal(kept, baseline.frames, converted.ceiling))
    excluded = excluded_counts(converted.array, region, series, converted, saturated)
    return PreparedVisit(
        converted.array,
        times,
        series.grid,
        region,
        baseline,
        as_blood,
        corrected.motion if corrected else (),
        settings,
        parameters_used(series, settings, t10, mask)
        | parameters_of_signal(series, settings, baseline, as_blood, corrected),
        excluded,
        (
            *series.notes,
            *(corrected.notes if corrected else ()),
            *assumptions(settings, t10, as_blood),
            *other_field(series, settings, t10),
            *left_out(excluded, region, len(times)),
        ),
        before=before,
        late=late,
        artery_t10=t10 if as_blood is None else None,
    )


def _aligned(
    series: DceSeries, settings: VisitSettings, progress: Progress | None
) -> "tuple[DceSeries, MotionCorrected | None, int]":
    """The series with the motion undone, what it was, and how many saturated samples were left out before."""
    if not settings.motion:
        return series, None, 0
    from .alignment.motion import correct_motion
    from .signal.ceiling import without_saturated

    signal, saturated = without_saturated(series.signal)
    corrected = correct_motion(replace(series, signal=signal), progress=progress)
    return corrected.series, corrected, saturated


def _baseline(series: DceSeries, times: np.ndarray, settings: VisitSettings, mask: np.ndarray | None) -> "Baseline":
    from .signal.baseline import find_baseline, given_baseline

    if settings.baseline is None:
        return find_baseline(series.signal, times, mask)
    return given_baseline(*settings.baseline, times)


def _with_artery(settings: VisitSettings, mask: np.ndarray | None, artery: np.ndarray | None) -> np.ndarray | None:
    """Where the arrival of the bolus is looked for; None is everywhere.

    In an artery it arrives seconds before the tissue of a mask, whose baseline would hold the artery's first rise.
    """
    if mask is not None and artery is not None:
        return mask | artery.astype(bool)
    return None if settings.aif == "auto" else mask


def _region(before: np.ndarray, grid: Grid, settings: VisitSettings, mask: np.ndarray | None) -> np.ndarray:
    """The voxels to fit, given the mean image ``before`` the bolus."""
    if mask is not None:
        return mask
    if settings.mask == "all":
        return before > 0
    from .brain.brain_mask import find_brain

    return find_brain(before, grid)


def _to_convert(before: np.ndarray, region: np.ndarray, artery: np.ndarray | None) -> np.ndarray:
    """The voxels that get a concentration: those to fit, those of the artery, and all that are not air.

    An artery is looked for, and a lesion at the dura may be measured, outside of what is fitted.
    """
    head = before > AIR * np.median(before[region])
    return region | head if artery is None else region | head | artery.astype(bool)


def _check_t10(t10: np.ndarray | None, region: np.ndarray) -> None:
    """Refuse a map that is too short for tissue; one that is too long is refused where it is converted with."""
    if t10 is None or t10.shape != region.shape:
        return
    known = t10[region & np.isfinite(t10) & (t10 > 0)]
    if known.size and np.median(known) < LEAST_T10:
        raise InputError(
            f"The T10 map has a median of {np.median(known):.2g} s in the voxels to fit; tissue has {LEAST_T10:g} to "
            "5 s: check that it holds T1, not R1, and in seconds."
        )


def _taken_as_concentration(
    series: DceSeries, times: np.ndarray, settings: VisitSettings, mask: np.ndarray | None
) -> PreparedVisit:
    """A series of concentrations as it is: nothing to align, convert or find a brain in."""
    if mask is not None:
        region = mask
    else:
        region = np.zeros(series.grid.shape, bool)
        for frame in series.signal:
            region |= np.isfinite(frame) & (frame != 0)
    if not region.any():
        raise InputError("The concentrations are zero everywhere: check that this is the right series.")
    excluded = excluded_counts(series.signal, region, series)
    return PreparedVisit(
        series.signal,
        times,
        series.grid,
        region,
        None,
        None,
        (),
        settings,
        parameters_used(series, settings, None, mask),
        excluded,
        (*series.notes, *assumptions(settings, None, None), *left_out(excluded, region, len(times))),
        late=_late(series.signal),
    )


def _late(frames: np.ndarray) -> np.ndarray:
    count = max(1, round(LATE * len(frames)))
    return np.nan_to_num(frames[-count:]).mean(axis=0, dtype=np.float32)


def _checked_mask(mask: np.ndarray, grid: Grid) -> np.ndarray:
    if mask.shape != grid.shape:
        raise InputError(f"The mask is shaped {mask.shape} but the series {grid.shape}: give one on the same grid.")
    mask = mask.astype(bool)
    if not mask.any():
        raise InputError("The mask is empty: no voxel is left to fit.")
    return mask


def _as_blood(
    series: DceSeries, settings: VisitSettings, t10: np.ndarray | None, b1: np.ndarray | None
) -> "BloodConversion | None":
    """How arterial voxels are converted; None where the T10 map is to serve for them too."""
    from .signal.blood import BloodConversion, usual_blood_t10

    if t10 is not None and settings.blood_t10 is None:
        return None
    return BloodConversion(
        settings.t10 if t10 is None else t10,
        settings.blood_t10 or usual_blood_t10(series.acquisition),
        series.acquisition.require("repetition_time"),
        series.acquisition.require("flip_angle"),
        settings.relaxivity,
        1.0 if b1 is None else b1,
    )
