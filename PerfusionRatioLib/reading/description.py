"""What was read, in the terms a user asks in."""

import numpy as np

from ..acquisition import UNITS, Known
from ..series import DceSeries


def describe(series: DceSeries) -> dict:
    """Vendor, size, timing and acquisition of ``series`` with their origins, ready for printing or JSON.

    Returns:
        A dictionary of plain numbers, strings, lists and None; ``warnings`` holds the sentences of reading and one for
        each value that a fit needs and the files do not tell.
    """
    return {
        "source": series.source,
        "manufacturer": series.identity.manufacturer,
        "model": series.identity.model,
        "study_date": series.identity.study_date,
        "series_description": series.identity.series_description,
        "frames": len(series.signal),
        "size": list(series.grid.size),
        "spacing_mm": [round(value, 6) for value in series.grid.spacing],
        "timing": _timing(series.times),
        **{f"{name}": _value(getattr(series.acquisition, name), unit) for name, unit in UNITS.items()},
        "excluded_samples": series.excluded,
        "warnings": [*series.notes, *_missing(series)],
    }


def _timing(times: Known[np.ndarray] | None) -> dict | None:
    if times is None:
        return None
    steps = np.diff(times.value)
    return {
        "duration_s": round(float(times.value[-1]), 6),
        "interval_s": round(float(np.median(steps)), 6),
        "shortest_interval_s": round(float(steps.min()), 6),
        "longest_interval_s": round(float(steps.max()), 6),
        "origin": times.origin,
    }


def _value(known: Known[float] | None, unit: str) -> dict | None:
    return None if known is None else {"value": float(known.value), "unit": unit, "origin": known.origin}


def _missing(series: DceSeries) -> list[str]:
    options = {"repetition_time": "--tr", "flip_angle": "--flip-angle"}
    return [
        f"The {name.replace('_', ' ')} is not known: give it with {option}."
        for name, option in options.items()
        if getattr(series.acquisition, name) is None
    ]
