"""The sections ``[pre]`` and ``[follow_up]`` of a study file."""

from typing import get_args

from ..acquisition import Acquisition, Known
from ..errors import InputError
from ..visit_files import T10Unit, VisitFiles
from ..visit_settings import Aif, Region
from .table import Table
from .wording import told_in_keys

ORIGIN = "study file"

KEYS = (
    "dce",
    "series",
    "t1_post",
    "t1_post_series",
    "date",
    "tr",
    "flip_angle",
    "times",
    "baseline",
    "t10",
    "t10_unit",
    "vfa",
    "vfa_flip_angles",
    "vfa_tr",
    "b1",
    "aif",
    "mask",
    "resample",
    "reference",
    "reference_centre",
)


def visit_of(section: str, table: Table) -> VisitFiles:
    """The visit that ``table`` names.

    Raises:
        InputError: a key or value that cannot be used, or a file that is not there.
    """
    table.check_keys(KEYS)
    dce = table.path("dce")
    if dce is None:
        raise InputError(f"{table.key('dce')} is missing: name the dynamic series, a file or a DICOM folder.")
    tr = table.number("tr", "a number of seconds, such as 0.005,")
    flip_angle = table.number("flip_angle", "a number of degrees, such as 15,")
    with told_in_keys(section):
        Acquisition(*(None if value is None else Known(value, ORIGIN) for value in (tr, flip_angle)))
        return VisitFiles(
            dce,
            series=_series(table, "series"),
            repetition_time=tr,
            flip_angle=flip_angle,
            times=_times(table),
            t10=_number_or_path(table, "t10"),
            t10_unit=_unit(table),
            vfa=_flip_angle_images(table),
            vfa_flip_angles=table.numbers("vfa_flip_angles", "a list of degrees, such as [2, 5, 15],"),
            vfa_tr=table.number("vfa_tr", "a number of seconds, such as 0.005,"),
            b1=table.path("b1"),
            aif=table.word_or_path("aif", get_args(Aif)),
            mask=table.word_or_path("mask", get_args(Region)),
            baseline=table.frames("baseline"),
            resample=table.flag("resample") or False,
            t1_post=table.path("t1_post"),
            t1_post_series=_t1_post_series(table),
            date=table.date("date"),
            origin=ORIGIN,
            **_reference(table),
        )


def _series(table: Table, name: str) -> str | None:
    """Number, description or UID of a series."""
    value = table.values.get(name)
    if type(value) is int and 0 <= value < 10**12:
        return str(value)
    return table.text(name, "the number, description or UID of a series")


def _t1_post_series(table: Table) -> str | None:
    series = _series(table, "t1_post_series")
    if series is not None and "t1_post" not in table.values:
        raise InputError(f"{table.key('t1_post_series')} chooses in t1_post, which is not given: add it.")
    return series


def _number_or_path(table: Table, name: str):
    return (
        table.path(name)
        if isinstance(table.values.get(name), str)
        else table.number(name, "a number of seconds, or the name of a file in quotes,")
    )


def _times(table: Table):
    times = _number_or_path(table, "times")
    if isinstance(times, float) and times <= 0:
        raise table.unlike("times", "a number of seconds between frames above zero")
    return times


def _unit(table: Table) -> T10Unit | None:
    unit = table.values.get("t10_unit")
    if unit is not None and unit not in get_args(T10Unit):
        raise table.unlike("t10_unit", '"s" or "ms"')
    return unit


def _flip_angle_images(table: Table):
    images = table.paths("vfa")
    if "vfa" in table.values and len(images) < 2:
        raise table.unlike("vfa", "a list of images of at least two different flip angles")
    return images


def _reference(table: Table) -> dict:
    """Where normal brain is taken from."""
    reference, centre = table.word_or_path("reference", ("auto",)), table.position("reference_centre")
    if reference in (None, "auto"):
        return {"reference": None, "reference_centre": centre}
    if centre is not None:
        raise InputError(
            f"{table.key('reference_centre')} moves the reference that is found, but reference names a mask: "
            "leave one of them out."
        )
    return {"reference": reference}
