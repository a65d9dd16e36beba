"""Statistics of estimated against true values."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Agreement:
    """How estimates agree with the truth; None where a statistic does not exist.

    Attributes:
        cases: estimates that were compared.
        failed: estimates that were not a number, left out of everything else.
        median_bias, mean_bias: of estimate − truth, in the unit of the parameter.
        median_relative_bias, mean_relative_bias: of (estimate − truth) / truth, over the cases whose truth is not 0.
        rmse: root mean square of estimate − truth.
        concordance: Lin's concordance correlation coefficient; None when the truth is one and the same for all cases.
    """

    cases: int
    failed: int
    median_bias: float | None
    mean_bias: float | None
    median_relative_bias: float | None
    mean_relative_bias: float | None
    rmse: float | None
    concordance: float | None


def agreement(estimated: np.ndarray, true: np.ndarray) -> Agreement:
    """Compare ``estimated`` with ``true``, arrays of one shape (or broadcast to one)."""
    estimated, true = (np.ravel(a).astype(float) for a in np.broadcast_arrays(estimated, true))
    valid = np.isfinite(estimated)
    failed = int(np.count_nonzero(~valid))
    estimated, true = estimated[valid], true[valid]
    error = estimated - true
    relative = error[true != 0] / true[true != 0]
    if error.size == 0:
        return Agreement(0, failed, None, None, None, None, None, None)
    return Agreement(
        cases=error.size,
        failed=failed,
        median_bias=float(np.median(error)),
        mean_bias=float(np.mean(error)),
        median_relative_bias=float(np.median(relative)) if relative.size else None,
        mean_relative_bias=float(np.mean(relative)) if relative.size else None,
        rmse=float(np.sqrt(np.mean(error**2))),
        concordance=concordance(estimated, true) if np.ptp(true) > 0 else None,
    )


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
