"""Whether the arterial inputs of two visits are comparable."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..signal.arrival import arrival_time
from .quality import full_width_at_half_maximum

FIRST_MINUTE = 60.0
"""Seconds after arrival over which the area is taken, and after which the tail begins."""
TAIL_END = 120.0
"""Seconds after arrival at which the tail ends."""

# The same patient and dose should repeat. An error of the amplitude of an arterial input scales Ktrans and vp
# inversely; ratios to normal brain cancel the amplitude but not the shape. The width is told badly by frames that are
# far apart, so more of it is allowed.
LARGEST_DIFFERENCE = {"peak": 0.30, "area": 0.20, "width": 0.50, "late": 0.25}
"""Of the smaller of the two visits' values; above it the inputs do not agree."""


@dataclass(frozen=True)
class AifShape:
    """Measures of an arterial input.

    Attributes:
        peak_mM: highest plasma concentration.
        area_mM_s: area under the curve over the first 60 s after arrival, or until the end of a shorter series.
        width_s: full width at half maximum; infinite when the curve never falls to half.
        tail_mM: mean concentration from 60 to 120 s after arrival or to the end; NaN when the series ends before.
        arrival_s: seconds at which the curve leaves its baseline.
    """

    peak_mM: float  # noqa: N815 (the unit)
    area_mM_s: float  # noqa: N815 (the unit)
    width_s: float
    tail_mM: float  # noqa: N815 (the unit)
    arrival_s: float


@dataclass(frozen=True)
class AifConsistency:
    """Two arterial inputs of one patient side by side.

    Attributes:
        pre, follow_up: their measures.
        ratios: follow-up divided by pre, by "peak", "area", "width" and "tail"; NaN where one visit has no value.
        agree: whether peak, area, width, and the tail against the area, differ by no more than ``LARGEST_DIFFERENCE``.
        sentence: what differs, and what it does to absolute values and to ratios.
    """

    pre: AifShape
    follow_up: AifShape
    ratios: dict[str, float]
    agree: bool
    sentence: str


def aif_shape(times: np.ndarray, plasma: np.ndarray) -> AifShape:
    """Measure an arterial input.

    Args:
        times: seconds, shaped (t,), increasing.
        plasma: mM, shaped (t,), finite.

    Raises:
        InputError: shapes that do not match, fewer than three frames, values that are not numbers.
        NoAnswerError: the curve does not rise.
    """
    times, plasma = np.asarray(times, float), np.asarray(plasma, float)
    if times.ndim != 1 or plasma.shape != times.shape or times.size < 3:
        raise InputError(
            f"An arterial input of {plasma.size} concentrations at {times.size} times cannot be compared; "
            "it needs one concentration for each of at least three times."
        )
    if not (np.all(np.isfinite(plasma)) and np.all(np.diff(times) > 0)):
        raise InputError("An arterial input can be compared when its times increase and it has a number for each.")
    arrival = arrival_time(times, plasma)
    after = arrival + FIRST_MINUTE
    return AifShape(
        peak_mM=float(plasma.max()),
        area_mM_s=_area(times, plasma, arrival, after),
        width_s=full_width_at_half_maximum(times, plasma),
        tail_mM=_mean(times, plasma, after, arrival + TAIL_END),
        arrival_s=arrival,
    )


def compare_aifs(
    times_pre: np.ndarray, plasma_pre: np.ndarray, times_follow_up: np.ndarray, plasma_follow_up: np.ndarray
) -> AifConsistency:
    """Compare the arterial inputs of two visits; the series may have different frames.

    Areas and late levels are taken over what both series have where one is short.

    Args:
        times_pre, times_follow_up: seconds, shaped (t,), increasing.
        plasma_pre, plasma_follow_up: mM, shaped (t,), finite.

    Raises:
        InputError: see ``aif_shape``.
        NoAnswerError: a curve does not rise.
    """
    pre, follow_up = aif_shape(times_pre, plasma_pre), aif_shape(times_follow_up, plasma_follow_up)
    common = min(TAIL_END, times_pre[-1] - pre.arrival_s, times_follow_up[-1] - follow_up.arrival_s)
    curves = ((times_pre, plasma_pre, pre.arrival_s), (times_follow_up, plasma_follow_up, follow_up.arrival_s))
    before, now = (_area(*curve, start, start + min(FIRST_MINUTE, common)) for *curve, start in curves)
    late_before, late = (_mean(*curve, start + FIRST_MINUTE, start + common) for *curve, start in curves)
    ratios = {
        "peak": _ratio(follow_up.peak_mM, pre.peak_mM),
        "area": _ratio(now, before),
        "width": _ratio(follow_up.width_s, pre.width_s),
        "tail": _ratio(late, late_before),
    }
    compared = ratios | {"late": _late(ratios)}
    differing = [name for name, most in LARGEST_DIFFERENCE.items() if not _difference(compared[name]) <= most]
    return AifConsistency(pre, follow_up, ratios, not differing, _sentence(compared, differing))


def _late(ratios: dict[str, float]) -> float:
    """How the late level, against the area, differs; 1 where a series ends before it."""
    late = _ratio(ratios["tail"], ratios["area"])
    return late if np.isfinite(late) else 1.0


def _area(times: np.ndarray, plasma: np.ndarray, start: float, stop: float) -> float:
    """Area between two moments, straight lines between samples, not beyond the last one."""
    stop = min(stop, times[-1])
    inside = (times > start) & (times < stop)
    moments = np.concatenate([[start], times[inside], [stop]])
    return float(np.trapezoid(np.interp(moments, times, plasma), moments))


def _mean(times: np.ndarray, plasma: np.ndarray, start: float, stop: float) -> float:
    stop = min(stop, times[-1])
    return _area(times, plasma, start, stop) / (stop - start) if stop > start else float("nan")


def _ratio(follow_up: float, pre: float) -> float:
    if np.isinf(follow_up) and np.isinf(pre):
        return 1.0  # neither falls to half of its peak
    return follow_up / pre if pre > 0 else float("nan")


def _difference(ratio: float) -> float:
    """The same for a ratio and its inverse, so that it does not matter which visit is called first."""
    return max(ratio, 1 / ratio) - 1 if ratio > 0 else float("nan")


def _sentence(ratios: dict[str, float], differing: list[str]) -> str:
    if not differing:
        return (
            f"The arterial inputs of the two visits agree: peak {_times(ratios['peak'])}, area "
            f"{_times(ratios['area'])}, width {_times(ratios['width'])} and late level relative to the first minute "
            f"{_times(ratios['late'])} those of the first visit."
        )
    told = {"late": "late level relative to the first minute"}
    what = " and ".join(f"{told.get(name, name)} {_times(ratios[name])}" for name in differing)
    amplitude = [name for name in differing if name in ("peak", "area")]
    effects = []
    if amplitude:
        size = "area" if "area" in amplitude else "peak"
        effects.append(
            f"absolute Ktrans and vp of the follow-up are about {_times(_ratio(1.0, ratios[size]))} "
            "what the first visit's input would give"
        )
    effects.append(
        "ratios to normal brain cancel an error of the amplitude but not one of the shape"
        if amplitude == differing and _same_shape(ratios)
        else "ratios to normal brain change too, as the shape differs"
    )
    return f"The arterial inputs of the two visits differ ({what} that of the first visit): {'; '.join(effects)}."


def _same_shape(ratios: dict[str, float]) -> bool:
    """Whether the peak changed as the area did."""
    return _difference(_ratio(ratios["peak"], ratios["area"])) <= LARGEST_DIFFERENCE["area"]


def _times(ratio: float) -> str:
    return f"{ratio:.2f} times"
