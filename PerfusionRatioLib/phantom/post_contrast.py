"""The post-contrast T1-weighted volume of the digital head, on which lesions are outlined, with its truth."""

from dataclasses import dataclass

import numpy as np

from ..acquisition import Acquisition, Known
from ..errors import InputError
from ..rigid import Rigid, moved
from ..series import Grid, Identity, Volume
from .head import add_rician_noise, coil_sensitivity
from .scene import HeadPhantom, Scene, Sequence

SEQUENCE = Sequence(repetition_time=0.008, flip_angle=13.0)
ECHO_TIME = 0.003

FIELD_OF_VIEW = ((-104.0, -126.0, -92.0), (104.0, 134.0, 112.0))
"""Two opposite corners, LPS millimetres: the head down to the upper neck, and room for its pose."""


@dataclass(frozen=True)
class PostContrast:
    """A post-contrast T1-weighted volume and what is true of it.

    Attributes:
        volume: the image.
        lesions: bool [k, j, i] each: the whole lesion, necrotic core included, where it fills half of a voxel or more.
        cores: the same of its necrotic core; empty where there is none.
        fractions: float32 [k, j, i]: the share of each voxel that is "lesion 1" (the enhancing part), "core 1", ...
        noise: standard deviation of the noise in each of the two channels behind the magnitude.
    """

    volume: Volume
    lesions: tuple[np.ndarray, ...]
    cores: tuple[np.ndarray, ...]
    fractions: dict[str, np.ndarray]
    noise: float


def t1_grid(spacing: float = 1.0) -> Grid:
    """A grid of ``spacing`` millimetres along L, P, S that covers the whole head, lying as it may."""
    size = tuple(int(np.ceil((stop - start) / spacing)) + 1 for start, stop in zip(*FIELD_OF_VIEW, strict=True))
    return Grid(size=size, spacing=(spacing,) * 3, origin=FIELD_OF_VIEW[0])


def make_post_contrast(
    phantom: HeadPhantom,
    grid: Grid | None = None,
    pose: Rigid | None = None,
    time: float = 420.0,
    snr: float | None = 40.0,
    seed: int = 0,
    bias: bool = True,
) -> PostContrast:
    """A 3D spoiled gradient echo (TR 8 ms, flip angle 13°) after contrast agent.

    Args:
        phantom: the head.
        grid: of the image, LPS scanner millimetres; None: ``t1_grid()``.
        pose: how the head lies in the scanner; None: straight.
        time: seconds from the first frame of the dynamic series.
        snr: mean white matter signal over the standard deviation of the noise; None: no noise.
        seed: of noise and coil.
        bias: whether the coil's sensitivity varies through the head.

    Raises:
        InputError: a negative time, an SNR that is not positive, or a grid that holds no white matter.
    """
    if time < 0 or (snr is not None and snr <= 0):
        raise InputError("A post-contrast image needs a time from 0 s and a positive SNR.")
    grid = grid or t1_grid()
    scene = Scene(phantom, grid, (pose or Rigid.of()).matrix, duration=time)
    random = np.random.default_rng((seed, 2))
    array = scene.image(time, SEQUENCE)
    if bias:
        array *= coil_sensitivity(grid, random)
    noise = 0.0 if snr is None else _white_matter_signal(array, scene) / snr
    if noise:
        add_rician_noise(array, noise, random)
    names = [tissue.name for number, lesion in enumerate(phantom.lesions, 1) for tissue in lesion.tissues(number)]
    fractions = scene.fractions(*names) if names else {}
    solid = [fractions[f"lesion {number}"] for number in range(1, len(phantom.lesions) + 1)]
    core = [fractions.get(f"core {number}", np.float32(0)) for number in range(1, len(phantom.lesions) + 1)]
    return PostContrast(
        volume=Volume(array, grid, _acquisition(), "digital head", Identity("digital head", series_description="T1")),
        lesions=tuple(a + b >= 0.5 for a, b in zip(solid, core, strict=True)),
        cores=tuple(np.broadcast_to(part >= 0.5, grid.shape) for part in core),
        fractions=fractions,
        noise=noise,
    )


def _white_matter_signal(array: np.ndarray, scene: Scene) -> float:
    """The mean of an image in the white matter of the head.

    Raises:
        InputError: the grid holds none.
    """
    anatomy, grid = scene.phantom.anatomy, scene.grid
    places = np.argwhere(anatomy.fractions["white"][::3, ::3, ::3] > 0.95)[:, ::-1] * 3
    nearest = np.rint(grid.indices(moved(scene.pose, anatomy.grid.positions(places)))).astype(int)
    i, j, k = nearest[np.all((nearest >= 0) & (nearest < grid.size), axis=1)].T
    if not len(k):
        raise InputError("The grid holds no white matter of the digital head: place it around the origin.")
    return float(array[k, j, i].mean())


def _acquisition() -> Acquisition:
    origin = "digital head"
    return Acquisition(
        repetition_time=Known(SEQUENCE.repetition_time, origin),
        flip_angle=Known(SEQUENCE.flip_angle, origin),
        echo_time=Known(ECHO_TIME, origin),
        field_strength=Known(3.0, origin),
    )
