"""The shape of an artery's curve, which signal that saturates bends, put right by that of a vein."""

import numpy as np
from scipy.optimize import brentq

from .features import measure_curves
from .vein_to_artery import LATE_LEVEL, first_and_late, sampling_error

_RAISED, _USUAL = 0.01, 0.015  # mean and standard deviation of what bending adds to the late level, against the area
_MOST = 0.5  # of the peak: what its height may lack of what it would be


def straightened(times: np.ndarray, artery: np.ndarray, vein: np.ndarray, arrival: float) -> tuple[np.ndarray, float]:
    """The artery's curve (mM, up to a factor) with the late level that the vein has, relative to the area before it.

    With a short TR the signal of a spoiled gradient echo is a quotient of linear functions of R1, and so of
    concentration (x / (x + a), x = TR R1). Its enhancement relative to the signal before the bolus is then
    p c / (1 + q c). Tissue in the voxel divides it by a number; inverted, as if there were none, it gives

        s c / (1 + b c),

    and so does a T10 other than the blood's. The inverse has the same form, with -b / s: one number undoes what both
    do to the shape. It is that with which the level after the recirculation is to the area until then as in the vein,
    a transit time later, since the same blood flows through both vessels. Where T10 was mapped with the same flip
    angles their error scales concentrations (``Docs/methods.md``) and bends nothing; what bends both vessels alike,
    such as one T10 for all blood that is wrong, stays. The late levels are trusted to 1% and the areas the less the
    farther frames are apart; with what bending usually does (it raises late levels by 1 ± 1.5% against the area before
    them, as tissue in the voxels of digital arteries does) they are weighed by their inverse variances.

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
        parts = first_and_late(times, curve(share), vein, half_rise)
        return float("nan") if parts is None else float(np.log(parts[1] / parts[0]))

    noise = sampling_error(times) ** 2 + LATE_LEVEL**2
    left = (mismatch(0.0) + _RAISED) * noise / (_USUAL**2 + noise)
    if not (mismatch(-_MOST) - left) * (mismatch(_MOST) - left) < 0:  # not-a-number likewise
        return artery, 1.0
    share = brentq(lambda share: mismatch(share) - left, -_MOST, _MOST, xtol=1e-4)
    return curve(share), 1 / (1 - share)
