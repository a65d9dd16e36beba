"""Masks and images carried from one grid to another."""

import numpy as np
from scipy import ndimage

from ..errors import InputError
from ..rigid import Rigid
from ..series import Grid, Volume

FINENESS = 0.5
"""Distance of the sampling points relative to the finest spacing of the mask."""
MOST = 8
"""Points along each side of a voxel, at most."""


def carried_fraction(mask: np.ndarray, grid: Grid, onto: Grid, transform: Rigid | None = None) -> np.ndarray:
    """The share of each voxel of ``onto`` that lies inside ``mask``.

    Every voxel of ``onto`` is sampled at points on a regular lattice inside it, at most half a voxel of ``grid`` apart;
    a point is inside when the voxel of ``grid`` it falls into is. Volume is conserved to within sampling, and where
    both grids are the same the answer is the mask itself.

    Args:
        mask: bool [k, j, i] on ``grid``.
        grid: of ``mask``.
        onto: where it is wanted; nothing of it that ``mask`` does not reach is looked at.
        transform: takes LPS positions in the space of ``onto`` to those in the space of ``grid``; None: the same space.

    Returns:
        float32 [k, j, i] on ``onto``, from 0 to 1.

    Raises:
        InputError: ``mask`` is not on ``grid``.
    """
    _check(mask, grid)
    share = np.zeros(onto.shape, np.float32)
    box = _reached(mask, grid, onto, transform)
    if box is None:
        return share
    steps = [int(np.clip(np.ceil(s / (FINENESS * min(grid.spacing))), 2, MOST)) for s in onto.spacing]
    low, size = np.array([side.start for side in box[::-1]]), [side.stop - side.start for side in box[::-1]]
    fine = [
        first - 0.5 + (np.arange(n * count) + 0.5) / count
        for first, n, count in zip(low, size, steps, strict=True)
    ]  # fmt: skip
    inside = _sampled(mask, grid, onto, transform, fine)
    blocks = inside.reshape(size[2], steps[2], size[1], steps[1], size[0], steps[0])
    share[box] = blocks.mean(axis=(1, 3, 5), dtype=np.float32)
    return share


def inside_fraction(mask: np.ndarray, grid: Grid, onto: Grid, transform: Rigid | None = None) -> float:
    """Which share of ``mask`` lies within the field of view of ``onto``, from 0 to 1.

    Args:
        mask, grid, onto, transform: as for ``carried_fraction``.

    Raises:
        InputError: ``mask`` is not on ``grid``, or empty.
    """
    _check(mask, grid)
    voxels = np.argwhere(mask)[:, ::-1]
    if not len(voxels):
        raise InputError("The mask is empty, so no share of it can lie anywhere: give one that holds a voxel.")
    third = np.array([-1, 0, 1]) / 3
    corners = np.stack(np.meshgrid(third, third, third, indexing="ij"), axis=-1).reshape(-1, 1, 3)
    positions = grid.positions(voxels + corners)
    indices = onto.indices(positions if transform is None else transform.inverse.moved(positions))
    return float(np.mean(((indices >= -0.5) & (indices <= np.array(onto.size) - 0.5)).all(axis=-1)))


def carried_image(volume: Volume, onto: Grid, transform: Rigid | None = None) -> Volume:
    """``volume`` on another grid, interpolated linearly; not-a-number outside of its field of view.

    Args:
        volume: an image.
        onto: where it is wanted.
        transform: as for ``carried_fraction``.
    """
    matrix, start = _index_map(onto, volume.grid, transform)
    order = [2, 1, 0]
    array = ndimage.affine_transform(
        np.asarray(volume.array, np.float32), matrix[np.ix_(order, order)], start[order], onto.shape, order=1,
        mode="nearest", output=np.float32,
    )  # fmt: skip
    k, j, i = np.ogrid[tuple(slice(n) for n in onto.shape)]
    for row, first, n in zip(matrix, start, volume.grid.size, strict=True):
        index = row[0] * i + row[1] * j + row[2] * k + first
        array[(index < -0.5) | (index > n - 0.5)] = np.nan
    return Volume(array, onto, volume.acquisition, volume.source, volume.identity)


def _check(mask: np.ndarray, grid: Grid) -> None:
    if mask.shape != grid.shape:
        raise InputError(f"The mask is shaped {mask.shape} but its grid {grid.shape}; both must agree.")


def _index_map(onto: Grid, grid: Grid, transform: Rigid | None) -> tuple[np.ndarray, np.ndarray]:
    """The matrix and the offset that take indices (i, j, k) of ``onto`` to those of ``grid``."""
    steps = onto.positions(np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]))
    reached = grid.indices(steps if transform is None else transform.moved(steps))
    return (reached[1:] - reached[0]).T, reached[0]


def _reached(mask: np.ndarray, grid: Grid, onto: Grid, transform: Rigid | None) -> tuple[slice, ...] | None:
    """The box [k, j, i] of ``onto`` around all voxels that ``mask`` may touch; None when there are none."""
    found = ndimage.find_objects(mask.astype(bool).astype(np.int8))
    if not found:
        return None
    ends = [(side.start - 0.5, side.stop - 0.5) for side in found[0][::-1]]
    corners = grid.positions(np.array([[i, j, k] for i in ends[0] for j in ends[1] for k in ends[2]]))
    indices = onto.indices(corners if transform is None else transform.inverse.moved(corners))
    low = np.maximum(np.floor(indices.min(axis=0) - 0.5), 0).astype(int)
    high = np.minimum(np.ceil(indices.max(axis=0) + 0.5) + 1, onto.size).astype(int)
    return tuple(slice(a, b) for a, b in zip(low[::-1], high[::-1], strict=True)) if (low < high).all() else None


def _sampled(mask: np.ndarray, grid: Grid, onto: Grid, transform: Rigid | None, fine: list[np.ndarray]) -> np.ndarray:
    """``mask`` at every combination of indices ``fine`` along (i, j, k) of ``onto``, bool, shaped (k, j, i)."""
    matrix, start = _index_map(onto, grid, transform)
    i, j, k = fine[0][None, None, :], fine[1][None, :, None], fine[2][:, None, None]
    inside = np.ones((len(fine[2]), len(fine[1]), len(fine[0])), bool)
    nearest = []
    for row, first, n in zip(matrix, start, grid.size, strict=True):
        # the trifle breaks ties on faces the same way for every voxel
        index = np.floor(row[0] * i + row[1] * j + row[2] * k + (first + 0.5 + 1e-6)).astype(np.int32)
        inside &= (index >= 0) & (index < n)
        nearest.append(np.clip(index, 0, n - 1))
    return inside & mask[tuple(nearest[::-1])].astype(bool)
