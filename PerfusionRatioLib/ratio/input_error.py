"""What the arterial input adds to the error of a ratio: it is known at the frames only, and not exactly there."""

from dataclasses import dataclass

import numpy as np

from ..kinetics.convolution import exponential_convolution
from .leakage import unbounded_leakage
from .noise import FEWEST_FRAMES, roughness, slow_frames
from .smooth_input import smooth_input

TRIALS = 24
"""Places of the frames on the bolus that are tried, each with another noise and another late level."""
LATE_LEVEL = 0.04
"""Relative standard deviation of the late level of an input against its peak: blood that fills its voxels in part,
inflow, and a T10 that is not that of the blood bend a measured curve; that of a population is another's altogether."""
_FINER = 20
"""Points between two frames on which curves are made."""


@dataclass(frozen=True)
class Kinetics:
    """Typical parameters of a region: Ktrans and kep in 1/min, vp as a fraction; kep 0 where little returns."""

    ktrans: float
    vp: float = 0.0
    kep: float = 0.0


@dataclass(frozen=True)
class InputErrors:
    """Errors of Ktrans (1/min) and vp that trials of other inputs make, each shaped (trials,), by parameter.

    The trials of lesion and reference belong together: what both have in common cancels in their ratio.
    """

    lesion: dict[str, np.ndarray]
    reference: dict[str, np.ndarray]

    def of_trials(self, chosen: np.ndarray) -> "InputErrors":
        """The errors of the trials of the numbers ``chosen``."""
        regions = self.lesion, self.reference
        return InputErrors(*({name: errors[chosen] for name, errors in region.items()} for region in regions))


def input_errors(
    times: np.ndarray,
    plasma_concentration: np.ndarray,
    lesion: Kinetics,
    reference: Kinetics,
    late_level: float,
    random: np.random.Generator,
    model: str = "extended-tofts",
) -> InputErrors:
    """The errors of lesion and reference that come from the shape of the arterial input.

    Between its samples the input is taken as straight lines, so where the frames fall on the bolus matters. A smooth
    curve through the samples (``smooth_input``) is taken for the truth; curves of a typical lesion and of the reference
    are made from it; all are sampled at frames that fall elsewhere, with as much noise on the input as it has and with
    a late level, relative to its peak, that is too high or too low; and both curves are fitted again. What the fit
    makes of the undisturbed curves is taken for right, so that the misfit of a model is not among the errors; nor is an
    error of the height of the input, as it cancels in a ratio.

    Args:
        times: seconds, shaped (t,).
        plasma_concentration: mM, shaped (t,).
        lesion, reference: what their curves are made of.
        late_level: relative standard deviation of the late level; 0 where the input is known.
        random: where the draws come from.
        model: that a lesion with kep is fitted with, as ``kinetics.fit`` calls it.
    """
    frames = np.arange(len(times))
    fine = np.interp(np.linspace(0, frames[-1], _FINER * frames[-1] + 1), frames, times)
    plasma = smooth_input(times, plasma_concentration)(fine)
    tissues = np.stack([_curve(region, fine, plasma) for region in (lesion, reference)], axis=1)
    noise, interval, peak = input_noise(times, plasma_concentration), float(np.median(np.diff(times))), plasma.max()
    levels = late_level * random.permutation(_normal_scores(TRIALS))
    found = []
    for phase, level in zip(np.linspace(-0.5, 0.5, TRIALS, endpoint=False), levels, strict=True):
        at = times + phase * interval
        seen = np.interp(at, fine, plasma)
        seen = seen * (1 + level * (1 - seen / peak)) + noise * random.standard_normal(len(times))
        sampled = np.stack([np.interp(at, fine, tissue) for tissue in tissues.T], axis=1)
        found.append(_fitted(sampled, times, seen, lesion.kep > 0, model))
    right = _fitted(tissues, fine, plasma, lesion.kep > 0, model)
    errors = np.array(found) - right  # (trials, lesion and reference, Ktrans and vp)
    return InputErrors(*({"ktrans": errors[:, n, 0], "vp": errors[:, n, 1]} for n in range(2)))


def input_noise(times: np.ndarray, plasma_concentration: np.ndarray) -> float:
    """Standard deviation in mM of the noise of an arterial input, from its roughness once the bolus has passed."""
    slow = slow_frames(times, plasma_concentration)
    if len(times[slow]) < FEWEST_FRAMES:
        return 0.0
    return float(np.sqrt(np.mean(roughness(plasma_concentration[slow], times[slow]) ** 2)))


def _normal_scores(count: int) -> np.ndarray:
    """A sample of ``count`` values that is as normal, with mean 0 and variance 1, as so few can be."""
    from scipy.special import ndtri

    scores = ndtri((np.arange(count) + 0.5) / count)
    return scores / scores.std()


def _curve(region: Kinetics, times: np.ndarray, plasma: np.ndarray) -> np.ndarray:
    exchanged = exponential_convolution([region.kep], times / 60, plasma)[:, 0]
    return region.vp * plasma + region.ktrans * exchanged


def _fitted(sampled: np.ndarray, times: np.ndarray, plasma: np.ndarray, exchanging: bool, model: str) -> np.ndarray:
    """Ktrans and vp of the lesion's and the reference's curve, each fitted as a region of its kind is: a row each."""
    from ..kinetics import fit

    line = unbounded_leakage(sampled, times, plasma, model != "tofts")
    found = np.nan_to_num(np.stack([line.ktrans, line.vp], axis=1))
    if exchanging:
        maps = fit(sampled[:, :1], times, plasma, "extended-tofts" if model == "auto" else model, threads=1)
        found[0] = maps.ktrans[0], 0.0 if maps.vp is None else maps.vp[0]
    return found
