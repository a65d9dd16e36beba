"""How the sensitivity of the receive coil varies through a head."""

import numpy as np

from ..series import Grid, Volume
from .shrink import shrink

COIL_ROUNDS, COIL_SETTLED = 100, 1e-5
"""How it is found: iterations, and the change of the field at which they end. With half of them the field of the
digital patient errs by half as much again; with twice as many, anatomy passes for coil."""
POINTS, POINTS_OF_A_SLAB, SLAB = 5, 4, 160.0
"""Control points of the spline an axis, and along an axis that is shorter than so many millimetres: in a slab, five
would follow the anatomy along the slices."""


def coil_sensitivity(image: Volume, brain: np.ndarray, block: float = 6.0) -> Volume:
    """The coil's sensitivity on a coarse grid, up to a factor, learnt in the brain by N4.

    Tustison et al. 2010, IEEE Trans Med Imaging 29:1310.

    Args:
        image: complete, without not-a-number.
        brain: bool [k, j, i]; beyond it the sensitivity is what the spline makes of it.
        block: millimetres of the blocks in which it is learnt.
    """
    import SimpleITK as sitk

    from ..itk_images import image_from_array

    small, grid = shrink(image.array, image.grid, block)
    mask = shrink(brain.astype(np.float32), image.grid, block)[0] > 0.99
    method = sitk.N4BiasFieldCorrectionImageFilter()
    method.SetMaximumNumberOfIterations([COIL_ROUNDS])
    extents = np.multiply(grid.size, grid.spacing)
    method.SetNumberOfControlPoints([POINTS if extent > SLAB else POINTS_OF_A_SLAB for extent in extents])
    method.SetConvergenceThreshold(COIL_SETTLED)
    method.SetNumberOfThreads(1)  # so that it is the same in every run
    seen = image_from_array(np.maximum(small, 1e-3 * small.max()), grid)
    method.Execute(seen, image_from_array(mask, grid))
    field = sitk.GetArrayFromImage(method.GetLogBiasFieldAsImage(seen))
    return Volume(np.exp(field).astype(np.float32), grid)


def on_grid(coarse: Volume, grid: Grid) -> np.ndarray:
    """A coarse volume on ``grid``, which has its axes but may be finer and hold only a part, float32 [k, j, i]."""
    start, end = coarse.grid.indices(grid.positions([[0, 0, 0], np.subtract(grid.size, 1)]))
    array = coarse.array
    for axis, (a, b, n) in enumerate(zip(start[::-1], end[::-1], grid.shape, strict=True)):
        array = _along(array, np.linspace(a, b, n), axis)
    return array


def _along(array: np.ndarray, places: np.ndarray, axis: int) -> np.ndarray:
    """``array`` interpolated linearly at fractional indices along one axis."""
    places = np.clip(places, 0, array.shape[axis] - 1)
    low = np.minimum(places.astype(int), max(array.shape[axis] - 2, 0))
    high = np.minimum(low + 1, array.shape[axis] - 1)
    shape = [1, 1, 1]
    shape[axis] = -1
    share = (places - low).astype(np.float32).reshape(shape)
    return np.take(array, low, axis) * (1 - share) + np.take(array, high, axis) * share
