"""The same work at both visits, each on a thread of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from ..progress import Progress, advance

VISITS = ("pre", "follow_up")
LOOKED_AT = 0.1
"""Seconds between two looks at how far the work is."""

Result = TypeVar("Result")


def at_both_visits(
    work: Callable[[str, Progress | None], Result], progress: Progress | None = None
) -> dict[str, Result]:
    """``work(name, progress)`` of both visits at once; the results by name, in order of time.

    NumPy and SciPy let go of the interpreter while they compute, and so does SimpleITK as Slicer builds it, so threads
    suffice.

    Args:
        work: gets "pre" or "follow_up" and a callback of its own.
        progress: called on this thread only, with the mean of both.

    Raises:
        Exception: what the work raised, the earlier visit first.
        Cancelled: by ``progress``; both are waited for.
    """
    reports = _Reports()
    with ThreadPoolExecutor(len(VISITS)) as pool:
        running = [pool.submit(work, name, reports.of(name) if progress else None) for name in VISITS]
        try:
            while wait(running, LOOKED_AT if progress else None).not_done:
                reports.hand_on(progress)
            reports.hand_on(progress)  # of work that was done before anybody looked
        except BaseException:
            reports.stopped = True
            raise
    return {name: one.result() for name, one in zip(VISITS, running, strict=True)}


class _Reports:
    """What the visits have told of their progress."""

    def __init__(self):
        self.stopped = False
        self._fractions = dict.fromkeys(VISITS, 0.0)
        self._news = ""

    def of(self, visit: str) -> Progress:
        def report(fraction: float, what: str) -> bool:
            self._fractions[visit], self._news = fraction, what
            return not self.stopped

        return report

    def hand_on(self, progress: Progress | None) -> None:
        if self._news:
            what, self._news = self._news, ""
            advance(progress, sum(self._fractions.values()) / len(VISITS), what)
