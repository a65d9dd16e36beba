"""A smaller copy of an image, for work that needs no fine voxels."""

import numpy as np

from ..series import Grid

FEW = 5
"""An axis of fewer voxels is never shrunk."""


def shrink(array: np.ndarray, grid: Grid, voxel: float) -> tuple[np.ndarray, Grid]:
    """Means over blocks of voxels that measure at most ``voxel`` millimetres, with the grid of the block centres.

    Voxels that are already larger stay as they are, as does an axis of fewer than five; an incomplete last block is
    left out.

    Args:
        array: shaped ``(k, j, i)``; not-a-number spreads to its block.
        grid: of ``array``.
        voxel: millimetres.
    """
    blocks = [max(1, int(voxel / s + 1e-6)) if n >= FEW else 1 for n, s in zip(grid.size, grid.spacing, strict=True)]
    if blocks == [1, 1, 1]:
        return array.astype(np.float32, copy=False), grid
    blocks = [min(b, n) for b, n in zip(blocks, grid.size, strict=True)]
    size = tuple(n // b for n, b in zip(grid.size, blocks, strict=True))
    (ni, nj, nk), (bi, bj, bk) = size, blocks
    means = array[: nk * bk, : nj * bj, : ni * bi].reshape(nk, bk, nj, bj, ni, bi).mean((1, 3, 5), dtype=np.float32)
    return means, Grid(
        size=size,
        spacing=tuple(s * b for s, b in zip(grid.spacing, blocks, strict=True)),
        origin=tuple(grid.positions([(b - 1) / 2 for b in blocks])),
        direction=grid.direction,
    )


def nearest_voxels(onto: Grid, grid: Grid) -> tuple[np.ndarray, ...]:
    """Open indices [k, j, i] of the voxels of a shrunk ``grid`` nearest to those of ``onto``, whose axes it shares."""
    start, end = grid.indices(onto.positions([[0, 0, 0], np.subtract(onto.size, 1)]))
    axes = [
        np.rint(np.linspace(a, b, n)).astype(int).clip(0, m - 1)
        for a, b, n, m in zip(start, end, onto.size, grid.size, strict=True)
    ]
    return np.ix_(*axes[::-1])
