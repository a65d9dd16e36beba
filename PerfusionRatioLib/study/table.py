"""A table of a study file: its values by key, each checked to be what the key needs."""

import datetime
import difflib
import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..reading.sources import check_readable

_SHOWN = 60
"""Characters of a wrong value that a message shows."""


@dataclass(frozen=True)
class Table:
    """The keys and values of one table.

    Every reader below gives None where the key is left out, and raises an InputError that names the key where the
    value is not what it says.

    Attributes:
        values: as TOML gives them.
        where: how messages name the table, such as ``[pre]``.
        folder: what paths are relative to.
        prefix: of keys in messages: ``pre.`` in an inline table.
    """

    values: Mapping[str, Any]
    where: str
    folder: Path
    prefix: str = ""

    def key(self, name: str) -> str:
        """How messages name a key."""
        return f"{self.where} {self.prefix}{name}"

    def check_keys(self, known: Collection[str]) -> None:
        """Refuse keys that are not ``known``."""
        for name in self.values:
            if name not in known:
                raise InputError(f"{self.key(shown_key(name))} is not known: {suggestion(name, known)}")

    def text(self, name: str, expected: str = "a text in quotes") -> str | None:
        """A string that is not empty."""
        value = self.values.get(name)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        raise self.unlike(name, expected)

    def number(self, name: str, expected: str = "a number") -> float | None:
        """A finite number."""
        value = self.values.get(name)
        number = None if value is None else finite(value)
        if number is None and value is not None:
            raise self.unlike(name, expected)
        return number

    def flag(self, name: str) -> bool | None:
        """True or false."""
        value = self.values.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise self.unlike(name, "true or false")

    def numbers(self, name: str, expected: str) -> tuple[float, ...] | None:
        """A list of finite numbers, at least one."""
        value = self.values.get(name)
        if value is None:
            return None
        numbers = finite_numbers(value)
        if not numbers:
            raise self.unlike(name, expected)
        return numbers

    def frames(self, name: str) -> tuple[int, int] | None:
        """Two whole numbers, the first frame and the one after the last."""
        value = self.values.get(name)
        if value is None:
            return None
        whole = isinstance(value, list) and all(type(item) is int for item in value)
        if not (whole and len(value) == 2 and 0 <= value[0] < value[1] < 1_000_000):
            raise self.unlike(name, "[START, STOP] in frames from 0, such as [1, 6] for frames 1 to 5,")
        return value[0], value[1]

    def position(self, name: str) -> tuple[float, float, float] | None:
        """The LPS position of three numbers R, A, S."""
        value = self.values.get(name)
        return None if value is None else self._lps(name, value)

    def positions(self, name: str) -> tuple[tuple[float, float, float], ...]:
        """LPS positions of a list of three numbers R, A, S each; empty where the key is left out."""
        value = self.values.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(item, list) for item in value):
            raise self.unlike(name, "a list of positions, such as [[-32.5, 41, 18], [-30, 44, 18]],")
        return tuple(self._lps(name, item) for item in value)

    def _lps(self, name: str, value: Any) -> tuple[float, float, float]:
        numbers = finite_numbers(value)
        if numbers is None or len(numbers) != 3:
            raise self.unlike(name, "three numbers in mm, [R, A, S] as Slicer shows them,", value)
        right, anterior, superior = numbers
        return 0.0 - right, 0.0 - anterior, superior  # 0 - x, as -0.0 is no position anybody gave

    def date(self, name: str) -> datetime.date | None:
        """A TOML date, or a string such as "2026-01-15"."""
        value = self.values.get(name)
        if isinstance(value, str):
            try:
                return datetime.date.fromisoformat(value)
            except ValueError:
                raise self.unlike(name, "a date, such as 2026-01-15,") from None
        if value is None or (isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)):
            return value
        raise self.unlike(name, "a date, such as 2026-01-15,")

    def path(self, name: str) -> Path | None:
        """A file or folder that is there."""
        text = self.text(name, "the name of a file or folder, in quotes,")
        return None if text is None else self._readable(name, text)

    def paths(self, name: str) -> tuple[Path, ...]:
        """A list of files or folders that are there; empty where the key is left out."""
        value = self.values.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.unlike(name, 'a list of names of files or folders, such as ["fa02", "fa15"],')
        return tuple(self._readable(name, item) for item in value)

    def word_or_path(self, name: str, words: Sequence[str]) -> str | Path | None:
        """One of ``words``, or a file that is there."""
        text = self.text(name, f"{', '.join(words)} or the name of a file, in quotes,")
        if text is None or text in words:
            return text
        try:
            return self._readable(name, text)
        except InputError as error:
            close = difflib.get_close_matches(text, words, 1)
            meant = f"did you mean {close[0]}?" if close else f"name another, or choose {' or '.join(words)}."
            raise InputError(f"{str(error).removesuffix('.')}: {meant}") from None

    def table(self, name: str) -> "Table | None":
        """An inline table."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.unlike(name, "a table in braces, such as { seed = [-32.5, 41, 18] },")
        return Table(value, self.where, self.folder, f"{self.prefix}{name}.")

    def unlike(self, name: str, expected: str, value: Any = None) -> InputError:
        """The error that ``value`` (the key's own by default) is not what was ``expected``."""
        value = self.values.get(name) if value is None else value
        return InputError(f"{self.key(name)} is {shown(value)}; {expected.removesuffix(',')} is needed.")

    def _readable(self, name: str, text: str) -> Path:
        path = self.folder / text
        try:
            check_readable(path)
        except InputError as error:
            raise InputError(f"{self.key(name)}: {error}") from None
        except ValueError:  # a character that no path can have
            raise self.unlike(name, "the name of a file or folder", text) from None
        return path


def finite(value: Any) -> float | None:
    """``value`` as a finite number; None where it is none (true and false are none)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def finite_numbers(value: Any) -> tuple[float, ...] | None:
    """``value`` as finite numbers; None where it is no list of them."""
    if not isinstance(value, list):
        return None
    numbers = tuple(finite(item) for item in value)
    return None if None in numbers else numbers


def suggestion(name: str, known: Collection[str]) -> str:
    """What may have been meant by ``name``, or all there is to choose from."""
    close = difflib.get_close_matches(name.strip().lower().replace("-", "_").replace(" ", "_"), known, 1)
    return f"did you mean {close[0]}?" if close else f"choose among {', '.join(known)}."


def shown_key(name: str) -> str:
    """A key as messages show it, whatever characters it holds."""
    return _short(name if name.isprintable() and name.strip() else json.dumps(name))


def shown(value: Any) -> str:
    """A value of TOML as messages show it."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        items = ("[...]" if isinstance(item, list) else shown(item) for item in value[:_SHOWN])
        return _short(f"[{', '.join(items)}]")
    if isinstance(value, int) and value.bit_length() > 64:
        return "a number of too many digits"
    if isinstance(value, str):
        return _short(json.dumps(value, ensure_ascii=not value.isprintable()))
    return str(value)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
