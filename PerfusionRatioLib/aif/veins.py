"""How much a vessel enhances that fills its voxels, read from the middle of the large veins."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import trim_mean

from .features import CurveFeatures
from .neighbours import Neighbours

_LATER, _FRAME_SHARE, _LATEST = 1.0, 0.1, 15.0  # s and share of the frame spacing by which veins follow arteries
_LEVEL_RANK = 10  # the tenth largest area sets the level
_LEAST_AREA = 0.4  # of the level of the vessels
_AMID = 6  # neighbours alike of a voxel that is amid others like it
# Of the 26 neighbours of an inner voxel so many are vein too, two more than on a flat face: what such voxels lack and
# what interpolation after motion adds in the middle are each some 2% and the wrong way round.
_INNER = 19
_INNERMOST = 22  # as many where the shape of the curve counts, which the tissue in a voxel changes more than its area
_FEWEST_NEIGHBOURS = 6  # of them where no vein is that thick
_ENOUGH_INNER, _FEWEST_INNER = 15, 5
_TRIMMED = 0.2  # of the inner voxels, at each end of every frame
_MOST_UNCERTAIN = 0.1  # relative, standard error of the area


@dataclass(frozen=True)
class Veins:
    """The middle of the large veins.

    Attributes:
        curve: mM, shaped (t,): the mean of the inner voxels, without a fifth of them at each end of every frame.
        area: mM·s, of undiluted blood: the mean of their areas in the same way.
        voxels: how many there are.
        innermost: mM, shaped (t,): as ``curve``, of those that lie so far inside that hardly any tissue is in them.
    """

    curve: np.ndarray
    area: float
    voxels: int
    innermost: np.ndarray


def vessel_level(area: np.ndarray, alike: np.ndarray) -> float:
    """The area, mM·s, that the voxels of large vessels have nearly at least.

    Voxels amid others like them set it, where there are some: a wrong T10 or motion makes single voxels enhance more
    than blood does, but not many together alike.

    Args:
        area: of the voxels that may be vessels, shaped (n,); at least one.
        alike: how many neighbours of each have an area like its own.
    """
    amid = area[alike >= _AMID]
    values = amid if amid.size >= 2 * _LEVEL_RANK else area
    return float(np.sort(values)[-min(_LEVEL_RANK, values.size)])


def find_veins(
    curves: np.ndarray,
    features: CurveFeatures,
    index: np.ndarray,
    vessels: np.ndarray,
    artery_time: float,
    level: float,
    spacing: float,
) -> Veins | None:
    """The inner voxels of the veins, or None when no vein is thick enough or they do not agree.

    All blood of a visit has the same area under its concentration curve, but only a vessel wider than a voxel shows
    it; the venous sinuses are, most arteries of the brain are not. Which voxels are inner ones is told from where they
    lie alone: to choose them by their area would prefer the errors of T10 that agree.

    Args:
        curves: of the candidates, mM, shaped (t, n).
        features: of the same.
        index: their (k, j, i), shaped (n, 3).
        vessels: which of them may be vessels, bool shaped (n,).
        artery_time: seconds, half rise of the arteries.
        level: mM·s, from ``vessel_level``.
        spacing: seconds between frames.
    """
    after = features.half_rise - artery_time
    late = vessels & (after > max(_LATER, _FRAME_SHARE * spacing)) & (after < _LATEST + spacing)
    veins = late & (features.area > _LEAST_AREA * level)
    if veins.sum() < _FEWEST_INNER:
        return None
    around = np.where(veins, Neighbours(index, veins).count(), 0)
    inner = _within(around, _INNER)
    areas = features.area[inner]
    if areas.size < _FEWEST_INNER or areas.std() > _MOST_UNCERTAIN * np.sqrt(areas.size) * areas.mean():
        return None
    curve, innermost = (trim_mean(curves[:, of], _TRIMMED, axis=1) for of in (inner, _within(around, _INNERMOST)))
    return Veins(curve, float(trim_mean(areas, _TRIMMED)), int(areas.size), innermost)


def _within(around: np.ndarray, neighbours: int) -> np.ndarray:
    """Which voxels have so many ``neighbours`` that are vein too, or nearly, so that there are enough of them."""
    fewest = min(neighbours, np.sort(around)[-min(_ENOUGH_INNER, around.size)])
    return around >= max(fewest, _FEWEST_NEIGHBOURS)
