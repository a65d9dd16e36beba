"""A digital patient as a folder: classic DICOM of both visits, the study file, and the truth beside them."""

import json
from datetime import date, datetime, time
from pathlib import Path

import numpy as np

from ..export.json_text import write_json
from ..progress import Progress, advance, part
from .classic_mr import Examination, SeriesHeader, write_mr_series
from .patient import FLIP_ANGLES, POST_CONTRAST_TIME, DigitalPatient, PatientVisit
from .patient_truth import truth_of, write_truth_maps

STUDY_FILE = "study.toml"
FLIP_ANGLE_EVERY, DCE_AFTER = 75.0, 300.0
"""Seconds from the start of the examination: between the flip angle images, and to the dynamic series."""


def write_patient(folder: Path | str, patient: DigitalPatient, progress: Progress | None = None) -> Path:
    """Write a patient into a folder.

    ``pre`` and ``follow_up`` each hold ``dce``, ``fa02``, ``fa05``, ``fa15`` and ``t1_post`` as DICOM; ``truth.json``
    and ``truth/`` hold what is true; ``study.toml`` names it all for ``compare``.

    Args:
        folder: made when missing.
        patient: its images are made now unless they were asked for before.
        progress: told what is being made and written.

    Returns:
        The study file.

    Raises:
        OutputError: a file cannot be written.
        Cancelled: by the callback.
    """
    folder = Path(folder)
    for number, visit in enumerate(patient.visits):
        _write_visit(folder, patient, visit, part(progress, 0.5 * number, 0.5 * number + 0.5))
    write_json(folder / "truth.json", truth_of(patient))
    study = folder / STUDY_FILE
    study.write_text(study_text(patient), encoding="utf-8")
    advance(progress, 1, "writing the study file")
    return study


def study_text(patient: DigitalPatient) -> str:
    """The study file of a patient written by ``write_patient``."""
    lines = [f"# A digital patient, scenario {patient.scenario.name}, seed {patient.seed}: no person was imaged.", ""]
    lines += ["[patient]", f"srs_date = {patient.srs_date}", f"resection_date = {patient.resection_date}", ""]
    for visit in patient.visits:
        images = [f"{visit.name}/{_flip_angle_name(angle)}" for angle in FLIP_ANGLES]
        lines += [f"[{visit.name}]", f'dce = "{visit.name}/dce"', f't1_post = "{visit.name}/t1_post"']
        lines += [f"vfa = {json.dumps(images)}", ""]
    for number, course in enumerate(patient.scenario.lesions):
        lines += ["[[lesion]]", f'name = "{course.name}"']
        lines += [f"{visit.name} = {{ seed = {_point(visit.seeds[number])} }}" for visit in patient.visits]
        lines.append("")
    phantom = patient.pre.phantom
    lines += ["[fit]", f"relaxivity = {phantom.relaxivity:g}", f"haematocrit = {phantom.haematocrit:g}", ""]
    return "\n".join(lines)


def _write_visit(folder: Path, patient: DigitalPatient, visit: PatientVisit, progress: Progress | None) -> None:
    examination = Examination(
        patient_id=patient.patient_id,
        visit=visit.name,
        start=datetime.combine(visit.date, time(9, 30)),
        birth_date=date(1950 + patient.seed % 30, 7, 1),
        sex="FM"[patient.seed % 2],
    )
    here = folder / visit.name
    name = visit.name.replace("_", "-")
    advance(progress, 0.0, f"making the {name} series")
    series = visit.series
    header = SeriesHeader(5, "DCE", DCE_AFTER, series.acquisition, contrast=True)
    writing = part(progress, 0.45, 0.75)
    write_mr_series(
        here / "dce",
        series.signal,
        series.require_times(),
        series.grid,
        examination,
        header,
        lambda fraction: advance(writing, fraction, f"writing the {name} series"),
    )
    for number, (image, angle) in enumerate(zip(visit.flip_angle_images, FLIP_ANGLES, strict=True)):
        header = SeriesHeader(2 + number, f"FA {angle:g}", FLIP_ANGLE_EVERY * (number + 1), image.acquisition, False)
        write_mr_series(
            here / _flip_angle_name(angle), image.array[np.newaxis], np.zeros(1), image.grid, examination, header
        )
    advance(progress, 0.8, f"making the {name} post-contrast T1")
    volume = visit.post_contrast.volume
    header = SeriesHeader(6, "T1 post contrast", DCE_AFTER + POST_CONTRAST_TIME, volume.acquisition, contrast=True)
    write_mr_series(here / "t1_post", volume.array[np.newaxis], np.zeros(1), volume.grid, examination, header)
    advance(progress, 0.9, f"writing the {name} truth")
    write_truth_maps(folder / "truth" / visit.name, visit)


def _flip_angle_name(angle: float) -> str:
    return f"fa{angle:02.0f}"


def _point(position: np.ndarray) -> str:
    return "[" + ", ".join(f"{value:.1f}" for value in position) + "]"
