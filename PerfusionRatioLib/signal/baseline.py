"""The frames before the bolus: which they are, found in the images or given."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError, NoAnswerError
from .arrival import arrival_time

_SAMPLED = 50_000  # voxels looked at; evenly spread, so that a large series costs no more than a small one
_TOP = 0.02  # of the voxels: the steepest
_EARLY = 0.25  # of those: the earliest
_STEP = 6.0  # s before and after each frame whose difference tells how steep a curve is
_CERTAIN = 3  # frames at the start taken for the baseline while voxels are chosen
_ENOUGH = 3  # baseline frames that must be left when the first frame is skipped
_FOOT = 0.004  # of the height of the curve: a rise that the baseline may hold without lowering the tissue curves
_TELLING = 4  # frames whose spread tells the noise of the curve
_UNKNOWN_FOOT = 0.03  # of the height: the rise that is taken for noise while fewer frames are known
_CONTRAST = 3.0  # times the noise of a voxel that its enhancement must reach


@dataclass(frozen=True)
class Baseline:
    """The frames ``start`` to ``stop - 1`` (from 0), acquired before the bolus arrives.

    Attributes:
        start: first frame used; frames before it are inflow transients.
        stop: first frame after the baseline.
        arrival_time: seconds at which the earliest voxels leave the baseline.
        origin: "detected" or "given".
    """

    start: int
    stop: int
    arrival_time: float
    origin: str

    @property
    def frames(self) -> slice:
        """The frames as a slice of the series."""
        return slice(self.start, self.stop)


def given_baseline(start: int, stop: int, times: np.ndarray) -> Baseline:
    """A baseline the user names, in Python's way of counting: from 0, ``stop`` excluded.

    Raises:
        InputError: frames outside the series, none left, or none after the baseline.
    """
    if not 0 <= start < stop < len(times):
        raise InputError(
            f"The baseline {start}:{stop} does not fit a series of {len(times)} frames: "
            "give START:STOP with 0 <= START < STOP, and frames left after STOP."
        )
    return Baseline(start, stop, float(times[stop]), "given")


def find_baseline(
    signal: np.ndarray, times: np.ndarray, mask: np.ndarray | None = None, skip: int | None = None
) -> Baseline:
    """Find the frames before the bolus arrives in the earliest enhancing voxels.

    The voxels that rise most steeply (2%) are vessels and mucosa; the quarter of them that rises earliest is
    arterial. The median of their curves, each scaled to its own height, is free of noise, of motion of single voxels
    and of inflow, and its onset is the arrival (``signal.arrival``). The baseline ends there: a frame more where that
    one cannot be told from those before, a frame less where the last one stands out.

    Args:
        signal: shaped (t, ...).
        times: seconds, shaped (t,), increasing.
        mask: bool shaped (...): where to look; None for everywhere.
        skip: frames at the start to leave out because the magnetisation is not yet steady; None for 1 when at least
            three frames are left then, else 0.

    Raises:
        InputError: times of another length, an empty mask, or ``skip`` beyond the series.
        NoAnswerError: no voxel enhances clearly, or the bolus is there in the first frame.
    """
    times = np.asarray(times, float)
    if len(signal) != times.size:
        raise InputError(f"There are {times.size} times for {len(signal)} frames; one a frame is needed.")
    if skip is not None and not 0 <= skip < times.size - 2:
        raise InputError(f"{skip} frames cannot be skipped in a series of {times.size}: at least three must be left.")
    curves = _sample(signal, mask)
    first = min(1, times.size - 3) if skip is None else skip
    curve = _early_curve(curves, times, max(first, 0))
    arrival = arrival_time(times, curve, max(first, 0))
    stop = _end_of_quiet(curve, int(np.searchsorted(times, arrival, side="right")), first)
    if skip is None and stop - 1 < _ENOUGH:
        first = 0
    if stop <= first:
        raise NoAnswerError(
            "The bolus is already there in the first usable frame, so there is no baseline: "
            "give the frames before it with --baseline, or the concentration itself."
        )
    # within the interval in which the curve leaves its spread the onset says when
    return Baseline(first, stop, float(np.clip(arrival, times[stop - 1], times[stop])), "detected")


def _sample(signal: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """Curves without a missing, zero or negative sample, shaped (t, voxels), of voxels spread evenly over the mask."""
    flat = signal.reshape(len(signal), -1)
    inside = np.arange(flat.shape[1]) if mask is None else np.flatnonzero(mask)
    if inside.size == 0:
        raise InputError("The mask is empty: there is no voxel in which the bolus could be seen.")
    step = max(inside.size // _SAMPLED, 1)
    curves = np.asarray(flat[:, inside[::step]], np.float32)
    return curves[:, (np.isfinite(curves) & (curves > 0)).all(axis=0)]


def _early_curve(curves: np.ndarray, times: np.ndarray, first: int) -> np.ndarray:
    """The median curve, scaled to height 1, of the earliest of the voxels that enhance most."""
    nothing = NoAnswerError(
        "No voxel enhances clearly above its noise, so no bolus arrival can be found: "
        "check that the series holds the bolus, or give the frames before it with --baseline START:STOP."
    )
    if curves.shape[1] == 0:
        raise nothing
    steepness = _steepness(curves[first:], times[first:])
    count = min(max(int(_TOP * steepness.size), 20), steepness.size)
    top = np.argpartition(steepness, steepness.size - count)[steepness.size - count :]
    before = curves[first : first + _CERTAIN, top].mean(axis=0)
    rise = curves[:, top] - before
    height = rise[first:].max(axis=0)
    rise, height = rise[:, height > 0], height[height > 0]
    if height.size == 0:
        raise nothing
    noise = 1.4826 * np.median(np.abs(np.diff(rise[first:], axis=0))) / np.sqrt(2)
    scaled = rise / height
    if np.median(scaled[first:], axis=1).max() * np.median(height) <= _CONTRAST * noise:
        raise nothing
    reached = np.argmax(scaled[first:] >= 0.5, axis=0)
    early = np.argsort(reached, kind="stable")[: max(int(np.ceil(_EARLY * height.size)), 1)]
    return np.median(scaled[:, early], axis=1)


def _steepness(curves: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The largest difference of each curve between the means of some seconds after and before a moment."""
    width = int(np.clip(round(_STEP / float(np.median(np.diff(times)))), 1, len(times) // 2))
    sums = np.cumsum(curves, axis=0, dtype=np.float64)
    sums = np.concatenate([np.zeros_like(sums[:1]), sums])
    means = (sums[width:] - sums[:-width]) / width
    return (means[width:] - means[:-width]).max(axis=0)


def _end_of_quiet(curve: np.ndarray, stop: int, first: int) -> int:
    """``stop``, moved to where the curve, of height 1, leaves the spread of its baseline."""

    def quiet(frame: int) -> bool:
        earlier = curve[first:frame]
        if earlier.size < _TELLING:
            return curve[frame] <= earlier.mean() + _UNKNOWN_FOOT
        return curve[frame] <= earlier.mean() + max(2 * float(np.std(earlier, ddof=1)), _FOOT)

    while stop - first > 2 and not quiet(stop - 1):
        stop -= 1
    while first < stop < len(curve) - 1 and quiet(stop):
        stop += 1
    return stop
