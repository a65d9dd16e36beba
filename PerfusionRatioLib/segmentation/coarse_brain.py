"""The brain to within a few millimetres, in little time."""

import numpy as np

from ..errors import NoAnswerError
from ..series import Grid, Volume
from .brain_mask import find_brain
from .shrink import shrink

VOXEL = 4.0
"""Millimetres; the image is worked on in blocks up to this size."""


def coarse_brain(image: Volume) -> np.ndarray | None:
    """The inside of the skull, bool [k, j, i] on the grid of ``image``; None where no brain is found."""
    small, grid = shrink(image.array, image.grid, VOXEL)
    try:
        brain = find_brain(small, grid)
    except NoAnswerError:
        return None
    return brain[_nearest(image.grid, grid)]


def _nearest(onto: Grid, grid: Grid) -> tuple[np.ndarray, ...]:
    """Open indices [k, j, i] of the voxels of a shrunk ``grid`` nearest to those of ``onto``, whose axes it shares."""
    start, end = grid.indices(onto.positions([[0, 0, 0], np.subtract(onto.size, 1)]))
    axes = [
        np.rint(np.linspace(a, b, n)).astype(int).clip(0, m - 1)
        for a, b, n, m in zip(start, end, onto.size, grid.size, strict=True)
    ]
    return np.ix_(*axes[::-1])
