"""Errors of a patient's ratios that the noise of single voxels does not tell."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from .input_error import LATE_LEVEL
from .leakage import unbounded_leakage
from .noisy_median import expected_pull


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
_NARROWEST = 1e-6
"""Below this share of each other the noise of a voxel and the distance from lesion to surroundings do not count."""


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


def mixed_share(filled: np.ndarray, errors: np.ndarray, distance: float, share_of_noise: float = 0.0) -> float:
    """The share of a region's median that is of the tissue around it, as its voxels are filled in part.

    Mixing alone hardly moves a median as long as most voxels are filled; but their noise hides which ones are, and the
    more of it there is the nearer the median comes to the mean. It is where the pulls of all mixed values with their
    noise (``noisy_median``) can be expected to cancel.

    Args:
        filled: share of each voxel that the lesion fills, 0 to 1, shaped (n,).
        errors: standard errors of the voxels, shaped (n,), finite.
        distance: from the lesion's value to that of the tissue around it, in the same unit, of either sign.
        share_of_noise: by which the errors are multiplied in the median (``noisy_median.share_of_noise``).
    """
    lacking, errors = 1 - np.clip(np.asarray(filled, float), 0, 1), np.asarray(errors, float)
    if not errors.any():
        return float(np.median(lacking))
    apart = max(abs(distance), _NARROWEST * float(errors.max()))
    width = np.maximum(errors / apart, _NARROWEST)

    def pull(share: float) -> float:
        return float(np.mean(expected_pull(lacking - share, width, share_of_noise)))

    low, high = float(lacking.min()), float(lacking.max())
    return low if high - low < _NARROWEST else float(brentq(pull, low, high))


def spilt_shares(mixed: float, spill: float, count: int, random: np.random.Generator) -> np.ndarray:
    """Draws of the share of a region's median that is of the tissue around it, shaped (count,).

    What ``mixed_share`` expects is known as well as the outline: any share up to it is as likely, as the outline takes
    less of a blurred border for mixed voxels or more. ``spill`` comes on top, to either side.

    Args:
        mixed: as ``mixed_share`` tells it; 0 where it is not known.
        spill: as in ``Doubts``.
        count: of the draws.
        random: where they come from.
    """
    shares = mixed * random.random(count) + spill * random.standard_normal(count)
    return np.minimum(shares, MOST_SPILT)


def unmixed(ratio: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The ratio of a tissue of which a measured one shows all but a ``share``, the rest being normal brain: mixing
    draws a ratio towards 1."""
    return 1 + (ratio - 1) / (1 - share)
