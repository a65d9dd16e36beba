"""The moment at which a curve leaves its baseline."""

import numpy as np

from ..errors import NoAnswerError

_RISE = 0.6  # only the first part of the rise tells where it began; near the peak it bends over
_STEPS = 25  # candidate moments a frame


def arrival_time(times: np.ndarray, curve: np.ndarray, first: int = 0) -> float:
    """Seconds at which ``curve`` begins to rise, resolved below the frame.

    A constant followed by a rising linear-quadratic piece, ``b + l·d + q·d²`` with ``d = max(t - t0, 0)`` and
    ``l, q >= 0``, is fitted to the frames from ``first`` until 60% of the height is reached, for every candidate
    ``t0``; the answer is the mean of the candidates weighted by their likelihood. Where several candidates explain
    the samples equally well (a rise within one frame) it lies amid them.
    Source of the model: Cheong et al., Phys Med Biol 2003;48:N83 (linear-quadratic onset).

    Args:
        times: seconds, shaped (t,), increasing.
        curve: signal or concentration, shaped (t,), finite; enhancement is positive.
        first: frames before this one are ignored (inflow transients).

    Raises:
        NoAnswerError: the curve is highest in its first frame, so nothing rises.
    """
    times = np.asarray(times, float)[first:]
    curve = np.asarray(curve, float)[first:]
    peak = int(np.argmax(curve))
    if peak == 0 or not curve[peak] > curve[0]:
        raise NoAnswerError("The curve does not rise after its first frame: no bolus arrival can be told.")
    floor = float(np.median(curve[: min(3, peak)]))
    stop = int(np.argmax(curve[: peak + 1] >= floor + _RISE * (curve[peak] - floor))) + 1
    times, height = times[:stop], (curve[:stop] - floor) / (curve[peak] - floor)
    if stop < 2:
        return float(times[0])

    candidates = np.unique(np.linspace(times[:-1], times[1:], _STEPS, endpoint=False))
    error = _onset_error(times, height, candidates)
    spread = max(float(error.min()) / max(stop - 3, 1), 1e-6)
    weight = np.exp(-(error - error.min()) / (2 * spread))
    return float(weight @ candidates / weight.sum())


def _onset_error(times: np.ndarray, height: np.ndarray, candidates: np.ndarray) -> np.ndarray:
    """Sum of squares left by the best non-negative linear-quadratic rise from each candidate moment."""
    delay = np.maximum(times - candidates[:, None], 0)
    linear, square = (d - d.mean(1, keepdims=True) for d in (delay, delay**2))
    centred = height - height.mean()
    ll, qq, lq = (np.sum(a * b, 1) for a, b in ((linear, linear), (square, square), (linear, square)))
    ly, qy = linear @ centred, square @ centred
    total = centred @ centred
    gain = np.maximum(np.maximum(ly, 0) ** 2 / ll, np.maximum(qy, 0) ** 2 / qq)
    determinant = ll * qq - lq**2
    proper = determinant > 1e-9 * ll * qq
    safe = np.where(proper, determinant, 1)
    slope, bend = (qq * ly - lq * qy) / safe, (ll * qy - lq * ly) / safe
    both = proper & (slope >= 0) & (bend >= 0)
    return np.maximum(total - np.where(both, slope * ly + bend * qy, gain), 0)
