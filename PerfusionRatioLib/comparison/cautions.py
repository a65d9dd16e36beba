"""What a reader must bear in mind with the reading of one lesion."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..ratio.change import Change
from ..ratio.criteria import Criteria
from ..ratio.measurement import Ratios
from ..ratio.reading import Reading, read_pair
from ..ratio.verdict import Perfusion, judge, judge_each
from .result import WHEN, LesionAtVisit, LesionComparison

SHORT_T10 = 0.75
"""Times that of normal brain: a lesion with a shorter T1 without contrast agent is bright before any is given."""
HIGHEST_PARTS = ("p90", "hot_spot")


def cautions(lesion: LesionComparison, criteria: Criteria) -> tuple[str, ...]:
    """The sentences that hold for ``lesion``; those that concern its brightness first."""
    return (
        *_bright_without_agent(lesion),
        *_by_leakage_alone(lesion, criteria),
        *_focal(lesion, criteria),
        *_by_the_input(lesion),
    )


def bright_visits(lesion: LesionComparison) -> tuple[str, ...]:
    """The visits at which the lesion is bright without contrast agent, by its T1."""
    shift = lesion.t10_shift
    if shift is None:
        return ()
    pairs = zip(WHEN, shift.lesion, shift.reference, strict=True)
    return tuple(name for name, inside, normal in pairs if inside < SHORT_T10 * normal)


def assumed_t10_caution(
    visits: Sequence[tuple[str, LesionAtVisit]], factors: Mapping[str, float], criteria: Criteria, reading: Reading
) -> tuple[str, ...]:
    """That perfusion would be judged otherwise with the T10 usual for lesions and white matter, where it was assumed.

    Args:
        visits: at which the lesion was marked, by name.
        factors: how many times too high the ratios of a visit may be (``assumed_t10_factor``); none of a visit at which
            T10 was mapped.
        criteria: by which the lesion was judged.
        reading: of the lesion.
    """
    usual = {
        name: scaled(at_visit.ratios, dict.fromkeys(criteria.parameters, 1 / factors.get(name, 1.0)))
        for name, at_visit in visits
    }
    verdicts = {name: judge(ratios, criteria) for name, ratios in usual.items()}
    concerned = [(name, found) for name, found in visits if found.verdict.perfusion != verdicts[name].perfusion]
    if not concerned:
        return ()
    told = [_otherwise(found.ratios, usual[name], criteria) + f" {WHEN[name]}" for name, found in concerned]
    read = read_pair(verdicts.get("pre"), verdicts.get("follow_up")).sentence
    end = "." if read == reading.sentence else f", and the reading would be: {read}"
    return (
        "With the T10 usual for enhancing tissue and white matter, in place of the one assumed, "
        f"{'; '.join(told)}{end}",
    )


def _otherwise(ratios: Ratios, usual: Ratios, criteria: Criteria) -> str:
    """The ratios that lie elsewhere than before, in words."""
    before, after = (judge_each(one, criteria) for one in (ratios, usual))
    return " and ".join(found.why for name, found in after.items() if found.perfusion != before[name].perfusion)


def scaled(ratios: Ratios, factors: Mapping[str, float]) -> Ratios:
    """``ratios`` with the medians of some parameters, and their intervals, multiplied by a factor each."""

    def one(item):
        factor = factors.get(item.parameter, 1.0) if item.statistic == "median" else 1.0
        return replace(item, ratio=factor * item.ratio, ci_low=factor * item.ci_low, ci_high=factor * item.ci_high)

    return replace(ratios, measurements=tuple(one(item) for item in ratios.measurements))


def _bright_without_agent(lesion: LesionComparison) -> list[str]:
    shift, visits = lesion.t10_shift, bright_visits(lesion)
    if not visits:
        return []
    bright = [
        f"{inside:.2f} s {WHEN[name]}, {normal:.2f} s in normal brain"
        for name, inside, normal in zip(WHEN, shift.lesion, shift.reference, strict=True)
        if name in visits
    ]
    return [
        f"This lesion is bright without contrast agent (T1 {'; '.join(bright)}): its brightness need not be "
        "enhancement, as blood products, melanin or protein shorten T1: compare with the T1 before contrast agent."
    ]


def _by_leakage_alone(lesion: LesionComparison, criteria: Criteria) -> list[str]:
    if criteria.rule != "either":
        return []
    by_volume = replace(criteria, rule="rvp")
    verdicts = {name: judge(at_visit.ratios, by_volume) for name, at_visit in lesion.visits}
    concerned = [
        f"{verdicts[name].perfusion} {WHEN[name]}"
        for name, at_visit in lesion.visits
        if at_visit.verdict.perfusion == Perfusion.HYPERPERFUSED != verdicts[name].perfusion
    ]
    if not concerned:
        return []
    reading = read_pair(verdicts.get("pre"), verdicts.get("follow_up"))
    return [
        "Leakage alone raises rKtrans, in necrosis too; by rVp alone hyperperfusion is "
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
        "The median of the whole lesion is read; the part with the highest rVp may reach the threshold "
        f"{' and '.join(concerned)}, so a focal recurrence is not excluded."
    ]


def _highest_part_reaches(at_visit: LesionAtVisit, criteria: Criteria) -> bool:
    """Of rVp alone: the highest voxels of a Ktrans that is next to nothing are noise, and what motion leaves."""
    if "vp" not in criteria.parameters:
        return False
    parts = [at_visit.ratios.of("vp", statistic) for statistic in HIGHEST_PARTS]
    return any(part is not None and part.evaluable and part.ci_high >= criteria.vp for part in parts)


def _by_the_input(lesion: LesionComparison) -> list[str]:
    """A change that is judged otherwise with the arterial inputs of the visits exchanged."""
    exchanged = {change.parameter: change for change in lesion.swapped}
    pairs = [(change, exchanged[change.parameter]) for change in lesion.changes if change.parameter in exchanged]
    return [
        f"With the arterial inputs of the visits exchanged {other.told}, "
        f"{'beyond' if other.beyond_error else 'within'} measurement error: this change depends on the arterial input."
        for own, other in pairs
        if None not in (own.beyond_error, other.beyond_error) and _direction(own) != _direction(other)
    ]


def _direction(change: Change) -> int:
    """1 for a rise beyond measurement error, -1 for such a fall, 0 for a change within it."""
    return 0 if not change.beyond_error else 1 if change.relative > 0 else -1
