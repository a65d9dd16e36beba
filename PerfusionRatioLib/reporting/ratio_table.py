"""Ratios of one lesion in words and as lines."""

from dataclasses import dataclass

from ..comparison.result import LesionComparison
from ..ratio.criteria import Criteria
from ..ratio.measurement import RatioFlag, RatioMeasurement
from . import words
from .forest import Axis, Whisker, axis_for, whisker

SHOWN_FIRST = (("ktrans", "vp"), ("median", "p90", "hot_spot"))
"""Parameters and statistics of the table; the others follow in a table that is folded away."""


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
class RatioKey:
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


Measured = dict[RatioKey, list[tuple[str, RatioMeasurement]]]
"""Each ratio at the visits at which there is one."""


def measured_ratios(lesion: LesionComparison) -> Measured:
    """The ratios of a lesion, in the order of tables."""
    found: Measured = {}
    for name, at_visit in lesion.visits:
        for items, enhancing in ((at_visit.ratios.measurements, False), (at_visit.ratios.enhancing, True)):
            for item in items:
                found.setdefault(RatioKey(item.parameter, item.statistic, enhancing), []).append((name, item))
    return {key: found[key] for key in sorted(found, key=lambda key: key.place)}


def ratio_table(measured: Measured, criteria: Criteria) -> RatioTable:
    """The table of ``measured``."""
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


def undetermined(measured: Measured) -> tuple[str, ...]:
    """The parameters no ratio of which the data determines, at no visit."""
    found = {key.parameter: True for key in measured}
    for key, items in measured.items():
        found[key.parameter] &= all(RatioFlag.NOT_DETERMINED in item.flags for _, item in items)
    return tuple(parameter for parameter, nothing in found.items() if nothing)


def _row(visit: str, item: RatioMeasurement, criteria: Criteria, axis: Axis) -> RatioRow:
    judged = item.parameter in criteria.parameters and item.statistic == "median"
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
