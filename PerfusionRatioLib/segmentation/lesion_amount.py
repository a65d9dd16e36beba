"""Less or more of a lesion than the best guess, and what is not lesion at all."""

import numpy as np

from .lesion_border import Border
from .lesion_region import Region
from .lesion_shape import connected, depth, distance, filled, middles

RANGE = 0.3
"""Change of the border's height between no change and the full amount."""
MARGIN, GROWTH = 1.0, 4.0
"""Millimetres by which a lesion may grow at the smallest and, in addition, at the full amount."""
FAR = 10.0
"""Millimetres beyond which distances do not matter."""


def adjusted(region: Region, border: Border, amount: float, background: np.ndarray) -> np.ndarray:
    """The lesion with its border lower (``amount`` up to 1: more) or higher (down to -1: less) than half way.

    Whatever the image, more never holds fewer voxels: every step (a lower border, a wider margin, connecting, filling)
    only adds to what it is given, and what is kept out does not depend on the amount.

    Args:
        region: the box.
        border: the best guess.
        amount: -1 to 1.
        background: bool [k, j, i] in the box, hints of what is not lesion.
    """
    own = _own_side(region, border, background)
    above = border.height > 0.5 - RANGE * amount
    if amount <= 0:
        result = border.whole & (above | border.kept) if amount < 0 else border.whole
        result = filled(connected(result & own, border.kept & own)) & border.whole
    else:
        away = distance(border.whole, region.spacing, FAR)
        cut_off = connected(border.whole | (border.height > 0.5) & region.allowed, border.whole) & ~border.whole
        free = (away <= MARGIN + GROWTH * amount) & (away < distance(cut_off, region.spacing, FAR)) & region.allowed
        result = filled(connected((border.whole | above & free) & own, border.kept & own)) & ~cut_off
    return result & own | region.seeds


def _own_side(region: Region, border: Border, background: np.ndarray) -> np.ndarray:
    """What belongs to the seeds rather than to the background hints: the box is divided along the narrowest places of
    the lesion between them (watershed from markers on the depth: Meyer 1994, Signal Processing 38:113)."""
    if not background.any():
        return np.ones(background.shape, bool)
    import SimpleITK as sitk

    depths = depth(border.whole, region.spacing)
    relief = np.minimum(distance(border.whole, region.spacing, FAR), FAR) - depths
    # a hint at an edge means the body it lies in, whose middle would else be flooded from the other side first
    seeds = region.seeds | middles(depths, region.seeds, region.spacing)
    hints = background | middles(depths, background & border.whole, region.spacing)
    markers = np.zeros(relief.shape, np.uint8)
    markers[hints & ~seeds] = 2
    markers[seeds & ~hints] = 1
    markers[background] = 2
    markers[region.seeds] = 1
    basins = sitk.MorphologicalWatershedFromMarkers(
        sitk.GetImageFromArray(relief), sitk.GetImageFromArray(markers), markWatershedLine=False, fullyConnected=False
    )
    return (sitk.GetArrayViewFromImage(basins) == 1) & ~background
