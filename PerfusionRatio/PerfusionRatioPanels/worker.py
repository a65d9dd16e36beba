"""Long work beside the interface: a thread for numbers, and a timer that brings what it found to the main thread."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import qt

from PerfusionRatioLib.errors import Cancelled, PerfusionRatioError

INTERVAL = 25
"""Milliseconds between two looks at the thread."""
SHARE = 0.02
"""Seconds a look waits for the thread. While it waits the interpreter is free for it, which it is not otherwise as long
as the application sits in its event loop."""

Work = Callable[[Callable[[float, str], bool]], object]


@dataclass(frozen=True)
class Job:
    """A piece of work and what is to be done after it.

    Attributes:
        work: called on the thread as ``work(progress)``.
        done: called on the main thread with what it returned.
        failed: called there with a sentence instead, empty when it was cancelled.
        key: of jobs with one key the last is wanted only; None: every job is wanted.
    """

    work: Work
    done: Callable[[object], None]
    failed: Callable[[str], None]
    key: Hashable | None = None


class Worker:
    """Runs one job at a time; others wait in their order.

    Args:
        progress: called on the main thread with a fraction from 0 to 1 and what is being done.
    """

    def __init__(self, progress: Callable[[float, str], None]):
        self._progress = progress
        self._thread: threading.Thread | None = None
        self._job: Job | None = None
        self._waiting: list[Job] = []
        self._timer = qt.QTimer()
        self._timer.setInterval(INTERVAL)
        self._timer.connect("timeout()", self._look)

    @property
    def busy(self) -> bool:
        """Whether work is going on."""
        return self._thread is not None

    def start(self, job: Job) -> None:
        """Run a job, after those that are there; one of its key that runs is stopped, one that waits is dropped."""
        if job.key is not None:
            self._waiting = [other for other in self._waiting if other.key != job.key]
        if not self.busy:
            self._run_on_thread(job)
            return
        if job.key is not None and self._job.key == job.key:
            self._stop = True
        self._waiting.append(job)

    def cancel(self) -> None:
        """Stop, and drop what waits; nothing of the work is kept."""
        self._stop = True
        self._waiting.clear()

    def close(self) -> None:
        """Stop for good, and tell nobody."""
        self.cancel()
        self._timer.stop()
        self._thread = self._job = None

    def _run_on_thread(self, job: Job) -> None:
        self._job = job
        self._stop, self._told, self._result, self._error = False, (0.0, ""), None, None
        self._thread = threading.Thread(target=self._run, args=(job.work,), daemon=True)
        self._thread.start()
        self._timer.start()

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
        job, result, error = self._job, self._result, self._error
        stopped = self._stop or isinstance(error, Cancelled)
        self._thread = self._job = self._result = self._error = None
        if self._waiting:
            self._run_on_thread(self._waiting.pop(0))
        if stopped:
            job.failed("")
        elif error is not None:
            job.failed(_sentence(error))
        else:
            job.done(result)


def _sentence(error: BaseException) -> str:
    if isinstance(error, PerfusionRatioError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory for this: close other data, or choose a smaller series."
    return f"Something went wrong inside PerfusionRatio ({type(error).__name__}: {error}): please report it."
