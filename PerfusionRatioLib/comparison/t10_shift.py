"""What T1 before contrast agent does to the ratios: where it changed between the visits, and where it was assumed."""

import numpy as np

from ..acquisition import Acquisition
from .result import T10Shift

LARGE_T10, LARGE_EFFECT = 0.15, 0.10
"""Relative; above one of them the shift is told."""
USUAL_LESION, USUAL_WHITE = 1.5, 0.9
"""T10 of enhancing lesions and of white matter at 3 T, in seconds, as far as one number can stand for them."""
SHORT_LESION = 0.5
"""T10 of a lesion that blood products or melanin make bright without contrast agent, in seconds, likewise."""


def t10_shift(
    t10: tuple[np.ndarray, np.ndarray],
    regions: tuple[np.ndarray, np.ndarray],
    references: tuple[np.ndarray, np.ndarray],
    acquisition: Acquisition,
) -> T10Shift | None:
    """Compare T10 between visits, in the lesion and in normal brain.

    Concentration is the relative enhancement over d ln S / dC = r1 d ln S / dR1 at R10, as long as it is small, so
    Ktrans and vp scale with the inverse of that slope. Ratios between visits do not depend on T10 as long as it stays
    the same.

    Args:
        t10: maps in seconds before radiosurgery and at follow-up, each shaped (k, j, i).
        regions, references: lesion and normal brain on the grid of each, bool.
        acquisition: of the follow-up.

    Returns:
        None where a region has no T10, or TR and flip angle are unknown.
    """
    lesion = tuple(_median(values, mask) for values, mask in zip(t10, regions, strict=True))
    normal = tuple(_median(values, mask) for values, mask in zip(t10, references, strict=True))
    if (
        acquisition.repetition_time is None
        or acquisition.flip_angle is None
        or not np.all(np.isfinite(lesion + normal))
    ):
        return None
    sequence = acquisition.repetition_time.value, np.deg2rad(acquisition.flip_angle.value)
    lesion_factor, normal_factor = (
        _slope(now, *sequence) / _slope(before, *sequence) for before, now in (lesion, normal)
    )
    effect = float(lesion_factor / normal_factor - 1)
    return T10Shift(lesion, normal, effect, _sentence(lesion, normal, effect))


def assumed_t10_factor(acquisition: Acquisition, lesion: float = USUAL_LESION) -> float | None:
    """How many times too high ratios are read with one T10 for lesion and white matter, if they have their usual ones.

    Concentration is found as relative enhancement over d ln S / dC at the T10 assumed, but tissue enhances by the slope
    at its own T10 (see ``t10_shift``). Whatever value is assumed cancels in the ratio of a lesion to white matter, and
    the quotient of their own slopes is left. This holds as long as enhancement is small.

    Args:
        acquisition: of the visit.
        lesion: its own T10, in seconds.

    Returns:
        None where TR or flip angle are unknown.
    """
    if acquisition.repetition_time is None or acquisition.flip_angle is None:
        return None
    sequence = acquisition.repetition_time.value, np.deg2rad(acquisition.flip_angle.value)
    return float(_slope(lesion, *sequence) / _slope(USUAL_WHITE, *sequence))


def assumed_t10_note(when: str, t10: float, usual: float, short: float) -> str:
    """What a T10 that was assumed, in seconds, does to ratios.

    ``when`` names the visit or both, such as "at follow-up"; ``usual`` and ``short`` are what ``assumed_t10_factor``
    gives for lesions of ``USUAL_LESION`` and of ``SHORT_LESION``.
    """
    return (
        f"{when.capitalize()} T10 was assumed to be {t10:g} s everywhere: where the lesion has {USUAL_LESION:g} s and "
        f"white matter {USUAL_WHITE:g} s, as is usual at 3 T, ratios are read {usual:.1f} times too high; where blood "
        f"products or melanin leave the lesion {SHORT_LESION:g} s, at {short:.1f} times their value, so that "
        "hyperperfusion may be missed; map T10 to be sure of ratios near the threshold."
    )


def _slope(t10: float, repetition_time: float, flip_angle: float) -> float:
    """d ln S / dR1 of the spoiled gradient echo at R1 = 1 / ``t10``, in seconds."""
    e1 = np.exp(-repetition_time / t10)
    cosine = np.cos(flip_angle)
    return repetition_time * e1 * (1 / (1 - e1) - cosine / (1 - cosine * e1))


def _median(values: np.ndarray, mask: np.ndarray) -> float:
    inside = values[mask]
    known = inside[np.isfinite(inside) & (inside > 0)]
    return float(np.median(known)) if known.size else float("nan")


def _sentence(lesion: tuple[float, float], normal: tuple[float, float], effect: float) -> str:
    changes = [now / before - 1 for before, now in (lesion, normal)]
    if max(abs(change) for change in changes) <= LARGE_T10 and abs(effect) <= LARGE_EFFECT:
        return ""
    return (
        f"T10 changed between the visits, by {changes[0]:+.0%} in the lesion ({lesion[0]:.2f} to {lesion[1]:.2f} s) "
        f"and by {changes[1]:+.0%} in normal brain: with the T10 of the first visit the ratios at follow-up would be "
        f"{effect:+.0%} different."
    )
