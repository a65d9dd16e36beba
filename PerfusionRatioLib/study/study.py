"""What a study holds: a patient, two visits, the lesions, and how they are to be read."""

import datetime
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..ratio.criteria import Criteria
from ..visit_files import VisitFiles, input_files

VISITS = ("pre", "follow_up")
"""The visits in the order of time: before radiosurgery, and at suspected progression."""

Position = tuple[float, float, float]


@dataclass(frozen=True)
class PatientFacts:
    """What is known of the patient; None where it is not.

    Attributes:
        srs_date: of radiosurgery.
        resection_date: of the operation that gave the histology.
        same_patient: the user says that both visits are of one patient, though their patient IDs differ.
    """

    srs_date: datetime.date | None = None
    resection_date: datetime.date | None = None
    same_patient: bool = False


@dataclass(frozen=True)
class Marks:
    """How a lesion is marked at a visit: by seeds, or by a mask.

    Attributes:
        seeds: LPS positions in mm within the lesion.
        background: LPS positions in mm that do not belong to it.
        amount: how far the segmentation goes; None for its default.
        mask: an image of the lesion, on the grid of the post-contrast T1 or of the series.
    """

    seeds: tuple[Position, ...] = ()
    background: tuple[Position, ...] = ()
    amount: float | None = None
    mask: Path | None = None


@dataclass(frozen=True)
class LesionMarks:
    """A lesion and its marks; None for a visit at which it was not there."""

    name: str
    pre: Marks | None
    follow_up: Marks | None

    @property
    def file_name(self) -> str:
        """What of its name counts where lesions are told apart."""
        return file_name(self.name)

    @property
    def visits(self) -> tuple[tuple[str, Marks], ...]:
        """The visits at which it is marked, by name."""
        return tuple((visit, getattr(self, visit)) for visit in VISITS if getattr(self, visit) is not None)


@dataclass(frozen=True)
class Study:
    """One patient.

    Attributes:
        patient: what is known of him or her.
        pre, follow_up: the files of the visits.
        lesions: at least one, each marked at one visit at least.
        fit: choices for both visits by the names of ``VisitSettings``; see ``visit_files.visit_settings``.
        criteria: by which ratios are read.
        include_core: whether the necrotic core belongs to the measured region.
        path: of the study file; None where there is none.
    """

    patient: PatientFacts
    pre: VisitFiles
    follow_up: VisitFiles
    lesions: tuple[LesionMarks, ...]
    fit: Mapping[str, Any] = field(default_factory=dict)
    criteria: Criteria = field(default_factory=Criteria)
    include_core: bool = True
    path: Path | None = None

    @property
    def visits(self) -> tuple[tuple[str, VisitFiles], ...]:
        """Both visits by name, in the order of time."""
        return tuple((visit, getattr(self, visit)) for visit in VISITS)


def file_name(lesion: str) -> str:
    """``lesion`` in lower case, with underscores for all that is neither letter nor digit; empty where nothing is."""
    return re.sub(r"[\W_]+", "_", unicodedata.normalize("NFKC", lesion).casefold()).strip("_")


def study_files(study: Study) -> dict[str, Path]:
    """What each file that the study names is for, and the file, the study file itself first."""
    files = {} if study.path is None else {"study": study.path}
    for visit, of_visit in study.visits:
        files |= {f"{visit} {role}": path for role, path in input_files(of_visit).items()}
        for lesion in study.lesions:
            marks = getattr(lesion, visit)
            if marks is not None and marks.mask is not None:
                files[f"{visit} lesion {lesion.name}"] = marks.mask
    return files
