"""The motion of the digital head from frame to frame."""

import numpy as np

from ..rigid import Rigid


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
