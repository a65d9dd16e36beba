"""The voxels of a concentration series that rise clearly above their own noise: candidates for an artery."""

from dataclasses import dataclass

import numpy as np

from ..progress import Progress, advance
from .arterial_input import AsBlood

_NOISE_MARGIN = 8.0  # peak above this many standard deviations of a voxel's own noise
_HIGHEST_BLOOD_PEAK = 25.0  # mM; no injection reaches it, a baseline near zero does
_MOST_MISSING = 0.1  # share of frames that may be without a number
_LIMIT = 0.2  # mM, of a sample's part in the mean of the head
_POOL = 20_000  # candidates kept, those with the highest mean first: arteries are far fewer in any head
_TOTAL_VARIATION_OF_NOISE = 2 / np.sqrt(np.pi)  # mean absolute step of white noise with unit standard deviation


@dataclass(frozen=True)
class Candidates:
    """Voxels that enhance, with their curves.

    Attributes:
        index: (k, j, i) of each, shaped (n, 3), in the order of the image.
        curves: blood concentration in mM, float64 shaped (t, n); missing samples filled between their neighbours.
        missing: which samples of ``curves`` were filled in, bool shaped (t, n).
        noise: standard deviation from frame to frame of each, mM, shaped (n,).
        head: mean concentration of all voxels, mM, each sample limited to ±0.2 mM so that no few voxels decide; shaped
            (t,).
        shape: (k, j, i) of the series.
        searched: how many voxels hold concentrations.
        rejected: how many of them are no candidates, by reason.
    """

    index: np.ndarray
    curves: np.ndarray
    missing: np.ndarray
    noise: np.ndarray
    head: np.ndarray
    shape: tuple[int, int, int]
    searched: int
    rejected: dict[str, int]


def find_candidates(
    concentration: np.ndarray, progress: Progress | None = None, as_blood: AsBlood | None = None
) -> Candidates:
    """The voxels whose peak stands out of their own noise, at most 20,000, in one pass over the series.

    The noise is measured by what the total variation of a curve exceeds that of a single rise and fall,
    ``sum|dC| - (2 max C - C_first - C_last)``; a smooth bolus has none of it, whatever its height. The voxels with the
    highest mean concentration are kept: that of blood is high, that of noise, however wild, is not.

    Args:
        concentration: mM, shaped (t, k, j, i); NaN where there is none.
        progress: called before each slice.
        as_blood: turns the concentrations of voxels into what they are if the voxels hold blood.

    Raises:
        Cancelled: when the progress callback says so.
    """
    frames, *shape = concentration.shape
    mean, noise = (np.full(shape, -np.inf, np.float32) for _ in range(2))
    counts = np.zeros(4, int)
    head = np.zeros(frames)
    for k in range(shape[0]):
        advance(progress, k / shape[0], "looking for arteries")
        peak, mean[k], noise[k], missing, slice_sum = _scan(concentration[:, k])
        head += slice_sum
        from_signal = _put_kept(as_blood, k, peak, mean[k], noise[k], missing)
        filled = missing < frames  # a voxel without any sample was never part of the search
        usable = filled & (missing <= _MOST_MISSING * frames)
        rising = usable & (peak > _NOISE_MARGIN * noise[k])
        peak, noise[k] = (_in_blood(values, k, rising & ~from_signal, as_blood) for values in (peak, noise[k]))
        kept = rising & (peak <= _HIGHEST_BLOOD_PEAK)
        mean[k][~kept] = -np.inf
        counts += [np.count_nonzero(these) for these in (filled, usable, rising, kept)]
    searched, usable, rising, plausible = counts.tolist()
    chosen = np.flatnonzero(mean.ravel() > -np.inf)
    if chosen.size > _POOL:
        order = np.argsort(-mean.ravel()[chosen], kind="stable")
        chosen = np.sort(chosen[order[:_POOL]])
    index = np.stack(np.unravel_index(chosen, shape), axis=1)
    curves = concentration[:, index[:, 0], index[:, 1], index[:, 2]].astype(float)
    noise = noise.ravel()[chosen].astype(float)
    if as_blood is not None:
        curves = as_blood(curves, index)
    return Candidates(
        index=index,
        curves=_filled(curves),
        missing=~np.isfinite(curves),
        noise=noise,
        head=head / max(searched, 1),
        shape=tuple(shape),
        searched=searched,
        rejected={
            "lack too many samples": searched - usable,
            "do not rise clearly out of their noise": usable - rising,
            "have a peak that blood cannot have": rising - plausible,
            "enhance less than the candidates": plausible - chosen.size,
        },
    )


def _put_kept(
    as_blood: AsBlood | None, k: int, peak: np.ndarray, mean: np.ndarray, noise: np.ndarray, missing: np.ndarray
) -> np.ndarray:
    """Fill in what is known of the voxels of slice k that have a curve in blood only; True at these."""
    places = np.zeros(peak.shape, bool)
    if as_blood is None:
        return places
    here = as_blood.kept.index[:, 0] == k
    if here.any():
        at = tuple(as_blood.kept.index[here, 1:].T)
        places[at] = True
        scanned = _scan(as_blood.kept.curves[:, None, here])[:4]
        for values, known in zip((peak, mean, noise, missing), scanned, strict=True):
            values[at] = known[0]
    return places


def _in_blood(values: np.ndarray, k: int, where: np.ndarray, as_blood: AsBlood | None) -> np.ndarray:
    """Concentrations (j, i) of slice k, those ``where`` turned into what they are in blood."""
    if as_blood is None or not where.any():
        return values
    values = values.astype(float)
    index = np.argwhere(where)
    values[where] = as_blood.values(values[where], np.column_stack([np.full(len(index), k), index]))
    return values


def _scan(frames: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Peak, mean, noise and number of missing samples of every voxel of one slice shaped (t, j, i), and the sum over
    its voxels of the limited samples, shaped (t,).

    Frame by frame, so that all that is touched stays in the processor's cache.
    """
    missing = np.zeros(frames.shape[1:], np.int32)
    previous = np.zeros(frames.shape[1:], np.float32)
    _take(frames[0], previous, previous, missing)
    first, peak, total, variation = previous.copy(), previous.copy(), previous.copy(), np.zeros_like(previous)
    current, step = np.empty_like(previous), np.empty_like(previous)
    limited = np.zeros(len(frames))
    limited[0] = np.clip(first, -_LIMIT, _LIMIT, out=step).sum(dtype=float)
    for number, frame in enumerate(frames[1:], start=1):
        _take(frame, previous, current, missing)
        np.maximum(peak, current, out=peak)
        np.subtract(current, previous, out=step)
        variation += np.abs(step, out=step)
        total += current
        limited[number] = np.clip(current, -_LIMIT, _LIMIT, out=step).sum(dtype=float)
        previous, current = current, previous
    smooth = 2 * peak - first - previous
    noise = np.maximum(variation - smooth, 0) / (_TOTAL_VARIATION_OF_NOISE * (len(frames) - 1))
    return peak, total / len(frames), noise, missing, limited


def _take(frame: np.ndarray, previous: np.ndarray, current: np.ndarray, missing: np.ndarray) -> None:
    """Copy a frame; where it has no number the previous one stands in and is counted."""
    absent = ~np.isfinite(frame)
    if absent.any():
        missing += absent
        np.copyto(current, np.where(absent, previous, frame))
    else:
        np.copyto(current, frame)


def _filled(curves: np.ndarray) -> np.ndarray:
    """A copy of curves (t, n) with missing samples interpolated along time."""
    curves = curves.copy()
    for column in np.flatnonzero(~np.isfinite(curves).all(axis=0)):
        known = np.flatnonzero(np.isfinite(curves[:, column]))
        curves[:, column] = np.interp(np.arange(len(curves)), known, curves[known, column])
    return curves
