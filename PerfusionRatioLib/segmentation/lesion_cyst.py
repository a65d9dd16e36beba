"""A cyst or a necrotic core whose rim is thin, or no brighter than white matter elsewhere."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from .lesion_region import Region, Start
from .lesion_shape import connected, depth, distance, middles
from .lesion_surroundings import mean_around

DARK = 0.75
"""Brightness below which something can be a cyst, relative to normal brain."""
REACH = 4.0
"""Millimetres from a seed on the rim to the cyst."""
NECK = 2.0
"""Half of the millimetres across a passage through which a cyst does not go on."""
RIM = 3.5
"""Millimetres outside a cyst in which its rim is."""
OUTSIDE = (4.0, 8.0)
"""Millimetres outside a cyst where its surroundings are looked at."""
CONTRAST = 0.15
"""How much brighter than its surroundings a rim is at least, relative to normal brain."""
COVERED = 0.75
"""Share of a cyst's surface on which there must be a rim."""
SMALLEST = 100.0
"""Cubic millimetres of a cyst; less is found by its rim alone."""


@dataclass(frozen=True)
class Cyst:
    """A cyst: where it is looked for, with the brightness outside its rim as the normal one, and where to start."""

    region: Region
    start: Start


def cyst_at(region: Region) -> np.ndarray:
    """Bool: the dark body in which the seeds lie, or beside it; empty without one."""
    dark = (region.image < DARK) & region.allowed
    within = dark & (region.near <= REACH)
    if not within.any():
        return within
    if (region.seeds & within).any():
        within &= region.seeds
    else:
        darkest = np.where(within, region.image, np.inf)
        within = darkest == darkest.min()
    depths = depth(dark, region.spacing)
    deep = connected(depths > NECK, middles(depths, within, region.spacing))
    return (distance(deep, region.spacing, NECK) <= NECK) & dark


def with_rim(region: Region, cyst: np.ndarray) -> Cyst | None:
    """The cyst when a rim surrounds it that is brighter than what is outside, else None."""
    if np.count_nonzero(cyst) * np.prod(region.spacing) < SMALLEST:
        return None
    out = distance(cyst, region.spacing, OUTSIDE[1])
    shell = (out > OUTSIDE[0]) & (out < OUTSIDE[1]) & region.allowed & (region.image > DARK)
    usual = float(np.median(region.image[shell])) if shell.any() else region.normal
    outside = mean_around(np.minimum(region.image, 1.2 * usual), shell, RIM, region.spacing, usual)
    sizes = [2 * int(0.7 * RIM / s) + 1 for s in region.spacing]
    rim = ndimage.maximum_filter(np.where(out <= RIM, region.image, 0), sizes)
    surface = (out > 0) & (out <= 1.5 * min(region.spacing))
    contrast = (rim - outside)[surface]
    if np.mean(contrast > max(CONTRAST, 6 * region.noise)) < COVERED:
        return None
    bright = usual + float(np.median(contrast))
    return Cyst(replace(region, normal=min(usual, region.normal)), Start(bright, cyst, region.normal))
