"""How much a vessel enhances that fills its voxels, read from the middle of the large veins."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from .features import CurveFeatures

_LATER, _FRAME_SHARE, _LATEST = 2.0, 0.2, 15.0  # s and share of the frame spacing by which veins follow arteries
_LEAST_AREA = 0.4  # of the level of the vessels
_NEIGHBOUR_DISTANCE = 1.8  # voxels: the 26 around a voxel
_INNER = 95  # percentile of the number of neighbours from which a voxel is in the middle of its vein
_FEWEST_NEIGHBOURS = 6  # of an inner voxel
_FEWEST_INNER = 5
_MOST_SPREAD = 0.2  # relative, of the areas of inner voxels


@dataclass(frozen=True)
class Veins:
    """The middle of the large veins.

    Attributes:
        area: median area under the curve of the inner voxels, mM·s; that of undiluted blood.
        voxels: how many there are.
    """

    area: float
    voxels: int


def find_veins(
    features: CurveFeatures, index: np.ndarray, vessels: np.ndarray, artery_time: float, level: float, spacing: float
) -> Veins | None:
    """The inner voxels of the veins, or None when no vein is thick enough or they do not agree.

    All blood of a visit has the same area under its concentration curve, but only a vessel wider than a voxel shows
    it; the venous sinuses are, most arteries of the brain are not.

    Args:
        features: of the candidates.
        index: their (k, j, i), shaped (n, 3).
        vessels: which of them may be vessels, bool shaped (n,).
        artery_time: seconds, half rise of the arteries.
        level: mM·s, area that large vessels have at least nearly.
        spacing: seconds between frames.
    """
    after = features.half_rise - artery_time
    late = vessels & (after > max(_LATER, _FRAME_SHARE * spacing)) & (after < _LATEST + spacing)
    veins = np.flatnonzero(late & (features.area > _LEAST_AREA * level))
    if veins.size < _FEWEST_INNER:
        return None
    pairs = cKDTree(index[veins]).query_pairs(_NEIGHBOUR_DISTANCE, output_type="ndarray")
    neighbours = np.bincount(pairs.ravel(), minlength=veins.size)
    inner = features.area[veins[neighbours >= max(np.percentile(neighbours, _INNER), _FEWEST_NEIGHBOURS)]]
    if inner.size < _FEWEST_INNER or inner.std() > _MOST_SPREAD * inner.mean():
        return None
    return Veins(float(np.median(inner)), int(inner.size))
