"""Images at several flip angles, kept as one sequence."""

from dataclasses import dataclass

import numpy as np

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.series import Grid

from .frame_times import LABELS, differs_in_angle
from .volumes import frames_of, new_sequence_of

INDEX_NAME, INDEX_UNIT = "flip angle", "degrees"


@dataclass(frozen=True)
class FlipAngleImages:
    """Images (n, k, j, i) on a grid, and their flip angles in degrees."""

    array: np.ndarray
    grid: Grid
    angles: tuple[float, ...]


def flip_angles_of(node) -> FlipAngleImages:
    """What a sequence of images at several flip angles holds.

    Raises:
        InputError: it is not told which frame was taken with which angle, or there are fewer than two.
    """
    labels = node.GetAttribute(LABELS)
    texts = labels.split(",") if labels else [node.GetNthIndexValue(n) for n in range(node.GetNumberOfDataNodes())]
    try:
        angles = tuple(float(text) for text in texts)
    except ValueError:
        angles = ()
    if len(angles) != node.GetNumberOfDataNodes() or not differs_in_angle(node):
        raise InputError(
            f"The sequence '{node.GetName()}' does not tell the flip angle of each image: give it an index in degrees."
        )
    if len(set(angles)) < 2:
        raise InputError(f"The sequence '{node.GetName()}' holds one flip angle; a T1 map needs two at least.")
    signals, grid = frames_of(node)
    return FlipAngleImages(signals, grid, angles)


def new_flip_angle_sequence(scene, images: np.ndarray, grid: Grid, angles, acquisition, name: str):
    """A sequence node of images (n, k, j, i), its index in degrees."""
    return new_sequence_of(scene, images, grid, angles, (INDEX_NAME, INDEX_UNIT), acquisition, name)
