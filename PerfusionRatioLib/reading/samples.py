"""From stored samples to float32 signal, counting what cannot be used."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError


@dataclass
class SampleCounts:
    """What was met while storing samples.

    Attributes:
        samples: how many were stored.
        excluded: NaN, infinite, or exactly the smallest value of a signed integer type (a common "no data" mark).
        negative: below zero, the excluded ones not counted.
        saturated: exactly the largest value their type can hold.
        has_signal: whether any valid sample differs from zero.
        mark: the smallest value of the type, when it was met.
    """

    samples: int = 0
    excluded: int = 0
    negative: int = 0
    saturated: int = 0
    has_signal: bool = False
    mark: float | None = None


@dataclass(frozen=True)
class Scale:
    """How stored samples become signal: ``slope * stored + intercept``, with the stored values that mean something.

    Attributes:
        no_data: stored value that marks a sample without signal, None when there is none.
        full: largest stored value, None for floating point.
    """

    slope: float = 1.0
    intercept: float = 0.0
    no_data: float | None = None
    full: float | None = None


def integer_scale(dtype: np.dtype, slope: float = 1.0, intercept: float = 0.0, bits: int | None = None) -> Scale:
    """The scale of integers of ``dtype`` of which ``bits`` are used (default: all)."""
    limits = np.iinfo(dtype)
    signed = limits.min < 0
    full = limits.max if bits is None else 2 ** (bits - signed) - 1
    return Scale(slope, intercept, float(limits.min) if signed else None, float(full))


def store(stored: np.ndarray, out: np.ndarray, scale: Scale, counts: SampleCounts) -> None:
    """Write ``stored`` as float32 signal into ``out`` (same shape), unusable samples as NaN, and count them."""
    np.copyto(out, stored, casting="unsafe")
    missing = _missing(stored, out, scale, counts)
    usable = out if missing is None else out[~missing]
    counts.samples += out.size
    counts.excluded += out.size - usable.size
    if usable.size == 0:
        out[...] = np.nan
        return
    lowest, highest = usable.min(), usable.max()
    counts.has_signal |= bool(lowest != 0 or highest != 0)
    if scale.full is not None and highest >= scale.full:
        counts.saturated += int(np.count_nonzero(usable >= scale.full))
    if (scale.slope, scale.intercept) != (1.0, 0.0):
        np.multiply(out, scale.slope, out=out)
        np.add(out, scale.intercept, out=out)
    if missing is not None:
        out[missing] = np.nan
    if min(lowest * scale.slope, highest * scale.slope) + scale.intercept < 0:
        counts.negative += int(np.count_nonzero(out < 0))


def _missing(stored: np.ndarray, out: np.ndarray, scale: Scale, counts: SampleCounts) -> np.ndarray | None:
    """Where ``stored`` holds no value; None when it does everywhere."""
    if stored.dtype.kind == "f":
        valid = np.isfinite(out)
        return None if valid.all() else ~valid
    if scale.no_data is None or stored.min() != scale.no_data:
        return None
    counts.mark = scale.no_data
    return stored == stored.dtype.type(scale.no_data)


def check_signal(counts: SampleCounts, what: str) -> None:
    """Refuse samples that cannot be the signal of a magnitude image.

    Raises:
        InputError: no valid sample, all zero, mostly negative, or mostly saturated.
    """
    check_samples(counts, what)
    valid = counts.samples - counts.excluded
    if counts.negative > valid / 2:
        raise InputError(
            f"{counts.negative} of {valid} samples of {what} are negative; the signal of a magnitude image was "
            "expected, not a phase, difference or concentration image (the last is read with --input concentration)."
        )
    if counts.saturated > valid / 2:
        raise InputError(
            f"{counts.saturated} of {valid} samples of {what} are at the largest value their type can hold: "
            "the signal is saturated and holds no contrast; export the series again without rescaling."
        )


def check_samples(counts: SampleCounts, what: str) -> None:
    """Refuse samples that hold nothing at all.

    Raises:
        InputError: no valid sample, or all zero.
    """
    if counts.excluded == counts.samples:
        raise InputError(f"No sample of {what} holds a valid value: all are NaN, infinite or marked as missing.")
    if not counts.has_signal:
        raise InputError(f"Every sample of {what} is zero; a series with signal was expected.")


def sample_notes(counts: SampleCounts, is_signal: bool) -> list[str]:
    """Sentences on the samples that are missing, negative or saturated."""
    notes = []
    if counts.excluded:
        mark = "" if counts.mark is None else f" or {counts.mark:g}, the smallest value of their type"
        notes.append(
            f"{counts.excluded} of {counts.samples} samples hold no valid value (NaN, infinite{mark}): "
            "they are left out as NaN."
        )
    if counts.negative and is_signal:
        notes.append(
            f"{counts.negative} of {counts.samples} samples are negative, as interpolation leaves them: they are kept."
        )
    if counts.saturated:
        notes.append(
            f"{counts.saturated} of {counts.samples} samples are at the largest value their type can hold: "
            "where many of them lie together, such as in an artery, the signal is cut off."
        )
    return notes


def empty_frames(signal: np.ndarray) -> list[int]:
    """Numbers (from 1) of the frames of ``signal`` [t, k, j, i] in which every sample is zero."""
    middle = signal.shape[1] // 2
    return [t + 1 for t, frame in enumerate(signal) if not frame[middle].any() and not frame.any()]
