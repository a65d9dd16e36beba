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
FIRST_PASS = 40.0
"""Seconds after the peak of the arterial input until curves change slowly."""
FEWEST_FRAMES = 4
"""Frames in which noise is looked for."""


def slow_frames(times: np.ndarray, plasma_concentration: np.ndarray) -> slice:
    """The frames in which curves change slowly: the second half of the time, but not before the bolus has passed; in a
    short series the last four, and none where the peak is among these.

    Args:
        times: seconds, shaped (t,).
        plasma_concentration: mM, shaped (t,).
    """
    peak = int(np.argmax(plasma_concentration))
    start = int(np.searchsorted(times, max(times[peak] + FIRST_PASS, (times[0] + times[-1]) / 2)))
    start = min(start, len(times) - FEWEST_FRAMES)
    return slice(start if start > peak else len(times), None)


def roughness(curves: np.ndarray, times: np.ndarray) -> np.ndarray:
    """What each sample but the first and last differs from the straight line between its neighbours, in standard
    deviations of a sample: no model is needed, and what changes slowly is left out.

    Args:
        curves: shaped (t, ...); at least three samples.
        times: of the samples, shaped (t,).
    """
    shape = (-1, *[1] * (curves.ndim - 1))
    before = ((times[2:] - times[1:-1]) / (times[2:] - times[:-2])).reshape(shape)
    apart = curves[1:-1] - before * curves[:-2] - (1 - before) * curves[2:]
    return apart / np.sqrt(1 + before**2 + (1 - before) ** 2)


def neighbour_correlation(curves: np.ndarray, index: np.ndarray, times: np.ndarray) -> tuple[float, float, float]:
    """The correlation of the noise of neighbours along (k, j, i), 0 to ``MOST``; 0 along an axis without neighbours.

    The noise of a voxel is the ``roughness`` of its curve. Interpolation, as by motion correction, makes neighbours
    alike.

    Args:
        curves: shaped (t, n), samples of the voxels in frames in which they change slowly.
        index: (k, j, i) of each voxel, shaped (n, 3).
        times: of the frames, shaped (t,).
    """
    if len(curves) < FEWEST_FRAMES:
        return (0.0, 0.0, 0.0)
    rough = np.nan_to_num(roughness(curves.astype(float), times))
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
