"""Rigid transforms of the digital head: its pose in the scanner and its motion from frame to frame."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation


@dataclass(frozen=True)
class Rigid:
    """p' = R (p - centre) + centre + translation, in LPS millimetres.

    Attributes:
        translation: millimetres along L, P, S.
        rotation: degrees about L, P, S, applied in this order about fixed axes.
        centre: the point that only translates.
    """

    translation: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rotation: tuple[float, float, float] = (0.0, 0.0, 0.0)
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def matrix(self) -> np.ndarray:
        """The 4×4 homogeneous matrix."""
        matrix = np.eye(4)
        matrix[:3, :3] = Rotation.from_euler("xyz", self.rotation, degrees=True).as_matrix()
        centre = np.asarray(self.centre)
        matrix[:3, 3] = centre + self.translation - matrix[:3, :3] @ centre
        return matrix


def moved(matrix: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Positions (..., 3) under a 4×4 matrix."""
    return positions @ matrix[:3, :3].T + matrix[:3, 3]


def random_motion(
    frames: int, millimetres: float, degrees: float, random: np.random.Generator, centre=(0.0, 0.0, 0.0)
) -> tuple[Rigid, ...]:
    """The motion of a head that drifts and now and then jumps; the first frame does not move.

    Args:
        frames: how many transforms.
        millimetres, degrees: largest translation (length) and rotation (angle) of any frame.
        random: where the numbers come from.
        centre: the centre of rotation, LPS.
    """
    if frames < 2 or (millimetres == 0 and degrees == 0):
        return (Rigid(centre=tuple(centre)),) * frames
    steps = random.normal(0, 0.15, (frames, 6))
    for frame in random.choice(np.arange(2, frames), size=min(max(1, frames // 15), frames - 2), replace=False):
        steps[frame] += random.normal(0, 1.0, 6)
    walk = np.cumsum(steps, axis=0)
    walk -= walk[0]
    for part, largest in ((slice(0, 3), millimetres), (slice(3, 6), degrees)):
        length = np.linalg.norm(walk[:, part], axis=1).max()
        walk[:, part] *= largest / length if length > 0 else 0.0
    return tuple(Rigid(tuple(row[:3]), tuple(row[3:]), tuple(centre)) for row in walk)
