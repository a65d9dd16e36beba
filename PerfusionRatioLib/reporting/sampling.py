"""Images at given places."""

import numpy as np
from scipy import ndimage

from ..series import Grid


def sampled_image(array: np.ndarray, grid: Grid, positions: np.ndarray) -> np.ndarray:
    """Values of an image at LPS positions (..., 3), linear between voxels; not-a-number outside its field of view.

    Voxels that are not numbers count as zero.
    """
    indices, inside = _indices(grid, positions)
    start, part = _around(array, indices)
    known = np.nan_to_num(part.astype(np.float32))
    values = ndimage.map_coordinates(known, (indices.T - start).T, order=1, mode="nearest", output=np.float32)
    return np.where(inside, values, np.float32(np.nan))


def sampled_map(array: np.ndarray, grid: Grid, positions: np.ndarray) -> np.ndarray:
    """Values of a map at LPS positions (..., 3), each that of the voxel it lies in: nothing is mixed with what has no
    answer. Not-a-number outside the map."""
    indices, inside = _indices(grid, positions)
    k, j, i = (np.clip(np.rint(axis).astype(int), 0, n - 1) for axis, n in zip(indices, array.shape, strict=True))
    return np.where(inside, array[k, j, i].astype(np.float32), np.float32(np.nan))


def sampled_share(mask: np.ndarray, grid: Grid, positions: np.ndarray, *, smooth: bool) -> np.ndarray:
    """How much of a mask there is at LPS positions (..., 3), from 0 to 1: linear between voxels when ``smooth``, else
    that of the voxel. Zero outside."""
    sample = sampled_image if smooth else sampled_map
    return np.nan_to_num(sample(mask, grid, positions))


def _indices(grid: Grid, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Continuous voxel indices (k, j, i) first, and whether each lies within the outer faces of the grid."""
    indices = np.moveaxis(grid.indices(positions)[..., ::-1], -1, 0)
    sizes = np.reshape(grid.shape, (3,) + (1,) * (indices.ndim - 1))
    return indices, np.all((indices >= -0.5) & (indices <= sizes - 0.5), axis=0)


def _around(array: np.ndarray, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The part of an array that values at ``indices`` (3, ...) rest on, and the index at which it begins."""
    flat, last = indices.reshape(3, -1), np.array(array.shape) - 1
    start = np.clip(np.floor(flat.min(axis=1)), 0, last).astype(int)
    stop = np.clip(np.ceil(flat.max(axis=1)), start, last).astype(int) + 1
    return start, array[tuple(map(slice, start, stop))]
