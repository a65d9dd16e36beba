"""A bracketing root finder for many voxels at once."""

import numpy as np

_TOLERANCE = 1e-6
_MOST_STEPS = 60


def find_root(profile, low, high, start):
    """Where ``profile.slope`` turns from positive to negative between ``low`` and ``high``, one root a voxel.

    False position with the weights of Anderson & Björck (1973, BIT 13:253), which converges faster than linearly and
    never leaves the bracket. After a few steps, one that has not halved the bracket is followed by one that does, as
    false position can creep where the slope has a kink; so is every step while the ends have not the signs it needs.
    Where the slope has one sign throughout, the end that it points to is the answer.

    Args:
        profile: has ``slope(x) -> (n,)`` and ``only(rows)``, the profile of some of the voxels.
        low, high, start: (n,) each, low ≤ start ≤ high.
    """
    result = start.copy()
    at_low, at_high = profile.slope(low), profile.slope(high)
    state = np.stack([low, high, at_low, at_high, start, np.zeros(len(start)), high - low])
    active = np.arange(len(start))
    for number in range(_MOST_STEPS):
        if not len(active):
            break
        done = _step(profile, state, careful=number > 2)
        result[active] = state[4]
        if 3 * np.count_nonzero(done) > len(active):
            keep = np.flatnonzero(~done)
            active, profile, state = active[keep], profile.only(keep), state[:, keep]
        elif done.all():
            break
    return result


def _step(profile, state, careful):
    """One evaluation and the next guess, in place; returns where the guess has settled."""
    low, high, at_low, at_high, x, before, before_width = state
    slope = profile.slope(x)
    rising = slope > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = 1 - slope / np.where(rising, at_low, at_high)
    again = np.where(rising, before > 0, before < 0)
    shrink = np.where(again, np.where(ratio > 0, ratio, 0.5), 1.0)
    at_high[:] = np.where(rising, at_high * shrink, slope)
    at_low[:] = np.where(rising, slope, at_low * shrink)
    low[:] = np.where(rising, x, low)
    high[:] = np.where(rising, high, x)
    before[:] = np.where(rising, 1.0, -1.0)
    width = high - low
    proper = (at_low > 0) & (at_high < 0)
    share = np.where(proper, at_low / np.where(proper, at_low - at_high, 1.0), 0.5)
    if careful:
        share = np.where(width > 0.5 * before_width, 0.5, share)
    before_width[:] = width
    guess = np.where(slope == 0, x, low + width * share)
    done = (np.abs(guess - x) < _TOLERANCE) | (width < _TOLERANCE)
    x[:] = guess
    return done
