"""The signal of the digital head on the grid of its own anatomy, and how any other grid sees what lies there.

The signal of a voxel is linear in its tissue fractions, so making it where the anatomy lives and resampling one image
says the same as resampling every tissue, for a fraction of the work.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..rigid import moved
from ..series import Grid
from .head_phantom import HeadPhantom
from .tissue_curves import TissueCurves, tissue_curves
from .tissues import Label

GAIN = 20000.0
"""Signal of fully recovered water, so that a series fits 16-bit integers as a scanner's does."""

FINEST = 0.7
"""Size of a scanner's voxel, relative to one of the anatomy, down to which the B-spline is used."""

BLOCK = 1 << 16
"""Voxels of a tissue that are worked on at once: the work arrays stay in the cache."""


@dataclass(frozen=True)
class Sequence:
    """A spoiled gradient echo: TR in seconds, flip angle in degrees, and the excess signal of inflowing blood.

    ``inflow`` is relative, largest at the bottom of the slab, and gone 50 mm above it.
    """

    repetition_time: float = 0.005
    flip_angle: float = 15.0
    inflow: float = 0.0


@dataclass(frozen=True)
class _Entry:
    """The voxels of one tissue: flat index, magnetisation, and what its signal depends on, each (n,)."""

    voxels: np.ndarray
    magnetisation: np.ndarray
    height: np.ndarray | None
    r10: np.ndarray
    ktrans: np.ndarray
    vp: np.ndarray
    delay: np.ndarray | np.float32
    curves: TissueCurves


class HeadSignal:
    """The signal of a head on a part of its own grid.

    Args:
        phantom: the head.
        box: the part [k, j, i] of the anatomy's grid.
        duration: seconds from the first frame for which it may be asked.
        bottom: S position in the head where the slab begins and fresh blood flows in, millimetres.
    """

    def __init__(self, phantom: HeadPhantom, box: tuple[slice, slice, slice], duration: float, bottom: float):
        self._relaxivity = np.float32(phantom.relaxivity)
        self._entries = []
        own = phantom.anatomy.grid
        self.grid = part_of(own, box)
        target = np.full(own.shape, -1, np.int32)
        target[box] = np.arange(np.prod(self.grid.shape), dtype=np.int32).reshape(self.grid.shape)
        for tissue, everywhere in zip(phantom.tissues, phantom.tissue_voxels, strict=True):
            voxels = target.ravel()[everywhere.voxels]
            here = np.flatnonzero(voxels >= 0)
            delay = everywhere.delay[here] if np.ndim(everywhere.delay) else everywhere.delay
            self._entries.append(
                _Entry(
                    voxels=voxels[here],
                    magnetisation=np.float32(GAIN * tissue.proton_density) * everywhere.fraction[here],
                    height=everywhere.height[here] - np.float32(bottom) if tissue.label == Label.ARTERY else None,
                    r10=1 / everywhere.t10[here],
                    ktrans=everywhere.ktrans[here],
                    vp=everywhere.vp[here],
                    delay=delay,
                    curves=tissue_curves(tissue, phantom.bolus, duration),
                )
            )

    def at(self, time: float, sequence: Sequence) -> np.ndarray:
        """The signal without noise at ``time`` in seconds, float32 [k, j, i]: the sum over the tissues in a voxel.

        S = M0 sin(α) (1 - E1) / (1 - cos(α) E1), E1 = exp(-TR (1/T10 + r1 C)).
        """
        total = np.zeros(self.grid.shape, np.float32)
        angle = np.deg2rad(sequence.flip_angle)
        sine, cosine = np.float32(np.sin(angle)), np.float32(np.cos(angle))
        for entry in self._entries:
            for start in range(0, len(entry.voxels), BLOCK):
                now = slice(start, start + BLOCK)
                delay = entry.delay[now] if np.ndim(entry.delay) else entry.delay
                concentration = entry.curves.concentration(time - delay, entry.ktrans[now], entry.vp[now])
                e1 = np.exp(np.float32(-sequence.repetition_time) * (entry.r10[now] + self._relaxivity * concentration))
                signal = entry.magnetisation[now] * sine * (1 - e1) / (1 - cosine * e1)
                if sequence.inflow and entry.height is not None:
                    signal *= 1 + np.float32(sequence.inflow) * np.clip(1 - entry.height[now] / 50, 0, 1)
                total.ravel()[entry.voxels[now]] += signal
        return total


def part_of(grid: Grid, box: tuple[slice, slice, slice]) -> Grid:
    """The grid of ``array[box]`` for an array [k, j, i] on ``grid``; slices with a start and a stop within it."""
    size = tuple(side.stop - side.start for side in box[::-1])
    return Grid(size, grid.spacing, tuple(grid.positions([side.start for side in box[::-1]])), grid.direction)


def box_around(grid: Grid, points: np.ndarray, margin: float = 0.0) -> tuple[slice, slice, slice]:
    """The part [k, j, i] of a grid along L, P, S that holds points with a margin in millimetres; two voxels or more
    along each axis."""
    low = np.floor(grid.indices(points.min(axis=0) - margin)).astype(int).clip(0, np.array(grid.size) - 2)
    high = np.ceil(grid.indices(points.max(axis=0) + margin)).astype(int).clip(low + 1, np.array(grid.size) - 1) + 1
    return tuple(slice(int(a), int(b)) for a, b in zip(low[::-1], high[::-1], strict=True))


def seen_through(grid: Grid, array: np.ndarray, own: Grid, *poses: np.ndarray) -> np.ndarray:
    """Means over the voxels of ``grid`` of what lies on the head's ``own`` grid, 0 beside it, float32 [k, j, i].

    What lies between the voxels of the head is a quadratic B-spline of them: its blur is the same wherever a voxel of
    ``grid`` falls between them, so that a head that moves is not seen more or less sharply on its way. Where ``grid``
    is much finer than they are, as that of a single image may be, straight lines between them keep it sharper.

    Args:
        grid: LPS scanner millimetres.
        array: float32 [k, j, i] on ``own``.
        own: LPS millimetres of the head.
        poses: 4×4 matrices from the head to the scanner; of several, the mean is seen.
    """
    blurred = ndimage.gaussian_filter(array, partial_volume_blur(np.linalg.inv(poses[0]), grid, own), truncate=2.5)
    steps = np.array([[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]])  # (i, j, k): the first voxel, then one on in k, j, i
    total = np.zeros(grid.shape, np.float32)
    for pose in poses:
        reached = own.indices(moved(np.linalg.inv(pose), grid.positions(steps)))[:, ::-1]
        total += ndimage.affine_transform(
            blurred,
            (reached[1:] - reached[0]).T,
            reached[0],
            output_shape=grid.shape,
            output=np.float32,
            order=_spline_order(grid, own),
            mode="constant",
            prefilter=False,
        )
    return total / np.float32(len(poses)) if len(poses) > 1 else total


def _spline_order(grid: Grid, own: Grid) -> int:
    return 2 if min(grid.spacing) >= FINEST * min(own.spacing) else 1


def partial_volume_blur(into_head: np.ndarray, grid: Grid, own: Grid) -> tuple[float, ...]:
    """Standard deviations (k, j, i), in voxels of the anatomy, that make its values means over a scanner voxel.

    A box of width w has variance w²/12; the soft borders of the anatomy already bring a twelfth of the square of its
    own spacing, and the B-spline between its voxels a quarter; straight lines bring a sixth on average.

    Args:
        into_head: 4×4 matrix from the scanner to patient space.
        grid: the scanner's voxels.
        own: the anatomy's.
    """
    turned = into_head[:3, :3] @ np.reshape(grid.direction, (3, 3)) * np.asarray(grid.spacing)
    spacing = np.asarray(own.spacing)
    between = {1: 1 / 6, 2: 1 / 4}[_spline_order(grid, own)]
    variance = (turned**2).sum(axis=1) / 12 - spacing**2 * (1 / 12 + between)
    return tuple((np.sqrt(np.maximum(variance, 0)) / spacing)[::-1])
