"""The brain to within a few millimetres, in little time."""

import numpy as np

from ..errors import NoAnswerError
from ..series import Volume
from .brain_mask import find_brain
from .shrink import nearest_voxels, shrink

VOXEL = 4.0
"""Millimetres; the image is worked on in blocks up to this size."""


def coarse_brain(image: Volume) -> np.ndarray | None:
    """The inside of the skull, bool [k, j, i] on the grid of ``image``; None where no brain is found."""
    small, grid = shrink(image.array, image.grid, VOXEL)
    try:
        brain = find_brain(small, grid)
    except NoAnswerError:
        return None
    return brain[nearest_voxels(image.grid, grid)]
