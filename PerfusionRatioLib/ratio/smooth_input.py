"""A smooth curve through the samples of an arterial input."""

from collections.abc import Callable

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.optimize import least_squares

ORDERS = (2.0, 6.0)
"""Of the gamma variates that first passes in arteries look like."""
_PASSED = 0.4
"""Of the peak: a first pass is looked at until it has fallen to this."""
_BEFORE = 4
"""Frames before the peak in which the first pass begins."""
_LONGEST_RISE = 40.0
"""Seconds."""


def smooth_input(times: np.ndarray, plasma_concentration: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """A function of time (s) that passes through the samples (mM) and is as narrow between them as a bolus is.

    A spline alone would be too smooth where a few samples make up the first pass. So a gamma variate,
    h x^a exp(a (1 - x)) with x the time since its onset over that of its peak (Madsen 1992, Phys Med Biol 37:1597), is
    fitted to the first pass, and a cubic spline takes what it leaves over.
    """
    first_pass = _first_pass(times, plasma_concentration)
    rest = CubicSpline(times, plasma_concentration - first_pass(times))
    return lambda at: np.maximum(first_pass(at) + rest(at), 0.0)


def _first_pass(times: np.ndarray, plasma_concentration: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    peak = int(plasma_concentration.argmax())
    height, interval = float(plasma_concentration[peak]), float(np.median(np.diff(times)))
    fallen = np.flatnonzero(plasma_concentration[peak:] < _PASSED * height)
    stop = peak + (int(fallen[0]) if fallen.size else _BEFORE - 1) + 1
    chosen = slice(max(0, peak - _BEFORE), stop)
    at, seen = times[chosen], plasma_concentration[chosen]
    low = [0.0, times[0] - _LONGEST_RISE, 0.1 * interval, ORDERS[0]]
    high = [3 * height, times[peak], _LONGEST_RISE, ORDERS[1]]

    def found_from(onset: float):
        start = np.clip([height, onset, times[peak] - onset, np.mean(ORDERS)], low, high)
        return least_squares(lambda unknowns: _gamma_variate(at, *unknowns) - seen, start, bounds=(low, high))

    starts = [times[peak] - rise * interval for rise in (1.2, 2.0, 3.0, 4.0)]
    best = min((found_from(onset) for onset in starts), key=lambda result: result.cost)
    return lambda at: _gamma_variate(at, *best.x)


def _gamma_variate(times: np.ndarray, height: float, onset: float, rise: float, order: float) -> np.ndarray:
    relative = np.maximum(times - onset, 0.0) / rise
    return height * relative**order * np.exp(order * (1 - relative))
