"""DICOM dates and times of day as seconds."""

import datetime
import re

import numpy as np

_DAY = 86400.0
_TIME = re.compile(r"(\d{2}):?(\d{2})?:?(\d{2})?(\.\d+)?$")
_DATE = re.compile(r"(\d{4})[.-]?(\d{2})[.-]?(\d{2})$")
_DATE_TIME = re.compile(r"(\d{8})(\d{2,6}(?:\.\d+)?)(?:[+-]\d{4})?$")


def seconds_of_day(text: str) -> float:
    """A DICOM time of day (TM, also with the colons of old files) in seconds; NaN when it is none."""
    match = _TIME.match(text.strip())
    if not match:
        return np.nan
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[:3])
    if hours > 23 or minutes > 59 or seconds > 60:
        return np.nan
    return hours * 3600.0 + minutes * 60.0 + seconds + float(match.group(4) or 0)


def seconds_of_date(text: str) -> float:
    """The start of a DICOM date (DA) in seconds from an arbitrary day; NaN when it is none."""
    match = _DATE.match(text.strip())
    try:
        return datetime.date(*map(int, match.groups())).toordinal() * _DAY if match else np.nan
    except ValueError:
        return np.nan


def seconds_of_date_time(text: str) -> float:
    """A DICOM date and time (DT, its offset from UTC left aside) in seconds; NaN when it is none."""
    match = _DATE_TIME.match(text.strip())
    return seconds_of_date(match.group(1)) + seconds_of_day(match.group(2)) if match else np.nan


def clock_times(dates: list[str], times: list[str]) -> tuple[np.ndarray, bool]:
    """Dates and times of day in seconds on one axis, and whether midnight lies between them.

    Where the dates do not tell, times of day more than twelve hours apart are taken to lie around midnight.
    """
    seconds = np.array([seconds_of_day(text) for text in times])
    days = np.array([seconds_of_date(text) for text in dates])
    if np.isfinite(days).all() and np.ptp(days) > 0:
        return seconds + days, True
    known = seconds[np.isfinite(seconds)]
    if known.size and np.ptp(known) > _DAY / 2:
        return np.where(seconds < _DAY / 2, seconds + _DAY, seconds), True
    return seconds, False
