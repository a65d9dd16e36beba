"""An axial plane through the head, as it is shown: the patient's right on the left, the front above."""

from dataclasses import dataclass

import numpy as np

from ..series import Grid

LARGEST_TILT = 30.0
"""Degrees. Slices tilted further than this against the axes of the patient are not called axial any more."""


@dataclass(frozen=True)
class Plane:
    """A plane in LPS patient space.

    Attributes:
        origin: the point at (x, y) = (0, 0), LPS millimetres.
        right: unit vector along x, which runs to the right of the picture: about towards the patient's left.
        down: unit vector along y, which runs down the picture: about towards the patient's back.
    """

    origin: np.ndarray
    right: np.ndarray
    down: np.ndarray

    def positions(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """LPS positions of points of the picture in millimetres; x and y of one shape (...) give (..., 3)."""
        return self.origin + np.multiply.outer(x, self.right) + np.multiply.outer(y, self.down)

    def coordinates(self, positions: np.ndarray) -> np.ndarray:
        """(x, y) of LPS positions (..., 3) dropped onto the plane, shaped (..., 2)."""
        return (positions - self.origin) @ np.stack([self.right, self.down], axis=1)


@dataclass(frozen=True)
class Window:
    """A rectangle of a plane and how finely it is sampled.

    Attributes:
        x, y: its upper left corner in millimetres.
        width, height: millimetres.
        pixel: millimetres.
    """

    x: float
    y: float
    width: float
    height: float
    pixel: float

    @staticmethod
    def square(centre: np.ndarray, side: float, pixels: int) -> "Window":
        """A square around ``centre`` (x, y)."""
        return Window(float(centre[0]) - side / 2, float(centre[1]) - side / 2, side, side, side / pixels)

    @property
    def shape(self) -> tuple[int, int]:
        """Pixels (down, across)."""
        return max(round(self.height / self.pixel), 1), max(round(self.width / self.pixel), 1)

    def positions(self, plane: Plane) -> np.ndarray:
        """LPS positions of the centres of the pixels, shaped (down, across, 3)."""
        rows, columns = self.shape
        x = self.x + (np.arange(columns) + 0.5) * self.width / columns
        y = self.y + (np.arange(rows) + 0.5) * self.height / rows
        return plane.positions(*np.meshgrid(x, y))


def axial_axes(grid: Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit vectors right, down and up (about towards the patient's left, back and head) of axial pictures of ``grid``.

    They are the axes of the grid itself, so that its slices are shown as they were acquired, unless these are tilted
    by more than ``LARGEST_TILT``: then those of the patient.
    """
    columns = np.reshape(grid.direction, (3, 3)).T
    chosen = []
    for axis in np.eye(3):
        along = columns @ axis
        nearest = int(np.argmax(np.abs(along)))
        if abs(along[nearest]) < np.cos(np.radians(LARGEST_TILT)):
            return tuple(np.eye(3))
        chosen.append(columns[nearest] * np.sign(along[nearest]))
    return tuple(chosen)
