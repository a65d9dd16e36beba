"""The same work at both visits at once."""

import threading

import pytest

from PerfusionRatioLib.comparison.both_visits import at_both_visits
from PerfusionRatioLib.errors import Cancelled, InputError
from PerfusionRatioLib.progress import advance


def test_both_visits_are_worked_on_at_once_and_told_apart():
    together = threading.Barrier(2, timeout=10)

    def work(name, progress):
        together.wait()  # ends only when the other visit is being worked on, too
        return name.upper()

    assert list(at_both_visits(work).items()) == [("pre", "PRE"), ("follow_up", "FOLLOW_UP")]


def test_the_error_of_the_earlier_visit_is_told():
    def work(name, progress):
        raise InputError(name)

    with pytest.raises(InputError, match="pre"):
        at_both_visits(work)


def test_an_error_of_one_visit_is_told():
    def work(name, progress):
        if name == "follow_up":
            raise InputError(name)

    with pytest.raises(InputError, match="follow_up"):
        at_both_visits(work)


def test_progress_is_told_on_the_thread_that_asked_and_is_that_of_both():
    told, seen = [], threading.Event()

    def progress(fraction, what):
        told.append((fraction, what, threading.current_thread()))
        seen.set()

    def work(name, report):
        if name == "pre":
            advance(report, 1.0, "measuring")
        assert seen.wait(10)

    at_both_visits(work, progress)
    assert told == [(0.5, "measuring", threading.current_thread())]


def test_work_that_is_done_at_once_is_told_and_can_be_stopped_too():
    told = []
    at_both_visits(lambda name, report: advance(report, 1.0, "measuring"), lambda *report: told.append(report))
    assert told[-1] == (1.0, "measuring")
    with pytest.raises(Cancelled):
        at_both_visits(lambda name, report: report(1.0, "measuring"), lambda fraction, what: False)


def test_who_says_stop_is_heard_by_both_visits():
    heard = []

    def work(name, report):
        try:
            for _ in range(10_000):
                advance(report, 0.5, "working")
                threading.Event().wait(0.01)
        except Cancelled:
            heard.append(name)
            raise

    with pytest.raises(Cancelled):
        at_both_visits(work, lambda fraction, what: False)
    assert sorted(heard) == ["follow_up", "pre"]
