"""Curves of the models for tests of the fit: built from physical parameters, one voxel at a time, by quadrature.

The quadrature knows nothing of the solver: the arterial input is refined on straight lines and convolved by Simpson's
rule on a fine grid.
"""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from scipy.integrate import simpson, solve_ivp
from scipy.optimize import least_squares

EVEN = np.arange(60) * 5.0
UNEVEN = np.concatenate([np.arange(30) * 3.0, 87.0 + 8.0 * np.arange(1, 31)])

PHYSICAL = {
    "tofts": ("ktrans", "ve"),
    "extended-tofts": ("ktrans", "ve", "vp"),
    "patlak": ("ktrans", "vp"),
    "2cum": ("fp", "ps", "vp"),
    "2cxm": ("fp", "ps", "vp", "ve"),
}
USUAL = {
    "tofts": ([0.005, 0.05], [0.4, 0.9]),
    "extended-tofts": ([0.005, 0.05, 0.0], [0.4, 0.9, 0.1]),
    "patlak": ([0.0, 0.0], [0.05, 0.1]),
    "2cum": ([5, 0.001, 0.01], [60, 0.1, 0.1]),
    "2cxm": ([5, 0.005, 0.01, 0.05], [60, 0.1, 0.1, 0.5]),
}
LIMITS = {
    "tofts": ([0.0, 1e-3], [5.0, 1.0]),
    "extended-tofts": ([0.0, 1e-3, 0.0], [3.0, 1.0, 1.0]),
    "patlak": ([0.0, 0.0], [3.0, 3.0]),
    "2cum": ([0.1, 0.0, 1e-3], [300.0, 3.0, 1.0]),
    "2cxm": ([0.1, 1e-4, 1e-3, 1e-3], [300.0, 3.0, 1.0, 1.0]),
}


def bolus(times: np.ndarray, arrival: float = 30.0) -> np.ndarray:
    """A plasma curve (mM) with a first pass of some ten seconds and a slow tail."""
    s = np.maximum(times - arrival, 0) / 60
    tail = 1.2 * np.exp(-0.12 * s) / (1 + np.exp(-30 * (s - 0.4)))
    return np.where(s > 0, 5 * np.exp(-(((s - 0.2) / 0.08) ** 2)) + tail, 0.0)


def convolved(rate: float, times: np.ndarray, aif: np.ndarray, delay: float = 0.0, parts: int = 40) -> np.ndarray:
    """cp ⊗ exp(−rate t) in mM·min at the frames by Simpson's rule on each straight piece of the delayed input."""
    minutes, late = times / 60, delay / 60
    knots = np.unique(np.concatenate([minutes, minutes + late]))
    knots = knots[(knots >= minutes[0]) & (knots <= minutes[-1])]
    total, value = {knots[0]: 0.0}, 0.0
    for start, stop in pairwise(knots):
        fine = np.linspace(start, stop, 2 * parts + 1)
        cp = np.interp(fine - late, minutes, aif, left=0.0)
        value = value * np.exp(-rate * (stop - start)) + simpson(cp * np.exp(-rate * (stop - fine)), x=fine)
        total[stop] = value
    return np.array([total[minute] for minute in minutes])


def model_curve(model: str, physical, times, aif, delay: float = 0.0) -> np.ndarray:
    """Tissue concentration (mM) of one voxel with the parameters of `PHYSICAL`."""
    cp = np.interp(times - delay, times, aif, left=0.0)
    if model in ("tofts", "extended-tofts"):
        ktrans, ve, vp = (*physical, 0.0)[:3]
        return ktrans * convolved(ktrans / ve, times, aif, delay) + vp * cp
    if model == "patlak":
        return physical[0] * convolved(0.0, times, aif, delay) + physical[1] * cp
    if model == "2cum":
        fp, ps, vp = physical[0] / 100, *physical[1:]
        extraction = ps / (fp + ps)
        fast = convolved((fp + ps) / vp, times, aif, delay)
        return fp * (1 - extraction) * fast + fp * extraction * convolved(0.0, times, aif, delay)
    return _exchange(physical, times, aif, delay)


def _exchange(physical, times, aif, delay):
    """The two compartments' mass balances, integrated as they stand."""
    fp, ps, vp, ve = physical[0] / 100, *physical[1:]
    minutes = times / 60

    def balance(t, c):
        arterial = np.interp(t - delay / 60, minutes, aif, left=0.0)
        return [(fp * (arterial - c[0]) - ps * (c[0] - c[1])) / vp, ps * (c[0] - c[1]) / ve]

    solved = solve_ivp(
        balance, minutes[[0, -1]], [0, 0], t_eval=minutes, rtol=1e-8, atol=1e-10, max_step=np.diff(minutes).min() / 2
    )
    return vp * solved.y[0] + ve * solved.y[1]


def best_of_many_starts(curve: Callable, data, low, high, starts, around) -> tuple[np.ndarray, float]:
    """Bounded non-linear least squares by SciPy from several starts: parameters and residual sum of squares."""
    low, high = np.asarray(low, float), np.asarray(high, float)
    best = None
    for start in starts:
        inside = np.clip(start, low + 1e-6 * (high - low), high - 1e-6 * (high - low))
        found = least_squares(
            lambda p: curve(p) - data, inside, bounds=(low, high), x_scale=around, xtol=1e-12, ftol=1e-12, gtol=1e-12
        )
        best = found if best is None or found.cost < best.cost else best
    return best.x, 2 * best.cost
