"""Out of the candidates the voxels that are artery and nothing else, and what spoke against the others."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import trim_mean

from .clustering import arterial_group, arterial_score
from .features import CurveFeatures
from .neighbours import Neighbours
from .vein_to_artery import vein_to_artery
from .veins import Veins, find_veins, vessel_level

_BEFORE, _AFTER = 15.0, 20.0  # s around the bolus within which an artery or a vein rises
_LONGEST_RISE = 25.0  # s from the onset to the peak
_HIGHEST_TAIL, _LOWEST_TAIL = 0.8, 0.02  # of the peak
_LARGEST_JUMP, _NOISE_JUMP = 0.12, 5.0  # of the peak, and of the noise
_FLATTEST = 0.62  # time above 85% of the peak, of that above half of it; a bolus has about 0.45
_RESOLVED = 5.0  # frames in the width from which that can be told
_LEAST_OF_VESSEL = 0.3  # of the level of large vessels
_NOISIEST = 2.5  # times the median of the vessels; voxels of bone or air at their edge have hardly any signal
_COMPARED = 2000  # candidates that are clustered, the most arterial first
_FULLEST = 5  # voxels whose median is the area of the fullest
_LEAST_FILLED, _OVERFILLED = 0.92, 1.12  # of the area of undiluted blood, as the veins show it
_OWN = 0.7  # where no vein shows it: share of a voxel's own area, beside its neighbours', in how full it counts as
_NEIGHBOUR = 0.4  # of a voxel's area is what one of its neighbours must have
_TOGETHER = 1.0  # s between the half rises of voxels that may be averaged
_FEWEST_VOXELS, _MOST_VOXELS = 3, 12
_TRIMMED = 0.2  # of the voxels, at each end of every frame
_ROUNDS = 4


@dataclass(frozen=True)
class Selection:
    """Which candidates were chosen.

    Attributes:
        chosen: their positions among the candidates, those nearest to blood first; empty when none is an artery.
        filled: how much each chosen one enhances relative to undiluted blood; without veins, with its neighbours and
            relative to the fullest artery voxels.
        veins: where the area of undiluted blood comes from; None when no vein shows it.
        score: ``arterial_score`` of each chosen one.
        rejected: how many candidates were left out, by reason, in the order in which they were looked at.
    """

    chosen: np.ndarray
    filled: np.ndarray
    veins: Veins | None
    score: np.ndarray
    rejected: dict[str, int]


class _Sieve:
    """The candidates that are left, and why the others are not."""

    def __init__(self, count: int):
        self.left = np.ones(count, bool)
        self.rejected: dict[str, int] = {}

    def reject(self, reason: str, which: np.ndarray, unless_all: bool = False) -> None:
        out = self.left & which
        if out.any() and not (unless_all and not (self.left & ~which).any()):
            self.rejected[reason] = int(out.sum())
            self.left &= ~which


def select_arteries(
    times: np.ndarray,
    curves: np.ndarray,
    features: CurveFeatures,
    index: np.ndarray,
    arrival: float,
    excluded: dict[str, np.ndarray],
) -> Selection:
    """Choose the voxels of an artery.

    Args:
        times: seconds, shaped (t,).
        curves: of the candidates, mM, shaped (t, n).
        features: of the candidates.
        index: their (k, j, i), shaped (n, 3).
        arrival: seconds at which the bolus arrives in the head.
        excluded: which of them are left out from the start, bool shaped (n,), by reason.
    """
    spacing = float(np.median(np.diff(times)))
    sieve = _Sieve(features.peak.size)
    for reason, which in (excluded | _not_arterial(features, arrival, spacing)).items():
        sieve.reject(reason, which)
    area = np.maximum(np.nan_to_num(features.area), 0)
    neighbours = Neighbours(index, sieve.left)
    sieve.reject("stand alone without a neighbour alike", neighbours.largest(area) < _NEIGHBOUR * area)
    if sieve.left.sum() < _FEWEST_VOXELS:
        return _none(sieve)
    alike = neighbours.alike(area)
    level = vessel_level(area[sieve.left], alike[sieve.left])
    sieve.reject("enhance too little for a vessel", area < _LEAST_OF_VESSEL * level)
    if sieve.left.sum() < _FEWEST_VOXELS:
        return _none(sieve)
    usual = np.median(features.noise[sieve.left])
    sieve.reject("are noisier than vessels (little signal)", features.noise > _NOISIEST * usual)
    vessels = sieve.left.copy()

    score = np.full(vessels.size, -np.inf)
    score[vessels] = arterial_score(features.of(vessels), level, spacing)
    sieve.reject("are lower or later or wider than the best", ~_best(score, _COMPARED))
    compared = np.flatnonzero(sieve.left)
    group = np.zeros(vessels.size, bool)
    group[compared[arterial_group(features.of(compared), level, spacing)]] = True
    sieve.reject("come later or wider than the arteries, as veins and tissue do", ~group)
    artery_time = float(np.median(features.half_rise[sieve.left]))
    tolerance = max(_TOGETHER, 0.15 * spacing)
    sieve.reject("rise at another moment than most arteries", np.abs(features.half_rise - artery_time) > tolerance)

    flattened = (features.width > _RESOLVED * spacing) & (features.plateau > _FLATTEST)
    sieve.reject("have a flattened peak (saturation)", flattened)
    if sieve.left.sum() < _FEWEST_VOXELS:
        return _none(sieve)

    veins = find_veins(curves, features, index, vessels & ~group, artery_time, level, spacing)
    if veins is None:
        filling, overfilled = _by_neighbours(area, Neighbours(index, sieve.left))
        full = _fullest(filling[sieve.left])
    else:
        full = _area_of_blood(times, curves, features, np.flatnonzero(sieve.left), arrival, veins)
        filling, overfilled = area, area > _OVERFILLED * full
    sieve.reject("enhance more than blood does (a wrong T10 or baseline)", overfilled, unless_all=True)
    reached = min(full, _fullest(filling[sieve.left]))
    sieve.reject("are filled by the artery only in part (partial volume)", filling < _LEAST_FILLED * reached)
    fitting = _fitting(filling, full)
    sieve.reject("are as good but not needed", ~_best(np.where(sieve.left, fitting, -np.inf), _MOST_VOXELS))
    chosen = np.flatnonzero(sieve.left)
    chosen = chosen[np.argsort(-fitting[chosen], kind="stable")]
    return Selection(chosen, filling[chosen] / full, veins, score[chosen], sieve.rejected)


def _by_neighbours(area: np.ndarray, neighbours: Neighbours) -> tuple[np.ndarray, np.ndarray]:
    """How full voxels are, mM·s, and which enhance more than any neighbour, as told by the arteries alone.

    The largest areas of single voxels are those with the largest errors of T10, and neighbours alone are too low where
    an artery is thin.
    """
    return _OWN * area + (1 - _OWN) * neighbours.mean(area), area > _OVERFILLED * neighbours.largest(area)


def _area_of_blood(
    times: np.ndarray, curves: np.ndarray, features: CurveFeatures, left: np.ndarray, arrival: float, veins: Veins
) -> float:
    """The area under the curve of an artery voxel that is filled with blood, mM·s.

    It is that of the veins where frames are close together. Else it depends on which part of the first pass they show,
    which the voxels themselves tell: those nearest to it give a better area, until these are the voxels they were.
    """
    full, before = veins.area, None
    for _ in range(_ROUNDS):
        nearest = left[_best(_fitting(features.area[left], full), _MOST_VOXELS)]
        if before is not None and np.array_equal(nearest, before):
            break
        before = nearest
        ratio = vein_to_artery(times, trim_mean(curves[:, nearest], _TRIMMED, axis=1), veins.curve, arrival)
        full = ratio * float(features.area[nearest].mean())
    return full


def _fitting(area: np.ndarray, full: float) -> np.ndarray:
    """High for areas near that of blood."""
    return -np.abs(np.log(np.maximum(area, 1e-9) / full))


def _none(sieve: _Sieve) -> Selection:
    sieve.reject("are too few to be an artery", sieve.left)
    return Selection(np.empty(0, int), np.empty(0), None, np.empty(0), sieve.rejected)


def _not_arterial(features: CurveFeatures, arrival: float, spacing: float) -> dict[str, np.ndarray]:
    """What no artery does, by reason, each bool shaped (n,); from the gravest on."""
    after = features.half_rise - arrival
    return {
        "are high from the first frame on": ~np.isfinite(features.half_rise),
        "rise at another time than the bolus": ~((after >= -_BEFORE - spacing) & (after <= _AFTER + spacing)),
        "keep rising or do not wash out as tissue does": ~(features.tail <= _HIGHEST_TAIL)
        | (features.peak_time - features.onset > _LONGEST_RISE + spacing),
        "fall back to nothing": (features.tail < _LOWEST_TAIL) | ~(features.area > 0),
        "jump late in the series (motion)": features.jump > np.maximum(_LARGEST_JUMP, _NOISE_JUMP * features.roughness),
    }


def _best(values: np.ndarray, count: int) -> np.ndarray:
    """Which of ``values`` are the ``count`` highest; of equals those that come first."""
    best = np.zeros(values.size, bool)
    best[np.argsort(-values, kind="stable")[:count]] = True
    return best


def _fullest(area: np.ndarray) -> float:
    return float(np.median(np.sort(area)[-_FULLEST:]))
