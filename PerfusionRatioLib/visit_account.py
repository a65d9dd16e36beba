"""The account of a visit made ready for the fit: parameters used, samples excluded, assumptions made."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .acquisition import Known
from .errors import InputError
from .series import DceSeries
from .visit_settings import VisitSettings

if TYPE_CHECKING:
    from .alignment.motion import MotionCorrected
    from .signal.baseline import Baseline
    from .signal.blood import BloodConversion
    from .signal.spoiled_gradient_echo import Concentration


def parameters_used(
    series: DceSeries, settings: VisitSettings, t10: np.ndarray | None, mask: np.ndarray | None
) -> dict[str, Known]:
    """The parameters of any visit, each with its origin; of a map or mask that takes the place of one, that it does."""
    names = ["model", "aif", "mask", "haematocrit", "delay", "motion", "content", "standard_errors"]
    if settings.content == "signal":
        names += ["relaxivity", "t10"]
    parameters = {name: settings.known(name) for name in names}
    for name, image, kind in (("t10", t10, "map"), ("mask", mask, "mask")):
        if image is not None:
            parameters[name] = Known(kind, settings.origins.get(name, "given"))
    return parameters | {"times": series.times}


def parameters_of_signal(
    series: DceSeries,
    settings: VisitSettings,
    baseline: "Baseline",
    as_blood: "BloodConversion | None",
    corrected: "MotionCorrected | None",
) -> dict[str, Known]:
    """The parameters that only a series of signals has, each with its origin."""
    parameters = {
        "baseline": Known((baseline.start, baseline.stop), settings.origins.get("baseline", baseline.origin)),
        "repetition_time": series.acquisition.repetition_time,
        "flip_angle": series.acquisition.flip_angle,
    }
    if as_blood:
        assumed = Known(as_blood.blood_t10, "usual at the scanner's field")
        parameters["blood_t10"] = settings.known("blood_t10") if settings.blood_t10 else assumed
    if corrected:
        parameters["reference_frame"] = Known(corrected.reference, "chosen among the first")
    return parameters


def assumptions(settings: VisitSettings, t10: np.ndarray | None, as_blood: "BloodConversion | None") -> tuple[str, ...]:
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


def other_field(series: DceSeries, settings: VisitSettings, t10: np.ndarray | None) -> tuple[str, ...]:
    """That the default T10 is that of another field."""
    from .signal.blood import usual_field

    if t10 is not None or settings.known("t10").origin != "default" or usual_field(series.acquisition) == 3:
        return ()
    return (
        f"The T10 of {settings.t10:g} s is one of tissue at 3 T, but the scanner has "
        f"{series.acquisition.field_strength.value:g} T: give the T10 of tissue there with --t10, or a map of it.",
    )


def excluded_counts(
    concentration: np.ndarray,
    region: np.ndarray,
    series: DceSeries,
    converted: "Concentration | None" = None,
    saturated: int = 0,
) -> dict[str, int]:
    """How many samples and voxels could not be used, in the ``region`` to fit and in the whole series.

    ``saturated`` samples were left out before the conversion, in addition to those that it found.

    Raises:
        InputError: no voxel of the region has a concentration.
    """
    missing = np.zeros(np.count_nonzero(region), np.int32)
    for frame in concentration:
        missing += ~np.isfinite(frame[region])
    if np.all(missing == len(concentration)):
        raise InputError(
            f"None of the {missing.size} voxels to fit has a concentration (T10, B1 or baseline are zero or missing "
            "there): check that the T10 map and the mask belong to this series."
        )
    counts = {
        "mask_samples_without_concentration": int(missing.sum()),
        "mask_voxels_without_concentration": int(np.count_nonzero(missing == len(concentration))),
    }
    counts["series_samples_unreadable"] = series.excluded
    if converted is not None:
        counts["series_samples_that_no_t1_explains"] = converted.excluded
        counts["series_samples_saturated"] = converted.saturated + saturated
    return counts


def left_out(excluded: Mapping[str, int], region: np.ndarray, frames: int) -> tuple[str, ...]:
    """Sentences on the samples and voxels to fit that have no concentration."""
    samples, voxels = excluded["mask_samples_without_concentration"], excluded["mask_voxels_without_concentration"]
    total, single = np.count_nonzero(region), samples - voxels * frames
    told = (
        (voxels, f"{voxels} of {total} voxels to fit have no concentration at all (T10, B1 or baseline not usable)."),
        (single, f"{single} of {(total - voxels) * frames} samples to fit have no concentration and are left out."),
    )
    return tuple(sentence for count, sentence in told if count)
