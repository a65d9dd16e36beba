"""A dynamic series of the digital head, with everything that is true of it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from ..acquisition import Acquisition, Known
from ..errors import InputError
from ..rigid import Rigid
from ..series import DceSeries, Grid, Identity
from .bolus import Bolus
from .head_motion import NECK, random_motion, within_frame
from .scene import HeadPhantom, Scene, Sequence
from .tissues import Label

__all__ = ["HeadPhantom", "HeadTruth", "HeadVisit", "make_head_series"]

ECHO_TIME, FIELD_STRENGTH = 0.002, 3.0
"""Seconds, tesla."""


@dataclass(frozen=True)
class HeadTruth:
    """What is true of a series, on its grid, at the pose of the first frame.

    Maps are means over the tissues in a voxel, weighted by their fractions, and exact where ``pure``; NaN in air. In
    veins they hold the plasma fraction alone: venous blood follows its own curve, not ``aif``.

    Attributes:
        t10: seconds.
        ktrans, vp, ve: min⁻¹ and fractions.
        delay: seconds behind ``aif``.
        labels: int8, values of ``Label``: the tissue with the largest share.
        brain: bool, inside the skull.
        pure: bool, more than 95% one tissue.
        fractions: float32 by tissue name.
        aif: arterial plasma concentration at the frame times, mM, as in the internal carotid artery.
        bolus: the curve behind ``aif``, at any time.
        haematocrit, relaxivity: as used.
        motion: (t, 4, 4); they take a point of the head from where it is in the first frame to where it is in frame t,
            LPS millimetres.
        noise: standard deviation of the noise in each of the two channels behind the magnitude.
    """

    t10: np.ndarray
    ktrans: np.ndarray
    vp: np.ndarray
    ve: np.ndarray
    delay: np.ndarray
    labels: np.ndarray
    brain: np.ndarray
    pure: np.ndarray
    fractions: dict[str, np.ndarray]
    aif: np.ndarray
    bolus: Bolus
    haematocrit: float
    relaxivity: float
    motion: np.ndarray
    noise: float

    def mask(self, *labels: Label) -> np.ndarray:
        """Where the label is one of ``labels``, bool [k, j, i]."""
        return np.isin(self.labels, labels)


@dataclass(frozen=True)
class HeadVisit:
    """A series and its truth."""

    series: DceSeries
    truth: HeadTruth


def make_head_series(
    size: tuple[int, int, int] = (64, 72, 24),
    frames: int = 40,
    interval: float = 5.0,
    seed: int = 0,
    snr: float | None = 40.0,
    motion: tuple[float, float] | None = None,
    bias: bool = True,
    bolus_arrival: float | None = None,
    *,
    phantom: HeadPhantom | None = None,
    grid: Grid | None = None,
    pose: Rigid | None = None,
    inflow: float = 0.0,
    within_frames: bool = False,
) -> HeadVisit:
    """A spoiled gradient echo DCE series (TR 5 ms, flip angle 15°) of the digital head, with its truth.

    Args:
        size: voxels along (i, j, k); the field of view fits the head, the slab is 120 mm from the skull base up.
        frames: how many.
        interval: seconds between frames.
        seed: of noise, motion and coil.
        snr: mean white matter signal before contrast over the standard deviation of the noise; None: no noise.
        motion: largest translation (mm) and rotation (degrees) of any frame against the first; None: none.
        bias: whether the coil's sensitivity varies through the head.
        bolus_arrival: seconds; None: as the phantom's bolus has it.
        phantom: the head; None: one with a solid lesion of 4 cc.
        grid: where to sample instead of ``size``: LPS millimetres around the anterior commissure.
        pose: how the head lies in the scanner; None: straight.
        inflow: relative excess signal of arteries where blood enters the slab, gone 50 mm higher.
        within_frames: whether the head also moves while a frame is taken: the frame is then the mean of the head a
            quarter of an interval before and after its time.

    Raises:
        InputError: fewer than two frames, an interval, SNR or size that is not positive, or a grid beside the head.
    """
    if frames < 2 or interval <= 0 or min(size) < 1 or (snr is not None and snr <= 0):
        raise InputError("A digital head needs two frames or more and a positive interval, size and SNR.")
    phantom = phantom or HeadPhantom()
    if bolus_arrival is not None:
        phantom = replace(phantom, bolus=replace(phantom.bolus, arrival=bolus_arrival))
    grid = grid or axial_grid(size)
    pose = pose or Rigid.of()
    times = np.arange(frames) * float(interval)
    sequence = Sequence(inflow=inflow)
    random = np.random.default_rng(seed)
    sensitivity = coil_sensitivity(grid, random) if bias else np.float32(1)
    moves = np.stack([move.matrix for move in random_motion(frames, *(motion or (0, 0)), random, centre=NECK)])

    scene = Scene(phantom, grid, pose.matrix, duration=times[-1])
    maps = scene.truth()
    before = scene.image(0.0, sequence) * sensitivity
    noise = 0.0 if snr is None else white_matter_mean(before, maps["fractions"]["white"]) / snr
    signal = np.empty((frames, *grid.shape), np.float32)

    def make(frame: int) -> None:
        places = within_frame(moves, frame) if within_frames and motion else (moves[frame],)
        signal[frame] = scene.image(times[frame], sequence, *places) * sensitivity
        if noise:
            add_rician_noise(signal[frame], noise, np.random.default_rng((seed, frame)))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(make, range(frames)))
    truth = HeadTruth(
        **maps,
        aif=phantom.bolus.arterial(times),
        bolus=phantom.bolus,
        haematocrit=phantom.haematocrit,
        relaxivity=phantom.relaxivity,
        motion=moves,
        noise=noise,
    )
    return HeadVisit(_series(signal, times, grid, sequence), truth)


def _series(signal: np.ndarray, times: np.ndarray, grid: Grid, sequence: Sequence) -> DceSeries:
    origin = "digital head"
    return DceSeries(
        signal=signal,
        times=Known(times, origin),
        grid=grid,
        acquisition=Acquisition(
            repetition_time=Known(sequence.repetition_time, origin),
            flip_angle=Known(sequence.flip_angle, origin),
            echo_time=Known(ECHO_TIME, origin),
            field_strength=Known(FIELD_STRENGTH, origin),
        ),
        identity=Identity(patient_id="digital head", series_description="DCE"),
        source=origin,
    )


def white_matter_mean(signal: np.ndarray, white: np.ndarray) -> float:
    """The mean signal where there is least besides white matter, of whose fraction in each voxel ``white`` tells.

    Raises:
        InputError: there is no white matter on the grid.
    """
    if white.max() < 0.05:
        raise InputError("The grid holds no white matter of the digital head: place it around the origin.")
    return float(signal[white >= min(0.95, 0.95 * white.max())].mean())


def axial_grid(size: tuple[int, int, int]) -> Grid:
    """An axial slab of 120 mm from the skull base upwards, its field of view just around the head."""
    in_plane = max(208 / size[0], 232 / size[1])
    spacing = (in_plane, in_plane, 120.0 / size[2])
    middle = (0.0, 8.0, 14.0)
    origin = tuple(m - 0.5 * (n - 1) * s for m, n, s in zip(middle, size, spacing, strict=True))
    return Grid(size=tuple(size), spacing=spacing, origin=origin)


def coil_sensitivity(grid: Grid, random: np.random.Generator) -> np.ndarray:
    """The receive sensitivity of a head coil, float32 [k, j, i]: higher towards the surface, tilted at random."""
    k, j, i = (axis.astype(np.float32) for axis in np.ogrid[tuple(slice(-1, 1, n * 1j) for n in grid.shape)])
    tilt = random.normal(0, 0.08, 3).astype(np.float32)
    return (0.85 + 0.3 * (i**2 + j**2) + 0.05 * k**2) * np.exp(tilt[0] * i + tilt[1] * j + tilt[2] * k)


def add_rician_noise(frame: np.ndarray, deviation: float, random: np.random.Generator) -> None:
    """Make ``frame`` the magnitude of itself with Gaussian noise in its real and imaginary channel, in place."""
    real, imaginary = random.standard_normal((2, *frame.shape), np.float32) * np.float32(deviation)
    np.hypot(frame + real, imaginary, out=frame)
