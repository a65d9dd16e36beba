"""How much a vessel enhances that fills its voxels, read from the middle of the large veins."""

from dataclasses import dataclass

import numpy as np

from .features import CurveFeatures

_LATER, _FRAME_SHARE, _LATEST = 2.0, 0.2, 15.0  # s and share of the frame spacing by which veins follow arteries
_LEVEL_RANK = 10  # the tenth largest area sets the level
_LEAST_AREA = 0.4  # of the level of the vessels
_INNER = 95  # percentile of the number of neighbours alike from which a voxel is in the middle of its vein
_FEWEST_NEIGHBOURS = 6  # alike, of an inner voxel
_FEWEST_INNER = 5
_MOST_SPREAD = 0.2  # relative, of the areas of inner voxels


@dataclass(frozen=True)
class Veins:
    """The middle of the large veins.

    Attributes:
        area: upper quartile of the area under the curve of the inner voxels, mM·s; that of undiluted blood, as what is
            mixed in lowers it.
        voxels: how many there are.
    """

    area: float
    voxels: int


def vessel_level(area: np.ndarray, alike: np.ndarray) -> float:
    """The area, mM·s, that the voxels of large vessels have nearly at least.

    Voxels amid others like them set it, where there are some: a wrong T10 or motion makes single voxels enhance more
    than blood does, but not many together alike.

    Args:
        area: of the voxels that may be vessels, shaped (n,); at least one.
        alike: how many neighbours of each have an area like its own.
    """
    amid = area[alike >= _FEWEST_NEIGHBOURS]
    values = amid if amid.size >= 2 * _LEVEL_RANK else area
    return float(np.sort(values)[-min(_LEVEL_RANK, values.size)])


def find_veins(
    features: CurveFeatures, alike: np.ndarray, vessels: np.ndarray, artery_time: float, level: float, spacing: float
) -> Veins | None:
    """The inner voxels of the veins, or None when no vein is thick enough or they do not agree.

    All blood of a visit has the same area under its concentration curve, but only a vessel wider than a voxel shows
    it; the venous sinuses are, most arteries of the brain are not.

    Args:
        features: of the candidates.
        alike: how many neighbours of each have an area like its own, shaped (n,).
        vessels: which of them may be vessels, bool shaped (n,).
        artery_time: seconds, half rise of the arteries.
        level: mM·s, from ``vessel_level``.
        spacing: seconds between frames.
    """
    after = features.half_rise - artery_time
    late = vessels & (after > max(_LATER, _FRAME_SHARE * spacing)) & (after < _LATEST + spacing)
    veins = np.flatnonzero(late & (features.area > _LEAST_AREA * level))
    if veins.size < _FEWEST_INNER:
        return None
    inner = features.area[veins[alike[veins] >= max(np.percentile(alike[veins], _INNER), _FEWEST_NEIGHBOURS)]]
    if inner.size < _FEWEST_INNER or inner.std() > _MOST_SPREAD * inner.mean():
        return None
    return Veins(float(np.percentile(inner, 75)), int(inner.size))
