"""How the digital head lies in the scanner, and how it moves from frame to frame."""

import numpy as np

from ..rigid import Rigid

NECK = (0.0, 20.0, -60.0)
"""Where a lying head turns about, LPS millimetres."""


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
        return (Rigid.identity(centre),) * frames
    steps = random.normal(0, 0.15, (frames, 6))
    for frame in random.choice(np.arange(2, frames), size=min(max(1, frames // 15), frames - 2), replace=False):
        steps[frame] += random.normal(0, 1.0, 6)
    walk = np.cumsum(steps, axis=0)
    walk -= walk[0]
    for part, largest in ((slice(0, 3), millimetres), (slice(3, 6), degrees)):
        length = np.linalg.norm(walk[:, part], axis=1).max()
        walk[:, part] *= largest / length if length > 0 else 0.0
    return tuple(Rigid.of(row[:3], row[3:], centre) for row in walk)


def random_pose(millimetres: float, degrees: float, random: np.random.Generator, centre=(0.0, 0.0, 0.0)) -> Rigid:
    """A pose up to ``millimetres`` and ``degrees`` from straight, along and about each axis."""
    return Rigid.of(random.uniform(-millimetres, millimetres, 3), random.uniform(-degrees, degrees, 3), centre)


def moved_further(pose: Rigid, move: np.ndarray) -> Rigid:
    """The pose of a head that lay at ``pose`` and then moved by a 4×4 matrix in the scanner."""
    matrix = move @ pose.matrix
    return Rigid(matrix[:3, :3], matrix[:3, 3], np.zeros(3))


def within_frame(moves: np.ndarray, frame: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the head is a quarter of an interval before and after the middle of a frame, as 4×4 matrices.

    ``moves`` (t, 4, 4) are those at the middle of each frame. Between two, the matrices are interpolated: for the small
    turns from frame to frame the result is rigid to within a micrometre.
    """
    neighbours = moves[max(frame - 1, 0)], moves[min(frame + 1, len(moves) - 1)]
    return tuple(0.75 * moves[frame] + 0.25 * neighbour for neighbour in neighbours)
