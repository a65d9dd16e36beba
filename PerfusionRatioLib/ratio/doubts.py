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
            and the scanner leave of slow changes. In white matter it is about a thousandth of the signal, and looks
            like leakage.
        spill: share of a lesion's signal that may be of the tissue around it, or that the outline left to it, even in
            voxels that it fills.
    """

    late_level: float = LATE_LEVEL
    drift: float = 0.00025
    spill: float = 0.02


PATIENT = Doubts()
NONE = Doubts(0.0, 0.0, 0.0)
"""Where the late level of the input is known, nothing moves and voxels are unmixed, as in a simulation."""
MOST_SPILT = 0.75
"""A lesion that shows less of itself than the rest of this is not told by its voxels."""


def drift_response(
    times: np.ndarray, plasma_concentration: np.ndarray, start: int, has_plasma: bool
) -> dict[str, float]:
    """What a steady drift of 1 mM from the first frame to the last adds to Ktrans (1/min) and vp, by parameter, in
    tissue from which nothing returns (Patlak et al. 1983).

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


def spilt_shares(spill: float, filled: np.ndarray | None, count: int, random: np.random.Generator) -> np.ndarray:
    """Draws of the share of a region's median that is of the tissue around it, shaped (count,).

    What the median voxel lacks of being filled is told by the outline, but not how much of it the median shows, as
    many voxels are filled: any share up to it is as likely. ``spill`` comes on top, to either side.

    Args:
        spill: as in ``Doubts``.
        filled: share of each voxel of the region that the lesion fills, shaped (n,); None where it is not known.
        count: of the draws.
        random: where they come from.
    """
    lacking = 0.0 if filled is None or not len(filled) else max(1 - float(np.median(filled)), 0.0)
    shares = lacking * random.random(count) + spill * random.standard_normal(count)
    return np.minimum(shares, MOST_SPILT)


def unmixed(ratio: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The ratio of a tissue of which a measured one shows all but a ``share``, the rest being normal brain: mixing
    draws a ratio towards 1."""
    return 1 + (ratio - 1) / (1 - share)
