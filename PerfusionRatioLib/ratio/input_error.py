"""What the arterial input adds to the error of a ratio: it is known at the frames only, and not exactly there."""

from dataclasses import dataclass

import numpy as np

from ..kinetics.convolution import exponential_convolution
from .leakage import unbounded_leakage
from .smooth_input import smooth_input

TRIALS = 24
"""Places of the frames on the bolus that are tried, each with another noise and another late level."""
LATE_LEVEL = 0.05
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


def input_errors(
    times: np.ndarray,
    plasma_concentration: np.ndarray,
    lesion: Kinetics,
    reference: Kinetics,
    late_level: float,
    random: np.random.Generator,
) -> InputErrors:
    """The errors of lesion and reference that come from the shape of the arterial input.

    Between its samples the input is taken as straight lines, so where the frames fall on the bolus matters. A smooth
    curve through the samples (``smooth_input``) is taken for the truth; curves of a typical lesion and of the reference
    are made from it; all are sampled at frames that fall elsewhere, with as much noise on the input as it has and with
    a late level, relative to its peak, that is too high or too low; and both curves are fitted again. An error of the
    height of the input is not among them, as it cancels in a ratio.

    Args:
        times: seconds, shaped (t,).
        plasma_concentration: mM, shaped (t,).
        lesion, reference: what their curves are made of.
        late_level: relative standard deviation of the late level; 0 where the input is known.
        random: where the draws come from.
    """
    frames = np.arange(len(times))
    fine = np.interp(np.linspace(0, frames[-1], _FINER * frames[-1] + 1), frames, times)
    plasma = smooth_input(times, plasma_concentration)(fine)
    tissues = np.stack([_curve(region, fine, plasma) for region in (lesion, reference)], axis=1)
    noise, interval, peak = input_noise(plasma_concentration), float(np.median(np.diff(times))), plasma.max()
    levels = late_level * random.permutation(_normal_scores(TRIALS))
    found = []
    for phase, level in zip(np.linspace(-0.5, 0.5, TRIALS, endpoint=False), levels, strict=True):
        at = times + phase * interval
        seen = np.interp(at, fine, plasma)
        seen = seen * (1 + level * (1 - seen / peak)) + noise * random.standard_normal(len(times))
        sampled = np.stack([np.interp(at, fine, tissue) for tissue in tissues.T], axis=1)
        found.append(_fitted(sampled, times, seen, lesion.kep > 0))
    ktrans, vp = np.array(found).transpose(1, 2, 0)  # each (lesion and reference, trials)
    return InputErrors(
        {"ktrans": ktrans[0] - lesion.ktrans, "vp": vp[0] - lesion.vp},
        {"ktrans": ktrans[1] - reference.ktrans, "vp": vp[1] - reference.vp},
    )


def input_noise(plasma_concentration: np.ndarray) -> float:
    """Standard deviation in mM of the noise of an arterial input, from the roughness of its slow second half."""
    late = plasma_concentration[len(plasma_concentration) // 2 :]
    if len(late) < 4:
        return 0.0
    rough = late[1:-1] - 0.5 * (late[:-2] + late[2:])
    return float(np.sqrt(np.mean(rough**2) / 1.5))


def _normal_scores(count: int) -> np.ndarray:
    """A sample of ``count`` values that is as normal, with mean 0 and variance 1, as so few can be."""
    from scipy.special import ndtri

    scores = ndtri((np.arange(count) + 0.5) / count)
    return scores / scores.std()


def _curve(region: Kinetics, times: np.ndarray, plasma: np.ndarray) -> np.ndarray:
    exchanged = exponential_convolution([region.kep], times / 60, plasma)[:, 0]
    return region.vp * plasma + region.ktrans * exchanged


def _fitted(
    sampled: np.ndarray, times: np.ndarray, plasma: np.ndarray, exchanging: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Ktrans and vp of the lesion's and the reference's curve, each fitted as a region of its kind is."""
    from ..kinetics import fit

    line = unbounded_leakage(sampled, times, plasma)
    ktrans, vp = line.ktrans.copy(), line.vp.copy()
    if exchanging:
        maps = fit(sampled[:, :1], times, plasma, threads=1)
        ktrans[0], vp[0] = maps.ktrans[0], maps.vp[0]
    return ktrans, vp
