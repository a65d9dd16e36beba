"""How large a lesion is: volumes, and the diameters of RANO-BM."""

from dataclasses import dataclass

import numpy as np

from ..series import Grid
from .lesion import LesionSegmentation

THICK = 1.5
"""How many times the other spacings make an axis that of the slices, however they lie in the patient."""
FINE = 0.25
"""Pixels between the lines along which the perpendicular diameter is sought."""


@dataclass(frozen=True)
class LesionSize:
    """The size of a lesion.

    Attributes:
        volume_ml: of the entire lesion, its core included.
        enhancing_ml, core_ml: of its parts.
        longest_diameter_mm: the longest diameter in any slice.
        perpendicular_diameter_mm: the longest one perpendicular to it, in the same slice.
        slice_index: of that slice, along ``slice_axis``; -1 when the lesion is empty.
        slice_axis: the array axis the slices are stacked along: 0 for k, 1 for j, 2 for i.
        voxels: of the entire lesion.
    """

    volume_ml: float
    enhancing_ml: float
    core_ml: float
    longest_diameter_mm: float
    perpendicular_diameter_mm: float
    slice_index: int
    slice_axis: int
    voxels: int


def measure_lesion(segmentation: LesionSegmentation) -> LesionSize:
    """Volumes by counting voxels, and the diameters of RANO-BM (Lin et al. 2015, Lancet Oncol 16:e270): the longest one
    in an axial slice (in the plane of acquisition when the slices are thick) and the largest one perpendicular to it
    there. A necrotic core belongs to the lesion.
    """
    grid, mask = segmentation.grid, segmentation.mask
    millilitre = grid.voxel_volume / 1000
    voxels, core = int(np.count_nonzero(mask)), int(np.count_nonzero(segmentation.core & mask))
    axis = slice_axis(grid)
    longest, across, where = 0.0, 0.0, -1
    spacing = np.delete(grid.spacing[::-1], axis)
    sections = np.moveaxis(mask, axis, 0)
    for index in np.flatnonzero(sections.any(axis=(1, 2))):
        diameter, direction = _longest(sections[index], spacing)
        if diameter > longest:
            longest, where = diameter, int(index)
            across = _perpendicular(sections[index], spacing, direction)
    return LesionSize(
        volume_ml=voxels * millilitre,
        enhancing_ml=(voxels - core) * millilitre,
        core_ml=core * millilitre,
        longest_diameter_mm=longest,
        perpendicular_diameter_mm=across,
        slice_index=where,
        slice_axis=axis,
        voxels=voxels,
    )


def slice_axis(grid: Grid) -> int:
    """The array axis the slices are stacked along: the one of clearly the largest spacing, else that nearest to the
    axis from feet to head."""
    spacing = np.array(grid.spacing[::-1])
    thickest = int(spacing.argmax())
    if spacing[thickest] > THICK * np.delete(spacing, thickest).max():
        return thickest
    upwards = np.abs(np.reshape(grid.direction, (3, 3))[2])
    return 2 - int(upwards.argmax())


def _longest(section: np.ndarray, spacing: np.ndarray) -> tuple[float, np.ndarray]:
    """The longest distance between points of the outline, and its direction; the outline runs through the middles of
    the outer edges of pixels."""
    rows, columns = np.nonzero(section)
    half = np.array([(0.5, 0), (-0.5, 0), (0, 0.5), (0, -0.5)])
    points = (np.stack([rows, columns], axis=1)[:, None] + half).reshape(-1, 2) * spacing
    points = _extreme(points)
    apart = points[:, None] - points[None]
    lengths = np.sqrt((apart**2).sum(axis=-1))
    best = np.unravel_index(lengths.argmax(), lengths.shape)
    return float(lengths[best]), apart[best] / lengths[best]


def _extreme(points: np.ndarray) -> np.ndarray:
    """The corners of the convex hull."""
    from scipy.spatial import ConvexHull

    return points[ConvexHull(points).vertices]


def _perpendicular(section: np.ndarray, spacing: np.ndarray, direction: np.ndarray) -> float:
    """The longest line in a section from edge to edge that is perpendicular to ``direction``."""
    across = np.array([-direction[1], direction[0]])
    places = np.argwhere(section) * spacing
    step = FINE * float(spacing.min())
    along_range = _steps(places @ direction, step, float(spacing.max()))
    across_range = _steps(places @ across, step, float(spacing.max()))
    lattice = along_range[:, None, None] * direction + across_range[None, :, None] * across
    pixels = np.rint(lattice / spacing).astype(int)
    within = np.all((pixels >= 0) & (pixels < section.shape), axis=-1)
    row, column = np.clip(pixels, 0, np.array(section.shape) - 1).transpose(2, 0, 1)
    inside = section[row, column] & within
    ends = (len(across_range) - inside[:, ::-1].argmax(axis=1)) - inside.argmax(axis=1)
    return float(np.where(inside.any(axis=1), ends, 0).max() * step)


def _steps(values: np.ndarray, step: float, margin: float) -> np.ndarray:
    return np.arange(values.min() - margin, values.max() + margin + step, step)
