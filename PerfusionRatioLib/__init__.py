"""Permeability and plasma-volume ratios of brain metastases from DCE-MRI before and after radiosurgery.

Importing the package is light: each public name is imported when it is first used.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "aif.arterial_input": ("ArterialInput",),
    "aif.automatic": ("detect_aif",),
    "aif.consistency": ("AifConsistency", "AifShape", "aif_shape", "compare_aifs"),
    "aif.from_file": ("read_aif", "write_aif"),
    "aif.population": ("georgiou", "parker"),
    "aif.region": ("aif_from_mask",),
    "alignment.carrying": ("carried_fraction", "carried_image", "in_field", "inside_fraction"),
    "alignment.motion": ("correct_motion",),
    "alignment.registration": ("align",),
    "kinetics": ("ParameterMaps",),
    "phantom.dicom_study": ("write_patient",),
    "phantom.patient": ("make_patient",),
    "comparison.compare": ("compare_visits",),
    "comparison.from_study": ("compare_study",),
    "comparison.inputs": ("ComparedVisit", "DrawnMask", "LesionMark", "MarkedLesion"),
    "comparison.result": ("Comparison",),
    "ratio.criteria": ("Criteria",),
    "ratio.measure": ("measure_ratios",),
    "reading.patient_names": ("PatientNames",),
    "reading": ("describe", "read_dce", "read_map", "read_mask", "read_volume"),
    "reporting.report": ("write_report",),
    "brain.brain_mask": ("find_brain",),
    "segmentation.lesion": ("LesionSegmentation", "segment_lesion"),
    "segmentation.lesion_size": ("LesionSize", "measure_lesion"),
    "segmentation.midsagittal": ("find_midsagittal_plane",),
    "segmentation.reference_region": ("find_reference", "given_reference", "reference_on_dce"),
    "series": ("DceSeries", "Grid", "Volume"),
    "signal.baseline": ("find_baseline",),
    "signal.flip_angles": ("t1_from_flip_angles",),
    "signal.spoiled_gradient_echo": ("concentration_from_signal", "spgr_signal"),
    "study": ("Study", "read_study"),
    "visit": ("Visit", "fit_visit"),
    "visit_settings": ("VisitSettings",),
}
"""The public names and the module each comes from; ``kinetics.fit`` and the like are reached through their parts."""

_PARTS = (
    "aif",
    "alignment",
    "export",
    "kinetics",
    "phantom",
    "reading",
    "reporting",
    "segmentation",
    "signal",
    "study",
    "validation",
)
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted([*_HOME, *_PARTS])


def __getattr__(name: str) -> Any:
    if name in _PARTS:
        return importlib.import_module(f".{name}", __name__)
    if name in _HOME:
        return getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
