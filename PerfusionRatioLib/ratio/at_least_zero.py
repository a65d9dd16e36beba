"""What a measurement below zero says of a quantity that cannot be negative."""

import numpy as np
from scipy.stats import rankdata, truncnorm

UPPER = 0.95
"""The share of ``at_least_zero`` that lies below the upper limit of an interval that begins at zero."""
_FARTHEST = -30.0
"""Standard deviations below zero that count at most: beyond them little is left to tell apart."""


def at_least_zero(value: float, draws: np.ndarray) -> np.ndarray:
    """Draws of a quantity that is zero or more where a ``value`` below zero was measured.

    They are those of a normal distribution as wide as the ``draws``, cut off at zero, in the order of the ``draws``:
    the posterior of a measurement near a physical boundary with a uniform prior above it (Cowan 1998, Statistical Data
    Analysis, section 9.8). The farther below zero the value, the nearer to zero they are, but they never vanish as the
    part of the ``draws`` above zero does. Their 95% quantile is the upper limit: at a value of zero it is the two-sided
    one, 1.96 standard deviations.

    Args:
        value: measured, zero or less.
        draws: the value as it might have come out, shaped (n,).
    """
    spread = float(np.std(draws))
    if spread == 0:
        return np.zeros(len(draws))
    below = max(value / spread, _FARTHEST)
    rank = (rankdata(draws, "ordinal") - 0.5) / len(draws)
    return truncnorm.ppf(rank, -below, np.inf, loc=spread * below, scale=spread).clip(min=0.0)
