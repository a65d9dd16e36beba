"""Frame times given by the user: an interval, or a file with one time a frame."""

import re
from pathlib import Path

import numpy as np

from ..acquisition import Known
from ..errors import InputError
from ..series import check_times

_SEPARATORS = re.compile(r"[\s,;]+")


def read_times(text: str) -> float | np.ndarray:
    """The times named on a command line: seconds between frames, or a file with one time in seconds a frame.

    Args:
        text: a number (the interval), or the path of a text file whose times are one a line or separated by commas,
            semicolons or blanks; lines that start with ``#`` and a heading in the first line are skipped.

    Returns:
        The interval in seconds, or the times in seconds shaped ``(t,)`` as they stand in the file.

    Raises:
        InputError: neither a number nor a readable file, or something in the file that is no number.
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


def _interval(seconds: float, origin: str) -> float:
    if not (np.isfinite(seconds) and seconds > 0):
        raise InputError(f"The interval between frames is {seconds:g} s ({origin}); it must be above zero.")
    return seconds


def _numbers(lines: list[str], path: Path) -> list[float]:
    numbers: list[float] = []
    for row, line in enumerate(lines):
        words = [word for word in _SEPARATORS.split(line.strip()) if word]
        if not words or words[0].startswith("#"):
            continue
        try:
            values = [float(word) for word in words]
        except ValueError:
            if numbers or row:
                raise InputError(
                    f"Line {row + 1} of {path} ('{line.strip()[:40]}') is not a time in seconds; "
                    "one time a line, or times separated by commas, are needed."
                ) from None
            continue
        numbers += values
    if not numbers:
        raise InputError(f"{path} holds no times; one time in seconds a line is needed.")
    return numbers
