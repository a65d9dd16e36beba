"""The arterial input of one visit in the place of the other's."""

import numpy as np

from ..aif.arterial_input import ArterialInput
from ..ratio.smooth_input import smooth_input

STEP = 0.05
"""Frames by which one curve is moved over the other."""
FARTHEST = 3.0
"""Frames that it is moved at most from where the peaks meet."""


def at_visit(other: ArterialInput, own: ArterialInput) -> np.ndarray:
    """The curve of the ``other`` visit at the frame times of this one, moved so that both go together; mM.

    It is moved to where its first pass is most like this one's, whatever their heights: arrival times are known to
    half a frame only, and an input that comes so much too early or late changes vp more than another patient's would.
    Zero before its first sample; after its last, as this visit's goes on.
    """
    curve, start, end = smooth_input(other.times, other.plasma_concentration), other.times[0], other.times[-1]

    def moved(lag: float) -> np.ndarray:
        at = own.times - lag
        return np.where(at < start, 0.0, curve(np.clip(at, start, end)) * _washout(own, end + lag))

    def likeness(lag: float) -> float:
        values = moved(lag)
        size = float(np.linalg.norm(values))
        return float(values @ own.plasma_concentration) / size if size > 0 else 0.0

    between = own.times[own.plasma_concentration.argmax()] - other.times[other.plasma_concentration.argmax()]
    frames = np.arange(-FARTHEST, FARTHEST + STEP / 2, STEP)
    return moved(max(between + frames * np.median(np.diff(own.times)), key=likeness))


def _washout(own: ArterialInput, since: float) -> np.ndarray:
    """The curve relative to what it is at ``since``, seconds; 1 until then, and where there is nothing to refer to."""
    reached = float(np.interp(since, own.times, own.plasma_concentration))
    if not reached > 0:
        return np.ones(len(own.times))
    return np.where(own.times > since, own.plasma_concentration / reached, 1.0)
