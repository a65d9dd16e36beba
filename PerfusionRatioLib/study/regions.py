"""Masks of lesions and of normal brain, drawn on one image or another of their visit."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ..reading import Placed, place_lesion, place_mask, read_volume
from ..series import Grid

IMAGES = {"t1": "post-contrast T1", "dce": "series"}
"""What the images are called in sentences."""


def read_region(path: Path, grids: Mapping[str, Grid], resample: bool = False) -> tuple[str, Placed]:
    """Read a mask of normal brain on whichever of ``grids`` it lies on.

    Args:
        path: of the mask.
        grids: of the images "t1" and "dce", the one to resample to first.
        resample: bring a mask that lies on none of them onto the first instead of refusing it.

    Returns:
        The name of the image, and the mask on its grid: bool shaped (k, j, i).

    Raises:
        InputError: it cannot be read, is empty, or lies on none of them.
    """
    name = _drawn_on(path, grids)
    return name, place_mask(path, grids[name], resample, "mask of normal brain", IMAGES[name])


def read_lesion(path: Path, grids: Mapping[str, Grid], resample: bool = False) -> tuple[str, Placed, np.ndarray | None]:
    """As ``read_region``, of a lesion; with its necrotic core, bool on the same grid, where the file tells it apart.

    Raises:
        InputError: as ``read_region``; or the file holds more than one lesion.
    """
    name = _drawn_on(path, grids)
    return name, *place_lesion(path, grids[name], resample, IMAGES[name])


def _drawn_on(path: Path, grids: Mapping[str, Grid]) -> str:
    grid = read_volume(path).grid
    return next((name for name, known in grids.items() if grid.matches(known)), next(iter(grids)))
