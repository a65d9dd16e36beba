"""The median of values that are known with an error each."""

import numpy as np
from scipy.special import ndtr

TURN = 1.345
"""Standard errors up to which a value pulls in proportion to its distance (Huber's usual choice)."""
_ROUNDS = 30
_SETTLED = 1e-6
"""Of the typical error: a step below it ends the search."""
_LEAST = 1e-4
"""Of the typical error: smaller ones count as this much."""
_FAR = 3.5
"""Robust standard deviations from the median, or times the median error; what is beyond counts as that far."""
_AT_ONCE = 64
"""Rows that are worked on together, so that they stay in the processor's cache."""


def noisy_median(values: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """The median of values, shaped (...), nearer to their mean the larger their errors are.

    It is the m at which the values' pulls cancel: each pulls with its distance from m in errors as far as ``TURN`` of
    these, and no harder from there on (an M-estimate of location; Huber 1964, Ann Math Stat 35:73). Without errors
    that is the median. Where the values differ by noise alone, as large as the errors, the variance of the median is
    half as large again (0.64 against 0.95 of what is possible); values far off still do not count by how far.

    In a region of two tissues this is drawn towards the mean, so errors are first multiplied by ``share_of_noise``.

    Args:
        values: shaped (..., n), finite; at least one.
        errors: standard errors of the n, finite; all zero for the ordinary median.
    """
    if not errors.any():
        return np.median(values, axis=-1)
    rows = values.reshape(-1, values.shape[-1])
    found = [_solved(rows[start : start + _AT_ONCE], errors) for start in range(0, len(rows), _AT_ONCE)]
    return np.concatenate(found).reshape(values.shape[:-1])


def share_of_noise(values: np.ndarray, errors: np.ndarray) -> float:
    """How far noise hides how the values (n,) of a region differ, 0 to 1: 0 where their errors make less than a quarter
    of their variance, so that an ordinary median speaks for the tissue, 1 where they make half of it or more."""
    spread = variance(values)
    return float(np.clip(4 * noise_variance(errors) / spread - 1, 0, 1)) if spread > 0 else 1.0


def variance(values: np.ndarray) -> float:
    """The variance of values (n,), those far from their median brought nearer so that a few do not make it."""
    middle = np.median(values)
    reach = _FAR * 1.4826 * np.median(np.abs(values - middle))
    return float(np.var(np.clip(values, middle - reach, middle + reach), ddof=1)) if len(values) > 1 else 0.0


def noise_variance(errors: np.ndarray) -> float:
    """The variance that standard errors (n,) make, likewise."""
    return float(np.mean(np.minimum(errors, _FAR * np.median(errors)) ** 2))


def expected_pull(distance: np.ndarray, width: np.ndarray, share: float = 1.0) -> np.ndarray:
    """What values at a ``distance`` from m with an error of ``width``, both in one unit, pull on average: -1 to 1.

    The mean of min(max(z / turn, -1), 1) over a normal distribution of z around distance / width with variance 1, where
    turn is ``TURN`` times the ``share`` by which errors are multiplied.
    """
    middle, turn = distance / width, max(TURN * share, _LEAST)
    return 1 - (_ramp(turn - middle) - _ramp(-turn - middle)) / turn


def _ramp(z: np.ndarray) -> np.ndarray:
    """The integral of the normal distribution function up to z."""
    return z * ndtr(z) + np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def _solved(rows: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """By Newton's method, kept between bounds that the sign of the sum of pulls tells; from the median on."""
    low, high = rows.min(axis=1), rows.max(axis=1)
    reach = TURN * np.maximum(errors, _LEAST * np.median(errors[errors > 0]))
    middle, settled = np.median(rows, axis=1), _SETTLED * float(np.median(reach))
    for _ in range(_ROUNDS):
        apart = (rows - middle[:, None]) / reach
        pull = np.clip(apart, -1, 1).sum(axis=1)
        low, high = np.where(pull > 0, middle, low), np.where(pull < 0, middle, high)
        slope = (np.abs(apart) < 1) @ (1 / reach)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = middle + pull / slope
        inside = (step > low) & (step < high)
        before, middle = middle, np.where(pull == 0, middle, np.where(inside, step, (low + high) / 2))
        if np.abs(middle - before).max() <= settled:
            break
    return middle
