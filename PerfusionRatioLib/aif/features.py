"""What is measured of a candidate's curve: when it rises, how high, how narrow, how smooth, how it washes out."""

from dataclasses import dataclass, fields

import numpy as np

_SMOOTHED_BELOW = 2.5  # s between frames; faster series are smoothed over three frames to find peak and half height
_ONSET = 0.2  # of the peak
_PLATEAU = 0.85  # of the peak
_FIRST_PASS_BEFORE, _FIRST_PASS_AFTER = 12.0, 40.0  # s around the arrival of the bolus
_AREA_AFTER = 60.0  # s after the half rise
_TAIL_AFTER = 60.0  # s after the bolus arrived the curve is past its recirculation
_FEWEST_BENDS = 4  # from which a standard deviation is taken


@dataclass(frozen=True)
class CurveFeatures:
    """One value a candidate, each shaped (n,); NaN where a curve does not have it.

    Attributes:
        peak: highest concentration, mM.
        peak_time: seconds.
        onset: seconds at which the rise crosses a fifth of the peak.
        half_rise: seconds at which the rise crosses half of the peak.
        width: full width at half maximum, seconds; infinite when the curve never falls to half.
        plateau: time above 85% of the peak divided by the time above half of it; about 0.45 for a bolus, 1 for a box.
        tail: mean concentration after the recirculation, divided by the peak.
        moment: centre of gravity of the first pass, seconds after the bolus arrives in the head.
        area: area under the curve from before its rise until a minute after it (until the end of shorter series; the
            same duration for all), mM·s. Each curve is measured from its own half rise, so that an artery and a vein
            full of the same blood have the same area.
        jump: largest step between two frames after the recirculation, divided by the peak.
        roughness: noise from frame to frame divided by the peak; fast recirculation counts as such.
        noise: standard deviation from frame to frame while the bolus is not passing, mM.
    """

    peak: np.ndarray
    peak_time: np.ndarray
    onset: np.ndarray
    half_rise: np.ndarray
    width: np.ndarray
    plateau: np.ndarray
    tail: np.ndarray
    moment: np.ndarray
    area: np.ndarray
    jump: np.ndarray
    roughness: np.ndarray
    noise: np.ndarray

    def of(self, chosen: np.ndarray) -> "CurveFeatures":
        """The features of some of the candidates (an index or a bool array)."""
        return CurveFeatures(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def measure_curves(times: np.ndarray, curves: np.ndarray, noise: np.ndarray, arrival: float) -> CurveFeatures:
    """Measure the curves of candidates.

    Args:
        times: seconds, shaped (t,).
        curves: mM, shaped (t, n).
        noise: standard deviation from frame to frame of each, mM, shaped (n,); of the whole curve.
        arrival: seconds at which the bolus arrives in the head.
    """
    spacing = float(np.median(np.diff(times)))
    shown = _smoothed(curves) if spacing < _SMOOTHED_BELOW else curves
    top = np.argmax(shown, axis=0)
    peak = np.take_along_axis(shown, top[None], axis=0)[0]
    half_rise = _rise(times, shown, top, 0.5 * peak)
    width = _fall(times, shown, top, 0.5 * peak) - half_rise
    window = first_pass(times, arrival)
    weight = np.gradient(times)
    passing = np.maximum(curves[window], 0) * weight[window, None]
    late = times >= arrival + _TAIL_AFTER
    if late.sum() < 2:
        late = np.arange(times.size) >= times.size - max(times.size // 5, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return CurveFeatures(
            peak=peak,
            peak_time=times[top],
            onset=_rise(times, shown, top, _ONSET * peak),
            half_rise=half_rise,
            width=width,
            plateau=(weight @ (shown > _PLATEAU * peak)) / (weight @ (shown > 0.5 * peak)),
            tail=curves[late].mean(axis=0) / peak,
            moment=(times[window] - arrival) @ passing / passing.sum(axis=0),
            area=_area(times, curves, half_rise, arrival),
            jump=np.abs(np.diff(curves[late], axis=0)).max(axis=0, initial=0) / peak,
            roughness=noise / peak,
            noise=_noise_at_rest(curves, [times < arrival - _FIRST_PASS_BEFORE, late], noise),
        )


def bolus_arrival(times: np.ndarray, head: np.ndarray) -> float:
    """Seconds at which the mean curve of the head (t,) rises most steeply; arteries are some seconds earlier."""
    step = int(np.argmax(np.diff(head) / np.diff(times)))
    return float((times[step] + times[step + 1]) / 2)


def first_pass(times: np.ndarray, arrival: float) -> np.ndarray:
    """Which frames belong to the first pass, bool shaped (t,): 12 s before arrival until 40 s after it, at least one
    frame before and three after."""
    spacing = float(np.median(np.diff(times)))
    start, stop = max(_FIRST_PASS_BEFORE, 1.5 * spacing), max(_FIRST_PASS_AFTER, 3.5 * spacing)
    return (times >= arrival - start) & (times <= arrival + stop)


def _area(times: np.ndarray, curves: np.ndarray, half_rise: np.ndarray, arrival: float) -> np.ndarray:
    """Area from the first frame until a minute after each curve's half rise; NaN where it has none."""
    steps = np.diff(times)[:, None] * (curves[1:] + curves[:-1]) / 2
    until = np.concatenate([np.zeros((1, curves.shape[1])), np.cumsum(steps, axis=0)])
    duration = min(_AREA_AFTER, 0.8 * (times[-1] - arrival))
    stop = np.minimum(np.nan_to_num(half_rise) + duration, times[-1])
    left = np.clip(np.searchsorted(times, stop, side="right") - 1, 0, times.size - 2)
    part = (stop - times[left]) / (times[left + 1] - times[left])
    low, high = (np.take_along_axis(until, side[None], axis=0)[0] for side in (left, left + 1))
    return np.where(np.isfinite(half_rise), low + part * (high - low), np.nan)


def _noise_at_rest(curves: np.ndarray, rest: list[np.ndarray], otherwise: np.ndarray) -> np.ndarray:
    """Standard deviation from frame to frame of curves (t, n) in the stretches of frames ``rest``, each bool (t,);
    ``otherwise`` where these are too short.

    Measured by how far samples lie from the middle of their neighbours, which is nothing on a straight line.
    """
    bends = np.concatenate([np.diff(curves[these], n=2, axis=0) for these in rest])
    if len(bends) < _FEWEST_BENDS:
        return otherwise
    return np.sqrt((bends**2).mean(axis=0) / 6)


def _smoothed(curves: np.ndarray) -> np.ndarray:
    padded = np.concatenate([curves[:1], curves, curves[-1:]])
    return (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4


def _rise(times: np.ndarray, curves: np.ndarray, top: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Seconds at which each curve last crosses ``level`` on its way up; NaN when it begins above."""
    frame = np.arange(times.size)[:, None]
    below = (curves <= level) & (frame < top)
    left = times.size - 1 - np.argmax(below[::-1], axis=0)
    return np.where(below.any(axis=0), _crossing(times, curves, left, level), np.nan)


def _fall(times: np.ndarray, curves: np.ndarray, top: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Seconds at which each curve first crosses ``level`` on its way down; infinite when it never does."""
    frame = np.arange(times.size)[:, None]
    below = (curves <= level) & (frame > top)
    right = np.argmax(below, axis=0)
    return np.where(below.any(axis=0), _crossing(times, curves, right - 1, level), np.inf)


def _crossing(times: np.ndarray, curves: np.ndarray, left: np.ndarray, level: np.ndarray) -> np.ndarray:
    left = np.clip(left, 0, times.size - 2)
    low, high = (np.take_along_axis(curves, side[None], axis=0)[0] for side in (left, left + 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        fraction = np.clip((level - low) / (high - low), 0, 1)
    return times[left] + np.nan_to_num(fraction) * (times[left + 1] - times[left])
