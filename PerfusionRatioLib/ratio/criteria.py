"""From which ratio on a lesion counts as hyperperfused, and by which of the ratios."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from ..errors import InputError

Rule = Literal["either", "both", "rktrans", "rvp"]

REPEATABILITY_FACTOR = 2.77
"""1.96 √2: two measurements of one thing differ by more than this many standard deviations once in twenty."""
KTRANS_VARIATION = 0.14
"""Within-subject coefficient of variation between visits of the tumour's Ktrans itself, in glioblastoma (Ferl et al.
2010, Magn Reson Med 63:1366). None was found for rKtrans, for which it stands in, nor for vp or rVp."""
CHOSEN = "set by the user"
"""The origin of criteria that are no preset's."""


@dataclass(frozen=True)
class Preset:
    """Published cut-offs; None where the publication has none for a parameter."""

    ktrans: float | None
    vp: float | None
    rule: Rule
    origin: str


PRESETS = {
    "protocol": Preset(1.5, 1.5, "either", "absent hyperperfusion: ratio below 1.5 (the protocol followed here)"),
    "hatzoglou-vp": Preset(
        None,
        2.1,
        "rvp",
        "Hatzoglou et al. 2016, Neuro Oncol 18:873: Vp ratio 2.1 in 55 lesions (26 metastases), sensitivity 92%, "
        "specificity 77%",
    ),
    "hatzoglou-ktrans": Preset(
        3.6,
        None,
        "rktrans",
        "Hatzoglou et al. 2016, Neuro Oncol 18:873: Ktrans ratio 3.6 in 55 lesions (26 metastases)",
    ),
}
"""By name. Cut-offs do not transfer between programs without care: other ways to measure give other ratios."""


@dataclass(frozen=True)
class Criteria:
    """When a lesion counts as hyperperfused, and which change is more than measurement error.

    Attributes:
        ktrans, vp: thresholds of rKtrans and rVp.
        rule: "either": hyperperfused when one of the ratios reaches its threshold, absent when both are below;
            "both": hyperperfused when both do, absent when one is below; "rktrans", "rvp": that ratio alone.
        origin: where thresholds and rule come from.
        variation: within-subject coefficient of variation between visits by parameter; a parameter without one is
            judged by its own interval.
    """

    ktrans: float = 1.5
    vp: float = 1.5
    rule: Rule = "either"
    origin: str = PRESETS["protocol"].origin
    variation: Mapping[str, float] = field(default_factory=lambda: {"ktrans": KTRANS_VARIATION})

    def __post_init__(self):
        if self.rule not in get_args(Rule):
            raise InputError(f"There is no rule {self.rule!r}; choose one of {', '.join(get_args(Rule))}.")
        for name in ("ktrans", "vp"):
            if not 0 < getattr(self, name) < 1000:
                raise InputError(
                    f"The threshold of r{name} is {getattr(self, name):g}; give a ratio above 0, such as 1.5."
                )
        for name, value in self.variation.items():
            if not 0 < value < 1:
                raise InputError(
                    f"The coefficient of variation of {name} is {value:g}; give a fraction below 1, such as 0.14."
                )

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that the rule looks at."""
        return {"rktrans": ("ktrans",), "rvp": ("vp",)}.get(self.rule, ("ktrans", "vp"))

    def threshold(self, parameter: str) -> float:
        """The threshold of the ratio of ``parameter``."""
        return getattr(self, parameter)

    def repeatability(self, parameter: str) -> float | None:
        """How far the ratio of ``parameter`` rises without a change, as a fraction; None where that is not known.

        Measured twice, an unchanged ratio rises further, or falls further than takes such a rise back, once in
        twenty. An error in proportion to what is measured is normal on a logarithmic scale (Bland and Altman 1996, BMJ
        313:106), where a coefficient of variation cv is a standard deviation of ``sqrt(ln(1 + cv²))``; so this is
        ``exp(2.77 sqrt(ln(1 + cv²))) - 1``.
        """
        variation = self.variation.get(parameter)
        return None if variation is None else math.expm1(REPEATABILITY_FACTOR * math.sqrt(math.log1p(variation**2)))


def preset(name: str) -> Criteria:
    """The criteria of a published cut-off.

    Raises:
        InputError: there is none of that name.
    """
    if name not in PRESETS:
        raise InputError(f"There is no preset {name!r}; choose one of {', '.join(PRESETS)}.")
    chosen = PRESETS[name]
    return Criteria(chosen.ktrans or 1.5, chosen.vp or 1.5, chosen.rule, chosen.origin)


def preset_of(ktrans: float, vp: float, rule: Rule) -> str | None:
    """The name of the preset that thresholds and a rule are, chosen one by one; None where they are none.

    The rule is the same, and each threshold that it looks at.
    """
    chosen = Criteria(ktrans, vp, rule)
    for name, known in PRESETS.items():
        if rule == known.rule and all(getattr(known, one) == chosen.threshold(one) for one in chosen.parameters):
            return name
    return None


def chosen_criteria(ktrans: float, vp: float, rule: Rule, otherwise: str = CHOSEN) -> Criteria:
    """The criteria of thresholds and a rule chosen one by one, with the origin of the preset that they are.

    Args:
        ktrans, vp: thresholds of rKtrans and rVp.
        rule: as in ``Criteria``.
        otherwise: their origin where they are no preset.

    Raises:
        InputError: as ``Criteria``.
    """
    name = preset_of(ktrans, vp, rule)
    return Criteria(ktrans, vp, rule, otherwise if name is None else PRESETS[name].origin)
