"""What the arterial input adds to the error of a ratio: it is known at the frames only, and not without noise."""

from dataclasses import dataclass

import numpy as np

from ..kinetics.convolution import exponential_convolution
from .leakage import unbounded_leakage
from .smooth_input import smooth_input

PHASES = 12
"""How many places of the frames on the bolus are tried, each with other noise."""
_FINER = 20
"""Points between two frames on which curves are made."""


@dataclass(frozen=True)
class Kinetics:
    """Typical parameters of a region: Ktrans and kep in 1/min, vp as a fraction; kep 0 where little returns."""

    ktrans: float
    vp: float = 0.0
    kep: float = 0.0


def input_noise(plasma_concentration: np.ndarray) -> float:
    """Standard deviation in mM of the noise of an arterial input, from the roughness of its slow second half."""
    late = plasma_concentration[len(plasma_concentration) // 2 :]
    if len(late) < 4:
        return 0.0
    rough = late[1:-1] - 0.5 * (late[:-2] + late[2:])
    return float(np.sqrt(np.mean(rough**2) / 1.5))


def input_error(
    times: np.ndarray,
    plasma_concentration: np.ndarray,
    lesion: Kinetics,
    reference: Kinetics,
    random: np.random.Generator,
) -> dict[str, float]:
    """The relative error (a standard deviation) of rKtrans and rVp that comes from the arterial input.

    Between its samples the input is taken as straight lines, so where the frames fall on the bolus matters; an error of
    its height cancels in a ratio, one of its shape does not. A smooth curve through the samples (``smooth_input``) is
    taken for the truth; curves of a typical lesion and of the reference are made from it; all are sampled at frames
    that fall elsewhere, with as much noise on the input as it has; and both curves are fitted again. The root mean
    square deviation of the quotients from the true one is the error.

    Args:
        times: seconds, shaped (t,).
        plasma_concentration: mM, shaped (t,).
        lesion, reference: what their curves are made of.
        random: where the noise comes from.

    Returns:
        By parameter, "ktrans" and "vp"; zero where a region has nothing of it.
    """
    frames = np.arange(len(times))
    fine = np.interp(np.linspace(0, frames[-1], _FINER * frames[-1] + 1), frames, times)
    plasma = smooth_input(times, plasma_concentration)(fine)
    tissues = np.stack([_curve(region, fine, plasma) for region in (lesion, reference)], axis=1)
    noise, interval = input_noise(plasma_concentration), float(np.median(np.diff(times)))
    quotients = []
    for phase in np.linspace(-0.5, 0.5, PHASES, endpoint=False):
        at = times + phase * interval
        seen = np.interp(at, fine, plasma) + noise * random.standard_normal(len(times))
        sampled = np.stack([np.interp(at, fine, tissue) for tissue in tissues.T], axis=1)
        quotients.append(_quotients(sampled, times, seen, lesion.kep > 0))
    found = np.array(quotients)
    true = [(lesion.ktrans, reference.ktrans), (lesion.vp, reference.vp)]
    names = ("ktrans", "vp")
    return {name: _deviation(column, *pair) for name, column, pair in zip(names, found.T, true, strict=True)}


def _curve(region: Kinetics, times: np.ndarray, plasma: np.ndarray) -> np.ndarray:
    exchanged = exponential_convolution([region.kep], times / 60, plasma)[:, 0]
    return region.vp * plasma + region.ktrans * exchanged


def _quotients(sampled: np.ndarray, times: np.ndarray, plasma: np.ndarray, exchanging: bool) -> tuple[float, float]:
    """rKtrans and rVp of the two curves, each fitted as a region of its kind is."""
    from ..kinetics import fit

    line = unbounded_leakage(sampled, times, plasma)
    lesion = line.ktrans[0], line.vp[0]
    if exchanging:
        maps = fit(sampled[:, :1], times, plasma, threads=1)
        lesion = maps.ktrans[0], maps.vp[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(lesion[0] / line.ktrans[1]), float(lesion[1] / line.vp[1])


def _deviation(quotients: np.ndarray, lesion: float, reference: float) -> float:
    if lesion <= 0 or reference <= 0:
        return 0.0
    relative = quotients * (reference / lesion) - 1
    return float(np.sqrt(np.mean(relative[np.isfinite(relative)] ** 2))) if np.isfinite(relative).any() else 0.0
