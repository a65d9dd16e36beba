"""Where to look at a lesion: one slice through both visits, whole and around the lesion."""

from dataclasses import dataclass

import numpy as np

from ..comparison.result import Comparison, LesionComparison, VisitResult
from ..rigid import moved
from ..series import Grid
from .plane import Plane, Window, axial_axes
from .sampling import sampled_image

MARGIN = 20.0
"""Millimetres of brain around a lesion."""
SMALLEST, LARGEST = 60.0, 150.0
"""Millimetres along a side of the part that is shown around a lesion."""
CLOSE_PIXELS, WHOLE_PIXELS = 300, 400
"""Pixels along the longer side."""
HEAD_LEVEL = 0.15
"""Of the brightest tissue: what is darker is air."""


@dataclass(frozen=True)
class VisitFrame:
    """How positions of the first visit's T1 are found at a visit: 4×4 matrices in LPS millimetres."""

    to_t1: np.ndarray
    to_series: np.ndarray


@dataclass(frozen=True)
class LesionView:
    """What is shown of a lesion, in the space of the T1 before radiosurgery.

    Attributes:
        plane: the slice.
        close: the part around the lesion.
        whole: the whole head.
        level: millimetres above (positive) the origin of the space, of the middle of the picture.
    """

    plane: Plane
    close: Window
    whole: Window
    level: float


def visit_frames(comparison: Comparison) -> dict[str, VisitFrame]:
    """By the name of the visit."""
    to_t1 = {"pre": np.eye(4), "follow_up": comparison.between.transform.matrix}
    return {
        visit.name: VisitFrame(to_t1[visit.name], np.linalg.inv(visit.alignment.transform.matrix) @ to_t1[visit.name])
        for visit in comparison.visits
    }


def view_of(comparison: Comparison, lesion: LesionComparison) -> LesionView:
    """The slice that shows most of ``lesion``: of both visits at once where it was marked at both."""
    grid = comparison.pre.t1.grid
    right, down, up = axial_axes(grid)
    found = _lesion_positions(comparison, lesion)
    everything = np.concatenate(list(found.values()))
    layer = _layer(grid, up)
    height = _height_of_largest(found, up, layer, comparison)
    centre = (everything.min(axis=0) + everything.max(axis=0)) / 2
    plane = Plane(centre + (height - centre @ up) * up, right, down)
    flat = plane.coordinates(everything)
    low, high = flat.min(axis=0), flat.max(axis=0)
    side = float(np.clip((high - low).max() + 2 * MARGIN, SMALLEST, LARGEST))
    close = Window.square((low + high) / 2, side, CLOSE_PIXELS)
    return LesionView(plane, close, _whole_head(comparison.pre, plane), float(plane.origin[2]))


def _lesion_positions(comparison: Comparison, lesion: LesionComparison) -> dict[str, np.ndarray]:
    """LPS positions (n, 3) of the lesion's voxels at each visit, in the space of the first visit's T1."""
    frames, found = visit_frames(comparison), {}
    for name, at_visit in lesion.visits:
        voxels = np.argwhere(at_visit.segmentation.mask)[:, ::-1]
        there = at_visit.segmentation.grid.positions(voxels)
        found[name] = moved(np.linalg.inv(frames[name].to_t1), there)
    return found


def _layer(grid: Grid, up: np.ndarray) -> float:
    """Millimetres between slices along ``up``."""
    along = np.abs(np.reshape(grid.direction, (3, 3)).T @ up)
    return float(grid.spacing[int(np.argmax(along))])


def _height_of_largest(found: dict[str, np.ndarray], up: np.ndarray, layer: float, comparison: Comparison) -> float:
    """Millimetres along ``up`` of the slice where the geometric mean of the areas at the visits is largest, or their
    sum where the lesion is in no slice at both."""
    zero = comparison.pre.t1.grid.origin @ up
    layers = {name: np.rint((positions @ up - zero) / layer).astype(int) for name, positions in found.items()}
    lowest = min(numbers.min() for numbers in layers.values())
    highest = max(numbers.max() for numbers in layers.values())
    counts = np.stack([np.bincount(numbers - lowest, minlength=highest - lowest + 1) for numbers in layers.values()])
    together = np.prod(counts.astype(float), axis=0)
    best = int(np.argmax(together if together.any() else counts.sum(axis=0)))
    return float(zero + (lowest + best) * layer)


def _whole_head(visit: VisitResult, plane: Plane) -> Window:
    """The rectangle that holds the head in this slice, a little air around it."""
    corners = plane.coordinates(visit.t1.grid.corners())
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    coarse = Window(float(left), float(top), float(right - left), float(bottom - top), 2.0)
    seen = np.nan_to_num(sampled_image(visit.t1.array, visit.t1.grid, coarse.positions(plane)))
    inside = seen > HEAD_LEVEL * np.percentile(seen, 99)
    rows = np.flatnonzero(inside.mean(axis=1) > 0.03)
    columns = np.flatnonzero(inside.mean(axis=0) > 0.03)
    if not (len(rows) and len(columns)):
        rows, columns = np.arange(coarse.shape[0]), np.arange(coarse.shape[1])
    x, width = coarse.x + 2 * columns[0] - 6, 2.0 * (columns[-1] - columns[0] + 1) + 12
    y, height = coarse.y + 2 * rows[0] - 6, 2.0 * (rows[-1] - rows[0] + 1) + 12
    return Window(float(x), float(y), width, height, max(width, height) / WHOLE_PIXELS)
