"""Masks and images carried from one grid to another."""

import numpy as np
from scipy import ndimage

from ..errors import InputError
from ..rigid import Rigid
from ..series import Grid, Volume

DENSITY, FEWEST, MOST = 12, 64, 512
"""Sampling points in the volume of a voxel of the mask; at least and at most so many in a voxel of the other grid."""
CHUNK = 4096
"""Voxels sampled at once."""
EVENLY = 1.2207440846057596 ** -np.arange(1.0, 4.0)
"""Multiples of these, less their whole parts, fill the unit cube evenly (the powers of the root of x⁴ = x + 1)."""

SHIFTS = np.sqrt([[2.0, 3.0, 5.0], [7.0, 11.0, 13.0], [17.0, 19.0, 23.0]])
"""How the points shift from voxel to voxel along i, j, k: irrational, so never in step."""


def carried_fraction(mask: np.ndarray, grid: Grid, onto: Grid, transform: Rigid | None = None) -> np.ndarray:
    """The share of each voxel of ``onto`` that lies inside ``mask``.

    Voxels of ``onto`` at the border of the mask are sampled at points spread evenly inside them, otherwise in each; a
    point is inside when the voxel of ``grid`` it falls into is. Volume is conserved to within sampling (well within 1%
    for lesions), and where both grids are the same the answer is the mask itself.

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
    voxels = np.stack(np.meshgrid(*(np.arange(side.start, side.stop) for side in box), indexing="ij"), axis=-1)[
        ..., ::-1
    ]
    inner, outer = _certain(mask, grid, onto, transform, voxels)
    share[box][inner] = 1
    count = int(np.clip(DENSITY * onto.voxel_volume / grid.voxel_volume, FEWEST, MOST))
    border = voxels[~inner & ~outer]
    for start in range(0, len(border), CHUNK):
        some = border[start : start + CHUNK]
        i, j, k = some.T
        share[k, j, i] = _looked_up(mask, grid, onto, transform, _points(some, count)).mean(axis=1)
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
    array[~in_field(onto, volume.grid, transform)] = np.nan
    return Volume(array, onto, volume.acquisition, volume.source, volume.identity)


def in_field(onto: Grid, grid: Grid, transform: Rigid | None = None) -> np.ndarray:
    """Which voxels of ``onto`` have their centre in the field of view of ``grid``, bool [k, j, i] on ``onto``.

    Args:
        onto, grid, transform: as for ``carried_fraction``.
    """
    matrix, start = _index_map(onto, grid, transform)
    k, j, i = np.ogrid[tuple(slice(n) for n in onto.shape)]
    inside = np.ones(onto.shape, bool)
    for row, first, n in zip(matrix, start, grid.size, strict=True):
        index = row[0] * i + row[1] * j + (row[2] * k + first)
        inside &= (index >= -0.5) & (index <= n - 0.5)
    return inside


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


def _certain(
    mask: np.ndarray, grid: Grid, onto: Grid, transform: Rigid | None, voxels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Which ``voxels`` of ``onto`` are sure to lie wholly inside the mask, and which wholly outside."""
    matrix, _ = _index_map(onto, grid, transform)
    reach = np.ceil(np.abs(matrix).sum(axis=1) / 2).astype(int)
    size = tuple(2 * reach[::-1] + 1)
    (tight,) = ndimage.find_objects(mask.astype(bool).astype(np.int8))
    around = tuple(slice(max(s.start - r - 1, 0), s.stop + r + 1) for s, r in zip(tight, reach[::-1], strict=True))
    part = mask[around].astype(bool)
    least, most = np.zeros(mask.shape, bool), np.zeros(mask.shape, bool)
    least[around] = ndimage.minimum_filter(part, size, mode="constant", cval=0)
    most[around] = ndimage.maximum_filter(part, size, mode="constant", cval=0)
    inner = _looked_up(least, grid, onto, transform, voxels)
    # beyond the image the filter knows nothing of what is near, so only voxels that look into it are certain
    seen = _looked_up(np.ones(mask.shape, bool), grid, onto, transform, voxels)
    return inner, seen & ~_looked_up(most, grid, onto, transform, voxels)


def _points(voxels: np.ndarray, count: int) -> np.ndarray:
    """Indices (n, count, 3) of points inside voxels (n, 3), the same pattern shifted round differently in each."""
    pattern = np.arange(count)[:, None] * EVENLY
    shift = (voxels @ SHIFTS) % 1
    # a hair's breadth inside the faces, where rounding cannot move a point into the next voxel
    return voxels[:, None, :] + 0.9999 * ((pattern + shift[:, None, :]) % 1 - 0.5)


def _looked_up(mask: np.ndarray, grid: Grid, onto: Grid, transform: Rigid | None, indices: np.ndarray) -> np.ndarray:
    """``mask`` at indices (..., 3) of ``onto``, False outside of it."""
    matrix, start = _index_map(onto, grid, transform)
    nearest = np.floor(indices @ matrix.T + (start + 0.5)).astype(np.int32)
    inside = ((nearest >= 0) & (nearest < grid.size)).all(axis=-1)
    i, j, k = np.moveaxis(np.where(inside[..., None], nearest, 0), -1, 0)
    return inside & mask[k, j, i].astype(bool)
