"""Where the head of one image roughly lies in another, found by mutual information from several starts."""

import numpy as np
from scipy import ndimage

from ..brain.shrink import shrink
from ..errors import NoAnswerError
from ..rigid import Rigid
from ..series import Grid, Volume

VOXEL, BLUR = 6.0, 4.0
"""Millimetres: the voxels up to which images are put together, and the standard deviation of their smoothing."""
BINS = 32
NODS = (-15.0, 0.0, 15.0)
"""Degrees about the axis from right to left that are tried, because a head that was laid again nods most."""
SHIFTS = (-30.0, 0.0, 30.0)
"""Millimetres along the body that are tried about the centre of a head, because a slab shows only a part of it."""
TRIED = 3
"""How many starts are followed up."""
LEAST_OVERLAP = 0.2
"""Share of the region that must lie in the field of view of the other image."""


def find_roughly(fixed: Volume, moving: Volume, look: np.ndarray, seen: np.ndarray, start: Rigid | None) -> Rigid:
    """The rigid transform from ``fixed`` to ``moving`` to within a few millimetres.

    Mattes' mutual information (Mattes et al. 2003, IEEE Trans Med Imaging 22:120) is evaluated at every start, the best
    are optimised, and the one that has most information in all (mutual information times overlap) is kept. Every voxel
    counts and one thread does the work, so the answer is always the same.

    Args:
        fixed, moving: complete images.
        look: bool on the grid of ``fixed``.
        seen: bool on the grid of ``moving``.
        start: the only start, or None: the scanner's coordinates, and the centres of both heads.

    Raises:
        NoAnswerError: at no start do the images overlap.
    """
    metric = _Metric(fixed, moving, look, seen)
    starts = _starts(fixed, moving, look) if start is None else [start]
    ranked = sorted((-metric.information(one), n) for n, one in enumerate(starts))
    found = [metric.followed(starts[n]) for worth, n in ranked[:TRIED] if worth < 0]
    if not found:
        raise NoAnswerError(
            "The two images do not overlap, neither by the scanner's coordinates nor by the centres of the heads: "
            "check that both show the head, or give a start."
        )
    return max(found, key=metric.information)


def _starts(fixed: Volume, moving: Volume, look: np.ndarray) -> list[Rigid]:
    middle = fixed.grid.positions(np.argwhere(look).mean(axis=0)[::-1])
    between = _centre_of_head(moving) - _centre_of_head(fixed)
    moves = [np.zeros(3), *(between + np.array([0, 0, shift]) for shift in SHIFTS)]
    return [Rigid.of(move, (nod, 0, 0), middle) for move in moves for nod in NODS]


def _centre_of_head(image: Volume) -> np.ndarray:
    """The LPS centre of what stands out from air; how bright it is does not matter."""
    small, grid = shrink(image.array, image.grid, VOXEL)
    return grid.positions(np.argwhere(small > 0.3 * np.percentile(small, 90)).mean(axis=0)[::-1])


class _Metric:
    """Mutual information between two images, as a function of the transform."""

    def __init__(self, fixed: Volume, moving: Volume, look: np.ndarray, seen: np.ndarray):
        self._fixed, self._moving = _prepared(fixed.array, fixed.grid), _prepared(moving.array, moving.grid)
        self._look = _mask(look, fixed.grid)
        self._seen = _mask(seen, moving.grid)
        small, grid = shrink(look.astype(np.float32), fixed.grid, VOXEL)
        self._points = grid.positions(np.argwhere(small > 0.5)[:, ::-1])
        self._field = moving.grid

    def information(self, transform: Rigid) -> float:
        """Mutual information times the share of the region in the other's field of view; 0 where that is too small."""
        reached = self._field.indices(transform.moved(self._points))
        share = np.mean(((reached >= -0.5) & (reached <= np.array(self._field.size) - 0.5)).all(axis=1))
        if share < LEAST_OVERLAP:
            return 0.0
        method = self._method()
        method.SetInitialTransform(_itk(transform))
        try:
            return max(-method.MetricEvaluate(self._fixed, self._moving), 0.0) * float(share)
        except RuntimeError:  # ITK's way to say that too few points overlap
            return 0.0

    def followed(self, start: Rigid) -> Rigid:
        """Where the optimiser comes to rest; ``start`` itself when it leaves the other image."""
        method, transform = self._method(), _itk(start)
        method.SetOptimizerAsRegularStepGradientDescent(2.0, 0.02, 50, 0.5, 1e-8)
        method.SetOptimizerScalesFromPhysicalShift()
        method.SetInitialTransform(transform, inPlace=True)
        try:
            method.Execute(self._fixed, self._moving)
        except RuntimeError:
            return start
        rotation = np.reshape(transform.GetMatrix(), (3, 3))
        return Rigid(rotation, np.array(transform.GetTranslation()), np.array(transform.GetCenter()))

    def _method(self):
        import SimpleITK as sitk

        method = sitk.ImageRegistrationMethod()
        method.SetMetricAsMattesMutualInformation(BINS)
        method.SetMetricFixedMask(self._look)
        method.SetMetricMovingMask(self._seen)
        method.SetInterpolator(sitk.sitkLinear)
        method.SetNumberOfThreads(1)
        return method


def _prepared(array: np.ndarray, grid: Grid):
    from ..itk_images import image_from_array

    small, small_grid = shrink(array, grid, VOXEL)
    width = [BLUR / s if n > 1 else 0 for s, n in zip(small_grid.spacing, small_grid.size, strict=True)]
    return image_from_array(ndimage.gaussian_filter(small, width[::-1], mode="nearest", truncate=3), small_grid)


def _mask(mask: np.ndarray, grid: Grid):
    from ..itk_images import image_from_array

    small, small_grid = shrink(mask.astype(np.float32), grid, VOXEL)
    return image_from_array(small > 0.5, small_grid)


def _itk(transform: Rigid):
    import SimpleITK as sitk

    result = sitk.Euler3DTransform()
    result.SetCenter(transform.centre.tolist())
    result.SetMatrix(transform.rotation.ravel().tolist(), 1e-6)
    result.SetTranslation(transform.translation.tolist())
    return result
