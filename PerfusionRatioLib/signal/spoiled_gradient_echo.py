"""The spoiled gradient echo: signal from relaxation rate, and concentration from signal by exact inversion."""

from dataclasses import dataclass

import numpy as np

from ..acquisition import Acquisition, Known
from ..errors import InputError
from ..progress import Progress
from .ceiling import ceiling_of
from .chunks import map_chunks
from .transverse_decay import undo_decay

_CHUNK = 4096  # voxels; with 60 frames two work arrays of a megabyte, which stay in the cache
_LONGEST_T10 = 20.0  # s; free water has 4 to 5 s, so more is milliseconds


@dataclass(frozen=True)
class Concentration:
    """Concentration of contrast agent, and what had to be left out.

    Attributes:
        array: mM, float32, shaped like the signal; NaN where there is no answer and outside the mask.
        excluded: samples whose signal no relaxation rate explains (zero, negative, or so high that the logarithm has
            no real value).
        saturated: samples at the ceiling of an integer format, whose true signal is unknown.
        missing: samples that were not numbers to begin with.
        unusable: voxels without any answer, because T10, the B1 factor or the baseline signal is zero, negative or
            missing.
        voxels: voxels asked for (inside the mask).
        ceiling: signal at which the images are saturated; None where they are not.
    """

    array: np.ndarray
    excluded: int
    saturated: int
    missing: int
    unusable: int
    voxels: int
    ceiling: float | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what was left out; empty when nothing was."""
        samples = self.voxels * len(self.array)
        told = (
            (
                self.unusable,
                f"{self.unusable} of {self.voxels} voxels have no usable T10, B1 factor or baseline signal.",
            ),
            (self.excluded, f"{self.excluded} of {samples} samples have a signal that no T1 explains."),
            (self.saturated, f"{self.saturated} of {samples} samples are saturated (at the ceiling of their format)."),
            (self.missing, f"{self.missing} of {samples} samples are missing in the images."),
        )
        return tuple(sentence for count, sentence in told if count)


def spgr_signal(r1, repetition_time: float, flip_angle: float, m0=1.0, b1=None):
    """Steady-state signal of a spoiled gradient echo, without T2* decay.

    ``S = M0 · sin α · (1 - E1) / (1 - cos α · E1)``, ``E1 = exp(-TR · R1)`` (Ernst and Anderson, Rev Sci Instrum
    1966;37:93).

    Args:
        r1: longitudinal relaxation rate, 1/s; any shape.
        repetition_time: TR, seconds.
        flip_angle: nominal flip angle, degrees; may be an array that broadcasts with ``r1``.
        m0: signal of fully relaxed magnetisation after 90°.
        b1: actual divided by nominal flip angle; None for 1.
    """
    angle = np.deg2rad(flip_angle) * (1.0 if b1 is None else b1)
    recovered = -np.expm1(-repetition_time * np.asarray(r1))
    # 1 - cos α · E1 = (1 - E1) · cos α + (1 - cos α), which does not cancel where both are small
    return m0 * np.sin(angle) * recovered / (recovered * np.cos(angle) + 2 * np.sin(angle / 2) ** 2)


def concentration_from_signal(
    signal: np.ndarray,
    baseline: slice,
    t10: float | np.ndarray,
    repetition_time: float,
    flip_angle: float,
    relaxivity: float,
    b1: float | np.ndarray | None = None,
    mask: np.ndarray | None = None,
    progress: Progress | None = None,
    *,
    echo_time: float = 0.0,
    transverse_relaxivity: float = 0.0,
    out: np.ndarray | None = None,
) -> Concentration:
    """Concentration from the signal of a spoiled gradient echo, by exact inversion of its equation.

    ``S / S_b · (1 - E10) / (1 - cos α · E10) = (1 - E1) / (1 - cos α · E1) =: y``, so
    ``R1 = log(1 + y (1 - cos α) / (1 - y)) / TR`` and ``C = (R1 - R10) / r1`` (fast water exchange). With
    an echo time and a transverse relaxivity the signal also falls by ``exp(-TE · r2* · C)``, which matters in arteries
    (``signal.transverse_decay``); without, that decay is neglected.
    S_b is the mean of the baseline frames of each voxel: among unbiased estimates the one with the least noise, and
    its noise, shared by all samples of a voxel, outweighs all others; samples without a measurement (zero, negative,
    not a number, saturated) take no part in it.

    Args:
        signal: float32, shaped (t, ...), frame-major.
        baseline: the frames before bolus arrival.
        t10: T1 before contrast agent, seconds; one value or an array shaped (...).
        repetition_time: TR, seconds.
        flip_angle: nominal flip angle, degrees.
        relaxivity: r1 of the contrast agent, 1/(mM s).
        b1: actual divided by nominal flip angle, a value or an array shaped (...); None for 1.
        mask: bool shaped (...); NaN outside.
        progress: see ``PerfusionRatioLib.progress``.
        echo_time: TE, seconds.
        transverse_relaxivity: r2* of the contrast agent, 1/(mM s).
        out: where to write, float32 shaped like the signal; may be ``signal`` itself, which saves its memory.

    Raises:
        InputError: parameters out of range or of another shape, no baseline frame, or no voxel with an answer.
        Cancelled: by the callback; with ``out=signal`` part of it is overwritten then.
    """
    _check_parameters(repetition_time, flip_angle, relaxivity, echo_time, transverse_relaxivity)
    signal = np.asarray(signal)
    if signal.ndim < 1 or len(signal) < 2:
        raise InputError("A dynamic series has several frames; this signal has a single one.")
    shape = signal.shape[1:]
    if not len(range(*baseline.indices(len(signal)))) > 0:
        raise InputError(
            f"The baseline {baseline.start}:{baseline.stop} holds none of the {len(signal)} frames: "
            "give frames before bolus arrival."
        )
    inside = np.ones(shape, bool) if mask is None else np.asarray(mask, bool)
    t10_map = _spread(t10, shape, "T10")
    b1_map = None if b1 is None else _spread(b1, shape, "B1 factor")
    if inside.shape != shape:
        raise InputError(f"The mask is shaped {inside.shape} but the series {shape}: give a mask of the same grid.")
    if not inside.any():
        raise InputError("The mask is empty: no voxel is left to convert.")
    _check_t10(t10_map, inside)

    flat = signal.reshape(len(signal), -1)
    result = np.empty(signal.shape, np.float32) if out is None else out
    if result.shape != signal.shape or result.dtype != np.float32:
        raise InputError(f"The output must be float32 shaped {signal.shape}; it is {result.dtype} {result.shape}.")
    written = result.reshape(flat.shape)
    if not np.shares_memory(written, result):
        raise InputError("The output must be contiguous.")
    decay = echo_time * transverse_relaxivity
    inversion = _Inversion(repetition_time, np.deg2rad(flip_angle), relaxivity, decay, baseline, ceiling_of(flat))

    def convert(chunk: slice) -> np.ndarray:
        chosen = inside.reshape(-1)[chunk]
        if not chosen.any():
            written[:, chunk] = np.nan
            return np.zeros(4, np.int64)
        factor = 1.0 if b1_map is None else b1_map.reshape(-1)[chunk]
        return inversion.convert(flat[:, chunk], t10_map.reshape(-1)[chunk], factor, chosen, written[:, chunk])

    counts = sum(map_chunks(convert, flat.shape[1], _CHUNK, progress, "signal to concentration"))
    excluded, saturated, missing, unusable = (int(count) for count in counts)
    voxels = int(inside.sum())
    if unusable == voxels:
        needed, maps = ("both a T10", "T10 map") if b1 is None else ("a T10, a B1 factor", "T10 map, B1 map")
        raise InputError(
            f"None of the {voxels} voxels has {needed} and a baseline signal above zero: "
            f"check that these are the right images, {maps} and mask."
        )
    return Concentration(result, excluded, saturated, missing, unusable, voxels, inversion.ceiling)


@dataclass(frozen=True)
class _Inversion:
    """The inversion of one chunk of voxels, in arrays that stay in the cache."""

    repetition_time: float
    angle: float  # radians
    relaxivity: float
    decay: float  # 1/mM
    baseline: slice
    ceiling: float | None

    def convert(
        self, signal: np.ndarray, t10: np.ndarray, b1: float | np.ndarray, inside: np.ndarray, out: np.ndarray
    ) -> np.ndarray:
        """Write the concentration of ``signal`` (t, n) to ``out`` and count what was left out."""
        with np.errstate(all="ignore"):
            r10 = 1 / t10.astype(np.float64)
            angle = np.broadcast_to(self.angle * np.asarray(b1, np.float64), t10.shape)
            # y = S · scale, where scale = (1 - E10) / (1 - cos α · E10) / S_b
            scale = spgr_signal(r10, self.repetition_time, np.rad2deg(angle)) / np.sin(angle)
            scale = scale / self._baseline_signal(signal)
            usable = inside & np.isfinite(scale) & (scale > 0) & (t10 > 0) & (angle > 0) & (angle < np.pi)
            scale = np.where(usable, scale, np.nan).astype(np.float32)
            opening = np.broadcast_to(2 * np.sin(angle / 2) ** 2, t10.shape).astype(np.float32)

            lost = self._lost(signal, usable)
            y = signal * scale
            rate = np.subtract(np.float32(1), y)
            y *= opening
            y /= rate  # y (1 - cos α) / (1 - y); what follows is log(1 + y) without losing the digits of a small y
            np.add(y, np.float32(1), out=rate)
            y -= rate - np.float32(1)
            y /= rate
            np.log(rate, out=rate)
            rate += y
            # zero, negative and too high signals come out as a rate that is not positive, not finite or not a number
            valid = (rate > 0) & (rate < np.inf)
            rate *= np.float32(1 / (self.repetition_time * self.relaxivity))
            np.subtract(rate, (r10 / self.relaxivity).astype(np.float32), out=out)
        if not valid.all():
            out[~valid] = np.nan
        if self.decay > 0:
            with np.errstate(all="ignore"):
                undo_decay(out, self.repetition_time, self.relaxivity, self.decay, r10, np.cos(angle), opening)
            valid = np.isfinite(out)
        saturated = missing = 0
        if lost is not None:
            at_ceiling, not_a_number = lost
            out[at_ceiling] = np.nan
            valid &= ~at_ceiling
            saturated, missing = int(at_ceiling.sum()), int(not_a_number.sum())
        answers = int(np.count_nonzero(valid))
        excluded = int(usable.sum()) * len(signal) - answers - saturated - missing
        return np.array([excluded, saturated, missing, int(inside.sum() - usable.sum())])

    def _baseline_signal(self, signal: np.ndarray) -> np.ndarray:
        frames = signal[self.baseline]
        mean = frames.mean(axis=0, dtype=np.float64)
        if np.isfinite(mean).all() and frames.min() > 0 and self.ceiling is None:
            return mean
        measured = (frames > 0) & (frames < (np.inf if self.ceiling is None else self.ceiling))
        return np.where(measured, frames, 0).sum(axis=0, dtype=np.float64) / measured.sum(axis=0)

    def _lost(self, signal: np.ndarray, usable: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """Which samples of usable voxels are saturated and which are not numbers; None when there are none."""
        if self.ceiling is None and np.isfinite(signal.sum(dtype=np.float32)):
            return None
        at_ceiling = np.zeros(signal.shape, bool) if self.ceiling is None else signal >= self.ceiling
        return at_ceiling & usable, ~np.isfinite(signal) & usable


def _check_parameters(
    repetition_time: float, flip_angle: float, relaxivity: float, echo_time: float, transverse_relaxivity: float
) -> None:
    Acquisition(
        repetition_time=Known(repetition_time, "given"),
        flip_angle=Known(flip_angle, "given"),
        echo_time=Known(echo_time, "given"),
    )
    if not 0 <= transverse_relaxivity <= 1000:
        raise InputError(
            f"The transverse relaxivity is {transverse_relaxivity:g}; it must be given in 1/(mM s), such as 7, "
            "or be 0 to neglect the decay."
        )
    check_relaxivity(relaxivity)


def check_relaxivity(relaxivity: float) -> None:
    """Refuse an r1 in 1/(mM s) that no contrast agent has.

    Raises:
        InputError: outside 0.1 to 100 or not a number.
    """
    if not 0.1 <= relaxivity <= 100:
        raise InputError(
            f"The relaxivity is {relaxivity:g}; it must be given in 1/(mM s), such as 4.5, and lie between 0.1 and 100."
        )


def _spread(value: float | np.ndarray, shape: tuple[int, ...], name: str) -> np.ndarray:
    array = np.asarray(value, np.float32)
    if array.ndim and array.shape != shape:
        raise InputError(
            f"The {name} map is shaped {array.shape} but the series {shape}: resample it to the grid of the series."
        )
    if not array.ndim and not array > 0:
        raise InputError(f"The {name} is {float(array):g}; it must be above zero.")
    return np.ascontiguousarray(np.broadcast_to(array, shape))


def _check_t10(t10: np.ndarray, inside: np.ndarray) -> None:
    known = t10[inside & (t10 > 0) & np.isfinite(t10)]
    if known.size and np.median(known) > _LONGEST_T10:
        raise InputError(
            f"T10 has a median of {np.median(known):g} s; tissue has 0.1 to 5 s: "
            "check whether milliseconds were given as seconds."
        )
