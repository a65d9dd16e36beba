"""T1 from spoiled gradient echoes of several flip angles."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..acquisition import Acquisition, Known
from ..errors import InputError
from ..progress import Progress
from .chunks import map_chunks

_CHUNK = 16384  # voxels
_R1_RANGE = (1 / 30, 1 / 0.005)  # 1/s; an answer at either end is none
_ITERATIONS = 60
_CONVERGED = 1e-9  # relative change of R1
_EXPLAINED = 0.02  # of the energy of the signals: a start that leaves less is near the minimum
_GRID = 40


@dataclass(frozen=True)
class T1Map:
    """T1 and M0 of each voxel.

    Attributes:
        t10: seconds, float32; NaN where there is no answer and outside the mask.
        m0: signal of fully relaxed magnetisation after 90°, float32; NaN where T1 is.
        failed: voxels inside the mask without an answer (fewer than two signals above zero, or signals that no T1
            between 5 ms and 30 s explains).
        voxels: voxels asked for (inside the mask).
    """

    t10: np.ndarray
    m0: np.ndarray
    failed: int
    voxels: int


def t1_from_flip_angles(
    signals: np.ndarray,
    flip_angles: Sequence[float],
    repetition_time: float | Sequence[float],
    b1: float | np.ndarray | None = None,
    mask: np.ndarray | None = None,
    progress: Progress | None = None,
) -> T1Map:
    """T1 by least squares over the flip angles, in every voxel at once.

    The model is ``S = M0 · f(R1)``, ``f = sin α (1 - E1) / (1 - cos α · E1)``, ``E1 = exp(-TR · R1)``. The start is
    the straight line through ``S / sin α`` against ``S / tan α``, whose slope is E1 (DESPOT1: Deoni et al., Magn
    Reson Med 2003;49:515), or the best of a grid where that line explains the signals badly. M0 is linear, so only
    R1 is iterated: damped Gauss-Newton steps in log R1 on the residual left by the best M0 (variable projection:
    Golub and Pereyra, SIAM J Numer Anal 1973;10:413). Every signal weighs the same, as its noise does; the straight
    line alone would weigh small flip angles too much. Two angles are solved exactly. Signals that are zero, negative
    or not a number take no part.

    Args:
        signals: shaped (n, ...), one image a flip angle.
        flip_angles: nominal, degrees, shaped (n,).
        repetition_time: TR in seconds, one for all or one a flip angle.
        b1: actual divided by nominal flip angle, a value or an array shaped (...); None for 1.
        mask: bool shaped (...); NaN outside.
        progress: see ``PerfusionRatioLib.progress``.

    Raises:
        InputError: fewer than two different acquisitions, or lengths, shapes or parameters that do not fit.
        Cancelled: by the callback.
    """
    signals = np.asarray(signals)
    angles, times = _acquisitions(signals, flip_angles, repetition_time)
    shape = signals.shape[1:]
    inside = np.ones(shape, bool) if mask is None else np.asarray(mask, bool)
    factor = np.ones(1) if b1 is None else np.asarray(b1, float)
    for name, array in (("mask", inside), ("B1 map", factor)):
        if array.shape != shape and array.size != 1:
            raise InputError(f"The {name} is shaped {array.shape} but the images {shape}: give one of the same grid.")
    if not inside.any():
        raise InputError("The mask is empty: no voxel is left to map.")

    chosen = np.flatnonzero(inside)
    flat = signals.reshape(len(signals), -1)
    factors = np.broadcast_to(factor.reshape(-1), flat.shape[1:])
    t10, m0 = (np.full(flat.shape[1], np.nan, np.float32) for _ in range(2))

    def solve(chunk: slice) -> None:
        voxels = chosen[chunk]
        r1, scale = _solve(flat[:, voxels].astype(float), angles, times, factors[voxels])
        t10[voxels], m0[voxels] = 1 / r1, scale

    map_chunks(solve, chosen.size, _CHUNK, progress, "T1 mapping")
    failed = int(np.isnan(t10[chosen]).sum())
    return T1Map(t10.reshape(shape), m0.reshape(shape), failed, int(chosen.size))


def _acquisitions(
    signals: np.ndarray, flip_angles: Sequence[float], repetition_time: float | Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Flip angles in radians and repetition times in seconds, one a signal."""
    angles = np.asarray(flip_angles, float).reshape(-1)
    times = np.asarray(repetition_time, float).reshape(-1)
    if times.size == 1:
        times = np.repeat(times, angles.size)
    if signals.ndim < 1 or angles.size != len(signals) or times.size != len(signals):
        raise InputError(
            f"There are {len(signals) if signals.ndim else 0} images, {angles.size} flip angles and {times.size} "
            "repetition times; each image needs one flip angle, and one TR for all or one each."
        )
    for angle, time in zip(angles, times, strict=True):
        Acquisition(repetition_time=Known(float(time), "given"), flip_angle=Known(float(angle), "given"))
    if len({*zip(angles, times, strict=True)}) < 2:
        raise InputError("T1 needs images of at least two different flip angles.")
    return np.deg2rad(angles), times


def _solve(signals: np.ndarray, angles: np.ndarray, times: np.ndarray, b1: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """R1 and M0 of signals shaped (n, voxels); NaN where there is no answer."""
    with np.errstate(all="ignore"):
        measured = np.isfinite(signals) & (signals > 0)
        enough = (measured.sum(axis=0) >= 2) & (b1 > 0) & np.isfinite(b1) & (angles.max() * b1 < np.pi)
        r1, m0 = (np.full(signals.shape[1], np.nan) for _ in range(2))
        weight = measured[:, enough].astype(float)
        signal = np.where(measured, signals, 0)[:, enough]
        alpha = angles[:, None] * b1[enough]
        model = _Projection(signal, weight, alpha, times[:, None])
        start = model.better_start(_linear_start(signal, weight, alpha, times))
        r1[enough], m0[enough] = model.minimise(start)
    return r1, m0


def _linear_start(signal: np.ndarray, weight: np.ndarray, alpha: np.ndarray, times: np.ndarray) -> np.ndarray:
    """R1 from the slope of S / sin α against S / tan α; one per second where the slope is none."""
    y, x = signal / np.sin(alpha), signal / np.tan(alpha)
    total = weight.sum(axis=0)
    dx, dy = (weight * (v - v.sum(axis=0) / total) for v in (x, y))
    slope = (dx * dy).sum(axis=0) / (dx * dx).sum(axis=0)
    return np.where((slope > 0) & (slope < 1), -np.log(slope) / times.mean(), 1.0)


class _Projection:
    """Least squares in R1 alone: M0 is the best one for each R1."""

    def __init__(self, signal: np.ndarray, weight: np.ndarray, alpha: np.ndarray, times: np.ndarray):
        self.signal, self.weight, self.times = signal, weight, times
        self.sine, self.cosine, self.opening = np.sin(alpha), np.cos(alpha), 2 * np.sin(alpha / 2) ** 2

    def better_start(self, r1: np.ndarray) -> np.ndarray:
        """The start itself where it explains the signals; else (noise) the best of it and a grid over the range."""
        r1 = np.clip(r1, _R1_RANGE[0] * 1.5, _R1_RANGE[1] / 1.5)
        least = self._at(np.log(r1), slice(None))[0]
        poor = np.flatnonzero(~(least <= _EXPLAINED * (self.signal**2).sum(axis=0)))
        for rate in np.geomspace(_R1_RANGE[0] * 1.5, _R1_RANGE[1] / 1.5, _GRID) if poor.size else ():
            error = self._at(np.full(poor.size, np.log(rate)), poor)[0]
            better = ~(error >= least[poor])
            r1[poor[better]], least[poor[better]] = rate, error[better]
        return r1

    def minimise(self, r1: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """R1 and M0 at the minimum, from a start; NaN where R1 runs into the end of its range."""
        x, limits = np.log(r1), np.log(_R1_RANGE)
        damping = np.zeros_like(x)
        error, gradient, curvature, m0 = self._at(x, slice(None))
        active = np.arange(x.size)
        for _ in range(_ITERATIONS):
            step = gradient[active] / (curvature[active] * (1 + damping[active]))
            trial = np.clip(x[active] + np.clip(step, -1, 1), *limits)
            moved = np.abs(trial - x[active])
            trial_error, trial_gradient, trial_curvature, trial_m0 = self._at(trial, active)
            better = trial_error <= error[active]
            take = active[better]
            x[take], error[take], m0[take] = trial[better], trial_error[better], trial_m0[better]
            gradient[take], curvature[take] = trial_gradient[better], trial_curvature[better]
            damping[active] = np.where(better, damping[active] / 10, np.maximum(damping[active] * 10, 1))
            active = active[(moved > _CONVERGED) & np.isfinite(step)]
            if active.size == 0:
                break
        inside = (x > limits[0] + 1e-6) & (x < limits[1] - 1e-6) & (m0 > 0)
        return np.where(inside, np.exp(x), np.nan), np.where(inside, m0, np.nan)

    def _at(self, x: np.ndarray, voxels: slice | np.ndarray) -> tuple[np.ndarray, ...]:
        """Squared residual, half its negative gradient, its Gauss-Newton curvature (in log R1), and M0."""
        signal, weight, sine, cosine, opening = (
            array[:, voxels] for array in (self.signal, self.weight, self.sine, self.cosine, self.opening)
        )
        r1 = np.exp(x)
        recovered = -np.expm1(-self.times * r1)
        below = recovered * cosine + opening
        shape = weight * sine * recovered / below
        slope = weight * sine * opening * (1 - recovered) * self.times * r1 / below**2
        square = (shape**2).sum(axis=0)
        m0 = (signal * shape).sum(axis=0) / square
        residual = signal - m0 * shape
        overlap = (slope * shape).sum(axis=0)
        gradient = m0 * (slope * residual).sum(axis=0)
        curvature = m0**2 * ((slope**2).sum(axis=0) - overlap**2 / square)
        return (residual**2).sum(axis=0), gradient, curvature, m0
