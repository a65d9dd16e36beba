"""Statistics of estimated against true values."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Agreement:
    """How estimates agree with the truth; None where a statistic does not exist.

    Attributes:
        cases: estimates that were compared.
        failed: estimates that were not a number, left out of everything else.
        at_limit: estimates that hold no more than a limit of the fit, left out of means and RMSE, which one of them
            could make absurd; medians and concordance are over all.
        median_bias, mean_bias: of estimate − truth, in the unit of the parameter.
        median_relative_bias, mean_relative_bias: of (estimate − truth) / truth, over the cases whose truth is not 0.
        rmse: root mean square of estimate − truth.
        concordance: Lin's concordance correlation coefficient; None when the truth is one and the same for all cases.
    """

    cases: int
    failed: int
    at_limit: int
    median_bias: float | None
    mean_bias: float | None
    median_relative_bias: float | None
    mean_relative_bias: float | None
    rmse: float | None
    concordance: float | None


def agreement(estimated: np.ndarray, true: np.ndarray, at_limit: np.ndarray | bool = False) -> Agreement:
    """Compare ``estimated`` with ``true``, arrays of one shape (or broadcast to one).

    Args:
        at_limit: which estimates are to be left out of means and RMSE; see `Agreement`.
    """
    estimated, true, limited = (np.ravel(a) for a in np.broadcast_arrays(estimated, true, at_limit))
    valid = np.isfinite(estimated)
    failed = int(np.count_nonzero(~valid))
    estimated, true, inner = estimated[valid].astype(float), true[valid].astype(float), ~limited[valid]
    error = estimated - true
    nonzero = true != 0
    relative = error[nonzero] / true[nonzero]
    return Agreement(
        cases=error.size,
        failed=failed,
        at_limit=int(np.count_nonzero(~inner)),
        median_bias=_value(np.median, error),
        mean_bias=_value(np.mean, error[inner]),
        median_relative_bias=_value(np.median, relative),
        mean_relative_bias=_value(np.mean, relative[inner[nonzero]]),
        rmse=_value(lambda values: np.sqrt(np.mean(values**2)), error[inner]),
        concordance=concordance(estimated, true) if true.size and np.ptp(true) > 0 else None,
    )


def _value(statistic: Callable, values: np.ndarray) -> float | None:
    return float(statistic(values)) if values.size else None


def concordance(first: np.ndarray, second: np.ndarray) -> float | None:
    """Lin's concordance correlation coefficient, 2 s₁₂ / (s₁² + s₂² + (m₁ − m₂)²), with moments divided by n.

    1 when all pairs lie on the line of identity; a slope, an offset or scatter lowers it. None when nothing varies.

    Source: Lin, Biometrics 1989;45:255.
    """
    first, second = np.asarray(first, float), np.asarray(second, float)
    if first.size == 0 or (np.ptp(first) == 0 and np.ptp(second) == 0):
        return None
    covariance = np.mean((first - first.mean()) * (second - second.mean()))
    return float(2 * covariance / (first.var() + second.var() + (first.mean() - second.mean()) ** 2))
