"""Shapes of masks: depth, holes, and the body around a place without what hangs on to it."""

import numpy as np
from scipy import ndimage

Spacing = tuple[float, float, float]
"""Millimetres along (k, j, i)."""


def depth(mask: np.ndarray, spacing: Spacing) -> np.ndarray:
    """Millimetres from the voxels of ``mask`` to the nearest voxel outside; the border of the array is no outside."""
    result = np.zeros(mask.shape, np.float32)
    if mask.all():
        result[:] = np.inf
    elif mask.any():
        box = box_around(mask, 1)
        result[box] = ndimage.distance_transform_edt(mask[box], sampling=spacing)
    return result


def distance(mask: np.ndarray, spacing: Spacing, within: float) -> np.ndarray:
    """Millimetres from every voxel to the nearest voxel of ``mask``; infinite where it is far beyond ``within``."""
    result = np.full(mask.shape, np.inf, np.float32)
    if mask.any():
        box = box_around(mask, [int(within / s) + 1 for s in spacing])
        result[box] = ndimage.distance_transform_edt(~mask[box], sampling=spacing)
    return result


def box_around(mask: np.ndarray, margins: int | list[int]) -> tuple[slice, slice, slice]:
    """The box of ``mask``, which holds something, with margins in voxels as far as the array goes."""
    margins = np.broadcast_to(margins, 3)
    extents = (np.flatnonzero(mask.any(axis=tuple({0, 1, 2} - {axis}))) for axis in range(3))
    return tuple(slice(max(int(n[0] - m), 0), int(n[-1] + m + 1)) for n, m in zip(extents, margins, strict=True))


def connected(mask: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The parts of ``mask``, connected through faces, that hold any of ``places`` (bool, of the same shape)."""
    labels, count = ndimage.label(mask)
    wanted = np.zeros(count + 1, bool)
    wanted[labels[places]] = True
    wanted[0] = False
    return wanted[labels]


def filled(mask: np.ndarray) -> np.ndarray:
    """``mask`` with its holes: those that are closed, and what ``mask`` surrounds in most directions, so that a rim may
    have gaps. The border of the array closes nothing."""
    covered = mask | (_directions_covered(mask) >= MOST)
    return covered | _closed_in(covered)


DIRECTIONS = [d for d in np.ndindex(3, 3, 3) if d != (1, 1, 1)]
"""The 26 directions to the neighbours of a voxel, each counted from 0 to 2."""
MOST = 18
"""Directions of 26 in which a voxel must see a rim to lie in it."""


def _closed_in(mask: np.ndarray) -> np.ndarray:
    """Where the outside of ``mask`` is cut off from the border of the array."""
    labels, count = ndimage.label(~mask)
    closed = np.ones(count + 1, bool)
    closed[0] = False
    for axis in range(3):
        for end in (0, -1):
            closed[labels.take(end, axis)] = False
    return closed[labels]


def _directions_covered(mask: np.ndarray) -> np.ndarray:
    """In how many of the 26 directions there is some of ``mask``."""
    count = np.zeros(mask.shape, np.uint8)
    if not mask.any():
        return count
    box = box_around(mask, 0)
    inner = mask[box]
    seen_in = np.zeros(inner.shape, np.uint8)
    for direction in DIRECTIONS:
        # one slice after the other: a voxel sees what its next voxel is or sees
        axis = next(a for a in range(3) if direction[a] != 1)
        seen = np.moveaxis(inner, axis, 0).copy()
        steps = [d - 1 for d in direction]
        first = steps.pop(axis)
        order = range(len(seen) - 2, -1, -1) if first > 0 else range(1, len(seen))
        for n in order:
            seen[n] |= _shifted(seen[n + first], steps)
        seen_in += np.moveaxis(seen, 0, axis)
    count[box] = seen_in
    return count


def _shifted(section: np.ndarray, steps: list[int]) -> np.ndarray:
    result = np.zeros_like(section)
    to = tuple(slice(max(-s, 0), n + min(-s, 0)) for s, n in zip(steps, section.shape, strict=True))
    of = tuple(slice(max(s, 0), n + min(s, 0)) for s, n in zip(steps, section.shape, strict=True))
    result[to] = section[of]
    return result


def middles(depths: np.ndarray, places: np.ndarray, spacing: Spacing) -> np.ndarray:
    """Where one arrives when one climbs ``depths`` from ``places`` (bool), of which a hundred are enough."""
    result = np.zeros(places.shape, bool)
    starts = np.argwhere(places)
    steps = [max(1, int(SIGHT / s)) for s in spacing]
    for place in starts[:: len(starts) // 100 + 1]:
        result[_climbed(depths, tuple(place), steps)] = True
    return result


SIGHT = 3.0
"""Millimetres around a place in which one looks for a deeper one."""


def _climbed(depths: np.ndarray, place: tuple[int, int, int], steps: list[int]) -> tuple[int, int, int]:
    while True:
        box = tuple(slice(max(n - step, 0), n + step + 1) for n, step in zip(place, steps, strict=True))
        best = np.unravel_index(depths[box].argmax(), depths[box].shape)
        there = tuple(int(part.start + n) for part, n in zip(box, best, strict=True))
        if not depths[there] > depths[place]:
            return place
        place = there


def body(
    mask: np.ndarray, places: np.ndarray, foreign: np.ndarray, spacing: Spacing, share: float, widest: float
) -> np.ndarray:
    """The bodies of ``mask`` in which ``places`` lie, without thin things that hang on to them and go on.

    A body is what balls can reach from its middle without leaving it (an opening by reconstruction); their radius is
    ``share`` of the largest ball around the middle. What the balls cannot reach belongs to the body when it ends soon,
    as a lobe or a corner does; a vessel or the dura goes on.

    Args:
        mask: bool.
        places: bool, inside ``mask``.
        foreign: bool, outside ``mask``; what touches it and is not reached by the balls belongs to it.
        spacing: millimetres along (k, j, i).
        share: of the largest ball's radius.
        widest: largest radius of the balls, millimetres.
    """
    depths = depth(mask, spacing)
    around = middles(depths, places, spacing)
    radius = min(widest, share * float(depths[around].min()))
    if radius <= max(SMALLEST_BALL, min(spacing)):
        return connected(mask, places)
    centres = connected(depths > radius, around)
    opened = distance(centres, spacing, radius) <= radius
    away = distance(opened, spacing, max(STUB, LOBE * radius))
    rest = mask & ~opened
    labels, count = ndimage.label(rest, np.ones((3, 3, 3)))
    length = ndimage.maximum(away, labels, np.arange(1, count + 1)) if count else np.zeros(0)
    ends = np.concatenate([[False], np.asarray(length) <= LOBE * radius])
    ends[labels[ndimage.binary_dilation(foreign)]] = False
    near = rest & (away <= STUB)
    return connected(opened | ends[labels] | near | places, around | places)


SMALLEST_BALL = 1.5
"""Millimetres; a thinner body is a piece of a rim, of which balls would leave nothing."""
LOBE = 1.0
"""Of the balls' radius: how far a lobe may reach out of a body."""
STUB = 1.0
"""Millimetres of anything else that stay with a body, as its rough surface."""
