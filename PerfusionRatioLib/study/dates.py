"""The dates of a patient, held against their order and against the protocol's windows."""

import datetime

from ..errors import InputError
from ..series import Identity

Date = datetime.date

BEFORE_RADIOSURGERY = 30
"""Days at most from the first visit to radiosurgery."""
AFTER_RADIOSURGERY = 30
"""Days that must have passed since radiosurgery before the follow-up."""
BEFORE_RESECTION = 30
"""Days at most from the follow-up to the operation that gives the histology."""

_SAY = {
    "pre": "the visit before radiosurgery",
    "srs": "radiosurgery",
    "follow_up": "the follow-up",
    "resection": "the resection",
}
_KEYS = {
    "pre": "[pre] date",
    "srs": "[patient] srs_date",
    "follow_up": "[follow_up] date",
    "resection": "[patient] resection_date",
}


def check_dates(
    pre: Date | None, follow_up: Date | None, srs: Date | None, resection: Date | None, *, histology: bool = True
) -> tuple[str, ...]:
    """Hold the dates against each other; None where one is not known.

    Args:
        pre: of the visit before radiosurgery.
        follow_up: of the visit at suspected progression.
        srs: of radiosurgery.
        resection: of the operation that gave the histology.
        histology: False where a resection is not asked for, so that none is missed.

    Returns:
        Sentences on what lies outside the protocol's windows, and on what could not be checked.

    Raises:
        InputError: both visits on one day, or an order that cannot be.
    """
    if pre is not None and pre == follow_up:
        raise InputError(
            f"Both visits have the date {pre}: name two examinations in [pre] dce and [follow_up] dce, or give their "
            f"dates with {_KEYS['pre']} and {_KEYS['follow_up']}."
        )
    if pre is not None and follow_up is not None and follow_up < pre:
        raise InputError(
            f"The follow-up ({follow_up}) is earlier than the visit before radiosurgery ({pre}): the visits seem to "
            f"be swapped, so exchange [pre] and [follow_up], or give the right dates with {_KEYS['pre']} and "
            f"{_KEYS['follow_up']}."
        )
    _check_order({"pre": pre, "srs": srs, "follow_up": follow_up, "resection": resection})
    return (*_outside_windows(pre, follow_up, srs, resection), *_not_checked(pre, follow_up, srs, resection, histology))


def visit_date(visit: str, given: Date | None, identity: Identity) -> tuple[Date | None, tuple[str, ...]]:
    """The date of an examination: the one given, else that of its files.

    Args:
        visit: its name, "pre" or "follow_up", for the notes.
        given: by the user.
        identity: as read from the files; its study date is written YYYYMMDD (DICOM DA).

    Returns:
        The date, None where it is not known; and sentences on what was met.
    """
    text = identity.study_date.strip()
    read = _dicom_date(text)
    if given is None:
        unreadable = f"The study date {text!r} of {_SAY[visit]} is no date and was left out."
        return read, ((unreadable,) if text and read is None else ())
    if read is not None and read != given:
        return given, (f"The date {given} given for {_SAY[visit]} is used instead of {read} in its files.",)
    return given, ()


def _dicom_date(text: str) -> Date | None:
    """The date of a DICOM DA, also in its retired form with points."""
    digits = text.replace(".", "")
    if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        return Date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _check_order(dates: dict[str, Date | None]) -> None:
    """Refuse known dates that go back; two on one day are an order."""
    known = [(what, date) for what, date in dates.items() if date is not None]
    for place, (later, after) in enumerate(known):
        for earlier, before in known[:place]:
            if after < before:
                said = _SAY[later]
                raise InputError(
                    f"{said[:1].upper()}{said[1:]} ({after}) is earlier than {_SAY[earlier]} ({before}), which cannot "
                    f"be: give the right dates with {_KEYS[earlier]} and {_KEYS[later]}."
                )


def _outside_windows(
    pre: Date | None, follow_up: Date | None, srs: Date | None, resection: Date | None
) -> tuple[str, ...]:
    notes = []
    if pre and srs and (srs - pre).days > BEFORE_RADIOSURGERY:
        notes.append(
            f"The visit before radiosurgery was {(srs - pre).days} days before it; the protocol has "
            f"{BEFORE_RADIOSURGERY} at most."
        )
    if srs and follow_up and (follow_up - srs).days <= AFTER_RADIOSURGERY:
        notes.append(
            f"The follow-up was {_days(follow_up - srs)} after radiosurgery; the protocol has more than "
            f"{AFTER_RADIOSURGERY}."
        )
    if follow_up and resection and (resection - follow_up).days > BEFORE_RESECTION:
        notes.append(
            f"The resection was {(resection - follow_up).days} days after the follow-up; the protocol has "
            f"{BEFORE_RESECTION} at most."
        )
    return tuple(notes)


def _not_checked(
    pre: Date | None, follow_up: Date | None, srs: Date | None, resection: Date | None, histology: bool
) -> tuple[str, ...]:
    """One sentence on the intervals of which an end is not known, and one on the order where that is not."""
    intervals = [
        ("from the first visit to radiosurgery", {"pre": pre, "srs": srs}),
        ("from radiosurgery to the follow-up", {"srs": srs, "follow_up": follow_up}),
    ]
    if histology:
        intervals.append(("from the follow-up to the resection", {"follow_up": follow_up, "resection": resection}))
    open_ended = [(name, ends) for name, ends in intervals if None in ends.values()]
    if not open_ended:
        return ()
    missing = dict.fromkeys(what for _, ends in open_ended for what, date in ends.items() if date is None)
    untold = f"the order of the visits and {'' if len(open_ended) == 1 else 'the intervals '}"
    untold = untold if pre is None or follow_up is None else ""
    return (
        f"Not checked, as no date is known for {_listed([_SAY[what] for what in missing])}: "
        f"{untold}{_listed([name for name, _ in open_ended])}.",
    )


def _days(interval: datetime.timedelta) -> str:
    return f"{interval.days} day{'' if interval.days == 1 else 's'}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
