"""Exact convolution of a piecewise-linear arterial input with exponentials."""

import numpy as np

_ROUNDING = 14  # decimals of a minute beyond which two durations are alike


def exponential_convolution(rates, times, plasma_concentration, at=None):
    """Convolve the arterial input with exp(-rate t), exactly for straight lines between its samples.

    With x = rate·d on a segment of length d from c0 to c1, the segment adds d·(c1·φ2(x) + c0·(φ1(x) − φ2(x))), where
    φ1(x) = (1 − e^−x)/x and φ2(x) = (1 − φ1(x))/x; what came before decays by e^−x. Nothing is approximated, so there
    is no bias of the plasma volume by half a frame, as rectangles have (Flouri et al. 2016, MRM 76:998).

    Args:
        rates: (rates,) in 1/min; zero gives the running integral.
        times: (frames,) in minutes, increasing.
        plasma_concentration: (frames,) in mM; zero before the first frame, constant after the last.
        at: (points,) in minutes where the result is wanted; the frames when None.

    Returns:
        (points, rates) in mM·min.
    """
    rates = np.atleast_1d(np.asarray(rates, float))
    times = np.asarray(times, float)
    aif = np.asarray(plasma_concentration, float)
    decay, early, late = _over_segments(rates, np.diff(times))
    at_frames = np.zeros((len(times), len(rates)))
    for frame in range(1, len(times)):
        added = early[frame - 1] * aif[frame - 1] + late[frame - 1] * aif[frame]
        at_frames[frame] = at_frames[frame - 1] * decay[frame - 1] + added
    if at is None:
        return at_frames
    at = np.asarray(at, float)
    before = np.clip(np.searchsorted(times, at, side="right") - 1, 0, len(times) - 1)
    decay, early, late = _over_segments(rates, np.maximum(at - times[before], 0.0))
    end = shifted(times, aif, at)
    result = at_frames[before] * decay + early * aif[before][:, None] + late * end[:, None]
    result[at < times[0]] = 0.0
    return result


def shifted(times, plasma_concentration, at):
    """The arterial input at other times: straight lines between samples, zero before the first, constant after."""
    return np.interp(at, times, plasma_concentration, left=0.0)


def _over_segments(rates, durations):
    """Each (segments, rates): what is left of what came before, and the weights of a segment's first and last sample.

    Durations are alike in most series, so each is worked out once.
    """
    different, which = np.unique(np.round(durations, _ROUNDING), return_inverse=True)
    x = rates * different[:, None]
    phi1, phi2 = _phi(x)
    factors = np.exp(-x), different[:, None] * (phi1 - phi2), different[:, None] * phi2
    return tuple(factor[which] for factor in factors)


def _phi(x):
    """φ1 and φ2, by their series where the closed form would cancel."""
    small = x < 1e-2
    safe = np.where(small, 1.0, x)
    phi1 = np.where(small, 1 - x / 2 * (1 - x / 3 * (1 - x / 4 * (1 - x / 5 * (1 - x / 6)))), -np.expm1(-safe) / safe)
    series = 0.5 - x / 6 * (1 - x / 4 * (1 - x / 5 * (1 - x / 6 * (1 - x / 7))))
    phi2 = np.where(small, series, (1 - phi1) / safe)
    return phi1, phi2
