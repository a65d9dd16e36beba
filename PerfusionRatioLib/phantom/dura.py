"""The dura of the digital head: a thin enhancing lining of the skull, and the falx between the hemispheres.

It is thinner than a voxel, so what it takes up of one is its thickness over the voxel's size.
"""

import numpy as np

from .skull_and_face import SUBARACHNOID
from .soft_shapes import Canvas

THICKNESS = 0.8
"""Millimetres; two layers in the falx."""

FREE_EDGE = ((0.0, 4.0), (52.0, 40.0))
"""The lower edge of the falx over the corpus callosum: centre and half axes (y, z) of an ellipse, MNI millimetres."""


def paint_lining(canvas: Canvas, distance: np.ndarray) -> None:
    """The dura on the inner table; ``distance`` is millimetres from the envelope of the brain. What lies within is
    painted afterwards."""
    depth = SUBARACHNOID - distance
    canvas.paint("dura", canvas.cover(depth + THICKNESS) - canvas.cover(depth))


def paint_falx(canvas: Canvas, brain: np.ndarray) -> None:
    """The falx, from the frontal crest to the straight sinus; ``brain`` is the share within the lining."""
    y, z = canvas.y, canvas.z
    (y0, z0), (a, b) = FREE_EDGE
    above_callosum = (np.sqrt(((y - y0) / a) ** 2 + ((z - z0) / b) ** 2) - 1) * np.float32(min(a, b))
    floor = np.where(y > y0, z + 22, z - 4 - 0.35 * (y + 42))
    sheet = np.clip((THICKNESS + canvas.softness) / 2 - np.abs(canvas.x), 0, min(THICKNESS, canvas.softness))
    share = sheet / canvas.softness * canvas.cover(np.minimum(above_callosum, floor)) * brain
    canvas.paint("dura", share)
