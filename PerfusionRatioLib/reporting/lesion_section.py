"""What the report says of one lesion."""

import math
from dataclasses import dataclass

import numpy as np

from ..comparison.cautions import bright_visits, cautions
from ..comparison.remarks import sensitivity_sentence
from ..comparison.result import WHEN, Comparison, LesionAtVisit, LesionComparison, T10Shift, VisitResult
from ..ratio.criteria import Criteria
from ..ratio.reading import Conclusion
from ..ratio.verdict import written
from ..series import Grid, position_text
from . import words
from .border import across_threshold
from .colour_scale import ColourScale, colour_scale
from .curve_figures import Drawing, lesion_curves
from .panels import LesionPanels, panels_of
from .ratio_table import SHOWN_FIRST, RatioTable, measured_ratios, ratio_table, undetermined

TONES = {
    Conclusion.RECURRENCE: "recurrence",
    Conclusion.NECROSIS: "necrosis",
    Conclusion.UNRELIABLE: "unreliable",
    Conclusion.INDETERMINATE: "indeterminate",
}
"""Names of the colours in which a reading is set."""


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
    cautions: tuple[str, ...]
    scales: tuple[tuple[str, str, ColourScale], ...]
    panels: LesionPanels
    ratios: RatioTable
    further: RatioTable | None
    undetermined: str
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
    measured = measured_ratios(lesion)
    nothing = [name for name in undetermined(measured) if name not in SHOWN_FIRST[0]]
    first = {key: items for key, items in measured.items() if key.shown_first}
    further = {key: items for key, items in measured.items() if not key.shown_first and key.parameter not in nothing}
    scales = {name: colour_scale(comparison, lesion, name) for name in SHOWN_FIRST[0]}
    return LesionSection(
        anchor=f"lesion-{number}",
        name=lesion.name,
        status=words.STATUS[lesion.status],
        tone=TONES[lesion.reading.conclusion],
        sentence=lesion.reading.sentence,
        why=lesion.reading.why,
        cautions=tuple(words.minus(sentence) for sentence in cautions(lesion, criteria)),
        scales=tuple(
            (words.PARAMETERS[name], words.UNITS[name], scale) for name, scale in scales.items() if scale is not None
        ),
        panels=panels_of(comparison, lesion, scales),
        ratios=ratio_table(first, criteria),
        further=ratio_table(further, criteria) if further else None,
        undetermined=_undetermined(nothing),
        sensitivity=tuple(_sensitivity(lesion, criteria)),
        changes=tuple(words.minus(change.sentence) for change in lesion.changes),
        swapped=tuple(words.minus(change.sentence) for change in lesion.swapped),
        t10=_t10(lesion.t10_shift),
        sizes=tuple(_sizes(lesion)),
        curves=lesion_curves(comparison, lesion),
        visit_facts=tuple(
            (words.VISITS[name], _facts(at_visit, getattr(comparison, name))) for name, at_visit in lesion.visits
        ),
        notes=words.unique(lesion.notes),
    )


def _undetermined(parameters: list[str]) -> str:
    """One sentence instead of rows that all say the same."""
    if not parameters:
        return ""
    names = " and ".join(words.PARAMETERS[name] for name in parameters)
    return f"No ratio of {names} can be given: the data does not determine both that of the lesion and of normal brain."


def _sensitivity(lesion: LesionComparison, criteria: Criteria) -> list[str]:
    sentences = []
    for name, at_visit in lesion.visits:
        parts = []
        for item in at_visit.ratios.sensitivity:
            median = at_visit.ratios.of(item.parameter)
            if item.parameter in SHOWN_FIRST[0] and sensitivity_sentence(item, at_visit.ratios):
                less, more = (words.NONE if math.isnan(one) else written(one) for one in (item.eroded, item.dilated))
                parts.append(f"{words.ratio_name(item.parameter)} {written(median.ratio)} becomes {less} and {more}")
        if parts:
            sentences.append(f"{words.VISITS[name]}: {'; '.join(parts)}.")
            sentences += across_threshold(at_visit, criteria)
    return sentences


def _sizes(lesion: LesionComparison) -> list[SizeRow]:
    bright = " and ".join(WHEN[name] for name in bright_visits(lesion))
    part = f"Enhancing part, ml ({bright} bright without contrast agent too)" if bright else "Enhancing part, ml"
    measures = (
        ("Volume, ml", "volume_ml"),
        (part, "enhancing_ml"),
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


def _measured(mask: np.ndarray, grid: Grid) -> str:
    """How many voxels of the series a region has, and where it lies."""
    voxels = np.argwhere(mask)
    millilitres = words.number(len(voxels) * grid.voxel_volume / 1000)
    centre = grid.positions(voxels.mean(axis=0)[::-1])
    return f"{len(voxels)} voxels of the series, {millilitres} ml, around {position_text(centre)}"


def _facts(at_visit: LesionAtVisit, visit: VisitResult) -> tuple[str, ...]:
    origin = {
        "mirrored": "normal brain opposite the lesion, found by mirroring",
        "moved": "normal brain, moved there from opposite the lesion",
        "given": "as given",
    }
    lesion, reference = (_measured(mask, visit.grid) for mask in (at_visit.region, at_visit.reference))
    return words.unique(
        (
            f"{words.PERFUSION[at_visit.verdict.perfusion]}. {at_visit.verdict.why}",
            f"Lesion: measured in {lesion}.",
            f"Reference: {origin.get(at_visit.reference_origin, at_visit.reference_origin)}; {reference}.",
            f"{words.percent(at_visit.inside)} of the lesion lies within the perfusion series; "
            f"{words.percent(at_visit.evaluable_fraction)} could be evaluated.",
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
    return (told, words.minus(shift.sentence)) if shift.sentence else (told,)
