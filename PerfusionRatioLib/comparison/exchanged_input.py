"""The arterial input of one visit in the place of the other's."""

import numpy as np

from ..aif.arterial_input import ArterialInput
from ..aif.consistency import aif_shape


def at_visit(other: ArterialInput, own: ArterialInput) -> np.ndarray:
    """The curve of the ``other`` visit at the frame times of this one, moved so that both arrive together; mM.

    Zero before its first sample, constant after its last.
    """
    lag = aif_shape(own.times, own.plasma_concentration).arrival_s
    lag -= aif_shape(other.times, other.plasma_concentration).arrival_s
    return np.interp(own.times - lag, other.times, other.plasma_concentration, left=0.0)
