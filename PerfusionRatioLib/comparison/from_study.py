"""The comparison that a study file asks for."""

from pathlib import Path

import numpy as np

from ..errors import InputError, NoAnswerError
from ..progress import Progress, part
from ..series import Grid
from ..study import Marks, Study, check_visits, read_lesion, read_region, read_study_visit
from ..study.visits import StudyVisit
from ..study.wording import in_keys, told_in_keys
from .compare import compare_visits
from .inputs import ComparedVisit, DrawnMask, LesionMark, MarkedLesion
from .result import WHEN, Comparison


def compare_study(study: Study, progress: Progress | None = None) -> Comparison:
    """Read both visits of ``study``, check that they may be compared, and compare them.

    Raises:
        InputError, NoAnswerError: as ``read_study_visit``, ``check_visits`` and ``compare_visits``.
        Cancelled: by ``progress``.
    """
    pre = read_study_visit(study, "pre", part(progress, 0, 0.05))
    follow_up = read_study_visit(study, "follow_up", part(progress, 0.05, 0.1))
    notes = (*pre.notes, *follow_up.notes, *check_visits(study.patient, pre, follow_up))
    lesions = tuple(
        MarkedLesion(lesion.name, _mark(lesion.pre, pre), _mark(lesion.follow_up, follow_up))
        for lesion in study.lesions
    )
    try:
        return compare_visits(
            _compared(pre),
            _compared(follow_up),
            lesions,
            study.criteria,
            include_core=study.include_core,
            notes=notes,
            progress=part(progress, 0.1, 1),
        )
    except (InputError, NoAnswerError) as error:
        section = "follow_up" if WHEN["follow_up"] in str(error) else "pre"
        raise type(error)(in_keys(str(error), section)) from error


def _compared(visit: StudyVisit) -> ComparedVisit:
    files = visit.files
    reference = None if files.reference is None else _drawn_reference(files.reference, visit)
    centre = None if files.reference_centre is None else np.array(files.reference_centre, float)
    return ComparedVisit(visit.series, visit.t1_post, visit.settings, visit.inputs, reference, centre, visit.date)


def _mark(marks: Marks | None, visit: StudyVisit) -> LesionMark | None:
    if marks is None:
        return None
    if marks.mask is not None:
        return LesionMark(mask=_drawn_lesion(marks.mask, visit))
    background = np.array(marks.background, float) if marks.background else None
    return LesionMark(np.array(marks.seeds, float), background, marks.amount or 0.0)


def _drawn_lesion(path: Path, visit: StudyVisit) -> DrawnMask:
    with told_in_keys(visit.name):
        image, placed, core = read_lesion(path, _grids(visit), visit.files.resample)
    return DrawnMask(placed.array, image, core if core is not None and core.any() else None, placed.notes)


def _drawn_reference(path: Path, visit: StudyVisit) -> DrawnMask:
    with told_in_keys(visit.name):
        image, placed = read_region(path, _grids(visit), visit.files.resample)
    return DrawnMask(placed.array, image, notes=placed.notes)


def _grids(visit: StudyVisit) -> dict[str, Grid]:
    """The images of a visit on which a mask may be drawn."""
    drawn_on = {} if visit.t1_post is None else {"t1": visit.t1_post.grid}
    return drawn_on | {"dce": visit.series.grid}
