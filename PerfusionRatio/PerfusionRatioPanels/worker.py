"""Long work beside the interface: a thread for numbers, and a timer that brings what it found to the main thread."""

import threading
from collections.abc import Callable

import qt

from PerfusionRatioLib.errors import Cancelled, PerfusionRatioError

INTERVAL = 25
"""Milliseconds between two looks at the thread."""
SHARE = 0.02
"""Seconds a look waits for the thread. While it waits the interpreter is free for it, which it is not otherwise as long
as the application sits in its event loop."""

Work = Callable[[Callable[[float, str], bool]], object]


class Worker:
    """Runs one piece of work at a time.

    Args:
        progress: called on the main thread with a fraction from 0 to 1 and what is being done.
    """

    def __init__(self, progress: Callable[[float, str], None]):
        self._progress = progress
        self._thread: threading.Thread | None = None
        self._timer = qt.QTimer()
        self._timer.setInterval(INTERVAL)
        self._timer.connect("timeout()", self._look)
        self._next: tuple | None = None

    @property
    def busy(self) -> bool:
        """Whether work is going on."""
        return self._thread is not None

    def start(self, work: Work, done: Callable[[object], None], failed: Callable[[str], None]) -> None:
        """Run ``work(progress)``; then ``done`` with what it returned, or ``failed`` with a sentence, empty when it was
        cancelled. Work that comes while other work goes on waits for it; of several that wait the last is kept."""
        if self.busy:
            self._next = (work, done, failed)
            return
        self._done, self._failed = done, failed
        self._stop, self._told, self._result, self._error = False, (0.0, ""), None, None
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()
        self._timer.start()

    def replace(self, work: Work, done: Callable[[object], None], failed: Callable[[str], None]) -> None:
        """Stop what goes on, and do this instead: what it would find is out of date already."""
        if self.busy:
            self._stop = True
        self.start(work, done, failed)

    def cancel(self) -> None:
        """Stop, and drop what waits; nothing of the work is kept."""
        self._stop, self._next = True, None

    def _run(self, work: Work) -> None:
        """On the thread."""
        try:
            self._result = work(self._report)
        except BaseException as error:  # told on the main thread, whatever it is
            self._error = error

    def _report(self, fraction: float, what: str) -> bool:
        self._told = (fraction, what)
        return not self._stop

    def _look(self) -> None:
        self._thread.join(SHARE)
        if self._thread.is_alive():
            self._progress(*self._told)
            return
        self._timer.stop()
        self._thread = None
        result, error, done, failed = self._result, self._error, self._done, self._failed
        stopped = self._stop or isinstance(error, Cancelled)
        waiting, self._next = self._next, None
        self._result = self._error = self._done = self._failed = None
        if waiting is not None:
            self.start(*waiting)
        if stopped:
            failed("")
        elif error is not None:
            failed(_sentence(error))
        else:
            done(result)


def _sentence(error: BaseException) -> str:
    if isinstance(error, PerfusionRatioError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory for this: close other data, or choose a smaller series."
    return f"Something went wrong inside PerfusionRatio ({type(error).__name__}: {error}): please report it."
