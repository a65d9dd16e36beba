"""What is true of a digital patient, as numbers and as maps."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .scenarios import SCENARIOS
from .tissues import Label

if TYPE_CHECKING:
    from .patient import DigitalPatient, PatientVisit

MAPS = ("ktrans", "vp", "ve", "t10")
PURE = 0.95
"""Share of white matter in the voxels of the true reference."""


def true_ratios(visit: "PatientVisit") -> list[dict[str, float]]:
    """For each lesion the median of the true Ktrans, vp and ve maps over the entire lesion, necrotic core included,
    divided by that over all voxels of white matter: "rktrans", "rvp" and "rve"."""
    maps = {name: getattr(visit.truth, name) for name in ("ktrans", "vp", "ve")}
    white = visit.truth.fractions["white"] > PURE
    return [
        {f"r{name}": float(np.median(values[lesion]) / np.median(values[white])) for name, values in maps.items()}
        for lesion in visit.lesions
    ]


def truth_of(patient: "DigitalPatient") -> dict[str, Any]:
    """Everything true of a patient that numbers can say; lengths in mm, times in s, positions RAS."""
    courses = patient.scenario.lesions
    return {
        "scenario": patient.scenario.name,
        "about": SCENARIOS[patient.scenario.name],
        "seed": patient.seed,
        "patient_id": patient.patient_id,
        "srs_date": patient.srs_date.isoformat(),
        "resection_date": patient.resection_date.isoformat(),
        "visits": {visit.name: _visit(visit) for visit in patient.visits},
        "lesions": [
            {
                "name": course.name,
                "reading": course.reading,
                "readings": course.readings,
                **{visit.name: _lesion(visit, number) for visit in patient.visits},
            }
            for number, course in enumerate(courses)
        ],
    }


def write_truth_maps(folder: Path, visit: "PatientVisit") -> None:
    """Write the true maps of a visit: ``ktrans``, ``vp``, ``ve`` and ``t10`` and the labels on the grid of the dynamic
    series, and the share of each lesion on it (``lesion_1_fraction``); on the grid of the post-contrast T1 each lesion
    (``t1_lesion_1``: 1 the enhancing part, 2 the necrotic core).

    Raises:
        OutputError: a file cannot be written.
    """
    from ..export.images import write_labels, write_map

    folder.mkdir(parents=True, exist_ok=True)
    grid, fractions = visit.series.grid, visit.truth.fractions
    for name in MAPS:
        write_map(folder / f"{name}.nii.gz", getattr(visit.truth, name), grid)
    write_labels(folder / "labels.nii.gz", visit.truth.labels, grid)
    post = visit.post_contrast
    for number, (lesion, core) in enumerate(zip(post.lesions, post.cores, strict=True), start=1):
        whole = fractions[f"lesion {number}"] + fractions.get(f"core {number}", 0)
        write_map(folder / f"lesion_{number}_fraction.nii.gz", whole, grid)
        parts = lesion.astype(np.uint8) + (lesion & core)
        write_labels(folder / f"t1_lesion_{number}.nii.gz", parts, post.volume.grid)


def _visit(visit: "PatientVisit") -> dict[str, Any]:
    truth, bolus = visit.truth, visit.phantom.bolus
    white = truth.fractions["white"] > PURE
    return {
        "date": visit.date.isoformat(),
        "pose_lps": visit.pose.matrix.tolist(),
        "t1_pose_lps": visit.t1_pose.matrix.tolist(),
        "motion_lps": np.round(truth.motion, 6).tolist(),
        "haematocrit": truth.haematocrit,
        "relaxivity": truth.relaxivity,
        "bolus": {"arrival": bolus.arrival, "peak_mM": bolus.peak, "width": bolus.width},
        "aif_plasma_mM": np.round(truth.aif, 5).tolist(),
        "noise": truth.noise,
        "white_matter": {name: float(np.median(getattr(truth, name)[white])) for name in MAPS},
        "voxels": {label.name.lower(): int(np.count_nonzero(truth.labels == label)) for label in Label},
    }


def _lesion(visit: "PatientVisit", number: int) -> dict[str, Any]:
    lesion = visit.phantom.lesions[number]
    return {
        "volume_cc": lesion.volume,
        "core_share": lesion.core,
        "ktrans": lesion.ktrans,
        "vp": lesion.vp,
        "ve": lesion.ve,
        "t10": lesion.t10,
        "seed": np.round(visit.seeds[number], 2).tolist(),
        "voxels": int(np.count_nonzero(visit.lesions[number])),
        "ratios_to_all_white_matter": true_ratios(visit)[number],
    }
