"""Ratios as a table: ``ratios.csv`` for programs, plain text for people.

``ratios.csv`` is in long form, a line for each lesion, visit, parameter and statistic, with the columns ``COLUMNS``:

- ``visit`` is ``pre`` or ``follow_up``.
- ``statistic`` is ``median``, ``mean``, ``p90`` or ``hot_spot`` of the whole lesion; ``median_enhancing`` of the lesion
  without its necrotic core; ``median_eroded`` and ``median_dilated`` with one layer of voxels less and more, which have
  a ratio and nothing else.
- ``lesion_value`` and ``reference_value`` are in min⁻¹ (Ktrans, kep) or fractions (vp, ve).
- ``ratio`` is empty, and ``ci_high`` is ``inf``, where the reference cannot be told from zero; ``ci_low`` is then all
  that is known. Any number that does not exist is empty.
- ``flags`` are the values of ``RatioFlag``, joined by ``;``.
"""

import csv
import math
from collections.abc import Iterator
from pathlib import Path

from ..comparison.result import Comparison, LesionAtVisit
from ..ratio.measurement import RatioMeasurement
from ..reporting import words
from .text_table import text_table

COLUMNS = (
    "lesion",
    "visit",
    "parameter",
    "statistic",
    "lesion_value",
    "reference_value",
    "ratio",
    "ci_low",
    "ci_high",
    "lesion_voxels",
    "reference_voxels",
    "flags",
)


def write_ratios(path: Path, comparison: Comparison) -> None:
    """Write ``ratios.csv``."""
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for lesion in comparison.lesions:
            for visit, at_visit in lesion.visits:
                writer.writerows((lesion.name, visit, *cells) for cells in _rows(at_visit))


def _rows(at_visit: LesionAtVisit) -> Iterator[tuple[str, ...]]:
    for item in at_visit.ratios.measurements:
        yield _cells(item, item.statistic)
    for item in at_visit.ratios.enhancing:
        yield _cells(item, f"{item.statistic}_enhancing")
    for item in at_visit.ratios.sensitivity:
        median = at_visit.ratios.of(item.parameter)
        endless = median is not None and words.unbounded(median)
        for name, value in (("median_eroded", item.eroded), ("median_dilated", item.dilated)):
            ratio = math.nan if endless else value
            yield (item.parameter, name, "", "", _number(ratio), "", "", "", "", "")


def _cells(item: RatioMeasurement, statistic: str) -> tuple[str, ...]:
    endless = words.unbounded(item)
    return (
        item.parameter,
        statistic,
        _number(item.lesion_value),
        _number(item.reference_value),
        "" if endless else _number(item.ratio),
        _number(item.ci_low),
        "inf" if endless else _number(item.ci_high),
        str(item.lesion_voxels),
        str(item.reference_voxels),
        ";".join(item.flags),
    )


def _number(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""


def ratio_text(comparison: Comparison) -> str:
    """The median ratios of each lesion and visit with their intervals, what they say, and the readings under them."""
    heading = ["lesion", "visit", "rKtrans (95% interval)", "rVp (95% interval)", "perfusion"]
    rows = [
        [
            lesion.name if first else "",
            visit.replace("_", "-"),
            *(words.ratio(at_visit.ratios.of(name), ">= ") for name in ("ktrans", "vp")),
            str(at_visit.verdict.perfusion),
        ]
        for lesion in comparison.lesions
        for first, (visit, at_visit) in zip((True, False), lesion.visits, strict=False)
    ]
    readings = [f"{lesion.name}: {lesion.reading.sentence}" for lesion in comparison.lesions]
    missing = [f"{name}: {words.NOT_MEASURED}" for name, _ in comparison.left_out]
    return "\n".join([text_table([heading, *rows], frozenset({2, 3})), "", *readings, *missing])
