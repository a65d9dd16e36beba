"""What a lesion is seen against: the inside of the skull, and the brightness of normal brain as the coil sees it."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..brain.brain_mask import find_brain
from ..brain.shrink import shrink
from ..errors import NoAnswerError
from ..series import Grid
from .lesion_shape import connected, depth, distance, filled

COARSE = 4.1
"""Millimetres of the blocks on which the head is looked at."""
GAP = 10.0
"""Half of the millimetres across which the mask of the brain is closed, where it was carved around something bright."""
COIL = 25.0
"""Millimetres over which the coil's sensitivity changes little."""
REACH = 28.0
"""Millimetres around the seeds in which a bright lesion may hide the brain's border."""
BRIGHT = (1.2, 1.1)
"""Brightness of a lesion against what is usual around it; the second where the brain then found lacks the seeds."""


@dataclass(frozen=True)
class Surroundings:
    """The head on coarse voxels.

    Attributes:
        grid: of the coarse voxels.
        inside: bool, within the skull; all of it when no brain could be found.
        level: brightness of normal brain at each place.
        found: whether a brain was given or found.
    """

    grid: Grid
    inside: np.ndarray
    level: np.ndarray
    found: bool


def surroundings(array: np.ndarray, grid: Grid, places: np.ndarray, brain: np.ndarray | None) -> Surroundings:
    """Look at the head around ``places`` (LPS, shaped (n, 3)).

    Args:
        array: the image [k, j, i]; not-a-number counts as no signal.
        grid: of ``array``.
        places: of the seeds.
        brain: bool [k, j, i] when it is known.
    """
    coarse, coarse_grid = shrink(array, grid, COARSE)
    coarse = np.maximum(np.nan_to_num(coarse, posinf=0.0), 0)
    spacing = coarse_grid.spacing[::-1]
    seeds = np.zeros(coarse.shape, bool)
    seeds[nearest_voxels(coarse_grid, places)] = True
    if brain is not None:
        inside, found = shrink(brain.astype(np.float32), grid, COARSE)[0] > 0.5, True
    else:
        inside, found = _brain_around(coarse, coarse_grid, seeds)
    return Surroundings(coarse_grid, _closed(inside, spacing), _level(coarse, inside, spacing), found)


def _brain_around(coarse: np.ndarray, grid: Grid, seeds: np.ndarray) -> tuple[np.ndarray, bool]:
    """The brain that holds the lesion at the seeds, and whether one was found."""
    spacing, inside, found = grid.spacing[::-1], np.ones(coarse.shape, bool), False
    for brightness in BRIGHT:
        try:
            inside, found = find_brain(_without_lesion(coarse, seeds, spacing, brightness), grid), True
        except NoAnswerError:
            break
        if _closed(inside, spacing)[seeds].all():
            break
    return inside, found


def nearest_voxels(grid: Grid, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Indices [k, j, i] of the voxels of ``grid`` nearest to ``places``."""
    indices = np.rint(grid.indices(places)).astype(int)
    return tuple(np.clip(indices, 0, np.array(grid.size) - 1).T[::-1])


def _without_lesion(
    coarse: np.ndarray, seeds: np.ndarray, spacing: tuple[float, float, float], brightness: float
) -> np.ndarray:
    """The image with what around the seeds is ``brightness`` times as bright as usual, and what that encloses, made as
    bright as brain: the mask of the brain is made for images before contrast agent and would be carved around a lesion
    at its border."""
    near = distance(seeds, spacing, REACH)
    around = coarse[near < REACH]
    usual = np.median(around[around > 0.3 * np.percentile(around, 90)])
    bright = (coarse > brightness * usual) & (near < REACH)
    lesion = filled(connected(bright, ndimage.binary_dilation(seeds) & bright) | seeds)
    return np.where(ndimage.binary_dilation(lesion) & (coarse > usual) | lesion, usual, coarse)


def _closed(inside: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    pads = [(int(GAP / s) + 2,) * 2 for s in spacing]
    grown = distance(np.pad(inside, pads), spacing, GAP) <= GAP
    whole = depth(grown, spacing) > GAP
    return whole[tuple(slice(first, -last) for first, last in pads)] | inside


def _level(coarse: np.ndarray, inside: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """Smooth brightness of what is neither fluid nor enhancing."""
    relative = coarse / max(np.median(coarse[inside]), np.finfo(np.float32).tiny)
    level = np.ones(coarse.shape, np.float32)
    for dimmest, brightest in ((0.5, 1.5), (0.65, 1.3)):
        usual = inside & (relative > dimmest * level) & (relative < brightest * level)
        level = mean_around(relative, usual, COIL, spacing, float(relative[usual].mean()) if usual.any() else 1.0)
    return level * np.median(coarse[inside])


def mean_around(
    values: np.ndarray, chosen: np.ndarray, width: float, spacing: tuple[float, float, float], far: float
) -> np.ndarray:
    """The mean of ``values`` over the ``chosen`` voxels around each voxel, weighted by a Gaussian of ``width``
    millimetres; ``far`` where none is near."""
    sigma = [width / s if n > 1 else 0 for s, n in zip(spacing, chosen.shape, strict=True)]
    share = ndimage.gaussian_filter(chosen.astype(np.float32), sigma, truncate=2.5)
    total = ndimage.gaussian_filter(np.where(chosen, values, 0).astype(np.float32), sigma, truncate=2.5)
    return (total + np.float32(1e-4 * far)) / (share + np.float32(1e-4))
