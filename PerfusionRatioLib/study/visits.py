"""Reading the visits of a study, and whether they may be compared."""

import datetime
from dataclasses import dataclass, replace

from ..progress import Progress, part
from ..series import DceSeries, Volume
from ..visit_files import VisitFiles, visit_settings
from ..visit_reading import VisitInputs, read_t1_post, read_visit
from ..visit_settings import VisitSettings
from .dates import check_dates, visit_date
from .identity import check_different_series, check_same_patient, check_same_visit
from .study import PatientFacts, Study
from .wording import in_keys, told_in_keys


@dataclass(frozen=True)
class StudyVisit:
    """A visit of a study, read and not yet fitted.

    Attributes:
        name: "pre" or "follow_up".
        files: what it was read from.
        settings: the choices for its fit.
        series: the dynamic series; its notes hold what was met in the other files too.
        inputs: maps, masks and curves for the fit.
        t1_post: the post-contrast T1; None where there is none.
        date: of the examination; None where it is not known.
        notes: sentences on its date and on whether its images belong together.
    """

    name: str
    files: VisitFiles
    settings: VisitSettings
    series: DceSeries
    inputs: VisitInputs
    t1_post: Volume | None
    date: datetime.date | None
    notes: tuple[str, ...]


def read_study_visit(study: Study, visit: str, progress: Progress | None = None) -> StudyVisit:
    """Read the images of ``visit``, "pre" or "follow_up".

    Raises:
        InputError: one cannot be read or does not belong to the visit; the sentence names the key.
    """
    files: VisitFiles = getattr(study, visit)
    with told_in_keys(visit):
        settings = visit_settings(files, study.fit)
        series, inputs = read_visit(files, settings, part(progress, 0, 0.9))
        t1_post = read_t1_post(files, part(progress, 0.9, 1))
    series = replace(series, notes=tuple(in_keys(note, visit) for note in series.notes))
    date, notes = visit_date(visit, files.date, series.identity)
    if t1_post is not None:
        notes += check_same_visit(visit, series.identity, t1_post.identity, study.patient.same_patient)
    return StudyVisit(visit, files, settings, series, inputs, t1_post, date, notes)


def check_visits(patient: PatientFacts, pre: StudyVisit, follow_up: StudyVisit) -> tuple[str, ...]:
    """Refuse visits that cannot be compared: of two patients, one series twice, or dates in an order that cannot be.

    Returns:
        Sentences on what was met, what lies outside the protocol's windows, and what could not be checked.

    Raises:
        InputError: they cannot be compared.
    """
    identity_notes = check_same_patient(pre.series.identity, follow_up.series.identity, patient.same_patient)
    if pre.t1_post is not None and follow_up.t1_post is not None:
        check_different_series(pre.t1_post.identity, follow_up.t1_post.identity, "post-contrast T1")
    date_notes = check_dates(pre.date, follow_up.date, patient.srs_date, patient.resection_date)
    return (*identity_notes, *date_notes)
