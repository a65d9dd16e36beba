"""What the report says of one lesion."""

import math
from dataclasses import dataclass

from ..comparison.result import Comparison, LesionAtVisit, LesionComparison, T10Shift
from ..ratio.criteria import Criteria
from ..ratio.measurement import RatioMeasurement
from ..ratio.reading import Conclusion
from . import words
from .colour_scale import ColourScale, colour_scale
from .curve_figures import Drawing, lesion_curves
from .forest import Axis, Whisker, axis_for, whisker
from .panels import LesionPanels, panels_of

SHOWN_FIRST = (("ktrans", "vp"), ("median", "p90", "hot_spot"))
"""Parameters and statistics of the table; the others follow in a table that is folded away."""
TONES = {
    Conclusion.RECURRENCE: "recurrence",
    Conclusion.NECROSIS: "necrosis",
    Conclusion.UNRELIABLE: "unreliable",
    Conclusion.INDETERMINATE: "indeterminate",
}
"""Names of the colours in which a reading is set."""


@dataclass(frozen=True)
class RatioRow:
    """One ratio at one visit, in words and as a line."""

    visit: str
    lesion: str
    reference: str
    ratio: str
    voxels: str
    whisker: Whisker | None
    threshold: float | None
    remarks: tuple[str, ...]
    described: str


@dataclass(frozen=True)
class RatioGroup:
    """One ratio at both visits."""

    name: str
    detail: str
    unit: str
    rows: tuple[RatioRow, ...]


@dataclass(frozen=True)
class RatioTable:
    """Ratios with the axis their intervals are drawn on."""

    axis: Axis
    groups: tuple[RatioGroup, ...]


@dataclass(frozen=True)
class SizeRow:
    """One measure of size: its name, what it is at each visit, and the change."""

    name: str
    pre: str
    follow_up: str
    change: str


@dataclass(frozen=True)
class LesionSection:
    """Everything the template shows of one lesion."""

    anchor: str
    name: str
    status: str
    tone: str
    sentence: str
    why: str
    scales: tuple[tuple[str, str, ColourScale], ...]
    panels: LesionPanels
    ratios: RatioTable
    further: RatioTable | None
    sensitivity: tuple[str, ...]
    changes: tuple[str, ...]
    swapped: tuple[str, ...]
    t10: tuple[str, ...]
    sizes: tuple[SizeRow, ...]
    curves: tuple[Drawing, ...]
    visit_facts: tuple[tuple[str, tuple[str, ...]], ...]
    notes: tuple[str, ...]


def lesion_section(comparison: Comparison, lesion: LesionComparison, number: int) -> LesionSection:
    """Gather what is shown of ``lesion``, the ``number``-th of the report."""
    criteria = comparison.criteria
    measured = _measured(lesion)
    first = {key: items for key, items in measured.items() if key.shown_first}
    further = {key: items for key, items in measured.items() if not key.shown_first}
    scales = {name: colour_scale(comparison, lesion, name) for name in SHOWN_FIRST[0]}
    return LesionSection(
        anchor=f"lesion-{number}",
        name=lesion.name,
        status=words.STATUS[lesion.status],
        tone=TONES[lesion.reading.conclusion],
        sentence=lesion.reading.sentence,
        why=lesion.reading.why,
        scales=tuple(
            (words.PARAMETERS[name], words.UNITS[name], scale) for name, scale in scales.items() if scale is not None
        ),
        panels=panels_of(comparison, lesion, scales),
        ratios=_table(first, criteria),
        further=_table(further, criteria) if further else None,
        sensitivity=tuple(_sensitivity(lesion)),
        changes=tuple(change.sentence for change in lesion.changes),
        swapped=tuple(change.sentence for change in lesion.swapped),
        t10=_t10(lesion.t10_shift),
        sizes=tuple(_sizes(lesion)),
        curves=lesion_curves(comparison, lesion),
        visit_facts=tuple((words.VISITS[name], _facts(at_visit)) for name, at_visit in lesion.visits),
        notes=words.unique(lesion.notes),
    )


@dataclass(frozen=True)
class _Key:
    """Which ratio; ``enhancing`` where the necrotic core was left out."""

    parameter: str
    statistic: str
    enhancing: bool

    @property
    def shown_first(self) -> bool:
        parameters, statistics = SHOWN_FIRST
        return self.parameter in parameters and self.statistic in statistics

    @property
    def place(self) -> tuple[int, bool, int]:
        """In the order of tables: medians first, the enhancing part after the whole."""
        return (
            list(words.PARAMETERS).index(self.parameter),
            self.enhancing,
            list(words.STATISTICS).index(self.statistic),
        )


Measured = dict[_Key, list[tuple[str, RatioMeasurement]]]
"""Each ratio at the visits at which there is one."""


def _measured(lesion: LesionComparison) -> Measured:
    found: Measured = {}
    for name, at_visit in lesion.visits:
        for items, enhancing in ((at_visit.ratios.measurements, False), (at_visit.ratios.enhancing, True)):
            for item in items:
                found.setdefault(_Key(item.parameter, item.statistic, enhancing), []).append((name, item))
    return {key: found[key] for key in sorted(found, key=lambda key: key.place)}


def _table(measured: Measured, criteria: Criteria) -> RatioTable:
    axis = axis_for((item for items in measured.values() for _, item in items), (criteria.ktrans, criteria.vp))
    groups = (
        RatioGroup(
            words.ratio_name(key.parameter),
            words.STATISTICS[key.statistic] + (" of the enhancing part" if key.enhancing else ""),
            words.UNITS[key.parameter],
            tuple(_row(name, item, criteria, axis) for name, item in items),
        )
        for key, items in measured.items()
    )
    return RatioTable(axis, tuple(groups))


def _row(visit: str, item: RatioMeasurement, criteria: Criteria, axis: Axis) -> RatioRow:
    judged = item.parameter in criteria.parameters
    text = words.ratio(item)
    limit = criteria.threshold(item.parameter) if judged else None
    against = f", threshold {limit:g}" if limit else ""
    return RatioRow(
        words.SHORT_VISITS[visit],
        words.value(item.parameter, item.lesion_value),
        words.value(item.parameter, item.reference_value),
        text,
        f"{item.lesion_voxels} / {item.reference_voxels}",
        whisker(item, axis),
        axis.place(limit) if limit else None,
        words.flags(item),
        f"{words.VISITS[visit]}: {words.ratio_name(item.parameter)} {words.STATISTICS[item.statistic]} {text}{against}",
    )


def _sensitivity(lesion: LesionComparison) -> list[str]:
    sentences = []
    for name, at_visit in lesion.visits:
        parts = []
        for item in at_visit.ratios.sensitivity:
            median = at_visit.ratios.of(item.parameter)
            if item.parameter in SHOWN_FIRST[0] and median is not None and not words.unbounded(median):
                less, more = words.number(item.eroded), words.number(item.dilated)
                parts.append(
                    f"{words.ratio_name(item.parameter)} {words.number(median.ratio)} becomes {less} and {more}"
                )
        if parts:
            sentences.append(f"{words.VISITS[name]}: {'; '.join(parts)}.")
    return sentences


def _sizes(lesion: LesionComparison) -> list[SizeRow]:
    measures = (
        ("Volume, ml", "volume_ml"),
        ("Enhancing part, ml", "enhancing_ml"),
        ("Necrotic core, ml", "core_ml"),
        ("Longest diameter, mm", "longest_diameter_mm"),
        ("Perpendicular to it, mm", "perpendicular_diameter_mm"),
    )
    rows = []
    for name, attribute in measures:
        pre, follow_up = (
            math.nan if at_visit is None else float(getattr(at_visit.size, attribute))
            for at_visit in (lesion.pre, lesion.follow_up)
        )
        relative = follow_up / pre - 1 if pre > 0 else math.nan
        rows.append(SizeRow(name, words.number(pre), words.number(follow_up), words.signed_percent(relative)))
    return rows


def _facts(at_visit: LesionAtVisit) -> tuple[str, ...]:
    origin = {
        "mirrored": "normal brain opposite the lesion, found by mirroring",
        "moved": "normal brain, moved there from opposite the lesion",
        "given": "as given",
    }
    return words.unique(
        (
            f"{words.capitalised(at_visit.verdict.perfusion)}. {at_visit.verdict.why}",
            f"Reference: {origin.get(at_visit.reference_origin, at_visit.reference_origin)}.",
            f"{words.percent(at_visit.inside)} of the lesion lies within the perfusion series; "
            f"{words.percent(at_visit.ratios.evaluable_fraction)} could be evaluated.",
            *at_visit.segmentation.notes,
            *at_visit.ratios.notes,
            *at_visit.notes,
        )
    )


def _t10(shift: T10Shift | None) -> tuple[str, ...]:
    if shift is None:
        return ()
    before, later = (
        f"{words.number(lesion)} s in the lesion and {words.number(reference)} s in the reference"
        for lesion, reference in zip(shift.lesion, shift.reference, strict=True)
    )
    told = (
        f"T1 without contrast agent was {before} before radiosurgery, {later} at follow-up; with the T1 of the first "
        f"visit the ratios at follow-up would change by {words.signed_percent(shift.effect)}."
    )
    return (told, shift.sentence) if shift.sentence else (told,)
