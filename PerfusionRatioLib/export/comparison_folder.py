"""The files of a comparison of two visits.

In the folder: ``ratios.csv``, ``comparison.json``, ``report.html``, ``pre_t1_to_follow_up_t1.json``, and for each visit
a folder ``pre`` or ``follow_up`` with the files of ``write_visit`` and

- ``t1_to_series.json``: the transform from the post-contrast T1 to the series;
- ``<lesion>_lesion.nii.gz`` on the grid of the T1: 1 where it enhances, 2 in its necrotic core;
- ``<lesion>_region.nii.gz`` and ``<lesion>_reference.nii.gz`` on the grid of the series: the voxels that were measured.
"""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..comparison.cautions import cautions
from ..comparison.result import Comparison, LesionAtVisit, LesionComparison, VisitResult
from ..reading.placing import CORE, ENHANCING
from ..reporting import words
from .folder import write_marker
from .images import write_labels
from .json_text import write_json
from .qc import quality
from .ratio_table import write_ratios
from .slugs import slugs
from .visit_folder import write_visit

if TYPE_CHECKING:
    from ..alignment.registration import Alignment
    from ..ratio.measurement import RatioMeasurement
    from ..reading.patient_names import PatientNames


def write_comparison(
    folder: Path,
    comparison: Comparison,
    provenance: Mapping[str, Any],
    *,
    radiosurgery: datetime.date | None = None,
    resection: datetime.date | None = None,
    names: "PatientNames | None" = None,
    report: bool = True,
) -> None:
    """Write everything there is of ``comparison`` into an existing folder, ``provenance.json`` last.

    Args:
        folder: an empty one, such as of ``atomic_folder``.
        comparison: two visits.
        provenance: as of ``export.provenance.provenance``.
        radiosurgery, resection: their dates.
        names: of the patient, for the report; None: no name from the images is written, and the report shows no paths.
        report: whether ``report.html`` is written too.

    Raises:
        InputError: the report needs packages that are missing.
        OutputError: a file cannot be written.
    """
    from ..reporting.report import write_report

    if report:
        command = provenance.get("command") if names else None  # paths of patients' files often hold their names
        dates = {"radiosurgery": radiosurgery, "resection": resection}
        write_report(folder / "report.html", comparison, **dates, command=command, names=names)
    write_ratios(folder / "ratios.csv", comparison)
    write_json(folder / "comparison.json", comparison_account(comparison, radiosurgery, resection))
    between = comparison.between.transform.matrix
    _write_matrix(folder / "pre_t1_to_follow_up_t1.json", between, "T1 before radiosurgery", "T1 at follow-up")
    for visit in comparison.visits:
        (folder / visit.name).mkdir()
        _write_visit_with_lesions(folder / visit.name, visit, comparison, provenance)
    write_marker(folder, dict(provenance) | {"notes": comparison.notes})


def _write_visit_with_lesions(
    folder: Path, visit: VisitResult, comparison: Comparison, provenance: Mapping[str, Any]
) -> None:
    to_series = np.linalg.inv(visit.alignment.transform.matrix)
    _write_matrix(folder / "t1_to_series.json", to_series, "post-contrast T1", "dynamic series")
    for slug, lesion in zip(_slugs(comparison), comparison.lesions, strict=True):
        at_visit = getattr(lesion, visit.name)
        if at_visit is None:
            continue
        segmentation = at_visit.segmentation
        labels = np.where(segmentation.core, CORE, np.where(segmentation.mask, ENHANCING, 0))
        write_labels(folder / f"{slug}_lesion.nii.gz", labels, segmentation.grid)
        write_labels(folder / f"{slug}_region.nii.gz", at_visit.region, visit.grid)
        write_labels(folder / f"{slug}_reference.nii.gz", at_visit.reference, visit.grid)
    write_visit(folder, visit.visit, quality(visit.visit), dict(provenance) | {"part_of": "a comparison"})


def _slugs(comparison: Comparison) -> tuple[str, ...]:
    return slugs([lesion.name for lesion in comparison.lesions])


def _write_matrix(path: Path, matrix: np.ndarray, origin: str, target: str) -> None:
    takes = f"positions of the {origin} to those of the {target}"
    write_json(path, {"takes": takes, "space": "LPS, mm", "matrix": matrix})


def comparison_account(
    comparison: Comparison, radiosurgery: datetime.date | None = None, resection: datetime.date | None = None
) -> dict[str, Any]:
    """What ``comparison.json`` holds; nothing that names the patient. A number that does not exist is null, as is the
    ratio of a reference that cannot be told from zero."""
    return {
        "dates": {
            "pre": _day(comparison.pre.date),
            "radiosurgery": _day(radiosurgery),
            "follow_up": _day(comparison.follow_up.date),
            "resection": _day(resection),
        },
        "lesions": [
            _lesion(lesion, slug) | {"cautions": cautions(lesion, comparison.criteria)}
            for slug, lesion in zip(_slugs(comparison), comparison.lesions, strict=True)
        ],
        "left_out": [{"name": name, "reason": reason} for name, reason in comparison.left_out],
        "criteria": comparison.criteria,
        "core_included": comparison.include_core,
        "arterial_inputs": comparison.aif,
        "alignment": {
            **{f"{visit.name}_series_to_t1": _alignment(visit.alignment) for visit in comparison.visits},
            "pre_t1_to_follow_up_t1": _alignment(comparison.between),
        },
        "notes": {
            "both": comparison.notes,
            **{visit.name: visit.visit.notes for visit in comparison.visits},
        },
    }


def _day(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None


def _alignment(alignment: "Alignment") -> dict[str, Any]:
    return {
        "verdict": alignment.verdict,
        "quality": alignment.quality,
        "sentence": alignment.sentence,
        "matrix": alignment.transform.matrix,
    }


def _lesion(lesion: LesionComparison, slug: str) -> dict[str, Any]:
    return {
        "name": lesion.name,
        "files": slug,
        "status": lesion.status,
        "reading": lesion.reading,
        "visits": {name: _at_visit(at_visit) for name, at_visit in lesion.visits},
        "changes": lesion.changes,
        "changes_with_arterial_inputs_exchanged": lesion.swapped,
        "t10_shift": lesion.t10_shift,
        "notes": lesion.notes,
    }


def _at_visit(at_visit: LesionAtVisit) -> dict[str, Any]:
    ratios = at_visit.ratios
    return {
        "verdict": at_visit.verdict,
        "size": at_visit.size,
        "inside_the_series": at_visit.inside,
        "evaluable_fraction": at_visit.evaluable_fraction,
        "reference": at_visit.reference_origin,
        "ratios": [_ratio(item) for item in ratios.measurements],
        "ratios_of_the_enhancing_part": [_ratio(item) for item in ratios.enhancing],
        "notes": at_visit.notes,
    }


def _ratio(item: "RatioMeasurement") -> dict[str, Any]:
    endless = words.unbounded(item)
    return {
        "parameter": item.parameter,
        "statistic": item.statistic,
        "lesion": {"value": item.lesion_value, "interval": item.lesion_interval, "voxels": item.lesion_voxels},
        "reference": {
            "value": item.reference_value,
            "interval": item.reference_interval,
            "voxels": item.reference_voxels,
        },
        "ratio": None if endless else item.ratio,
        "interval": (item.ci_low, None if endless else item.ci_high),
        "unbounded": endless,
        "flags": item.flags,
    }
