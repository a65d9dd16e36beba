"""How long work tells where it is, and how it is asked to stop."""

from collections.abc import Callable

from .errors import Cancelled

Progress = Callable[[float, str], bool | None]
"""Called as ``progress(fraction, what)`` with a fraction from 0 to 1; returns False to stop, anything else to go on."""


def advance(progress: Progress | None, fraction: float, what: str) -> None:
    """Report ``fraction`` (0 to 1) of the work called ``what``.

    Raises:
        Cancelled: when the callback answers False.
    """
    if progress is not None and progress(min(max(float(fraction), 0.0), 1.0), what) is False:
        raise Cancelled()


def part(progress: Progress | None, start: float, stop: float) -> Progress | None:
    """A callback for a piece of the work that runs from ``start`` to ``stop`` of the whole."""
    if progress is None:
        return None
    return lambda fraction, what: progress(start + (stop - start) * fraction, what)
