"""The weights of two curves that fit best without being negative, in closed form."""

import numpy as np


def best_weight(along, second_along, energy, overlap, cap=None):
    """Weight a of the first curve in min |z − a·f − b·g|² over 0 ≤ a ≤ cap, b ≥ 0.

    Split f = overlap·ĝ + f⊥ with ĝ the unit vector of g. Given a, the best b takes up all of (z·ĝ − a·overlap) when
    that is positive, so what is left is a convex function of a alone: quadratic with its minimum at z·f⊥/|f⊥|² where b
    is free, and at z·f/|f|² where b is held at zero. As overlap ≥ 0, the smaller of the two is the minimum
    of the whole.

    Args:
        along: z·f⊥.
        second_along: z·ĝ.
        energy: |f⊥|².
        overlap: f·ĝ, not negative.
        cap: largest a allowed.
    """
    held = second_along * overlap + along
    held /= energy + overlap * overlap
    weight = along / energy
    np.minimum(weight, held, out=weight)
    np.maximum(weight, 0.0, out=weight)
    return weight if cap is None else np.minimum(weight, cap, out=weight)


def gain(weight, along, second_along, energy, overlap):
    """By how much the two curves lower |z|², apart from (z·ĝ)². Arguments as in `best_weight`."""
    unmet = second_along - weight * overlap
    np.minimum(unmet, 0.0, out=unmet)
    unmet *= unmet
    lowered = weight * energy
    np.subtract(2 * along, lowered, out=lowered)
    lowered *= weight
    lowered -= unmet
    return lowered
