"""What a verb says while it works and when it is done."""

import argparse
import math
import shutil
import sys
import time
from collections.abc import Callable

from ..export.text_table import text_table
from ..progress import Progress

REDRAW_SECONDS = 0.1
BAR_WIDTH = 24


class Console:
    """Text for people on standard output, progress on standard error.

    When ``silent`` (with --json) nothing is shown. Progress is drawn on a terminal only.
    """

    def __init__(self):
        self.silent = False
        self.complete: str | None = None
        """The folder whose results are in place."""
        self._drawn = -math.inf
        self.progress: Progress | None = self._draw if sys.stderr is not None and sys.stderr.isatty() else None

    def show(self, text: str = "") -> None:
        """Print ``text`` for a reader."""
        self.clear()
        if not self.silent:
            print(text, flush=True)

    def completing(self, arguments: argparse.Namespace) -> Callable[[], None]:
        """What notes, once called, that the results of ``arguments.output`` are in place."""

        def note() -> None:
            self.complete = arguments.output

        return note

    def clear(self) -> None:
        """Take the progress line away."""
        if self._drawn > -math.inf:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._drawn = -math.inf

    def _draw(self, fraction: float, what: str) -> None:
        now = time.monotonic()
        if now - self._drawn < REDRAW_SECONDS and fraction < 1:
            return
        self._drawn = now
        filled = round(BAR_WIDTH * fraction)
        line = f"[{'#' * filled}{'-' * (BAR_WIDTH - filled)}] {fraction:4.0%} {what}"
        sys.stderr.write("\r\x1b[K" + line[: shutil.get_terminal_size().columns - 1])
        sys.stderr.flush()


def table(rows: list[list[str]]) -> str:
    """Cells as aligned columns, the first column to the left, the others to the right; the first row is the heading."""
    return text_table(rows, frozenset(range(1, len(rows[0]))))
