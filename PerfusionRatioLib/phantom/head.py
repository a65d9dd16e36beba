"""A dynamic series of the digital head with everything that is true of it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

from ..acquisition import Acquisition, Known
from ..errors import InputError
from ..series import DceSeries, Grid, Identity
from .anatomy import Anatomy, normal_anatomy
from .bolus import Bolus
from .lesions import Lesion, with_lesions
from .rigid import Rigid, moved, random_motion
from .tissues import Label, Tissue, normal_tissues

REPETITION_TIME = 0.005
FLIP_ANGLE = 15.0
FINE_STEP = 0.1
"""Seconds between the points on which tissue curves are computed."""


@dataclass(frozen=True)
class HeadPhantom:
    """A patient's head at one visit.

    Attributes:
        lesions: its metastases.
        bolus: the injection.
        haematocrit: of the patient.
        relaxivity: of the agent, 1/(mM s).
        variation: standard deviation of the smooth variation of Ktrans and vp through the head, relative.
        tissue_delay: largest delay of the bolus in tissue behind the carotid, seconds; 0: none.
        spacing: millimetres of the anatomy's own grid.
        seed: of the smooth variation.
    """

    lesions: tuple[Lesion, ...] = (Lesion(),)
    bolus: Bolus = Bolus()
    haematocrit: float = 0.42
    relaxivity: float = 4.5
    variation: float = 0.15
    tissue_delay: float = 0.0
    spacing: float = 2.0
    seed: int = 0

    @cached_property
    def anatomy(self) -> Anatomy:
        """Tissue fractions on the head's own grid."""
        return with_lesions(normal_anatomy(self.spacing), self.lesions)

    @cached_property
    def tissues(self) -> tuple[Tissue, ...]:
        """Every component of the head, in the order of the anatomy's fractions."""
        extra = (tissue for number, lesion in enumerate(self.lesions, 1) for tissue in lesion.tissues(number))
        tissues = {tissue.name: tissue for tissue in (*normal_tissues(self.haematocrit), *extra)}
        return tuple(tissues[name] for name in self.anatomy.fractions)

    def smooth_field(self, positions: np.ndarray, which: int, wavelength: float = 90.0) -> np.ndarray:
        """A smooth random field of standard deviation 1 at LPS positions (n, 3) of the head."""
        random = np.random.default_rng((self.seed, which))
        waves = random.normal(0, 2 * np.pi / wavelength / np.sqrt(3), (5, 3))
        phases = random.uniform(0, 2 * np.pi, 5)
        return np.cos(np.float32(positions) @ np.float32(waves.T) + np.float32(phases)).sum(axis=1) * np.sqrt(2 / 5)


@dataclass(frozen=True)
class HeadTruth:
    """What is true of a series, on its grid, at the pose of the first frame.

    Maps are means over the tissues in a voxel, weighted by their fractions; exact where ``pure``. NaN in air.

    Attributes:
        t10: seconds.
        ktrans, vp, ve: min⁻¹ and fractions.
        delay: seconds behind ``aif``.
        labels: int8, values of ``Label``: the tissue with the largest share.
        brain: bool, inside the skull.
        pure: bool, at least 95% one tissue.
        fractions: float32 by tissue name.
        aif: arterial plasma concentration at the frame times, mM.
        bolus: the curve behind ``aif``, at any time.
        haematocrit, relaxivity: as used.
        motion: (t, 4, 4); where a point of the head at its LPS position in the first frame is in frame t.
        noise: standard deviation of the noise in each channel.
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
) -> HeadVisit:
    """A spoiled gradient echo DCE series (TR 5 ms, flip angle 15°) of the digital head, with its truth.

    Args:
        size: voxels along (i, j, k); the field of view fits the head, the slab is 120 mm from the skull base up.
        frames: how many.
        interval: seconds between frames.
        seed: of noise, motion, coil and the variation within tissues.
        snr: mean white matter signal before contrast over the standard deviation of the noise; None: no noise.
        motion: largest translation (mm) and rotation (degrees) of any frame against the first; None: none.
        bias: whether the coil's sensitivity varies through the head.
        bolus_arrival: seconds; None: as the phantom's bolus has it.
        phantom: the head; None: one with a 4 cc lesion.
        grid: where to sample instead of ``size``, LPS millimetres around the anterior commissure.
        pose: how the head lies in the scanner; None: straight.
        inflow: relative excess signal of arteries where blood enters the slab, falling off upwards.

    Raises:
        InputError: fewer than two frames, or an interval, SNR or size that is not positive.
    """
    if frames < 2 or interval <= 0 or min(size) < 1 or (snr is not None and snr <= 0):
        raise InputError("A digital head needs two frames or more and a positive interval, size and SNR.")
    phantom = phantom or HeadPhantom(seed=seed)
    if bolus_arrival is not None:
        phantom = _with_arrival(phantom, bolus_arrival)
    grid = grid or axial_grid(size)
    random = np.random.default_rng(seed)
    times = np.arange(frames) * float(interval)
    moves = random_motion(frames, *(motion or (0.0, 0.0)), random, centre=(0.0, 20.0, 0.0))
    scene = _Scene(phantom, grid, (pose or Rigid()).matrix, times, inflow)
    sensitivity = coil_sensitivity(grid, random) if bias else np.ones(grid.shape, np.float32)

    signal = np.empty((frames, *grid.shape), np.float32)
    still = all(move.matrix is not None and np.array_equal(move.matrix, np.eye(4)) for move in moves)
    rest = scene.sampled(np.eye(4))

    def render(frame: int) -> None:
        sample = rest if still else scene.sampled(moves[frame].matrix)
        signal[frame] = scene.signal(sample, frame) * sensitivity

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(render, range(frames)))
    signal *= 1000 / np.float32(signal[0].max())
    truth_maps = scene.truth(rest)
    white = truth_maps["pure"] & (truth_maps["labels"] == Label.WHITE)
    noise = 0.0 if snr is None else float(signal[0][white].mean() / snr)
    if noise:
        for frame in signal:
            imaginary = random.standard_normal(frame.shape, np.float32) * np.float32(noise)
            frame += random.standard_normal(frame.shape, np.float32) * np.float32(noise)
            np.hypot(frame, imaginary, out=frame)
    origin = "digital head"
    series = DceSeries(
        signal=signal,
        times=Known(times, origin),
        grid=grid,
        acquisition=Acquisition(
            repetition_time=Known(REPETITION_TIME, origin),
            flip_angle=Known(FLIP_ANGLE, origin),
            echo_time=Known(0.002, origin),
            field_strength=Known(3.0, origin),
        ),
        identity=Identity(patient_id="digital head", series_description="DCE"),
        source=origin,
    )
    truth = HeadTruth(
        **truth_maps,
        aif=phantom.bolus.arterial(times),
        bolus=phantom.bolus,
        haematocrit=phantom.haematocrit,
        relaxivity=phantom.relaxivity,
        motion=np.stack([move.matrix for move in moves]),
        noise=noise,
    )
    return HeadVisit(series, truth)


def _with_arrival(phantom: HeadPhantom, arrival: float) -> HeadPhantom:
    from dataclasses import replace

    return replace(phantom, bolus=replace(phantom.bolus, arrival=arrival))


def axial_grid(size: tuple[int, int, int]) -> Grid:
    """An axial slab of 120 mm from the skull base upwards, its field of view just around the head."""
    in_plane = max(208 / size[0], 232 / size[1])
    spacing = (in_plane, in_plane, 120.0 / size[2])
    middle = (0.0, 8.0, 14.0)
    origin = tuple(m - 0.5 * (n - 1) * s for m, n, s in zip(middle, size, spacing))
    return Grid(size=tuple(size), spacing=spacing, origin=origin)


def coil_sensitivity(grid: Grid, random: np.random.Generator) -> np.ndarray:
    """A smooth receive sensitivity as of a head coil: higher towards the surface, tilted at random; mean about 1."""
    axes = [np.linspace(-1, 1, n, dtype=np.float32) for n in grid.shape]
    k, j, i = axes[0][:, None, None], axes[1][None, :, None], axes[2][None, None, :]
    tilt = random.normal(0, 0.08, 3).astype(np.float32)
    return (0.85 + 0.30 * (i**2 + j**2) + 0.05 * k**2) * np.exp(tilt[0] * i + tilt[1] * j + tilt[2] * k)


class _Scene:
    """The head in the scanner: sampled at a pose, then turned into the signal of a frame."""

    def __init__(self, phantom: HeadPhantom, grid: Grid, pose: np.ndarray, times: np.ndarray, inflow: float):
        self.phantom, self.grid, self.inflow = phantom, grid, inflow
        self.from_scanner = np.linalg.inv(pose)
        k, j, i = np.meshgrid(*(np.arange(n) for n in grid.shape), indexing="ij")
        self.positions = grid.positions(np.stack([i.ravel(), j.ravel(), k.ravel()], axis=1))
        own = phantom.anatomy.grid
        turned = self.from_scanner[:3, :3] @ np.reshape(grid.direction, (3, 3)) * np.asarray(grid.spacing)
        spread = np.sqrt((turned**2).sum(axis=1) / 12) / own.spacing  # of a voxel along the axes of the anatomy
        smooth = [ndimage.gaussian_filter(array, spread[::-1], truncate=2.5) for array in self._arrays()]
        self.stack = np.stack(smooth, axis=-1)
        self.times = times
        self.curves = _curves(phantom, times[-1])

    def _arrays(self):
        yield from self.phantom.anatomy.fractions.values()
        yield self.phantom.anatomy.intracranial

    def sampled(self, move: np.ndarray) -> "_Sample":
        """Fractions and fields of each voxel when the head has moved by ``move`` (4×4)."""
        positions = moved(self.from_scanner @ np.linalg.inv(move), self.positions)
        values = trilinear(self.stack, self.phantom.anatomy.grid.indices(positions))
        return _Sample(self.phantom, positions, values)

    def signal(self, sample: "_Sample", frame: int) -> np.ndarray:
        """The noiseless signal of a frame, shaped as the grid: the sum over the tissues of a voxel."""
        total = np.zeros(len(sample.positions), np.float32)
        e = np.float32
        cosine, sine = e(np.cos(np.deg2rad(FLIP_ANGLE))), e(np.sin(np.deg2rad(FLIP_ANGLE)))
        for column, tissue in enumerate(self.phantom.tissues):
            share = sample.fractions[:, column]
            voxels = np.flatnonzero(share > 1e-3)
            plasma, exchange = self.curves[tissue.name]
            t10, ktrans, vp, delay = sample.parameters(tissue, voxels)
            where = (self.times[frame] - delay) / FINE_STEP
            concentration = vp * lookup(plasma, where) + ktrans * lookup(exchange, where)
            rate = 1 / t10 + e(self.phantom.relaxivity) * concentration
            e1 = np.exp(-e(REPETITION_TIME) * rate)
            part = e(tissue.proton_density) * sine * (1 - e1) / (1 - cosine * e1)
            if self.inflow and tissue.label == Label.ARTERY:
                entering = np.clip(1 - (sample.positions[voxels, 2] + 48) / 50, 0, 1)
                part = part * e(1 + self.inflow * entering)
            total[voxels] += share[voxels] * part
        return total.reshape(self.grid.shape)

    def truth(self, sample: "_Sample") -> dict:
        """The maps of a sample, by the names of ``HeadTruth``."""
        tissues = self.phantom.tissues
        head = sample.fractions.sum(axis=1)
        sums = np.zeros((5, len(head)), np.float32)
        everywhere = np.arange(len(head))
        for column, tissue in enumerate(tissues):
            t10, ktrans, vp, delay = sample.parameters(tissue, everywhere)
            ve = ktrans / tissue.kep if tissue.kep > 0 else 0 * ktrans
            for row, values in zip(sums, (t10, ktrans, vp, ve, delay)):
                row += sample.fractions[:, column] * values
        inside = head > 0.05
        maps = np.where(inside, sums / np.maximum(head, 0.05), np.nan).reshape(5, *self.grid.shape)
        by_label = np.zeros((len(head), len(Label)), np.float32)
        by_label[:, Label.AIR] = np.maximum(1 - head, 0)
        for column, tissue in enumerate(tissues):
            by_label[:, tissue.label] += sample.fractions[:, column]
        shape = self.grid.shape
        return dict(
            zip(("t10", "ktrans", "vp", "ve", "delay"), maps),
            labels=by_label.argmax(axis=1).astype(np.int8).reshape(shape),
            brain=(sample.intracranial > 0.5).reshape(shape),
            pure=(sample.fractions.max(axis=1) > 0.95).reshape(shape),
            fractions={t.name: sample.fractions[:, c].reshape(shape) for c, t in enumerate(tissues)},
        )


class _Sample:
    """Fractions (n, tissues) and parameters of voxels at positions of the head."""

    def __init__(self, phantom: HeadPhantom, positions: np.ndarray, values: np.ndarray):
        self.phantom, self.positions = phantom, np.float32(positions)
        self.fractions, self.intracranial = values[:, :-1], values[:, -1]
        self.fields = [phantom.smooth_field(self.positions, which) for which in range(4)]

    def parameters(self, tissue: Tissue, voxels: np.ndarray) -> tuple[np.ndarray, ...]:
        """T10 (s), Ktrans (1/min), vp and delay (s) of a tissue at voxels."""
        strength = np.float32(self.phantom.variation * tissue.variation)
        one = np.ones(len(voxels), np.float32)
        t10 = np.float32(tissue.t10) * (1 + np.float32(0.2) * strength * self.fields[0][voxels])
        ktrans = np.float32(tissue.ktrans) * np.exp(strength * self.fields[1][voxels])
        vp = np.float32(tissue.vp) * np.exp(strength * self.fields[2][voxels])
        if tissue.label in (Label.ARTERY, Label.SINUS) or not self.phantom.tissue_delay:
            return t10, ktrans, vp, 0 * one
        delay = np.float32(self.phantom.tissue_delay) * np.clip(0.5 + 0.3 * self.fields[3][voxels], 0, 1)
        return t10, ktrans, vp, np.float32(delay)


def _curves(phantom: HeadPhantom, last: float) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By tissue: the plasma curve and its convolution with exp(-kep t), per minute of Ktrans, every ``FINE_STEP``."""
    fine = np.arange(0.0, last + 2 * FINE_STEP, FINE_STEP)
    plasma = {"artery": phantom.bolus.arterial(fine), "vein": phantom.bolus.venous(fine)}
    curves = {}
    for tissue in phantom.tissues:
        supply = plasma[tissue.supply]
        curves[tissue.name] = (
            np.float32(supply),
            np.float32(exponential_convolution(supply, tissue.kep / 60, FINE_STEP) / 60),
        )
    return curves


def exponential_convolution(curve: np.ndarray, rate: float, step: float) -> np.ndarray:
    """∫ curve(s) exp(-rate (t - s)) ds from 0 to t at each sample, by the trapezium rule (``rate`` in 1/s)."""
    from scipy.signal import lfilter

    decay = np.exp(-rate * step)
    terms = 0.5 * step * curve.copy()
    terms[1:] += 0.5 * step * decay * curve[:-1]
    terms[0] = 0.0
    return lfilter([1.0], [1.0, -decay], terms)


def lookup(curve: np.ndarray, where: np.ndarray) -> np.ndarray:
    """A finely sampled curve at fractional samples, linear between, 0 before its start."""
    where = np.maximum(where, 0)
    low = np.minimum(where.astype(np.int32), len(curve) - 2)
    part = np.float32(where - low)
    return curve[low] * (1 - part) + curve[low + 1] * part


def trilinear(stack: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """The channels of ``stack`` [k, j, i, c] at fractional indices (n, 3) in (i, j, k); 0 outside."""
    result = np.zeros((len(indices), stack.shape[-1]), np.float32)
    limits = np.array(stack.shape[2::-1])
    ok = np.flatnonzero(np.all((indices >= 0) & (indices < limits - 1), axis=1))
    low = indices[ok].astype(np.int32)
    part = np.float32(indices[ok] - low)
    flat = stack.reshape(-1, stack.shape[-1])
    base = (low[:, 2] * stack.shape[1] + low[:, 1]) * stack.shape[2] + low[:, 0]
    values = np.zeros((len(ok), stack.shape[-1]), np.float32)
    for corner in range(8):
        di, dj, dk = corner & 1, corner >> 1 & 1, corner >> 2
        weight = (
            (part[:, 0] if di else 1 - part[:, 0])
            * (part[:, 1] if dj else 1 - part[:, 1])
            * (part[:, 2] if dk else 1 - part[:, 2])
        )
        values += flat[base + (dk * stack.shape[1] + dj) * stack.shape[2] + di] * weight[:, None]
    result[ok] = values
    return result
