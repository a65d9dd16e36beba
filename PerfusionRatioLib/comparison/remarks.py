"""What a reader of a reading must know: lesion by lesion, then of the visits."""

import math
from collections.abc import Iterator

from ..ratio.criteria import Criteria
from ..ratio.measurement import Ratios, Sensitivity
from ..ratio.reading import read_pair
from ..ratio.verdict import NAMES, judge, unbounded, written
from .cautions import cautions, scaled
from .result import WHEN, Comparison, LesionComparison

STATUS = {
    "both": "",
    "new": "Not marked before radiosurgery: it is new, or was left out.",
    "vanished": "Not marked at follow-up: it has vanished, or was left out.",
}
LAYERS = {"eroded": "with a layer of voxels less", "dilated": "with one more"}
"""Ways to draw the outline otherwise, by the names of ``Sensitivity``."""


def remarks(comparison: Comparison) -> tuple[str, ...]:
    """Sentences of each lesion, then of both visits, every one once and with the name of what it is of.

    Of a lesion: whether it was marked at one visit only, cautions, the changes of its ratios, whether the reading
    depends on the outline, and notes. Of the visits: arterial inputs, notes of the comparison. How each visit came to
    be is in notes of its own.
    """
    of_lesions = [sentence for lesion in comparison.lesions for sentence in _of_lesion(lesion, comparison.criteria)]
    return tuple(dict.fromkeys((*of_lesions, *remarks_on_visits(comparison))))


def remarks_on_visits(comparison: Comparison) -> tuple[str, ...]:
    """What concerns every lesion: arterial inputs that are not good or differ, and notes of the comparison."""
    return tuple(dict.fromkeys(_of_visits(comparison)))


def sensitivity_sentence(item: Sensitivity, ratios: Ratios) -> str:
    """A median ratio with the outline as it is, a layer of voxels smaller and a layer larger.

    Args:
        item: of ``ratios.sensitivity``.
        ratios: of the lesion at that visit.

    Returns:
        Such as "rVp 3.62, 1.49 with a layer of voxels less, 2.84 with one more."; empty where the ratio has no upper
        limit, so that no number may be printed, or does not exist.
    """
    told = _layers(item, ratios)
    return f"{told}." if told else ""


def crosses(item: Sensitivity, way: str, ratios: Ratios, criteria: Criteria) -> bool:
    """Whether a ratio that is judged lies on the other side of its threshold with the outline drawn otherwise.

    ``way`` is "eroded" or "dilated".
    """
    median, moved = ratios.of(item.parameter), getattr(item, way)
    if item.parameter not in criteria.parameters or median is None or not median.evaluable or math.isnan(moved):
        return False
    limit = criteria.threshold(item.parameter)
    return (moved >= limit) != (median.ratio >= limit)


def _of_lesion(lesion: LesionComparison, criteria: Criteria) -> Iterator[str]:
    shift = "" if lesion.t10_shift is None else lesion.t10_shift.sentence
    changes = (change.sentence for change in lesion.changes)
    for sentence in (STATUS[lesion.status], *cautions(lesion, criteria), *changes, shift, *lesion.notes):
        if sentence:
            yield f"{lesion.name}: {sentence}"
    for name, at_visit in lesion.visits:
        outline = _outline(lesion, name, criteria)
        depends = [f"{outline}: the reading depends on the outline."] if outline else []
        yield from (f"{lesion.name}, {WHEN[name]}: {sentence}" for sentence in (*depends, *at_visit.notes))


def _of_visits(comparison: Comparison) -> Iterator[str]:
    for visit in comparison.visits:
        judged = visit.visit.aif.quality
        if judged is not None and judged.verdict != "good":
            yield f"{WHEN[visit.name].capitalize()}: the arterial input is {judged.verdict}: {judged.sentence}"
    if not comparison.aif.agree:
        yield comparison.aif.sentence
    yield from comparison.notes


def _layers(item: Sensitivity, ratios: Ratios) -> str:
    median = ratios.of(item.parameter)
    if median is None or unbounded(median) or math.isnan(median.ratio):
        return ""
    moved = {way: getattr(item, way) for way in LAYERS}
    parts = [f"{'none' if math.isnan(moved[way]) else written(moved[way])} {layer}" for way, layer in LAYERS.items()]
    return f"{NAMES[item.parameter]} {written(median.ratio)}, {', '.join(parts)}"


def _outline(lesion: LesionComparison, visit: str, criteria: Criteria) -> str:
    """The ratios of a visit that make another reading where its outline is drawn otherwise; empty where none does."""
    ratios = getattr(lesion, visit).ratios
    found = [
        item
        for way in LAYERS
        if _reading_otherwise(lesion, visit, way, criteria) != lesion.reading.sentence
        for item in ratios.sensitivity
        if crosses(item, way, ratios, criteria)
    ]
    return "; ".join(dict.fromkeys(_layers(item, ratios) for item in found))


def _reading_otherwise(lesion: LesionComparison, visit: str, way: str, criteria: Criteria) -> str:
    """The reading with the outline of one visit drawn otherwise; intervals keep their width relative to the ratio."""
    ratios = getattr(lesion, visit).ratios
    medians = {item.parameter: ratios.of(item.parameter) for item in ratios.sensitivity}
    factors = {
        item.parameter: getattr(item, way) / medians[item.parameter].ratio
        for item in ratios.sensitivity
        if medians[item.parameter] is not None and medians[item.parameter].ratio > 0 and getattr(item, way) >= 0
    }
    verdicts = {name: at_visit.verdict for name, at_visit in lesion.visits}
    verdicts[visit] = judge(scaled(ratios, factors), criteria)
    return read_pair(verdicts.get("pre"), verdicts.get("follow_up")).sentence
