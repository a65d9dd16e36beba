"""White matter that a reference may be made of, and the region grown from it."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from ..series import Grid, Volume
from .midsagittal import MidsagittalPlane
from .white_matter import WhiteMatter

REACHES = (45.0, 90.0)
"""Millimetres around the place wanted that are searched, the second when the first do not hold enough."""
INSIDE = 2.0
"""Millimetres under the surface of white matter from which it is taken."""
FROM_VESSEL, FROM_SURFACE, FROM_MIDDLE = 4.0, 9.0, 5.0
"""Millimetres kept from vessels, from the surface of the brain, and from its middle."""
RICH = 5.0
"""Standard deviation in millimetres of the ball in which white matter is weighed."""
WORTH = 40.0
"""Millimetres of distance that outweigh all of the white matter in that ball."""
WIDEST = 30.0
"""Largest radius of the region, millimetres."""


@dataclass(frozen=True)
class Candidates:
    """What is known of an image; ``within`` may be None, the rest is on the image's grid."""

    image: Volume
    brain: np.ndarray
    lesions: np.ndarray
    white: WhiteMatter
    within: np.ndarray | None
    margin: float

    def grown(self, target: np.ndarray, millilitres: float, plane: MidsagittalPlane | None, side: int) -> np.ndarray:
        """The region near LPS position ``target``, on ``side`` of the plane (1: left, -1: right), bool [k, j, i].

        It is as large as can be when that is less than ``millilitres``.
        """
        mask = np.zeros(self.image.grid.shape, bool)
        for reach in REACHES:
            box = self._box(target, reach)
            if any(part.start >= part.stop for part in box):
                continue
            grid = _part(self.image.grid, box)
            positions = _positions(grid)
            permitted = self._permitted(box)
            if plane is not None:
                permitted &= plane.distance(positions) * side > FROM_MIDDLE
            chosen = _ball(permitted, positions, grid, target, millilitres)
            if np.count_nonzero(chosen) * grid.voxel_volume >= 900 * millilitres or reach == REACHES[-1]:
                mask[box] = chosen
                break
        return mask

    def _box(self, target: np.ndarray, reach: float) -> tuple[slice, ...]:
        middle = self.image.grid.indices(target)
        half = reach / np.array(self.image.grid.spacing)
        low = np.clip(np.floor(middle - half), 0, self.image.grid.size).astype(int)
        high = np.clip(np.ceil(middle + half) + 1, 0, self.image.grid.size).astype(int)
        return tuple(slice(a, b) for a, b in zip(low[::-1], high[::-1], strict=True))

    def _permitted(self, box: tuple[slice, ...]) -> np.ndarray:
        """The voxels of the box that may be taken, by what is around them, in it or beside it."""
        wide = self._widened(box)
        grid = _part(self.image.grid, wide)
        spacing = grid.spacing[::-1]
        white, bright = self.white.drawn(self.white.relative(self.image.array[wide], grid), grid)
        permitted = _depth(white & self.brain[wide], spacing) >= INSIDE
        permitted &= _depth(self.brain[wide], spacing) > FROM_SURFACE
        permitted &= _depth(~bright, spacing) > FROM_VESSEL
        permitted &= _depth(~self.lesions[wide], spacing) > self.margin
        inner = tuple(slice(b.start - w.start, b.stop - w.start) for b, w in zip(box, wide, strict=True))
        return permitted[inner] if self.within is None else permitted[inner] & self.within[box]

    def _widened(self, box: tuple[slice, ...]) -> tuple[slice, ...]:
        """The box with as much around it as tells all distances that are kept."""
        kept = max(INSIDE, FROM_SURFACE, FROM_VESSEL, self.margin)
        pads = [int(np.ceil(kept / s)) + 1 for s in self.image.grid.spacing[::-1]]
        return tuple(
            slice(max(part.start - pad, 0), min(part.stop + pad, size))
            for part, pad, size in zip(box, pads, self.image.grid.shape, strict=True)
        )


def _ball(
    permitted: np.ndarray, positions: np.ndarray, grid: Grid, target: np.ndarray, millilitres: float
) -> np.ndarray:
    """The permitted voxels nearest to the best centre, as many as make up the volume."""
    chosen = np.zeros_like(permitted)
    if not permitted.any():
        return chosen
    width = [RICH / s for s in grid.spacing[::-1]]
    rich = ndimage.gaussian_filter(permitted.astype(np.float32), width, mode="constant", truncate=2.5)[permitted]
    places = positions[permitted]
    best = places[np.argmax(rich - np.linalg.norm(places - target, axis=1) / WORTH)]
    away = np.linalg.norm(places - best, axis=1)
    nearest = np.argsort(away, kind="stable")[: max(round(1000 * millilitres / grid.voxel_volume), 1)]
    taken = np.zeros(len(places), bool)
    taken[nearest[away[nearest] <= WIDEST]] = True
    chosen[permitted] = taken
    return chosen


def _part(grid: Grid, box: tuple[slice, ...]) -> Grid:
    first = [part.start for part in box[::-1]]
    return replace(
        grid, size=tuple(part.stop - part.start for part in box[::-1]), origin=tuple(grid.positions(first).tolist())
    )


def _positions(grid: Grid) -> np.ndarray:
    """LPS positions of all voxels, shaped (k, j, i, 3)."""
    k, j, i = np.meshgrid(*(np.arange(n) for n in grid.shape), indexing="ij")
    return grid.positions(np.stack([i, j, k], axis=-1))


def _depth(mask: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    """Millimetres from the voxels of ``mask`` to the nearest voxel outside; the border of the array is no outside."""
    if mask.all():
        return np.full(mask.shape, np.inf, np.float32)
    return ndimage.distance_transform_edt(mask, sampling=spacing).astype(np.float32)
