"""Rigid transforms in patient space."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation


@dataclass(frozen=True)
class Rigid:
    """y = R (x − centre) + centre + translation, in LPS millimetres.

    Attributes:
        rotation: the matrix R, shaped (3, 3).
        translation: millimetres, shaped (3,).
        centre: the point that only translates, shaped (3,).
    """

    rotation: np.ndarray
    translation: np.ndarray
    centre: np.ndarray

    @staticmethod
    def of(translation=(0.0, 0.0, 0.0), rotation=(0.0, 0.0, 0.0), centre=(0.0, 0.0, 0.0)) -> "Rigid":
        """From millimetres along L, P, S and degrees about them, applied in this order about fixed axes."""
        turned = Rotation.from_euler("xyz", rotation, degrees=True).as_matrix()
        return Rigid(turned, np.asarray(translation, float), np.asarray(centre, float))

    @staticmethod
    def identity(centre: np.ndarray) -> "Rigid":
        """The transform that leaves everything in place, turning about ``centre``."""
        return Rigid(np.eye(3), np.zeros(3), np.asarray(centre, float))

    @property
    def angles(self) -> np.ndarray:
        """Degrees about L, P, S, applied in this order about fixed axes, shaped (3,)."""
        return Rotation.from_matrix(self.rotation).as_euler("xyz", degrees=True)

    @property
    def matrix(self) -> np.ndarray:
        """The 4×4 homogeneous matrix."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.rotation
        matrix[:3, 3] = self.centre + self.translation - self.rotation @ self.centre
        return matrix

    @property
    def inverse(self) -> "Rigid":
        """The transform that undoes this one, about where the centre went."""
        return Rigid(self.rotation.T, -self.translation, self.centre + self.translation)

    def after(self, first: "Rigid") -> "Rigid":
        """The transform that does ``first``, then this one, turning about the centre of ``first``."""
        goes = self.moved(first.centre + first.translation)
        return Rigid(self.rotation @ first.rotation, goes - first.centre, first.centre)

    def about(self, centre: np.ndarray) -> "Rigid":
        """The same transform, written as turning about another ``centre``."""
        centre = np.asarray(centre, float)
        return Rigid(self.rotation, self.moved(centre) - centre, centre)

    def moved(self, positions: np.ndarray) -> np.ndarray:
        """Where positions (..., 3) go."""
        return (positions - self.centre) @ self.rotation.T + (self.centre + self.translation)

    def displacement(self, positions: np.ndarray) -> float:
        """Mean distance that positions (n, 3) go, in millimetres."""
        return float(np.linalg.norm(self.moved(positions) - positions, axis=-1).mean())

    def after_undoing(self, translation: np.ndarray, rotation_vector: np.ndarray) -> "Rigid":
        """This transform after the inverse of a small one about the same centre (millimetres, radians)."""
        rotation = self.rotation @ Rotation.from_rotvec(rotation_vector).as_matrix().T
        return Rigid(rotation, self.translation - rotation @ translation, self.centre)


def moved(matrix: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Positions (..., 3) under a 4×4 matrix."""
    return positions @ matrix[:3, :3].T + matrix[:3, 3]
