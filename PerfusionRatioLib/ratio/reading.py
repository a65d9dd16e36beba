"""The follow-up read in the light of the scan before radiosurgery."""

from dataclasses import dataclass
from enum import StrEnum

from .verdict import Perfusion, Verdict


class Conclusion(StrEnum):
    """What both visits together say of a lesion."""

    RECURRENCE = "favours recurrent metastasis"
    NECROSIS = "favours radiation necrosis"
    UNRELIABLE = "unreliable"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True)
class Reading:
    """What both visits together say of a lesion.

    Attributes:
        conclusion: in a word or three.
        sentence: the reading as a radiologist would say it.
        why: the ratios and thresholds it rests on, in a sentence or two.
    """

    conclusion: Conclusion
    sentence: str
    why: str


_TABLE = {
    (Perfusion.HYPERPERFUSED, Perfusion.HYPERPERFUSED): (
        Conclusion.RECURRENCE,
        "Favours recurrent metastasis: hyperperfused before treatment and now.",
    ),
    (Perfusion.HYPERPERFUSED, Perfusion.ABSENT): (
        Conclusion.NECROSIS,
        "Favours radiation necrosis: this lesion showed hyperperfusion before treatment, and shows none now.",
    ),
    (Perfusion.ABSENT, Perfusion.HYPERPERFUSED): (
        Conclusion.RECURRENCE,
        "Favours recurrent metastasis: new hyperperfusion.",
    ),
    (Perfusion.ABSENT, Perfusion.ABSENT): (
        Conclusion.UNRELIABLE,
        "Unreliable: hyperperfusion was already absent before treatment, so its absence now does not speak against "
        "recurrence.",
    ),
}


def read_pair(pre: Verdict | None, follow_up: Verdict | None) -> Reading:
    """Read the follow-up in the light of the visit before radiosurgery; None where the lesion was not there."""
    known = [(name, verdict) for name, verdict in (("Before", pre), ("Now", follow_up)) if verdict is not None]
    why = " ".join(f"{name}: {verdict.why}" for name, verdict in known)
    if pre is None or follow_up is None:
        missing = (
            "the lesion was not marked before treatment, so there is nothing to read the follow-up in the light of"
            if pre is None
            else "the lesion was not marked at follow-up"
        )
        return Reading(Conclusion.INDETERMINATE, f"Indeterminate: {missing}.", why)
    found = _TABLE.get((pre.perfusion, follow_up.perfusion))
    if found is not None:
        return Reading(*found, why)
    open_ones = [
        f"{verdict.perfusion} {when}"
        for verdict, when in ((pre, "before treatment"), (follow_up, "at follow-up"))
        if verdict.perfusion in (Perfusion.INDETERMINATE, Perfusion.UNEVALUABLE)
    ]
    return Reading(Conclusion.INDETERMINATE, f"Indeterminate: perfusion is {' and '.join(open_ones)}.", why)
