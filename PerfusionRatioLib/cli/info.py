"""``perfusion-ratio info``: what was read, and where each value comes from."""

import argparse
from typing import Any

from .console import Console
from .series_options import add_series_arguments, series_files

SUMMARY = "show what was read from a dynamic series, and where each value comes from"
EXAMPLES = """  perfusion-ratio info dce.nii.gz
  perfusion-ratio info dicom_folder/ --json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The series, and values that replace what its files say."""
    add_series_arguments(parser)


def run(arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Read the series; show and return what is known of it."""
    from ..reading import describe
    from ..visit_reading import read_series

    known = describe(read_series(series_files(arguments), console.progress))
    console.show(_text(known))
    return known


def _text(known: dict[str, Any]) -> str:
    rows = {
        "series": known["source"],
        "scanner": " ".join(filter(None, (known["manufacturer"], known["model"]))) or "unknown",
        "description": known["series_description"] or "unknown",
        "frames": f"{known['frames']}",
        "voxels": " x ".join(f"{n}" for n in known["size"]),
        "spacing": " x ".join(f"{mm:.4g}" for mm in known["spacing_mm"]) + " mm",
        "timing": _timing(known["timing"]),
        "repetition time": _value(known["repetition_time"]),
        "flip angle": _value(known["flip_angle"]),
        "echo time": _value(known["echo_time"]),
        "field strength": _value(known["field_strength"]),
        "samples left out": f"{known['excluded_samples']}",
    }
    width = max(map(len, rows))
    lines = [f"{name:<{width}}  {value}" for name, value in rows.items()]
    return "\n".join([*lines, *(f"! {warning}" for warning in known["warnings"])])


def _value(known: dict[str, Any] | None) -> str:
    return "unknown" if known is None else f"{known['value']:g} {known['unit']} ({known['origin']})"


def _timing(timing: dict[str, Any] | None) -> str:
    if timing is None:
        return "unknown: give --times"
    shortest, longest = timing["shortest_interval_s"], timing["longest_interval_s"]
    even = longest - shortest <= 1e-3 * longest
    spacing = f"every {timing['interval_s']:.4g} s" if even else f"every {shortest:.4g} to {longest:.4g} s"
    return f"{spacing}, {timing['duration_s']:.4g} s in all ({timing['origin']})"
