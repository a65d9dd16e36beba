"""A patient's two visits as a study file names them, and the checks before anything is computed."""

from .dates import check_dates, visit_date
from .identity import check_different_series, check_same_patient, check_same_visit
from .regions import read_lesion, read_region
from .study import LesionMarks, Marks, PatientFacts, Study, study_files
from .study_file import read_study
from .visits import StudyVisit, check_visits, read_study_visit
from .wording import in_keys, told_in_keys

__all__ = [
    "LesionMarks",
    "Marks",
    "PatientFacts",
    "Study",
    "StudyVisit",
    "check_dates",
    "check_different_series",
    "check_same_patient",
    "check_same_visit",
    "check_visits",
    "in_keys",
    "read_lesion",
    "read_region",
    "read_study",
    "read_study_visit",
    "study_files",
    "told_in_keys",
    "visit_date",
]
