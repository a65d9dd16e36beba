"""Study files: a patient's two visits in TOML, every key checked before anything is computed."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..ratio.criteria import PRESETS, Criteria, chosen_criteria, preset
from ..reading.sources import check_readable
from ..visit_files import VisitFiles, visit_settings
from ..visit_settings import VisitSettings
from .dates import check_dates
from .lesion_section import lesions_of
from .study import VISITS, PatientFacts, Study
from .table import Table, shown, shown_key, suggestion
from .visit_section import ORIGIN, visit_of
from .wording import told_in_keys

SECTIONS = ("patient", *VISITS, "lesion", "fit", "reading")
LARGEST = 1_000_000
"""Bytes of a study file; images have more."""
THRESHOLDS = {"ktrans": "threshold_ktrans", "vp": "threshold_vp"}
VARIATIONS = {"ktrans": "variation_ktrans", "vp": "variation_vp"}


def read_study(path: str | Path) -> Study:
    """Read a study file; ``Docs/study-file.md`` has every key.

    Paths in it are relative to its own folder. Positions are R, A, S in mm and become LPS here.

    Raises:
        InputError: it cannot be read as TOML, a key is unknown, missing or of the wrong type, values contradict each
            other, or a file is not there; the sentence names the key.
    """
    path = Path(path)
    values, folder = _toml(path), path.parent
    for name in values:
        if name not in SECTIONS:
            raise InputError(f"{shown_key(name)} is no section of a study file: {suggestion(name, SECTIONS)}")
    visits = {visit: visit_of(visit, _section(values, visit, folder, needed=True)) for visit in VISITS}
    _check_different(**visits)
    fit = _fit(_section(values, "fit", folder))
    for visit, files in visits.items():
        with told_in_keys(visit):
            visit_settings(files, fit)
    patient = _patient(_section(values, "patient", folder))
    check_dates(visits["pre"].date, visits["follow_up"].date, patient.srs_date, patient.resection_date)
    criteria, include_core = _reading(_section(values, "reading", folder))
    return Study(
        patient, **visits, lesions=lesions_of(values.get("lesion"), folder), fit=fit, criteria=criteria,
        include_core=include_core, path=path,
    )  # fmt: skip


def _toml(path: Path) -> dict[str, Any]:
    try:
        check_readable(path)
        size = path.stat().st_size
    except InputError:
        raise
    except ValueError:  # a character that no path can have
        raise InputError("The name of the study file cannot be that of a file.") from None
    if not path.is_file() or size > LARGEST:
        found = "is a folder" if path.is_dir() else f"has {size:,} bytes" if path.is_file() else "is no plain file"
        raise InputError(f"{path} {found}; a study file is a short text, see Docs/study-file.md.")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise InputError(f"{path} is not a text in UTF-8, so it is no study file.") from None
    except tomllib.TOMLDecodeError as error:
        found = _lowered(str(error))
        raise InputError(f"{path} is not valid TOML: {found}; texts stand in quotes, dates as 2026-01-15.") from None
    except (ValueError, RecursionError):  # numbers of thousands of digits, brackets within hundreds of brackets
        raise InputError(f"{path} is not valid TOML: a number is too long, or brackets are nested too deep.") from None


def _lowered(text: str) -> str:
    return " ".join((text[:1].lower() + text[1:]).split())


def _section(values: Mapping[str, Any], name: str, folder: Path, needed: bool = False) -> Table:
    value = values.get(name)
    if value is None and needed:
        raise InputError(f"[{name}] is missing: add the section, with the dynamic series as dce.")
    if value is not None and not isinstance(value, dict):
        raise InputError(f"{name} is {shown(value)}; a section [{name}], once, is needed.")
    return Table(value or {}, f"[{name}]", folder)


def _patient(table: Table) -> PatientFacts:
    table.check_keys(("srs_date", "resection_date", "same_patient"))
    return PatientFacts(table.date("srs_date"), table.date("resection_date"), table.flag("same_patient") or False)


def _fit(table: Table) -> dict[str, Any]:
    """What is given of both visits, by the names of ``VisitSettings``."""
    table.check_keys(("model", "delay", "motion", "haematocrit", "hematocrit", "relaxivity", "blood_t10"))
    if "haematocrit" in table.values and "hematocrit" in table.values:
        raise InputError(f"{table.key('haematocrit')} is given twice, also as hematocrit: leave one out.")
    haematocrit = table.number("haematocrit")
    choices = {
        "model": table.text("model", "the name of a model, in quotes,"),
        "delay": table.text("delay", '"none", "global" or "voxel"'),
        "motion": table.flag("motion"),
        "haematocrit": table.number("hematocrit") if haematocrit is None else haematocrit,
        "relaxivity": table.number("relaxivity"),
        "blood_t10": table.number("blood_t10", "a number of seconds, such as 1.65,"),
    }
    given = {name: value for name, value in choices.items() if value is not None}
    with told_in_keys("fit"):
        VisitSettings(**given)
    return given


def _reading(table: Table) -> tuple[Criteria, bool]:
    """The criteria, and whether the necrotic core is measured."""
    table.check_keys(("preset", "threshold", *THRESHOLDS.values(), "rule", *VARIATIONS.values(), "include_core"))
    name = table.text("preset", f"one of {', '.join(PRESETS)}, in quotes,")
    thresholds = {parameter: table.number(key) for parameter, key in THRESHOLDS.items()}
    of_both = table.number("threshold")
    rule = table.text("rule", '"either", "both", "rktrans" or "rvp"')
    variation = {parameter: table.number(key) for parameter, key in VARIATIONS.items()}
    given = {parameter: value for parameter, value in thresholds.items() if value is not None}
    if of_both is not None and given:
        raise InputError(
            f"{table.key('threshold')} is that of both ratios, so {THRESHOLDS[next(iter(given))]} contradicts it: "
            "leave one out."
        )
    include_core = table.flag("include_core")
    with told_in_keys("reading"):
        base = preset(name or "protocol")
        values = dict.fromkeys(THRESHOLDS, of_both) if of_both is not None else given
        told = ORIGIN if name is None else f"{ORIGIN}, else {base.origin}"
        chosen = {"ktrans": base.ktrans, "vp": base.vp, "rule": rule or base.rule} | values
        criteria = replace(
            chosen_criteria(**chosen, otherwise=told),
            variation=base.variation | {key: value for key, value in variation.items() if value is not None},
        )
    for parameter in criteria.parameters:
        if name is not None and getattr(PRESETS[name], parameter) is None and parameter not in values:
            raise InputError(
                f"The rule {criteria.rule} needs a threshold for {parameter}, which the preset {name} has not: add "
                f"{THRESHOLDS[parameter]}, or choose another rule."
            )
    for parameter in given:
        if parameter not in criteria.parameters:
            raise InputError(
                f"{table.key(THRESHOLDS[parameter])} has no effect, as the rule is {criteria.rule}: leave it out, or "
                "choose another rule."
            )
    return criteria, True if include_core is None else include_core


def _check_different(pre: VisitFiles, follow_up: VisitFiles) -> None:
    """Refuse one image in the place of two."""
    for key, ours, theirs in (
        ("dce", (pre.dce, pre.series), (follow_up.dce, follow_up.series)),
        ("t1_post", (pre.t1_post, pre.t1_post_series), (follow_up.t1_post, follow_up.t1_post_series)),
    ):
        if None not in (ours[0], theirs[0]) and ours[1] == theirs[1] and ours[0].samefile(theirs[0]):
            raise InputError(
                f"[pre] {key} and [follow_up] {key} are the same ({ours[0]}): name that of the other visit, or choose "
                f"with {'series' if key == 'dce' else 't1_post_series'}."
            )
