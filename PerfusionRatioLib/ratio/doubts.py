"""Errors of a patient's ratios that the noise of single voxels does not tell."""

from dataclasses import dataclass

import numpy as np

from .input_error import LATE_LEVEL
from .leakage import unbounded_leakage


@dataclass(frozen=True)
class Doubts:
    """How far a measurement may be off for other reasons than the noise of its voxels, as standard deviations.

    The defaults are for a patient, from digital patients whose head moves (``Docs/accuracy.md``).

    Attributes:
        late_level: of the arterial input's late level against its peak, relative.
        drift: mM by which the mean curve of a region may have drifted by the end of the series: what motion, the coil
            and the scanner leave of slow changes. It is about a thousandth of the signal, and looks like leakage.
        spill: share of a lesion's signal that may be of the tissue around it, even in voxels that it fills.
    """

    late_level: float = LATE_LEVEL
    drift: float = 0.00025
    spill: float = 0.02


PATIENT = Doubts()
NONE = Doubts(0.0, 0.0, 0.0)
"""Where the input is known exactly and nothing moves, as in a simulation."""


def drift_response(times: np.ndarray, plasma_concentration: np.ndarray, start: int, has_plasma: bool) -> dict:
    """What a steady drift of 1 mM from the first frame to the last adds to Ktrans (1/min) and vp, by parameter.

    Args:
        times: seconds, shaped (t,).
        plasma_concentration: mM, shaped (t,).
        start: the first frame that is fitted.
        has_plasma: False for a model without vp.
    """
    ramp = (times - times[0]) / (times[-1] - times[0])
    line = unbounded_leakage(ramp[start:, None], times[start:], plasma_concentration[start:], has_plasma)
    added = {"ktrans": float(line.ktrans[0]), "vp": float(line.vp[0])}
    return {name: value for name, value in added.items() if np.isfinite(value)}


def spilt_share(spill: float, filled: np.ndarray | None) -> float:
    """The standard deviation of the share of a region's median that may be of the tissue around it.

    What the median voxel lacks of being filled is told by the outline, and adds to the ``spill`` of all.

    Args:
        spill: as in ``Doubts``.
        filled: share of each voxel of the region that the lesion fills, shaped (n,); None where it is not known.
    """
    lacking = 0.0 if filled is None or not len(filled) else 1 - float(np.median(filled))
    return float(np.hypot(spill, lacking))
