"""White matter in a T1-weighted image, told by its brightness next to that of the tissues around."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from ..brain.coil import coil_sensitivity, on_grid
from ..brain.shrink import shrink
from ..errors import NoAnswerError
from ..series import Grid, Volume

VOXEL = 2.5
"""Millimetres; the brightness of white matter is learnt in blocks up to this size."""
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
        return np.asarray(array, np.float32) / on_grid(self.level, grid)

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
    sensitivity = coil_sensitivity(image, brain if excluded is None else brain & ~excluded)
    border, grey, middle, spread = _classes((small / on_grid(sensitivity, grid))[inside])
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
