"""What the report says of how far the results can be trusted."""

from dataclasses import dataclass

import numpy as np

from ..aif.consistency import AifShape
from ..alignment.registration import Alignment
from ..comparison.result import Comparison, VisitResult
from . import words
from .curve_figures import Drawing, arterial_inputs

GOOD = {"good": "good", "acceptable": "fair", "doubtful": "fair", "poor": "poor"}
"""The tone in which a verdict is set."""


@dataclass(frozen=True)
class Mark:
    """A finding with the tone it is set in: "good", "fair", "poor" or "" for none."""

    tone: str
    text: str


@dataclass(frozen=True)
class QualityRow:
    """One thing that was checked at both visits."""

    name: str
    pre: Mark
    follow_up: Mark


@dataclass(frozen=True)
class QualitySection:
    """Everything the template shows of quality."""

    rows: tuple[QualityRow, ...]
    between: Mark
    arteries: Mark
    drawing: Drawing
    notes: tuple[tuple[str, tuple[str, ...]], ...]


def quality_section(comparison: Comparison) -> QualitySection:
    """Gather what is shown of the quality of both visits and of their comparison."""
    checks = (
        ("Head motion", _motion),
        ("Arterial input", _artery),
        ("Series to T1", lambda visit: _alignment(visit.alignment)),
        ("Voxels of series and T1", _voxels),
        ("Frames", _frames),
        ("Fitted", _fitted),
        ("Left out", _left_out),
    )
    visits = tuple((words.VISITS[visit.name], words.unique(visit.visit.notes)) for visit in comparison.visits)
    rows = [QualityRow(name, check(comparison.pre), check(comparison.follow_up)) for name, check in checks]
    shapes = QualityRow(
        "Peak, width, area of the first minute, level of the second",
        _shape(comparison.aif.pre),
        _shape(comparison.aif.follow_up),
    )
    return QualitySection(
        (*rows[:2], shapes, *rows[2:]),
        _alignment(comparison.between),
        Mark("good" if comparison.aif.agree else "fair", comparison.aif.sentence),
        arterial_inputs(comparison),
        tuple((name, notes) for name, notes in visits if notes),
    )


def _motion(visit: VisitResult) -> Mark:
    frames = visit.visit.prepared.motion
    if not frames:
        return Mark("", "not corrected")
    moved = np.array([frame.displacement for frame in frames])
    failed = sum(bool(frame.problem) for frame in frames)
    told = f"{moved.max():.1f} mm at most, {np.median(moved):.1f} mm in the median, corrected"
    return Mark("fair", f"{told}; not found in {failed} of {len(frames)} frames") if failed else Mark("good", told)


def _artery(visit: VisitResult) -> Mark:
    aif = visit.visit.aif
    if aif.quality is None:
        return Mark("", words.capitalised(aif.origin))
    return Mark(
        GOOD[aif.quality.verdict], f"{words.capitalised(aif.quality.verdict)}, {aif.origin}. {aif.quality.sentence}"
    )


def _shape(shape: AifShape) -> Mark:
    measures = (shape.peak_mM, "mM"), (shape.width_s, "s"), (shape.area_mM_s, "mM s"), (shape.tail_mM, "mM")
    return Mark("", ", ".join(f"{words.number(amount)} {unit}" for amount, unit in measures))


def _alignment(alignment: Alignment) -> Mark:
    return Mark(GOOD.get(alignment.verdict, ""), f"{words.capitalised(alignment.verdict)}. {alignment.sentence}")


def _voxels(visit: VisitResult) -> Mark:
    sizes = (" × ".join(f"{size:.3g}" for size in grid.spacing) for grid in (visit.grid, visit.t1.grid))
    return Mark("", " and ".join(f"{size} mm" for size in sizes))


def _frames(visit: VisitResult) -> Mark:
    times = visit.visit.prepared.times
    apart = float(np.median(np.diff(times)))
    return Mark("", f"{len(times)}, {words.number(apart)} s apart, {words.number(times[-1] - times[0])} s in all")


def _fitted(visit: VisitResult) -> Mark:
    counts, total = visit.visit.maps.counts, int(np.count_nonzero(visit.visit.prepared.mask))
    return Mark("", f"{counts['fitted']:,} of {total:,} voxels".replace(",", " "))


def _left_out(visit: VisitResult) -> Mark:
    excluded = visit.visit.prepared.excluded
    told = {
        "mask_voxels_without_concentration": "voxels without any concentration",
        "mask_samples_without_concentration": "samples without concentration",
        "series_samples_unreadable": "samples that could not be read",
    }
    parts = [f"{excluded[key]:,} {text}".replace(",", " ") for key, text in told.items() if excluded.get(key)]
    return Mark("", ", ".join(parts) or "nothing")
