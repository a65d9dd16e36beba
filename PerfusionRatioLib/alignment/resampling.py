"""Images seen through a rigid transform."""

from math import prod

import numpy as np
from scipy import ndimage

from ..rigid import Rigid
from ..series import Grid

SLAB = 20000
"""Voxels worked on at once, so that they stay in the processor's cache."""


def resampled(array: np.ndarray, grid: Grid, transform: Rigid) -> tuple[np.ndarray, int]:
    """``array`` as seen from where ``transform`` leads: the value at x is that of ``array`` at ``transform`` of x.

    Interpolated with cubic B-splines along one axis after the other (Catmull and Smith 1980, Comput Graph 14:279),
    which is as exact for the motion of a head as all axes at once, with 12 instead of 64 products a voxel. A value
    from outside the field of view (half a voxel beyond the centres of the outermost voxels) or that rests on a
    not-a-number is not-a-number.

    Args:
        array: shaped ``(k, j, i)``.
        grid: of ``array`` and of the result.
        transform: in LPS millimetres; turns by less than a right angle.

    Returns:
        The image, float32, and how many of its voxels come from outside the field of view.
    """
    steps = np.array([[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]])  # (i, j, k): the first voxel, then one on in k, j, i
    reached = grid.indices(transform.moved(grid.positions(steps)))[:, ::-1]
    start, matrix = reached[0], (reached[1:] - reached[0]).T
    known = np.isfinite(array)
    gaps = not known.all()
    whole = filled(array, known) if gaps else array
    seen = whole
    for axis in (2, 1, 0):
        seen = _slid(seen, axis, _source(matrix, start, axis))
    if gaps:
        missing = ndimage.affine_transform((~known).astype(np.float32), matrix, start, order=1, mode="nearest")
        seen[missing > 0.05] = np.nan
    outside = np.zeros(array.shape, bool)
    k, j, i = np.ogrid[tuple(slice(n) for n in array.shape)]
    for row, first, n in zip(matrix, start, array.shape, strict=True):
        index = (row[0] * k + row[1] * j + first) + row[2] * i
        outside |= (index < -0.5) | (index > n - 0.5)
    seen[outside] = np.nan
    return seen, int(np.count_nonzero(outside))


def _source(matrix: np.ndarray, start: np.ndarray, axis: int) -> tuple[float, np.ndarray]:
    """Where along ``axis`` the values come from when the axes behind it are done already and those before it are not.

    A voxel p of the result comes from q = matrix p + start. With p known along ``axis`` and behind it, and q before it,
    q along ``axis`` is linear in these: the first item plus the second, times them.
    """
    before, behind = slice(axis), slice(axis, None)
    solved = np.linalg.solve(matrix[before, before].T, matrix[axis, before])
    slope = np.concatenate([solved, matrix[axis, behind] - solved @ matrix[before, behind]])
    return start[axis] - solved @ start[before], slope


def _slid(array: np.ndarray, axis: int, source: tuple[float, np.ndarray]) -> np.ndarray:
    """``array`` interpolated along ``axis`` at the indices that ``source`` gives for each of its voxels."""
    first, slope = source
    knots = ndimage.spline_filter1d(array, 3, axis, np.float32, mode="mirror")
    knots = np.pad(knots, [(2, 2) if a == axis else (0, 0) for a in range(3)], mode="reflect")
    last = array.shape[axis] - 0.5
    slid = np.empty(array.shape, np.float32)
    cut = 1 if axis == 0 else 0  # slabs are cut across another axis
    thick = max(1, SLAB * array.shape[cut] // prod(array.shape))
    for begin in range(0, array.shape[cut], thick):
        slab = tuple(slice(begin, begin + thick) if a == cut else slice(None) for a in range(3))
        part = np.ascontiguousarray(knots[slab])
        k, j, i = np.ogrid[tuple(slice(n) for n in slid[slab].shape)]
        places = (slope[0] * k + slope[1] * j + (first + slope[cut] * begin)) + slope[2] * i
        places = np.clip(places, -0.5, last).astype(np.float32)
        slid[slab] = _cubic(part, axis, places, (k, j, i))
    return slid


def _cubic(knots: np.ndarray, axis: int, places: np.ndarray, voxels: tuple[np.ndarray, ...]) -> np.ndarray:
    """The cubic B-spline of ``knots`` (two more at both ends) at ``places`` along ``axis`` of each of ``voxels``."""
    below = np.floor(places)
    over = places - below
    strides = [stride // knots.itemsize for stride in knots.strides]
    at = (below.astype(np.int32) + 1) * strides[axis]
    for a in {0, 1, 2} - {axis}:
        at += (voxels[a] * strides[a]).astype(np.int32)
    under = 1 - over
    outer, far = under**3 / 6, over**3 / 6
    near = 2 / 3 - over * over * (1 - over / 2)
    flat, step = knots.ravel(), strides[axis]
    value = outer * flat.take(at)
    value += near * flat[step:].take(at)
    value += (1 - outer - near - far) * flat[2 * step :].take(at)
    value += far * flat[3 * step :].take(at)
    return value


def filled(array: np.ndarray, known: np.ndarray) -> np.ndarray:
    """``array`` with the value of the nearest ``known`` voxel wherever it is not known; zero when nothing is."""
    if not known.any():
        return np.zeros_like(array)
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    return array[tuple(nearest)]
