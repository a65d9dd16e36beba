"""Numbers and names as a reader sees them."""

import datetime
import math
import re
from collections.abc import Iterable

from ..ratio.measurement import RatioMeasurement
from ..ratio.verdict import NAMES, WHY_NOT, Perfusion, unbounded, written

VISITS = {"pre": "Before radiosurgery", "follow_up": "Follow-up"}
SHORT_VISITS = {"pre": "Before", "follow_up": "Follow-up"}
PARAMETERS = {"ktrans": "Ktrans", "vp": "vp", "ve": "ve", "kep": "kep"}
STATISTICS = {"median": "median", "mean": "mean", "p90": "90th percentile", "hot_spot": "hot spot"}
UNITS = {"ktrans": "10⁻³ min⁻¹", "vp": "ml/100 ml", "ve": "ml/100 ml", "kep": "10⁻³ min⁻¹"}
"""As values are shown; inside they are min⁻¹ and fractions."""
FACTORS = {"ktrans": 1e3, "vp": 1e2, "ve": 1e2, "kep": 1e3}
STATUS = {
    "both": "",
    "new": "Marked at follow-up only.",
    "vanished": "Marked before radiosurgery only.",
}
PERFUSION = {
    Perfusion.HYPERPERFUSED: "Hyperperfused",
    Perfusion.ABSENT: "Hyperperfusion absent",
    Perfusion.INDETERMINATE: "Indeterminate",
    Perfusion.UNEVALUABLE: "Hyperperfusion cannot be evaluated",
}
NONE = "–"
NOT_MEASURED = "Not measured: see below."
"""In the place of the reading of a lesion that was left out."""


def number(value: float) -> str:
    """Three significant digits, never an exponent; a dash for what is not a number."""
    if math.isnan(value):
        return NONE
    if math.isinf(value):
        return "no limit" if value > 0 else "no lower limit"
    if value == 0:
        return "0"
    if abs(value) < 1e-3:
        return "< 0.001" if value > 0 else "> −0.001"
    digits = max(2 - math.floor(math.log10(abs(value))), 0)
    if float(f"{abs(value):.{digits}f}") >= 10 ** (3 - digits) and digits:
        digits -= 1  # 9.996 is 10.0, not 10.00
    return f"{value:.{digits}f}".replace("-", "−")


FAR = 100.0
"""Times the ratio from which on an upper limit says no more than that there is none."""


def ratio(measured: RatioMeasurement | None, at_least: str = "≥ ") -> str:
    """The ratio with its interval; only its lower limit where the reference cannot be told from zero."""
    if measured is None:
        return NONE
    if unbounded(measured):
        return f"{at_least}{written(measured.ci_low)}" if math.isfinite(measured.ci_low) else NONE
    if math.isnan(measured.ratio):
        return NONE
    if measured.ci_high > FAR * max(measured.ratio, 1.0):  # the reference is all but zero at that end
        return f"{written(measured.ratio)} ({at_least}{written(measured.ci_low)})"
    return f"{written(measured.ratio)} ({written(measured.ci_low)} to {written(measured.ci_high)})"


def value(parameter: str, amount: float) -> str:
    """A value of a parameter in the units it is shown in."""
    return number(amount * FACTORS[parameter])


def flags(measured: RatioMeasurement) -> tuple[str, ...]:
    """What is to be known of a ratio, in words."""
    return tuple(WHY_NOT[flag] for flag in measured.flags)


def ratio_name(parameter: str) -> str:
    """Such as rKtrans."""
    return NAMES[parameter]


def date(day: datetime.date | None) -> str:
    """Such as 3 March 2024."""
    return f"{day.day} {day:%B} {day.year}" if day else "date unknown"


def days_between(first: datetime.date | None, then: datetime.date | None, reference: str) -> str:
    """How long ``first`` lies before or after ``then``, named ``reference``; empty where a date is unknown."""
    if first is None or then is None:
        return ""
    days = (first - then).days
    if days == 0:
        return f"on the day of {reference}"
    unit = "day" if abs(days) == 1 else "days"
    return f"{abs(days)} {unit} {'after' if days > 0 else 'before'} {reference}"


def percent(share: float) -> str:
    """Such as 97%."""
    return NONE if math.isnan(share) else f"{share:.0%}"


def signed_percent(share: float) -> str:
    """Such as +12%."""
    return NONE if math.isnan(share) else f"{share:+.0%}".replace("-", "−")


def minus(sentence: str) -> str:
    """The sentence with the sign for minus, as numbers of the report have it, before its negative numbers."""
    return re.sub(r"(?<![\w-])-(?=\d)", "−", sentence)


def capitalised(sentence: str) -> str:
    """The sentence with a capital first letter."""
    return sentence[:1].upper() + sentence[1:]


def unique(sentences: Iterable[str]) -> tuple[str, ...]:
    """The sentences, each once, in order."""
    return tuple(dict.fromkeys(sentences))
