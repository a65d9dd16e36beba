"""One delay for all voxels."""

import numpy as np

from .blocks import product

_ENOUGH = 20_000
_NARROW = 0.15


def find_common_delay(make, curves, voxels, limits) -> float:
    """The delay, in minutes, at which the model fits the voxels best together, in two passes: wide, then around its best.

    Args:
        make: makes a solver for a range of delays; it has ``basis`` and ``common_delay(reduced)``.
        curves: (frames, all voxels).
        voxels: indices of the voxels to look at; an even sample of them is used.
        limits: shortest and longest delay in minutes.
    """
    sample = voxels[:: max(len(voxels) // _ENOUGH, 1)]
    data = np.asarray(curves[:, sample], np.float32)
    data = data[:, np.isfinite(data).all(0)]
    if not data.shape[1]:
        return 0.0
    solver = make(limits)
    rough = solver.common_delay(product(data.T, solver.basis))
    reach = _NARROW * (limits[1] - limits[0])
    solver = make((max(rough - reach, limits[0]), min(rough + reach, limits[1])))
    return solver.common_delay(product(data.T, solver.basis))
