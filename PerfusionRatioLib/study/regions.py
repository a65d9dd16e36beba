"""Masks of lesions and of normal brain, drawn on one image or another of their visit."""

from collections.abc import Mapping
from pathlib import Path

from ..reading import Placed, place_mask, read_volume
from ..series import Grid


def read_region(path: Path, grids: Mapping[str, Grid], resample: bool = False) -> tuple[str, Placed]:
    """Read a mask on whichever of ``grids`` it lies on.

    Args:
        path: of the mask.
        grids: by the name of the image, the one to resample to first.
        resample: bring a mask that lies on none of them onto the first instead of refusing it.

    Returns:
        The name of the grid, and the mask on it: bool shaped (k, j, i).

    Raises:
        InputError: it cannot be read, is empty, or lies on none of them.
    """
    grid = read_volume(path).grid
    name = next((name for name, known in grids.items() if grid.matches(known)), next(iter(grids)))
    return name, place_mask(path, grids[name], resample)
