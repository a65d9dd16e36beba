"""The change of a lesion between two visits, against what measuring twice alone would give."""

from dataclasses import dataclass

import numpy as np

from .criteria import Criteria
from .measurement import RatioMeasurement
from .verdict import NAMES

NEAR_NOTHING = -0.99
"""A relative change below this is told in words: its percentages would all be -100%."""


@dataclass(frozen=True)
class Change:
    """How a ratio changed from the visit before radiosurgery to the follow-up.

    Attributes:
        parameter: whose ratio.
        relative: follow-up / before - 1; not-a-number where one of them cannot be evaluated, infinite after a ratio
            of 0.
        ci_low, ci_high: its 95% interval.
        repeatability: the repeatability coefficient it is held against, as a fraction; None where none is known.
        beyond_error: whether the change is more than measurement error; None where that cannot be said.
        sentence: the same in words.
    """

    parameter: str
    relative: float
    ci_low: float
    ci_high: float
    repeatability: float | None
    beyond_error: bool | None
    sentence: str


def change_of(pre: RatioMeasurement, follow_up: RatioMeasurement, criteria: Criteria) -> Change:
    """The change of a ratio between visits.

    It is beyond measurement error when it exceeds the repeatability coefficient (2.77 times the within-subject
    coefficient of variation) and its own interval leaves out no change; without a coefficient the interval alone
    decides.
    """
    name, limit = NAMES[pre.parameter], criteria.repeatability(pre.parameter)
    if not (pre.evaluable and follow_up.evaluable):
        nan = float("nan")
        return Change(pre.parameter, nan, nan, nan, limit, None, f"{name} cannot be compared between the visits.")
    relative = _relative(pre.ratio, follow_up.ratio)
    low, high = _interval(pre, follow_up)
    told = f"{name} changed by {relative:+.0%} ({low:+.0%} to {_percent(high)})"
    if np.isinf(relative):
        told = f"{name} rose from 0 to {follow_up.ratio:.3g}"
    elif relative < NEAR_NOTHING:
        told = f"{name} fell from {pre.ratio:.3g} to near zero"
    beyond = (low > 0 or high < 0) and (limit is None or abs(relative) > limit)
    return Change(
        pre.parameter,
        relative,
        low,
        high,
        limit,
        beyond,
        f"{told}: {_held_against(limit, beyond)}.",
    )


def _held_against(limit: float | None, beyond: bool) -> str:
    """Against what a change was judged; the interval of a ratio holds the noise of its scan, not what else differs
    between two scans of an unchanged lesion."""
    side = "beyond" if beyond else "within"
    if limit is not None:
        return f"{side} measurement error, judged by its repeatability of {limit:.0%}"
    told = f"{side} the noise of the scans, judged by its own interval, as no repeatability is known"
    return f"{told}; whether it exceeds the variation from scan to scan is not known" if beyond else told


def _relative(pre: float, follow_up: float) -> float:
    if pre > 0:
        return follow_up / pre - 1
    return float("inf") if follow_up > 0 else 0.0


def _interval(pre: RatioMeasurement, follow_up: RatioMeasurement) -> tuple[float, float]:
    """The errors of both visits are independent; draws of one seed are not, so they are paired in another order."""
    count = min(len(pre.draws), len(follow_up.draws))
    order = np.random.default_rng(count).permutation(count)
    with np.errstate(invalid="ignore", divide="ignore"):
        quotients = follow_up.draws[order] / pre.draws[:count]
    quotients = np.nan_to_num(quotients, nan=1.0, posinf=np.inf)
    low, high = np.quantile(quotients, (0.025, 0.975), method="nearest")
    return float(low) - 1, float(high) - 1


def _percent(value: float) -> str:
    return f"{value:+.0%}" if np.isfinite(value) else "no limit"
