"""Lesions at the border of the brain, which the mask of the fit leaves out in part."""

from dataclasses import replace

import numpy as np

from ..kinetics import ParameterMaps, fit
from ..visit import Visit

MAPS = ("flags", "r2", "residual_sd", "aicc", "ktrans", "kep", "ve", "vp", "fp", "ps", "delay", "model_index")


def fitted_there_too(visit: Visit, region: np.ndarray) -> Visit:
    """``visit`` with maps, and a mask, that hold the voxels of ``region`` too.

    A brain is looked for before the bolus, where a lesion at the dura or one that is bright by itself may pass for
    what surrounds the brain.

    Args:
        visit: fitted.
        region: bool shaped (k, j, i).
    """
    prepared, settings = visit.prepared, visit.prepared.settings
    missing = region & ~prepared.mask
    missing[missing] = np.isfinite(prepared.concentration[:, missing]).any(axis=0)
    if not missing.any():
        return visit
    plasma, delay = visit.plasma_reaching(visit.aif.plasma_concentration)
    also = fit(
        np.ascontiguousarray(prepared.concentration[:, missing]),
        prepared.times,
        plasma,
        settings.model,
        standard_errors=settings.standard_errors,
        delay=delay,
    )
    return replace(
        visit, prepared=replace(prepared, mask=prepared.mask | missing), maps=_joined(visit.maps, also, missing)
    )


def _joined(maps: ParameterMaps, also: ParameterMaps, where: np.ndarray) -> ParameterMaps:
    def joined(old: np.ndarray | None, new: np.ndarray | None) -> np.ndarray | None:
        if old is None or new is None:  # a delay of all voxels is one number: it is there already
            return old
        result = old.copy()
        result[where] = new
        return result

    errors = {name: joined(old, also.standard_errors.get(name)) for name, old in maps.standard_errors.items()}
    return replace(
        maps, **{name: joined(getattr(maps, name), getattr(also, name)) for name in MAPS}, standard_errors=errors
    )
