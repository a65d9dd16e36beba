"""What a reader must bear in mind with the reading of one lesion."""

from dataclasses import replace

from ..ratio.criteria import Criteria
from ..ratio.reading import read_pair
from ..ratio.verdict import Perfusion, judge
from .result import LesionAtVisit, LesionComparison

SHORT_T10 = 0.75
"""Times that of normal brain: a lesion with a shorter T1 without contrast agent is bright before any is given."""
WHEN = {"pre": "before radiosurgery", "follow_up": "at follow-up"}
HIGHEST_PARTS = ("p90", "hot_spot")


def cautions(lesion: LesionComparison, criteria: Criteria) -> tuple[str, ...]:
    """The sentences that hold for ``lesion``; those that concern its brightness first."""
    return (*_bright_without_agent(lesion), *_by_leakage_alone(lesion, criteria), *_focal(lesion, criteria))


def _bright_without_agent(lesion: LesionComparison) -> list[str]:
    shift = lesion.t10_shift
    if shift is None:
        return []
    bright = [
        f"{inside:.2f} s {WHEN[name]}, {normal:.2f} s in normal brain"
        for name, inside, normal in zip(WHEN, shift.lesion, shift.reference, strict=True)
        if inside < SHORT_T10 * normal
    ]
    if not bright:
        return []
    return [
        f"This lesion is bright without contrast agent (T1 {'; '.join(bright)}): its brightness is not enhancement; "
        "blood products, melanin or protein shorten T1."
    ]


def _by_leakage_alone(lesion: LesionComparison, criteria: Criteria) -> list[str]:
    if criteria.rule != "either":
        return []
    by_volume = replace(criteria, rule="rvp")
    verdicts = {name: judge(at_visit.ratios, by_volume) for name, at_visit in lesion.visits}
    concerned = [
        WHEN[name]
        for name, at_visit in lesion.visits
        if at_visit.verdict.perfusion == Perfusion.HYPERPERFUSED and verdicts[name].perfusion == Perfusion.ABSENT
    ]
    if not concerned:
        return []
    reading = read_pair(verdicts.get("pre"), verdicts.get("follow_up"))
    return [
        "Leakage alone raises rKtrans, in necrosis too; by rVp alone hyperperfusion is absent "
        f"{' and '.join(concerned)}, and the reading would be: {reading.sentence}"
    ]


def _focal(lesion: LesionComparison, criteria: Criteria) -> list[str]:
    concerned = [
        WHEN[name]
        for name, at_visit in lesion.visits
        if at_visit.verdict.perfusion == Perfusion.ABSENT and _highest_part_reaches(at_visit, criteria)
    ]
    if not concerned:
        return []
    return [
        "The median of the whole lesion is read; its most perfused part may reach the threshold "
        f"{' and '.join(concerned)}, so a focal recurrence is not excluded."
    ]


def _highest_part_reaches(at_visit: LesionAtVisit, criteria: Criteria) -> bool:
    parts = [
        at_visit.ratios.of(parameter, statistic) for parameter in criteria.parameters for statistic in HIGHEST_PARTS
    ]
    return any(
        part is not None and part.evaluable and part.ci_high >= criteria.threshold(part.parameter) for part in parts
    )
