"""``perfusion-ratio info``: what was read, and where each value comes from."""

import argparse
from typing import Any

import numpy as np

from ..acquisition import Known
from ..series import DceSeries
from .console import Console
from .series_options import add_series_arguments, read_series

SUMMARY = "show what was read from a dynamic series, and where each value comes from"
EXAMPLES = """  perfusion-ratio info dce.nii.gz
  perfusion-ratio info dicom_folder/ --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The series, and values that replace what its files say."""
    add_series_arguments(parser)


def run(arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Read the series; show and return what is known of it."""
    series = read_series(arguments, console.progress)
    console.show(_text(series))
    return _facts(series)


def _facts(series: DceSeries) -> dict[str, Any]:
    acquisition, identity = series.acquisition, series.identity
    return {
        "source": series.source,
        "frames": len(series.signal),
        "size": series.grid.size,
        "spacing_mm": series.grid.spacing,
        "times_s": series.times,
        "repetition_time_s": acquisition.repetition_time,
        "flip_angle_deg": acquisition.flip_angle,
        "echo_time_s": acquisition.echo_time,
        "field_strength_t": acquisition.field_strength,
        "manufacturer": identity.manufacturer,
        "model": identity.model,
        "study_date": identity.study_date,
        "series_description": identity.series_description,
        "excluded_samples": series.excluded,
        "notes": series.notes,
    }


def _text(series: DceSeries) -> str:
    acquisition, identity = series.acquisition, series.identity
    rows = {
        "series": series.source,
        "scanner": " ".join(filter(None, (identity.manufacturer, identity.model))) or "unknown",
        "description": identity.series_description or "unknown",
        "frames": f"{len(series.signal)}",
        "voxels": " x ".join(f"{n}" for n in series.grid.size),
        "spacing": " x ".join(f"{mm:.4g}" for mm in series.grid.spacing) + " mm",
        "timing": _timing(series.times),
        "repetition time": _value(acquisition.repetition_time, 1e3, "ms"),
        "flip angle": _value(acquisition.flip_angle, 1, "degrees"),
        "echo time": _value(acquisition.echo_time, 1e3, "ms"),
        "field strength": _value(acquisition.field_strength, 1, "T"),
        "samples left out": f"{series.excluded}",
    }
    width = max(map(len, rows))
    return "\n".join(
        [*(f"{name:<{width}}  {value}" for name, value in rows.items()), *(f"! {n}" for n in series.notes)]
    )


def _value(known: Known[float] | None, factor: float, unit: str) -> str:
    return "unknown" if known is None else f"{known.value * factor:g} {unit} ({known.origin})"


def _timing(times: Known[np.ndarray] | None) -> str:
    if times is None:
        return "unknown: give --times"
    steps = np.diff(times.value)
    if np.ptp(steps) <= 1e-3 * steps.mean():
        spacing = f"every {steps.mean():.4g} s"
    else:
        spacing = f"every {steps.min():.4g} to {steps.max():.4g} s"
    return f"{spacing}, {times.value[-1] - times.value[0]:.4g} s in all ({times.origin})"
