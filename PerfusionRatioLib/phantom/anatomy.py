"""The anatomy of the digital head: how much of each tissue there is at each place.

Grey matter, white matter and CSF come from the MNI152 template (template.py); skull and scalp are laid around it at
given distances, with orbits, air spaces, muscles and a neck where they are in a person; arteries and venous sinuses are
tubes (vessels.py). Patient space is MNI space in LPS: x to the left, y backwards, z up, origin at the anterior
commissure.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import ndimage

from ..series import Grid
from .template import load_template
from .vessels import VESSELS, Vessel, inside

BOX = ((-98.0, -104.0, -112.0), (98.0, 122.0, 104.0))
"""The corners of the head in patient space, LPS millimetres."""


@dataclass(frozen=True)
class Anatomy:
    """Tissue fractions on a grid in patient space.

    Attributes:
        grid: along L, P, S.
        fractions: float32 array [k, j, i] by tissue name; at each voxel their sum is 1 in the head, less where air is.
        intracranial: float32 [k, j, i], 1 inside the skull, 0 outside.
    """

    grid: Grid
    fractions: dict[str, np.ndarray]
    intracranial: np.ndarray


@lru_cache(maxsize=2)
def normal_anatomy(spacing: float = 2.0) -> Anatomy:
    """The head without lesions on a grid of ``spacing`` millimetres; the arrays are shared: do not write to them."""
    grid = head_grid(spacing)
    x, y, z = mni_axes(grid)
    shape = grid.shape
    mesh = np.broadcast_arrays(x[None, None, :], y[None, :, None], z[:, None, None])
    t1, grey, white = load_template().sampled(*mesh)
    brain = np.clip((t1 - 0.04) / 0.10, 0, 1)
    distance = surface_distance(brain, spacing)
    soft = spacing

    def beyond(limit: float) -> np.ndarray:
        return np.clip((distance - limit) / soft + 0.5, 0, 1)

    intracranial = 1 - beyond(2.0)
    head = 1 - beyond(15.0)
    skull_outer = 1 - beyond(8.0)
    marrow = beyond(4.2) * (1 - beyond(6.8))
    fractions = {}
    total = np.maximum(grey + white, 1e-6)
    grey, white = sharpened(grey, total), sharpened(white, total)
    fractions["csf"] = intracranial * np.clip(1 - grey - white, 0, 1)
    fractions["grey"], fractions["white"] = intracranial * grey, intracranial * white
    bone = skull_outer - intracranial
    fractions["marrow"] = marrow * bone
    fractions["bone"] = bone - fractions["marrow"]
    fractions["fat"] = head - skull_outer
    points = np.stack([axis.ravel() for axis in mesh], axis=1)
    artery = inside(VESSELS, points, soft).reshape(shape) * (distance < 12)
    sinus = inside(sinuses(distance, grid), points, soft).reshape(shape) * (1 - artery)
    for name in fractions:
        fractions[name] = np.float32(fractions[name] * (1 - artery - sinus))
    fractions["artery"], fractions["sinus"] = np.float32(artery), np.float32(sinus)
    return Anatomy(grid, fractions, np.float32(np.maximum(intracranial, sinus)))


def sharpened(fraction: np.ndarray, total: np.ndarray) -> np.ndarray:
    """A person's tissue border out of the average of 152: the probability through a steeper curve."""
    return np.minimum(total, 1.0) * fraction / total


def head_grid(spacing: float) -> Grid:
    """The grid that holds the head at ``spacing`` millimetres."""
    size = tuple(int(np.ceil((stop - start) / spacing)) + 1 for start, stop in zip(*BOX))
    return Grid(size=size, spacing=(spacing,) * 3, origin=BOX[0])


def mni_axes(grid: Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The MNI (RAS) coordinates along i, j and k of a grid in patient space."""
    i, j, k = (o + s * np.arange(n) for o, s, n in zip(grid.origin, grid.spacing, grid.size))
    return -i, -j, k


def surface_distance(brain: np.ndarray, spacing: float) -> np.ndarray:
    """Millimetres to the smooth envelope of the brain, sulci closed over: positive outside, negative inside."""
    envelope = ndimage.gaussian_filter(np.float32(brain), 4.0 / spacing) > 0.4
    envelope |= brain > 0.5
    outside = ndimage.distance_transform_edt(~envelope)
    within = ndimage.distance_transform_edt(envelope)
    distance = np.where(envelope, 0.5 - within, outside - 0.5) * spacing
    return ndimage.gaussian_filter(np.float32(distance), 2.0 / spacing)


def sinuses(distance: np.ndarray, grid: Grid) -> tuple[Vessel, ...]:
    """The superior sagittal and the transverse sinuses, laid along the inside of the skull of a symmetric head."""
    vertex, torcula = (
        np.deg2rad(20.0),
        np.deg2rad(196.0),
    )  # in the sagittal plane, from forwards over the top to the back
    sagittal = [
        surface_point(distance, grid, (0.0, -18.0, 8.0), (0.0, np.cos(angle), np.sin(angle)))
        for angle in np.linspace(vertex, torcula, 16)
    ]
    back = sagittal[-1]
    transverse = [back] + [
        surface_point(distance, grid, (0.0, -35.0, back[2] - drop), (np.sin(angle), -np.cos(angle), 0.0))
        for angle, drop in zip(np.deg2rad((18.0, 36.0, 54.0, 70.0)), (2.0, 4.0, 6.0, 9.0))
    ]
    return (
        Vessel("superior sagittal sinus", "sinus", tuple(sagittal), (4.5, 9.0), paired=False),
        Vessel("transverse sinus", "sinus", tuple(transverse), (8.0, 7.0)),
    )


def surface_point(distance: np.ndarray, grid: Grid, start, direction) -> tuple[float, float, float]:
    """Where a ray (MNI position and unit vector) last leaves the envelope of the brain."""
    points = np.asarray(start) + np.arange(0.0, 130.0, 0.5)[:, None] * np.asarray(direction)
    indices = grid.indices(points * (-1, -1, 1))
    values = ndimage.map_coordinates(distance, indices.T[::-1], order=1, mode="nearest")
    return tuple(points[np.flatnonzero(values <= 0)[-1]])
