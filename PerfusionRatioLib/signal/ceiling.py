"""Samples at the ceiling of an integer format: their true signal is unknown."""

import numpy as np

_CEILINGS = tuple(2.0**bits - 1 for bits in (8, 10, 12, 14, 15, 16))
_FEWEST = 3


def ceiling_of(signal: np.ndarray) -> float | None:
    """The largest value of an integer format, when the signal stops there in at least three samples; else None.

    Args:
        signal: shaped (t, ...), as it came from the scanner: interpolation hides a ceiling.
    """
    highest = float(np.fmax.reduce(np.fmax.reduce(signal, axis=0), axis=None))
    if highest not in _CEILINGS or np.count_nonzero(signal == highest) < _FEWEST:
        return None
    return highest


def without_saturated(signal: np.ndarray) -> tuple[np.ndarray, int]:
    """The signal with not-a-number at its ceiling, and how many samples that were; itself when there are none."""
    ceiling = ceiling_of(signal)
    if ceiling is None:
        return signal, 0
    saturated = signal >= ceiling
    return np.where(saturated, np.float32(np.nan), signal), int(np.count_nonzero(saturated))
