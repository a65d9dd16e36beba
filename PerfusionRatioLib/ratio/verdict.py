"""Whether a lesion is hyperperfused at one visit."""

import math
from dataclasses import dataclass
from enum import StrEnum

from .criteria import Criteria
from .measurement import RatioFlag, RatioMeasurement, Ratios

NAMES = {"ktrans": "rKtrans", "vp": "rVp", "ve": "rve", "kep": "rkep"}


class Perfusion(StrEnum):
    """What one visit says of a lesion."""

    HYPERPERFUSED = "hyperperfused"
    ABSENT = "absent"
    INDETERMINATE = "indeterminate"
    UNEVALUABLE = "unevaluable"


@dataclass(frozen=True)
class Verdict:
    """What one visit, or one ratio of it, says of a lesion, and why, in words."""

    perfusion: Perfusion
    why: str


def judge(ratios: Ratios, criteria: Criteria) -> Verdict:
    """Compare the intervals of the median ratios with their thresholds, by the rule of ``criteria``.

    A ratio is at or above its threshold, or below it, only when its whole interval is.
    """
    each = judge_each(ratios, criteria).values()
    return Verdict(_decided([one.perfusion for one in each], criteria.rule), "; ".join(one.why for one in each) + ".")


def judge_each(ratios: Ratios, criteria: Criteria) -> dict[str, Verdict]:
    """What each ratio that the rule looks at says by itself, by parameter."""
    found = {name: (ratios.of(name), criteria.threshold(name)) for name in criteria.parameters}
    return {name: Verdict(_side(*one), _told(name, *one)) for name, one in found.items()}


def unbounded(measured: RatioMeasurement) -> bool:
    """Whether the ratio has no upper limit: its reference cannot be told from zero."""
    flagged = RatioFlag.REFERENCE_NEAR_ZERO in measured.flags
    return flagged or math.isinf(measured.ci_high) or math.isinf(measured.ratio)


def written(ratio: float) -> str:
    """A ratio with two digits behind the point, one from 10 on, none from 100 on."""
    return f"{ratio:.{2 if ratio < 9.995 else 1 if ratio < 99.95 else 0}f}"


def _side(measured: RatioMeasurement | None, threshold: float) -> Perfusion:
    if measured is None or not measured.evaluable:
        return Perfusion.UNEVALUABLE
    if measured.ci_low >= threshold:
        return Perfusion.HYPERPERFUSED
    return Perfusion.ABSENT if measured.ci_high < threshold else Perfusion.INDETERMINATE


def _decided(sides: list[Perfusion], rule: str) -> Perfusion:
    # What one ratio alone decides under the rule; otherwise all must agree.
    decisive = Perfusion.ABSENT if rule == "both" else Perfusion.HYPERPERFUSED
    if decisive in sides:
        return decisive
    if len(set(sides)) == 1:
        return sides[0]
    return Perfusion.INDETERMINATE if Perfusion.INDETERMINATE in sides else Perfusion.UNEVALUABLE


WHY_NOT = {
    RatioFlag.REFERENCE_NEAR_ZERO: "its value in the reference cannot be told from zero",
    RatioFlag.FEW_LESION_VOXELS: "too few voxels in the lesion",
    RatioFlag.FEW_REFERENCE_VOXELS: "too few voxels in the reference",
    RatioFlag.FAILED_FITS: "too many voxels could not be fitted",
    RatioFlag.NOT_DETERMINED: "the data does not determine it",
}


def _told(name: str, measured: RatioMeasurement | None, threshold: float) -> str:
    if measured is None:
        return f"{NAMES[name]} is not among the model's parameters"
    if not measured.evaluable:
        reasons = [WHY_NOT[flag] for flag in measured.flags] or ["the reference is not above zero"]
        return f"{NAMES[name]} cannot be judged ({', '.join(reasons)})"
    where = {
        Perfusion.HYPERPERFUSED: f"at or above {threshold:g}",
        Perfusion.ABSENT: f"below {threshold:g}",
        Perfusion.INDETERMINATE: f"on both sides of {threshold:g}",
    }[_side(measured, threshold)]
    interval = f"{written(measured.ci_low)} to {written(measured.ci_high)}"
    return f"{NAMES[name]} {written(measured.ratio)} ({interval}) lies {where}"
