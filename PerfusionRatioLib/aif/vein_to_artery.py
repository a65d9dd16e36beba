"""How much more contrast agent a vein shows than an artery, of which the same blood flows through both."""

import numpy as np

from .features import measure_curves

_LONGEST_TRANSIT, _STEP = 15.0, 0.25  # s
_LATE = 50.0  # s after the half rise: first pass and recirculation are over
_SHORTEST_LATE = 30.0  # s
_SAMPLING, _AT_SPACING = 0.037, 8.0  # relative standard error of areas whose frames are this many seconds apart
_LARGEST_SAMPLING = 0.1
LATE_LEVEL = 0.01  # relative standard error of the late levels' quotient where the head keeps still
_FARTHEST = 3.0  # standard errors


def vein_to_artery(times: np.ndarray, artery: np.ndarray, vein: np.ndarray, arrival: float) -> float:
    """The area under a vein's curve divided by that under an artery's, as it would be with frames close together.

    Frames far apart miss the peak of a first pass or hit it, so its sampled area is wrong: over boluses 6 to 14 s wide
    by 3.7% with frames 8 s apart (standard deviation), and by the third power of the spacing. The level after the
    recirculation is sampled well at any spacing: there the vein has the artery's concentration of one transit time
    before, and their ratio is that of the areas; but motion since the bolus changes it. The answer is the mean of both,
    weighted by their inverse variances; the late level counts no farther than three standard errors of the areas. A
    series without a late part has the quotient of the areas of a minute (``CurveFeatures.area``).

    Args:
        times: seconds, shaped (t,).
        artery: mM, shaped (t,).
        vein: the same.
        arrival: seconds at which the bolus arrives in the head.
    """
    features = measure_curves(times, np.stack([artery, vein], axis=1), np.zeros(2), arrival)
    parts = first_and_late(times, artery, vein, float(features.half_rise[0]))
    if parts is None:
        return float(features.area[1] / features.area[0])
    first, late = parts
    sampling = sampling_error(times)
    weight = sampling**2 / (sampling**2 + LATE_LEVEL**2)
    apart = np.clip(np.log(late / first), -_FARTHEST * sampling, _FARTHEST * sampling)
    return float(first * np.exp(weight * apart))


def first_and_late(
    times: np.ndarray, artery: np.ndarray, vein: np.ndarray, half_rise: float
) -> tuple[float, float] | None:
    """The vein's area divided by the artery's until the recirculation is over, and after it, the vein's a transit time
    later; both the same for the same blood. None where the series ends too early or an area is not above zero.

    Args:
        times: seconds, shaped (t,).
        artery: mM, shaped (t,).
        vein: the same.
        half_rise: of the artery, seconds.
    """
    delay = transit_time(times, artery, vein)
    start, stop = half_rise + _LATE, float(times[-1]) - delay
    if not stop - start >= _SHORTEST_LATE:
        return None
    of_artery, of_vein = (
        (_between(times, curve, times[0], start + shift), _between(times, curve, start + shift, stop + shift))
        for curve, shift in ((artery, 0.0), (vein, delay))
    )
    if not min(*of_artery, *of_vein) > 0:
        return None
    return of_vein[0] / of_artery[0], of_vein[1] / of_artery[1]


def sampling_error(times: np.ndarray) -> float:
    """Relative standard error of the quotient of areas that comes from frames far apart."""
    spacing = float(np.median(np.diff(times)))
    return min(_SAMPLING * (spacing / _AT_SPACING) ** 3, _LARGEST_SAMPLING)


def transit_time(times: np.ndarray, artery: np.ndarray, vein: np.ndarray) -> float:
    """Seconds by which the area under the artery's curve so far has to be delayed to be that of the vein, up to a
    factor; areas, unlike the curves themselves, do not depend on which part of the first pass the frames show."""
    of_artery, of_vein = _so_far(times, artery), _so_far(times, vein)
    delays = np.arange(0.0, _LONGEST_TRANSIT, _STEP)
    delayed = np.stack([np.interp(times - delay, times, of_artery) for delay in delays])
    explained = (delayed @ of_vein) ** 2 / np.maximum((delayed**2).sum(axis=1), np.finfo(float).tiny)
    return float(delays[np.argmax(explained)])


def _so_far(times: np.ndarray, curve: np.ndarray) -> np.ndarray:
    """Area under a curve from the first frame until each."""
    return np.concatenate([[0.0], np.cumsum(np.diff(times) * (curve[1:] + curve[:-1]) / 2)])


def _between(times: np.ndarray, curve: np.ndarray, start: float, stop: float) -> float:
    return float(np.diff(np.interp([start, stop], times, _so_far(times, curve)))[0])
