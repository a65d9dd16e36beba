"""Arterial inputs as text files: ``time_s`` and ``plasma_mM`` or ``blood_mM``, separated by commas."""

import csv
from pathlib import Path

import numpy as np

from ..errors import InputError, OutputError
from ..series import LONGEST, SHORTEST
from .arterial_input import ArterialInput, check_haematocrit
from .quality import judge


def read_aif(path: str | Path, times: np.ndarray, haematocrit: float) -> ArterialInput:
    """An arterial input from a file, interpolated linearly on the times of the series.

    The file has a line of column names, among them ``time_s`` and ``plasma_mM`` or ``blood_mM``; blood is divided by
    1 - haematocrit, plasma is taken as it is (and wins when both are there). Its times must cover the series; at
    either end half a frame may be missing, where the nearest value is taken and a note says so.

    Args:
        path: the file.
        times: seconds of the frames of the series, shaped (t,).
        haematocrit: large-vessel haematocrit, a fraction.

    Raises:
        InputError: a file that cannot be read, columns missing, values that are not numbers, times that do not
            increase, do not cover the series, or last less than ten seconds or more than an hour.
    """
    check_haematocrit(haematocrit)
    path, times = Path(path), np.asarray(times, float)
    columns = _columns(path)
    kind = next((name for name in ("plasma_mM", "blood_mM") if name in columns), None)
    if "time_s" not in columns or kind is None:
        raise InputError(
            f"The arterial input file {path.name} has the columns {', '.join(columns)}; "
            "it needs time_s and plasma_mM or blood_mM."
        )
    known, values = columns["time_s"], columns[kind]
    notes = _check(path, known, values, times)
    plasma = values if kind == "plasma_mM" else values / (1 - haematocrit)
    interpolated = np.interp(times, known, plasma)
    if known.size != times.size or not np.allclose(known, times, rtol=0, atol=1e-3):
        notes.append(
            f"The {known.size} samples of the arterial input's file were interpolated on the {times.size} frames."
        )
    quality = judge(times, interpolated) if times.size >= 3 else None
    arrival = quality.arrival_time if quality is not None and np.isfinite(quality.arrival_time) else None
    return ArterialInput(
        times, interpolated, haematocrit, "from a file", quality=quality, arrival_time=arrival, notes=tuple(notes)
    )


def write_aif(path: str | Path, aif: ArterialInput) -> None:
    """Write ``time_s,plasma_mM``, which ``read_aif`` reads back.

    Raises:
        OutputError: the file cannot be written.
    """
    try:
        with Path(path).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["time_s", "plasma_mM"])
            writer.writerows([f"{t:.9g}", f"{c:.9g}"] for t, c in zip(aif.times, aif.plasma_concentration, strict=True))
    except OSError as error:
        raise OutputError(f"The arterial input cannot be written to {path}: {error.strerror}.") from error


def _columns(path: Path) -> dict[str, np.ndarray]:
    """The columns of a file by name, those that are not numbers left out unless they are needed."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "it is not a text file"
        raise InputError(f"The arterial input file {path} cannot be read: {reason}.") from error
    if not lines:
        raise InputError(f"The arterial input file {path.name} is empty; it needs time_s and plasma_mM or blood_mM.")
    names = [name.strip() for name in lines[0]]
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(names):
            raise InputError(
                f"Line {number} of the arterial input file {path.name} has {len(line)} values for {len(names)} columns."
            )
    return {name: _numbers([line[place] for line in lines[1:]]) for place, name in enumerate(names)}


def _numbers(cells: list[str]) -> np.ndarray:
    def number(cell: str) -> float:
        try:
            return float(cell)
        except ValueError:
            return float("nan")

    return np.array([number(cell) for cell in cells], float)


def _check(path: Path, known: np.ndarray, values: np.ndarray, times: np.ndarray) -> list[str]:
    """Refuse what cannot be an arterial input of this series; notes on what was assumed."""
    if known.size < 2:
        raise InputError(f"The arterial input file {path.name} has fewer than two samples: give a whole curve.")
    wrong = np.flatnonzero(~(np.isfinite(known) & np.isfinite(values)))
    if wrong.size:
        raise InputError(
            f"{wrong.size} of {known.size} samples of the arterial input file {path.name} are not numbers "
            f"(the first in sample {wrong[0] + 1})."
        )
    steps = np.diff(known)
    if np.any(steps <= 0):
        first = int(np.argmax(steps <= 0))
        raise InputError(
            f"The times of the arterial input file {path.name} do not increase at sample {first + 2} "
            f"({known[first]:g} s, then {known[first + 1]:g} s)."
        )
    duration = float(known[-1] - known[0])
    if not SHORTEST <= duration <= LONGEST:
        raise InputError(
            f"The arterial input file {path.name} lasts {duration:.4g} s; a DCE series lasts between ten seconds and "
            f"an hour: give its times in seconds, not in {'milliseconds' if duration > LONGEST else 'minutes'}."
        )
    half = float(np.median(np.diff(times))) / 2
    if known[0] > times[0] + half or known[-1] < times[-1] - half:
        raise InputError(
            f"The arterial input file {path.name} has {known.size} samples from {known[0]:g} to {known[-1]:g} s but "
            f"the series has {times.size} frames from {times[0]:g} to {times[-1]:g} s: give a curve of the whole "
            "series, in seconds from its first frame."
        )
    margin = 0.01 * half  # rounding in the file is none
    held = np.any((times < known[0] - margin) | (times > known[-1] + margin))
    note = "The file of the arterial input ends within half a frame of the series; its nearest value was held."
    return [note] if held else []
