"""The shape of an artery's curve, which signal that saturates bends, put right by that of a vein."""

import numpy as np
from scipy.optimize import brentq

from .features import measure_curves
from .vein_to_artery import between, late_part_of, sampling_error, transit_time

_USUAL = 0.0125  # relative standard deviation of the late level, against the area before it, that bending makes
_MOST = 0.4  # of the peak: what its height may lack of what it would be


def straightened(times: np.ndarray, artery: np.ndarray, vein: np.ndarray, arrival: float) -> tuple[np.ndarray, float]:
    """The artery's curve (mM, up to a factor) with the late level that the vein has, relative to the area before it.

    With a short TR the signal of a spoiled gradient echo is a quotient of linear functions of R1, and so of
    concentration (x / (x + a), x = TR R1). Its enhancement relative to the signal before the bolus is then
    p c / (1 + q c). Tissue in the voxel divides it by a number; inverted, as if there were none, it gives

        s c / (1 - b c).

    A T10 that is not that of the blood does the same. So one number b undoes both in the shape of the curve, whichever
    it was; s is that of a factor. An error of the flip angle multiplies the concentrations of a vessel and its T10
    alike (``Docs/methods.md``) and bends nothing. The same blood flows through both vessels, so b is that with which
    the level after the recirculation is to the area until then as in the vein, a transit time later. With frames far
    apart the areas are known less well and the curve is left nearer to what it is: weighted by the inverse variances
    of what is to be expected and of the sampling.

    Args:
        times: seconds, shaped (t,).
        artery: mM, shaped (t,).
        vein: the same, of voxels that are full of blood.
        arrival: seconds at which the bolus arrives in the head.

    Returns:
        The curve, and what its peak was multiplied by against values near zero.
    """
    half_rise = float(measure_curves(times, artery[:, None], np.zeros(1), arrival).half_rise[0])
    peak = float(artery.max())

    def curve(share: float) -> np.ndarray:
        return artery / (1 - share * artery / peak)

    def mismatch(share: float) -> float:
        return _mismatch(times, curve(share), vein, half_rise)

    left = mismatch(0.0) * (1 - _USUAL**2 / (_USUAL**2 + sampling_error(times) ** 2))
    if not (mismatch(-_MOST) - left) * (mismatch(_MOST) - left) < 0:  # not-a-number likewise
        return artery, 1.0
    share = brentq(lambda share: mismatch(share) - left, -_MOST, _MOST, xtol=1e-4)
    return curve(share), 1 / (1 - share)


def _mismatch(times: np.ndarray, artery: np.ndarray, vein: np.ndarray, half_rise: float) -> float:
    """Logarithm of the vein's late level against the area before it, divided by the artery's; not-a-number where the
    series does not tell."""
    delay = transit_time(times, artery, vein)
    late_part = late_part_of(times, half_rise, delay)
    if late_part is None:
        return float("nan")
    start, stop = late_part
    late = between(times, vein, start + delay, stop + delay) / between(times, artery, start, stop)
    first = between(times, vein, times[0], start + delay) / between(times, artery, times[0], start)
    return float(np.log(late / first)) if late > 0 and first > 0 else float("nan")
