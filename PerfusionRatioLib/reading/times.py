"""Frame times given by the user: an interval, or a file with one time a frame."""

import re
from pathlib import Path

import numpy as np

from ..acquisition import Known
from ..errors import InputError
from ..series import check_times

_SEPARATORS = re.compile(r"[\s,;]+")
_COLUMNS = re.compile(r"[,;\t]")
_UNEVEN = 0.2  # of an interval


def read_times(text: str) -> float | np.ndarray:
    """The times named on a command line: seconds between frames, or a file with one time in seconds a frame.

    Args:
        text: a number (the interval), or the path of a text file whose times are one a line or separated by commas,
            semicolons or blanks; lines that start with ``#`` and a heading in the first line are skipped. Of
            several columns with a heading, the one called ``time_s`` is taken.

    Returns:
        The interval in seconds, or the times in seconds shaped ``(t,)`` as they stand in the file.

    Raises:
        InputError: neither a number nor a readable file, something in the file that is no number, or columns none of
            which is called ``time_s``.
    """
    try:
        return _interval(float(text), "--times")
    except ValueError as error:
        if isinstance(error, InputError):
            raise
    path = Path(text)
    if not path.is_file():
        raise InputError(f"'{text}' is neither a number of seconds nor a file with one time a line.")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{path} cannot be read as text; a file with one time in seconds a line is needed.") from None
    return np.array(_numbers(lines, path), dtype=float)


def frame_times(given: float | np.ndarray, frames: int, origin: str) -> Known[np.ndarray]:
    """Times of ``frames`` frames in seconds from the first, from an interval or from one time a frame.

    Raises:
        InputError: they cannot be the times of this series (see `check_times`).
    """
    if np.ndim(given) == 0:
        times = np.arange(frames) * _interval(float(given), origin)
    else:
        times = np.asarray(given, dtype=float)
        check_times(times, frames, origin)
        times = times - times[0]
    check_times(times, frames, origin)
    return Known(times, origin)


def gap_notes(times: np.ndarray) -> list[str]:
    """Where frames seem to be missing: one gap of several intervals, to within a fifth of one, among even ones."""
    steps = np.diff(times)
    interval = float(np.median(steps))
    gap = int(np.argmax(steps))
    others = np.delete(steps, gap)
    several = round(steps[gap] / interval)
    if (
        len(others) < 3
        or several < 2
        or abs(steps[gap] - several * interval) > _UNEVEN * interval
        or np.abs(others - interval).max() > _UNEVEN * interval
    ):
        return []
    return [f"Frames seem to be missing between {times[gap]:g} and {times[gap + 1]:g} s."]


def _interval(seconds: float, origin: str) -> float:
    if not (np.isfinite(seconds) and seconds > 0):
        raise InputError(f"The interval between frames is {seconds:g} s ({origin}); it must be above zero.")
    return seconds


def _numbers(lines: list[str], path: Path) -> list[float]:
    numbers: list[float] = []
    column: int | None = None
    for row, line in enumerate(lines):
        words = [word for word in _SEPARATORS.split(line.strip()) if word]
        if not words or words[0].startswith("#"):
            continue
        try:
            values = [float(word) for word in (words if column is None else [_cells(line)[column]])]
        except (ValueError, IndexError):
            if numbers or row:
                raise InputError(
                    f"Line {row + 1} of {path} ('{line.strip()[:40]}') is not a time in seconds; "
                    "one time a line, or times separated by commas, are needed."
                ) from None
            column = _time_column(_cells(line), path)
            continue
        numbers += values
    if not numbers:
        raise InputError(f"{path} holds no times; one time in seconds a line is needed.")
    return numbers


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _COLUMNS.split(line)]


def _time_column(names: list[str], path: Path) -> int | None:
    """Which column of a table holds the times; None where there is one column alone.

    Raises:
        InputError: several columns, none of which is called time_s.
    """
    if len(names) == 1:
        return None
    if "time_s" not in names:
        raise InputError(f"{path} has the columns {', '.join(names)}; one called time_s, in seconds, is needed.")
    return names.index("time_s")
