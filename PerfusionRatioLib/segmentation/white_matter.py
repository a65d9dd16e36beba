"""White matter in a T1-weighted image, told by its brightness next to that of the tissues around."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from ..errors import NoAnswerError
from ..series import Grid, Volume
from .shrink import shrink

VOXEL = 2.5
"""Millimetres; the brightness of white matter is learnt in blocks up to this size."""
COIL_VOXEL, COIL_ROUNDS, COIL_POINTS = 6.0, 50, 5
"""How the coil's sensitivity is found: millimetres of a block, iterations, and control points of the spline an axis."""
SMOOTHING = 0.8
"""Standard deviation in millimetres against noise where white matter is drawn."""
DIMMEST, BRIGHTEST = 0.25, 1.3
"""Brightness relative to white matter between which tissue without much contrast agent lies."""
INTO = 0.5
"""How far above the border with grey matter white matter begins, as a share of the way to its own brightness."""
SMALLEST_CONTRAST = 0.06
"""Difference between grey and white matter, relative to white matter, below which they cannot be told apart."""


@dataclass(frozen=True)
class WhiteMatter:
    """How bright white matter is, everywhere.

    Attributes:
        level: its brightness as the coil sees it, on a coarse grid.
        low, high: relative to ``level``, where white matter begins and ends.
        vessel: relative to ``level``, from where on a voxel is a vessel or enhances.
    """

    level: Volume
    low: float
    high: float
    vessel: float

    def relative(self, array: np.ndarray, grid: Grid) -> np.ndarray:
        """An image [k, j, i] over the brightness of white matter at the same place; ``grid`` has the axes of ``level``
        but may be finer and hold only a part."""
        return np.asarray(array, np.float32) / _interpolated(self.level, grid)

    def drawn(self, relative: np.ndarray, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
        """Where a ``relative`` image is white matter, and where a vessel or enhancing, smoothed against noise."""
        width = [SMOOTHING / s if n > 1 else 0 for s, n in zip(grid.spacing, grid.size, strict=True)]
        smooth = ndimage.gaussian_filter(relative, width[::-1], mode="nearest", truncate=3)
        return (smooth > self.low) & (smooth < self.high), smooth > self.vessel


def learn_white_matter(image: Volume, brain: np.ndarray, excluded: np.ndarray | None = None) -> WhiteMatter:
    """How bright white matter is in a post-contrast T1-weighted image or the mean of a dynamic series.

    The coil's sensitivity is taken out by N4 (Tustison et al. 2010, IEEE Trans Med Imaging 29:1310). The brightness
    that is left is cut into three classes, fluid, grey and white, by Otsu's criterion. White is the brightest class on
    T1-weighted images; what is brighter still is vessels and what enhances.

    Args:
        image: complete, without not-a-number.
        brain: bool [k, j, i].
        excluded: bool [k, j, i] of what is not to be learnt from, such as lesions.

    Raises:
        NoAnswerError: white and grey matter are too much alike.
    """
    small, grid = shrink(image.array, image.grid, VOXEL)
    inside = shrink(brain.astype(np.float32), image.grid, VOXEL)[0] > 0.99
    if excluded is not None:
        inside &= shrink(excluded.astype(np.float32), image.grid, VOXEL)[0] < 0.01
    if not inside.any() or not small[inside].max() > small[inside].min():
        raise NoAnswerError("The brain shows no tissues in this image: give the reference by a mask.")
    sensitivity = _sensitivity(image, brain if excluded is None else brain & ~excluded)
    border, grey, middle, spread = _classes((small / _interpolated(sensitivity, grid))[inside])
    if middle - grey < SMALLEST_CONTRAST * middle:
        raise NoAnswerError(
            "White and grey matter look alike in this image, so no reference was found in white matter: "
            "give the reference by a mask."
        )
    low, high = border + INTO * (middle - border), middle + 2.5 * spread
    vessel = middle + max(4 * spread, 0.8 * (middle - border))
    return WhiteMatter(
        replace(sensitivity, array=middle * sensitivity.array),
        low / middle,
        min(high, vessel) / middle,
        vessel / middle,
    )


def _sensitivity(image: Volume, brain: np.ndarray) -> Volume:
    """The coil's sensitivity on a coarse grid, learnt in the brain."""
    import SimpleITK as sitk

    from ..itk_images import image_from_array

    small, grid = shrink(image.array, image.grid, COIL_VOXEL)
    mask = shrink(brain.astype(np.float32), image.grid, COIL_VOXEL)[0] > 0.99
    method = sitk.N4BiasFieldCorrectionImageFilter()
    method.SetMaximumNumberOfIterations([COIL_ROUNDS])
    method.SetNumberOfControlPoints([min(COIL_POINTS, max(4, n)) for n in grid.size])
    method.SetConvergenceThreshold(1e-4)
    method.SetNumberOfThreads(1)  # so that it is the same in every run
    seen = image_from_array(np.maximum(small, 1e-3 * small.max()), grid)
    method.Execute(seen, image_from_array(mask, grid))
    field = sitk.GetArrayFromImage(method.GetLogBiasFieldAsImage(seen))
    return Volume(np.exp(field).astype(np.float32), grid)


def _classes(relative: np.ndarray) -> tuple[float, float, float, float]:
    """The border between grey and white, the medians of both, and the spread of white."""
    import SimpleITK as sitk

    values = relative[(relative > DIMMEST * np.median(relative)) & (relative < BRIGHTEST * np.percentile(relative, 75))]
    otsu = sitk.OtsuMultipleThresholdsImageFilter()
    otsu.SetNumberOfThresholds(2)
    otsu.SetNumberOfHistogramBins(256)
    otsu.Execute(sitk.GetImageFromArray(values[None, None].astype(np.float32)))
    first, border = otsu.GetThresholds()
    white, grey = values[values > border], values[(values > first) & (values <= border)]
    if not (white.size and grey.size):
        return border, border, border, 0.0
    middle = float(np.median(white))
    # the upper half alone: the lower one is mixed with grey
    spread = 1.4826 * float(np.median(white[white >= middle] - middle))
    return float(border), float(np.median(grey)), middle, spread


def _interpolated(coarse: Volume, grid: Grid) -> np.ndarray:
    """A coarse volume on ``grid``, which has its axes but may be finer and hold only a part."""
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
