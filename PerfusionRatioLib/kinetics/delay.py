"""One delay for all voxels."""

import numpy as np
from scipy.optimize import minimize_scalar

from .blocks import product
from .models import Model
from .separable import SeparableSearch

_ENOUGH = 10_000
_TOLERANCE = 1e-4


def find_common_delay(model: Model, times, aif, curves, voxels, limits) -> float:
    """The delay at which the model fits the voxels best together: a scan of the range, then a search around its best.

    Args:
        times: minutes.
        aif: mM.
        curves: (frames, all voxels).
        voxels: indices of the voxels to look at; an even sample of them is used.
        limits: shortest and longest delay in minutes.

    Returns:
        Minutes; zero when no voxel is complete.
    """
    sample = voxels[:: max(len(voxels) // _ENOUGH, 1)]
    data = np.asarray(curves[:, sample], np.float32)
    data = np.ascontiguousarray(data[:, np.isfinite(data).all(0)].T)
    if not len(data):
        return 0.0

    def gain(delay):
        search = SeparableSearch(model, times, aif, delay)
        return search.total_gain(product(data, search.basis))

    delays = SeparableSearch(model, times, aif, limits).tables.delays
    best = delays[gain(limits).argmax()]
    reach = delays[1] - delays[0]
    around = max(best - reach, limits[0]), min(best + reach, limits[1])
    found = minimize_scalar(
        lambda at: -gain(float(at))[0], bounds=around, method="bounded", options={"xatol": _TOLERANCE}
    )
    return float(found.x)
