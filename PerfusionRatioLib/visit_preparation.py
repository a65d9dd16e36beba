"""A visit made ready for the fit: frames aligned, baseline and brain found, signal converted to concentration."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .acquisition import Known
from .errors import InputError
from .progress import Progress, advance, part
from .series import DceSeries, Grid
from .visit_settings import VisitSettings

if TYPE_CHECKING:
    from .alignment.motion import FrameMotion, MotionCorrected
    from .signal.baseline import Baseline
    from .signal.blood import BloodConversion

AIR = 0.1
"""Signal before the bolus, relative to the median of what is fitted, below which there is air and no artery."""


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
    aligned, corrected = _aligned(series, settings, part(progress, 0, 0.7))
    advance(progress, 0.7, "finding the baseline and the brain")
    baseline = _baseline(aligned, times, settings, _with_artery(settings, mask, artery))
    # missing samples count as no signal: this image only tells tissue from air
    before = np.nan_to_num(aligned.signal[baseline.frames]).mean(axis=0)
    region = _region(before, series.grid, settings, mask)
    to_convert = _to_convert(before, settings, region, artery)
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
    parameters = _parameters(series, settings, t10) | {
        "baseline": Known((baseline.start, baseline.stop), settings.origins.get("baseline", baseline.origin)),
        "repetition_time": acquisition.repetition_time,
        "flip_angle": acquisition.flip_angle,
    }
    if as_blood:
        as_blood = replace(as_blood, kept=as_blood.of_signal(kept, baseline.frames, converted.ceiling))
        assumed = Known(as_blood.blood_t10, "usual at the scanner's field")
        parameters["blood_t10"] = settings.known("blood_t10") if settings.blood_t10 else assumed
    if corrected:
        parameters["reference_frame"] = Known(corrected.reference, "chosen among the first")
    excluded = _excluded(converted.array, region) | {
        "series_samples_unreadable": series.excluded,
        "series_samples_that_no_t1_explains": converted.excluded,
        "series_samples_saturated": converted.saturated,
    }
    return PreparedVisit(
        converted.array,
        times,
        series.grid,
        region,
        baseline,
        as_blood,
        corrected.motion if corrected else (),
        settings,
        parameters,
        excluded,
        (
            *series.notes,
            *(corrected.notes if corrected else ()),
            *_assumptions(settings, t10, as_blood),
            *_other_field(series, settings, t10),
            *_left_out(excluded, region, len(times)),
        ),
        artery_t10=t10 if as_blood is None else None,
    )


def _aligned(
    series: DceSeries, settings: VisitSettings, progress: Progress | None
) -> "tuple[DceSeries, MotionCorrected | None]":
    if not settings.motion:
        return series, None
    from .alignment.motion import correct_motion

    corrected = correct_motion(series, progress=progress)
    return corrected.series, corrected


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
    from .segmentation.brain_mask import find_brain

    return find_brain(before, grid)


def _to_convert(
    before: np.ndarray, settings: VisitSettings, region: np.ndarray, artery: np.ndarray | None
) -> np.ndarray:
    """The voxels that need a concentration: those to fit, those of the artery, and wherever one may be looked for."""
    if artery is not None:
        return region | artery.astype(bool)
    if settings.aif == "auto":
        return region | (before > AIR * np.median(before[region]))
    return region


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
    excluded = _excluded(series.signal, region) | {"series_samples_unreadable": series.excluded}
    return PreparedVisit(
        series.signal,
        times,
        series.grid,
        region,
        None,
        None,
        (),
        settings,
        _parameters(series, settings, None),
        excluded,
        (*series.notes, *_assumptions(settings, None, None), *_left_out(excluded, region, len(times))),
    )


def _checked_mask(mask: np.ndarray, grid: Grid) -> np.ndarray:
    if mask.shape != grid.shape:
        raise InputError(f"The mask is shaped {mask.shape} but the series {grid.shape}: give one on the same grid.")
    mask = mask.astype(bool)
    if not mask.any():
        raise InputError("The mask is empty: no voxel is left to fit.")
    return mask


def _parameters(series: DceSeries, settings: VisitSettings, t10: np.ndarray | None) -> dict[str, Known]:
    names = ["model", "aif", "mask", "haematocrit", "delay", "motion", "content", "standard_errors"]
    if settings.content == "signal":
        names += ["relaxivity", "t10"]
    parameters = {name: settings.known(name) for name in names}
    if t10 is not None:
        parameters["t10"] = Known("map", settings.origins.get("t10", "given"))
    return parameters | {"times": series.times}


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


def _assumptions(
    settings: VisitSettings, t10: np.ndarray | None, as_blood: "BloodConversion | None"
) -> tuple[str, ...]:
    """What nobody gave and the result depends on."""
    units = {"haematocrit": ""}
    if settings.content == "signal":
        units |= {"relaxivity": " 1/(mM s)"} | ({} if t10 is not None else {"t10": " s"})
    assumed = [
        f"{'T10' if name == 't10' else name} {settings.known(name).value:g}{unit}"
        for name, unit in units.items()
        if settings.known(name).origin == "default"
    ]
    if as_blood and settings.blood_t10 is None:
        assumed.append(f"T10 of blood {as_blood.blood_t10:g} s")
    return (f"Assumed, since not given: {', '.join(assumed)}.",) if assumed else ()


def _other_field(series: DceSeries, settings: VisitSettings, t10: np.ndarray | None) -> tuple[str, ...]:
    """That the default T10 is that of another field."""
    from .signal.blood import usual_field

    if t10 is not None or settings.known("t10").origin != "default" or usual_field(series.acquisition) == 3:
        return ()
    return (
        f"The T10 of {settings.t10:g} s is one of tissue at 3 T, but the scanner has "
        f"{series.acquisition.field_strength.value:g} T: give the T10 of tissue there with --t10, or a map of it.",
    )


def _excluded(concentration: np.ndarray, region: np.ndarray) -> dict[str, int]:
    missing = np.zeros(np.count_nonzero(region), np.int32)
    for frame in concentration:
        missing += ~np.isfinite(frame[region])
    if np.all(missing == len(concentration)):
        raise InputError(
            f"None of the {missing.size} voxels to fit has a concentration (T10, B1 or baseline are zero or missing "
            "there): check that the T10 map and the mask belong to this series."
        )
    return {
        "mask_samples_without_concentration": int(missing.sum()),
        "mask_voxels_without_concentration": int(np.count_nonzero(missing == len(concentration))),
    }


def _left_out(excluded: Mapping[str, int], region: np.ndarray, frames: int) -> tuple[str, ...]:
    samples, voxels = excluded["mask_samples_without_concentration"], excluded["mask_voxels_without_concentration"]
    total, single = np.count_nonzero(region), samples - voxels * frames
    told = (
        (voxels, f"{voxels} of {total} voxels to fit have no concentration at all (T10, B1 or baseline not usable)."),
        (single, f"{single} of {(total - voxels) * frames} samples to fit have no concentration and are left out."),
    )
    return tuple(sentence for count, sentence in told if count)
