"""The median of values that are known with an error each."""

import numpy as np
from scipy.special import ndtr

TURN = 1.345
"""Standard errors up to which a value pulls in proportion to its distance (Huber's usual choice)."""
_ROUNDS = 30
_SETTLED = 1e-6
"""Of the typical error: a step below it ends the search."""
_EXACT = 1e-12
"""Of the range of the values: errors below this are none."""
_AT_ONCE = 64
"""Rows that are worked on together, so that they stay in the processor's cache."""


def noisy_median(values: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """The median of the true values behind measured ones, shaped (...).

    It is the m at which the values' pulls cancel: each pulls with its distance from m in standard errors as far as
    ``TURN`` of these, and no harder from there on (an M-estimate of location; Huber 1964, Ann Math Stat 35:73). Where
    the values differ by much more than their errors, that is their median. Where they differ by noise alone it is
    nearly their mean, whose variance is two thirds of that of their median (0.64 against 0.95 of what is possible);
    values far off still do not count by how far.

    Args:
        values: shaped (..., n), finite; at least one.
        errors: standard errors of the n, finite; zero where a value is exact.
    """
    if not errors.any():
        return np.median(values, axis=-1)
    rows = values.reshape(-1, values.shape[-1])
    found = [_solved(rows[start : start + _AT_ONCE], errors) for start in range(0, len(rows), _AT_ONCE)]
    return np.concatenate(found).reshape(values.shape[:-1])


def expected_pull(distance: np.ndarray, width: np.ndarray) -> np.ndarray:
    """What values at a ``distance`` from m with an error of ``width``, both in one unit, pull on average: -1 to 1.

    The mean of min(max(z / TURN, -1), 1) over a normal distribution of z around distance / width with variance 1.
    """
    middle = distance / width
    return 1 - (_ramp(TURN - middle) - _ramp(-TURN - middle)) / TURN


def _ramp(z: np.ndarray) -> np.ndarray:
    """The integral of the normal distribution function up to z."""
    return z * ndtr(z) + np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def _solved(rows: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """By Newton's method, kept between bounds that the sign of the sum of pulls tells; from the median on."""
    low, high = rows.min(axis=1), rows.max(axis=1)
    reach = np.maximum(TURN * errors, max(_EXACT * float(np.max(high - low)), np.finfo(float).tiny))
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
