"""Images of the digital head at several flip angles, as they are taken before a dynamic series to map T1."""

from collections.abc import Sequence as Listed

import numpy as np

from ..acquisition import Acquisition, Known
from ..rigid import Rigid
from ..series import Grid, Volume
from .head import ECHO_TIME, FIELD_STRENGTH, add_rician_noise, coil_sensitivity
from .scene import HeadPhantom, Scene, Sequence


def make_flip_angle_images(
    grid: Grid,
    flip_angles: Listed[float] = (2.0, 5.0, 15.0),
    noise: float = 0.0,
    seed: int = 0,
    phantom: HeadPhantom | None = None,
    pose: Rigid | None = None,
    bias: bool = False,
) -> tuple[Volume, ...]:
    """Spoiled gradient echoes (TR 5 ms) of the head at rest before contrast agent, one a flip angle.

    In a voxel of several tissues their signals add up, so T1 mapped from these images is that of the signal, as with a
    real scanner, while ``HeadTruth.t10`` is the mean of the tissues.

    Args:
        grid: of the images.
        flip_angles: degrees.
        noise: standard deviation in each channel.
        seed: of the noise and the coil.
        phantom: the head; None: that of ``make_head_series``.
        pose: how the head lies in the scanner; None: straight.
        bias: whether the coil's sensitivity varies through the head, as in the series of the same ``seed``.
    """
    scene = Scene(phantom or HeadPhantom(), grid, (pose or Rigid.of()).matrix, duration=1.0)
    sensitivity = coil_sensitivity(grid, np.random.default_rng(seed)) if bias else np.float32(1)
    images = []
    for number, flip_angle in enumerate(flip_angles):
        sequence = Sequence(flip_angle=flip_angle)
        array = scene.image(0.0, sequence) * sensitivity
        if noise:
            add_rician_noise(array, noise, np.random.default_rng((seed, 1, number)))
        acquisition = Acquisition(
            repetition_time=Known(sequence.repetition_time, "digital head"),
            flip_angle=Known(flip_angle, "digital head"),
            echo_time=Known(ECHO_TIME, "digital head"),
            field_strength=Known(FIELD_STRENGTH, "digital head"),
        )
        images.append(Volume(array, grid, acquisition, "digital head"))
    return tuple(images)
