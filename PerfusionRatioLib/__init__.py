"""Permeability and plasma-volume ratios of brain metastases from DCE-MRI before and after radiosurgery.

Importing the package is light: each public name is imported when it is first used.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "aif": ("ArterialInput", "aif_from_mask", "detect_aif", "georgiou", "parker", "read_aif", "write_aif"),
    "alignment": ("correct_motion",),
    "kinetics": ("ParameterMaps",),
    "reading": ("read_dce", "read_map", "read_mask", "read_volume"),
    "segmentation": ("find_brain",),
    "series": ("DceSeries", "Grid", "Volume"),
    "signal": ("concentration_from_signal", "find_baseline", "spgr_signal", "t1_from_flip_angles"),
    "visit": ("Visit", "VisitSettings", "fit_visit"),
}
"""The public names and the part of the package each comes from."""

_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted([*_HOME, *_HOMES])


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return importlib.import_module(f".{name}", __name__)
    if name in _HOME:
        return getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
