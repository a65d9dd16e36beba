"""Noise of neighbouring voxels, as it is in the images: how alike it is, and more of the same."""

import numpy as np
from scipy import ndimage

from ..errors import InputError

MOST = 0.65
"""The highest correlation of neighbours that a mean over three voxels along an axis can have is 0.71."""
LEAST = 0.03
"""A correlation below this is that of chance."""
AT_ONCE = 32
"""Draws made together."""


def neighbour_correlation(curves: np.ndarray, index: np.ndarray) -> tuple[float, float, float]:
    """The correlation of the noise of neighbours along (k, j, i), 0 to ``MOST``; 0 along an axis without neighbours.

    The noise of a voxel is what each sample of the second half of its curve differs from the mean of the samples before
    and after: no model is needed, and what changes slowly is left out. Interpolation, as by motion correction, makes
    neighbours alike.

    Args:
        curves: shaped (t, n), the samples of the voxels.
        index: (k, j, i) of each voxel, shaped (n, 3).
    """
    late = curves[len(curves) // 2 :].astype(float)
    if len(late) < 4:
        return (0.0, 0.0, 0.0)
    rough = late[1:-1] - 0.5 * (late[:-2] + late[2:])
    rough = np.nan_to_num(rough)
    size = np.sqrt((rough**2).sum(axis=0))
    place = {tuple(voxel): number for number, voxel in enumerate(index)}
    found = []
    for step in np.eye(3, dtype=int):
        pairs = [(n, place[after]) for v, n in place.items() if (after := tuple(np.add(v, step))) in place]
        first, second = np.array(pairs, int).reshape(-1, 2).T
        product = size[first] * size[second]
        valid = product > 0
        alike = (rough[:, first] * rough[:, second]).sum(axis=0)[valid] / product[valid]
        mean = float(alike.mean()) if alike.size else 0.0
        found.append(0.0 if mean < LEAST else min(mean, MOST))
    return tuple(found)


def correlated_noise(
    index: np.ndarray, correlation: tuple[float, float, float], draws: int, random: np.random.Generator
) -> np.ndarray:
    """Normal noise of variance 1 with a ``correlation`` between neighbours along (k, j, i), shaped (draws, n).

    White noise on the box around the voxels, summed with weights (a, 1, a) along each axis, a from
    ρ = 2a / (1 + 2a²).

    Raises:
        InputError: a correlation outside 0 to ``MOST``.
    """
    if not all(0 <= value <= MOST for value in correlation):
        raise InputError(f"Correlations of neighbours lie between 0 and {MOST}, not {correlation}.")
    if not any(correlation):
        return random.standard_normal((draws, len(index)))
    low = index.min(axis=0)
    at = tuple((index - low).T)
    shape = tuple(index.max(axis=0) - low + 1)
    kernels = [_kernel(value) for value in correlation]
    result = np.empty((draws, len(index)))
    for start in range(0, draws, AT_ONCE):
        part = result[start : start + AT_ONCE]
        boxes = random.standard_normal((len(part), *(n + 2 for n in shape)))
        for axis, kernel in enumerate(kernels, start=1):
            if kernel is not None:
                boxes = ndimage.correlate1d(boxes, kernel, axis=axis, mode="nearest")
        part[:] = boxes[:, 1:-1, 1:-1, 1:-1][:, *at]
    return result


def _kernel(correlation: float) -> np.ndarray | None:
    if correlation == 0:
        return None
    side = (1 - np.sqrt(1 - 2 * correlation**2)) / (2 * correlation)
    return np.array([side, 1.0, side]) / np.sqrt(1 + 2 * side**2)
