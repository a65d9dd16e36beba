"""Images seen through a rigid transform."""

import numpy as np
from scipy import ndimage

from ..rigid import Rigid
from ..series import Grid


def resampled(array: np.ndarray, grid: Grid, transform: Rigid) -> tuple[np.ndarray, int]:
    """``array`` as seen from where ``transform`` leads: the value at x is that of ``array`` at ``transform`` of x.

    Interpolated once, with cubic B-splines. A value from outside the field of view (half a voxel beyond the centres of
    the outermost voxels) or that rests on a not-a-number is not-a-number.

    Args:
        array: shaped ``(k, j, i)``.
        grid: of ``array`` and of the result.
        transform: in LPS millimetres.

    Returns:
        The image, float32, and how many of its voxels come from outside the field of view.
    """
    steps = np.array([[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]])  # (i, j, k): the first voxel, then one on in k, j, i
    reached = grid.indices(transform.moved(grid.positions(steps)))[:, ::-1]
    start, matrix = reached[0], (reached[1:] - reached[0]).T
    known = np.isfinite(array)
    gaps = not known.all()
    whole = filled(array, known) if gaps else array
    seen = ndimage.affine_transform(whole, matrix, start, order=3, mode="mirror", output=np.float32)
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


def filled(array: np.ndarray, known: np.ndarray) -> np.ndarray:
    """``array`` with the value of the nearest ``known`` voxel wherever it is not known; zero when nothing is."""
    if not known.any():
        return np.zeros_like(array)
    nearest = ndimage.distance_transform_edt(~known, return_distances=False, return_indices=True)
    return array[tuple(nearest)]
