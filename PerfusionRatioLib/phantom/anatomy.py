"""The anatomy of the digital head: how much of each tissue there is at each place.

Grey matter, white matter and CSF come from the MNI152 template (template.py), skull and face are laid around it
(skull_and_face.py), arteries and venous sinuses are tubes (vessels.py). Patient space is LPS (x to the left, y
backwards, z up, millimetres) with its origin at the anterior commissure: MNI space with x and y turned, made a person's
by a gentle smooth warp.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import ndimage

from ..series import Grid
from .dura import paint_falx, paint_lining
from .skull_and_face import SUBARACHNOID, paint_surroundings
from .soft_shapes import Canvas
from .template import load_template
from .vessels import ARTERIES, SINUSES, inside

BOX = ((-98.0, -112.0, -110.0), (98.0, 130.0, 104.0))
"""Two opposite corners of the head in patient space, LPS millimetres."""


@dataclass(frozen=True)
class Anatomy:
    """Tissue fractions on a grid in patient space.

    Attributes:
        grid: along L, P, S.
        fractions: float32 array [k, j, i] by tissue name; their sum is 1 in the head and less where there is air.
        intracranial: float32 [k, j, i], 1 inside the skull, 0 outside.
    """

    grid: Grid
    fractions: dict[str, np.ndarray]
    intracranial: np.ndarray


@lru_cache(maxsize=1)
def normal_anatomy(spacing: float, person: int) -> Anatomy:
    """A person's head without lesions on a grid of ``spacing`` millimetres; the arrays are shared and read-only."""
    grid = head_grid(spacing)
    canvas = Canvas(*template_positions(grid, person), softness=spacing)
    t1, grey, white = load_template().sampled(canvas.x, canvas.y, canvas.z)
    distance = surface_distance(t1, spacing)
    paint_surroundings(canvas, distance)
    paint_lining(canvas, distance)

    brain = canvas.cover(SUBARACHNOID - distance)
    grey, white, csf = sharpened(grey, white)
    canvas.paint_mixture({"csf": csf, "grey": grey, "white": white}, brain)
    paint_falx(canvas, brain)
    sinus = inside(SINUSES, canvas)
    canvas.paint("sinus", sinus)
    canvas.paint("artery", inside(ARTERIES, canvas) * canvas.cover(16 - distance))
    intracranial = np.maximum(brain, sinus * canvas.cover(8 - distance))
    for array in (*canvas.fractions.values(), intracranial):
        array.flags.writeable = False
    return Anatomy(grid, canvas.fractions, intracranial)


def head_grid(spacing: float) -> Grid:
    """The grid that holds the head at ``spacing`` millimetres."""
    size = tuple(int(np.ceil((stop - start) / spacing)) + 1 for start, stop in zip(*BOX, strict=True))
    return Grid(size=size, spacing=(spacing,) * 3, origin=BOX[0])


def template_positions(grid: Grid, person: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The MNI (RAS) position of every voxel of a grid in patient space: size and shape of a person, sides unequal.

    Each axis is scaled by up to 3% and bent by waves of up to 4 mm, longer than 80 mm.
    """
    random = np.random.default_rng((7, person))
    axes = [np.float32(o + s * np.arange(n)) for o, s, n in zip(grid.origin, grid.spacing, grid.size, strict=True)]
    i, j, k = -axes[0][None, None, :], -axes[1][None, :, None], axes[2][:, None, None]
    positions = []
    for axis in (i, j, k):
        bent = axis * np.float32(random.uniform(0.97, 1.03)) + np.zeros(grid.shape, np.float32)
        for _ in range(2):
            # Products of waves along the axes cost three short vectors instead of a sine at every voxel.
            x, y, z = (
                np.sin(2 * np.pi * along / random.uniform(80, 160) + random.uniform(0, 6.3)) for along in (i, j, k)
            )
            bent += np.float32(random.uniform(-2, 2)) * (x * y * z)
        positions.append(bent)
    return tuple(positions)


def sharpened(grey: np.ndarray, white: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One person's grey, white and CSF fractions out of the average of 152: squared probabilities, made to sum to 1."""
    csf = np.clip(1 - grey - white, 0, 1)
    squares = [probability**2 for probability in (grey, white, csf)]
    total = sum(squares)
    return tuple(square / total for square in squares)


def surface_distance(t1: np.ndarray, spacing: float) -> np.ndarray:
    """Millimetres to the smooth envelope of the brain, sulci closed over: positive outside, negative inside."""
    brain = np.clip((t1 - 0.04) / 0.10, 0, 1)
    envelope = (ndimage.gaussian_filter(brain, 4.0 / spacing) > 0.4) | (brain > 0.5)
    outside = ndimage.distance_transform_edt(~envelope).astype(np.float32)
    within = ndimage.distance_transform_edt(envelope).astype(np.float32)
    return ndimage.gaussian_filter(np.where(envelope, 0.5 - within, outside - 0.5) * np.float32(spacing), 2.0 / spacing)
