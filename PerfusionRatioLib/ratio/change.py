"""The change of a lesion between two visits, against what measuring twice alone would give."""

from dataclasses import dataclass

import numpy as np

from .criteria import Criteria
from .measurement import RatioMeasurement
from .verdict import NAMES, WHY_NOT, written

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
        repeatability: the rise that it is held against, as a fraction; a fall is held against the one that takes
            this rise back. None where none is known. See ``Criteria.repeatability``.
        beyond_error: whether the change is more than measurement error; None where that cannot be said.
        told: the change in words, such as "rVp changed by -12% (-20% to -3%)".
        sentence: the same with what it is held against.
    """

    parameter: str
    relative: float
    ci_low: float
    ci_high: float
    repeatability: float | None
    beyond_error: bool | None
    told: str
    sentence: str


def change_of(pre: RatioMeasurement, follow_up: RatioMeasurement, criteria: Criteria) -> Change:
    """The change of a ratio between visits.

    It is beyond measurement error when it exceeds the repeatability, |ln(follow-up / before)| > ln(1 + repeatability),
    and its own interval leaves out no change; where no repeatability is known the interval alone decides. Which visit
    came first does not matter. The repeatability is that of the tumour's Ktrans (Ferl et al. 2010), as none is known of
    rKtrans, whose reference varies between visits too.
    """
    name, limit = NAMES[pre.parameter], criteria.repeatability(pre.parameter)
    if not (pre.evaluable and follow_up.evaluable):
        nan = float("nan")
        told = f"{name} cannot be compared between the visits"
        return Change(pre.parameter, nan, nan, nan, limit, None, told, f"{told}{_why_not(pre, follow_up)}.")
    relative = _relative(pre.ratio, follow_up.ratio)
    low, high = _interval(pre, follow_up)
    told = f"{name} changed by {relative:+.0%} ({low:+.0%} to {_percent(high)})"
    if np.isinf(relative):
        told = f"{name} rose from 0 to {written(follow_up.ratio)}"
    elif relative < NEAR_NOTHING:
        told = f"{name} fell from {written(pre.ratio)} to near zero"
    exceeds = limit is None or _distance(pre.ratio, follow_up.ratio) > np.log1p(limit)
    beyond = exceeds and (low > 0 or high < 0)
    return Change(
        pre.parameter,
        relative,
        low,
        high,
        limit,
        beyond,
        told,
        f"{told}: {_held_against(limit, exceeds, beyond)}.",
    )


def _why_not(pre: RatioMeasurement, follow_up: RatioMeasurement) -> str:
    """What keeps ratios from being evaluated, by visit; empty where nothing is known."""
    visits = (("before radiosurgery", pre), ("at follow-up", follow_up))
    told = [f"{when} {' and '.join(WHY_NOT[flag] for flag in one.flags)}" for when, one in visits if one.flags]
    return f": {'; '.join(told)}" if told else ""


def repeatability_range(repeatability: float) -> str:
    """The changes that measuring twice explains, such as -32% to +47%, from the largest rise among them."""
    return f"{1 / (1 + repeatability) - 1:+.0%} to {repeatability:+.0%}"


def _held_against(limit: float | None, exceeds: bool, beyond: bool) -> str:
    """Against what a change was judged; the interval of a ratio holds the noise of its scan, not what else differs
    between two scans of an unchanged lesion."""
    side = "beyond" if beyond else "within"
    if limit is not None:
        why = ", as its interval includes 0%" if exceeds and not beyond else ""
        return f"{side} measurement error{why} (repeatability: {repeatability_range(limit)})"
    told = f"{side} the noise of the scans, judged by its own interval, as no repeatability is known"
    return f"{told}; whether it exceeds the variation from scan to scan is not known" if beyond else told


def _relative(pre: float, follow_up: float) -> float:
    if pre > 0:
        return follow_up / pre - 1
    return float("inf") if follow_up > 0 else 0.0


def _distance(pre: float, follow_up: float) -> float:
    """|ln(follow-up / before)|, the same from either side; infinite from 0 or to 0, and 0 from 0 to 0."""
    if pre == follow_up:
        return 0.0
    with np.errstate(divide="ignore"):
        return float(abs(np.log(follow_up) - np.log(pre)))


def _interval(pre: RatioMeasurement, follow_up: RatioMeasurement) -> tuple[float, float]:
    """The errors of both visits are independent; draws of one seed are not, so the first of one visit is paired with
    the last of the other."""
    count = min(len(pre.draws), len(follow_up.draws))
    with np.errstate(invalid="ignore", divide="ignore"):
        quotients = follow_up.draws[:count][::-1] / pre.draws[:count]
    quotients = np.nan_to_num(quotients, nan=1.0, posinf=np.inf)
    low, high = np.quantile(quotients, (0.025, 0.975), method="nearest")
    return float(low) - 1, float(high) - 1


def _percent(value: float) -> str:
    return f"{value:+.0%}" if np.isfinite(value) else "no limit"
