"""The sections ``[[lesion]]`` of a study file."""

from pathlib import Path
from typing import Any

from ..errors import InputError
from .study import VISITS, LesionMarks, Marks, file_name
from .table import Table, shown

LONGEST_NAME = 50
"""Characters; files are named after lesions."""


def lesions_of(value: Any, folder: Path) -> tuple[LesionMarks, ...]:
    """The lesions of a study.

    Args:
        value: of ``lesion``, as TOML gives it; None where there is none.
        folder: what paths are relative to.

    Raises:
        InputError: no lesion, two of one name, or marks that cannot be used.
    """
    if isinstance(value, dict):
        raise InputError("[lesion] is written with two brackets, [[lesion]], once for each lesion.")
    if value is None or value == []:
        raise InputError("There is no lesion: mark one with [[lesion]], its name, and a seed or mask at a visit.")
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise InputError(f"lesion is {shown(value)}; a section [[lesion]] for each lesion is needed.")
    lesions = tuple(_lesion(number, values, folder) for number, values in enumerate(value, 1))
    for place, lesion in enumerate(lesions):
        for number, other in enumerate(lesions[:place], 1):
            if other.file_name == lesion.file_name:
                raise InputError(
                    f"[[lesion]] {number} and {place + 1} have one name ({shown(other.name)}, {shown(lesion.name)}; "
                    "only letters and digits count, as files are named after them): rename one."
                )
    return lesions


def _lesion(number: int, values: dict, folder: Path) -> LesionMarks:
    name = _name(Table(values, f"[[lesion]] {number}:", folder))
    table = Table(values, f"[[lesion]] {number} {shown(name)}:", folder)
    table.check_keys(("name", *VISITS))
    marks = {visit: _marks(table, visit) for visit in VISITS}
    if not any(marks.values()):
        raise InputError(f"{table.where} no visit marks it; add pre or follow_up, with a seed or a mask.")
    return LesionMarks(name, **marks)


def _name(table: Table) -> str:
    if "name" not in table.values:
        raise InputError(f'{table.key("name")} is missing: give the lesion a name, such as "left frontal".')
    expected = f"a text with letters or digits, of {LONGEST_NAME} characters at most,"
    name = " ".join(table.text("name", expected).split())
    if not (file_name(name) and name.isprintable() and len(name) <= LONGEST_NAME):
        raise table.unlike("name", expected)
    return name


def _marks(lesion: Table, visit: str) -> Marks | None:
    """The marks at ``visit``; None where the lesion is not marked there."""
    table = lesion.table(visit)
    if table is None:
        return None
    table.check_keys(("seed", "seeds", "background", "amount", "mask"))
    mask = table.path("mask")
    if mask is not None:
        others = [name for name in ("seed", "seeds", "background", "amount") if name in table.values]
        if others:
            raise InputError(f"{table.key('mask')} is the whole lesion, so {others[0]} means nothing: leave one out.")
        return Marks(mask=mask)
    if "seed" in table.values and "seeds" in table.values:
        raise InputError(f"{table.key('seed')} and seeds are both given: put all positions into seeds.")
    seed = table.position("seed")
    seeds = table.positions("seeds") if seed is None else (seed,)
    if not seeds:
        raise InputError(
            f"{lesion.where} {visit} has neither seed nor mask: add seed = [R, A, S], or leave {visit} out where the "
            "lesion was not there."
        )
    return Marks(seeds, table.positions("background"), table.number("amount"))
