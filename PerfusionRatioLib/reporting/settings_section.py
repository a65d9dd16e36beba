"""Every setting the results rest on, with where it comes from."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..acquisition import Known
from ..comparison.result import Comparison
from ..ratio.change import repeatability_range
from ..ratio.criteria import Criteria
from . import words

NAMES = {
    "aif": "arterial input",
    "t10": "T10, s",
    "blood_t10": "T10 of blood, s",
    "relaxivity": "relaxivity, 1/(mM s)",
    "repetition_time": "repetition time, s",
    "flip_angle": "flip angle, degrees",
    "echo_time": "echo time, s",
    "times": "frames",
    "mask": "fitted region",
    "content": "the series holds",
    "baseline": "frames of the baseline",
    "standard_errors": "standard errors",
    "motion": "motion correction",
    "reference_frame": "frame the others were aligned with",
}


@dataclass(frozen=True)
class SettingRow:
    """A parameter at both visits, each with its origin."""

    name: str
    pre: str
    pre_origin: str
    follow_up: str
    follow_up_origin: str


@dataclass(frozen=True)
class SettingsSection:
    """Everything the template shows of settings."""

    rows: tuple[SettingRow, ...]
    reading: tuple[tuple[str, str], ...]


def settings_section(comparison: Comparison) -> SettingsSection:
    """Gather the parameters of both visits and the criteria of the reading."""
    pre, follow_up = (visit.visit.prepared.parameters for visit in comparison.visits)
    names = dict.fromkeys((*pre, *follow_up))
    rows = tuple(
        SettingRow(NAMES.get(name, name.replace("_", " ")), *_told(pre.get(name)), *_told(follow_up.get(name)))
        for name in names
    )
    return SettingsSection(rows, (_core(comparison.include_core), *_reading(comparison.criteria)))


def _told(known: Known | None) -> tuple[str, str]:
    return (words.NONE, "") if known is None else (_value(known.value), known.origin)


def _value(value: Any) -> str:
    if isinstance(value, np.ndarray) and value.size > 1:
        return f"{value.size}, {words.number(float(np.median(np.diff(value))))} s apart"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple) and len(value) == 2:
        return f"{value[0]} to {value[1] - 1}"
    if isinstance(value, (float, np.floating)):
        return f"{value:g}"
    return str(value)


def _core(included: bool) -> tuple[str, str]:
    return "necrotic core", "measured with the lesion" if included else "left out of the ratios"


def _reading(criteria: Criteria) -> list[tuple[str, str]]:
    rules = {
        "either": "hyperperfused when either ratio is at or above its threshold, absent when both are below",
        "both": "hyperperfused when both ratios are at or above their thresholds, absent when one is below",
        "rktrans": "rKtrans alone",
        "rvp": "rVp alone",
    }
    rows = [
        *((f"threshold of {words.ratio_name(name)}", f"{criteria.threshold(name):g}") for name in criteria.parameters),
        ("rule", rules[criteria.rule]),
        ("from", criteria.origin),
    ]
    for parameter in ("ktrans", "vp"):
        limit = criteria.repeatability(parameter)
        unknown = "none known: a change is judged by its own interval"
        told = unknown if limit is None else words.minus(repeatability_range(limit))
        rows.append((f"repeatability of {words.PARAMETERS[parameter]}", told))
    return rows
