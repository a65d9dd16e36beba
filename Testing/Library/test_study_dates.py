"""The dates of a patient: their order, the windows of the protocol, and where they come from."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.series import Identity
from PerfusionRatioLib.study import check_dates, visit_date

SRS = date(2026, 3, 1)


def days(count: int) -> date:
    return SRS + timedelta(count)


def test_a_patient_within_all_windows_needs_no_word():
    assert check_dates(days(-30), days(31), SRS, days(61)) == ()
    assert check_dates(SRS, days(400), SRS, days(400)) == ()


@pytest.mark.parametrize(
    ("pre", "follow_up", "resection", "sentence"),
    [
        (-31, 100, 110, "The visit before radiosurgery was 31 days before it; the protocol has 30 at most."),
        (-10, 30, 40, "The follow-up was 30 days after radiosurgery; the protocol has more than 30."),
        (-10, 1, 20, "The follow-up was 1 day after radiosurgery; the protocol has more than 30."),
        (-10, 100, 131, "The resection was 31 days after the follow-up; the protocol has 30 at most."),
    ],
)
def test_a_date_outside_its_window_is_told(pre, follow_up, resection, sentence):
    assert check_dates(days(pre), days(follow_up), SRS, days(resection)) == (sentence,)


def test_a_resection_that_is_not_asked_for_is_not_missed():
    assert check_dates(days(-10), days(100), SRS, None, histology=False) == ()
    (note,) = check_dates(days(-10), days(100), None, None, histology=False)
    assert "radiosurgery" in note and "resection" not in note


@pytest.mark.parametrize(
    ("pre", "follow_up", "srs", "resection", "sentence"),
    [
        (5, 5, None, None, "Both visits have the date 2026-03-06: name two examinations"),
        (
            100,
            -5,
            0,
            None,
            "The follow-up (2026-02-24) is earlier than the visit before radiosurgery (2026-06-09): the ",
        ),
        (1, 100, 0, None, "Radiosurgery (2026-03-01) is earlier than the visit before radiosurgery (2026-03-02)"),
        (
            -9,
            -2,
            0,
            None,
            "The follow-up (2026-02-27) is earlier than radiosurgery (2026-03-01), which cannot be: give",
        ),
        (-9, 50, 0, 49, "The resection (2026-04-19) is earlier than the follow-up (2026-04-20)"),
        (None, None, 0, -1, "The resection (2026-02-28) is earlier than radiosurgery (2026-03-01)"),
        (-9, None, None, -10, "The resection (2026-02-19) is earlier than the visit before radiosurgery (2026-02-20)"),
        (None, 50, 51, None, "The follow-up (2026-04-20) is earlier than radiosurgery (2026-04-21)"),
    ],
)
def test_an_order_that_cannot_be_is_refused(pre, follow_up, srs, resection, sentence):
    given = [None if count is None else days(count) for count in (pre, follow_up, srs, resection)]
    with pytest.raises(InputError) as refusal:
        check_dates(*given)
    assert str(refusal.value).startswith(sentence)


def test_swapped_visits_are_called_so():
    with pytest.raises(InputError, match=r"seem to be swapped, so exchange \[pre\] and \[follow_up\]"):
        check_dates(days(100), days(-5), None, None)


def test_what_could_not_be_checked_is_told():
    assert check_dates(days(-9), days(50), SRS, None) == (
        "Not checked, as no date is known for the resection: from the follow-up to the resection.",
    )
    (note,) = check_dates(days(-9), days(50), None, days(60))
    assert note == (
        "Not checked, as no date is known for radiosurgery: from the first visit to radiosurgery and from "
        "radiosurgery to the follow-up."
    )
    (note,) = check_dates(None, None, None, None)
    assert "for the visit before radiosurgery, radiosurgery, the follow-up and the resection: the order of" in note


DATES = st.none() | st.integers(-100, 100).map(days)


@given(DATES, DATES, DATES, DATES)
def test_any_dates_are_refused_exactly_when_their_order_cannot_be(pre, follow_up, srs, resection):
    in_time = [when for when in (pre, srs, follow_up, resection) if when is not None]
    possible = all(a <= b for a, b in itertools.pairwise(in_time)) and (pre is None or pre != follow_up)
    if possible:
        told = " ".join(check_dates(pre, follow_up, srs, resection))
        assert ("Not checked" in told) == (None in (pre, follow_up, srs, resection))
    else:
        with pytest.raises(InputError):
            check_dates(pre, follow_up, srs, resection)


def test_the_date_of_a_visit_is_that_of_its_files_unless_one_is_given():
    assert visit_date("pre", None, Identity(study_date="20260115")) == (date(2026, 1, 15), ())
    assert visit_date("pre", None, Identity(study_date="2026.01.15 ")) == (date(2026, 1, 15), ())
    assert visit_date("pre", None, Identity()) == (None, ())
    assert visit_date("pre", SRS, Identity(study_date="20260301")) == (SRS, ())
    given, notes = visit_date("follow_up", SRS, Identity(study_date="20260115"))
    assert given == SRS
    assert notes == ("The date 2026-03-01 given for the follow-up is used instead of 2026-01-15 in its files.",)


@pytest.mark.parametrize("text", ["20261315", "2026", "ANONYMOUS", "²0260115", "-2026011"])
def test_a_study_date_that_is_none_is_left_out_and_told(text):
    found, notes = visit_date("pre", None, Identity(study_date=text))
    assert found is None
    assert notes == (f"The study date '{text}' of the visit before radiosurgery is no date and was left out.",)
