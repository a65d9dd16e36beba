"""Arteries and venous sinuses of the digital head: tubes along centrelines in MNI space."""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.spatial import cKDTree


@dataclass(frozen=True)
class Vessel:
    """A tube.

    Attributes:
        name: what it is.
        tissue: "artery" or "sinus".
        points: centreline, MNI (RAS) millimetres, shaped (n, 3); a smooth curve is laid through them.
        diameter: millimetres at the first and the last point, linear between.
        paired: whether its mirror image exists on the other side.
    """

    name: str
    tissue: str
    points: tuple[tuple[float, float, float], ...]
    diameter: tuple[float, float]
    paired: bool = True

    def centreline(self, step: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
        """Positions (n, 3) about ``step`` millimetres apart and the radius (n,) at each."""
        points = np.asarray(self.points, float)
        along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
        fine = np.linspace(0, along[-1], max(2, int(along[-1] / step)))
        curve = make_interp_spline(along, points, k=min(3, len(points) - 1))(fine)
        return curve, 0.5 * np.interp(fine, [0, along[-1]], self.diameter)


VESSELS = (
    Vessel(
        "internal carotid",
        "artery",
        (
            (27, -24, -110),
            (25, -22, -80),
            (24, -20, -58),
            (24, -16, -50),
            (17, -10, -40),
            (13, -3, -34),
            (12, 6, -29),
            (14, 7, -22),
            (13, 0, -20),
            (14, 0, -14),
        ),
        (5.5, 4.5),
    ),
    Vessel(
        "middle cerebral",
        "artery",
        ((14, 0, -14), (22, 2, -15), (31, 4, -15), (38, 2, -10), (42, -6, -2), (44, -18, 6), (46, -30, 14)),
        (4.2, 3.0),
    ),
    Vessel(
        "middle cerebral, upper division",
        "artery",
        ((33, 4, -14), (40, 8, -6), (43, 10, 4), (46, 8, 14), (51, 4, 24)),
        (3.4, 2.6),
    ),
    Vessel("anterior cerebral", "artery", ((14, 0, -14), (8, 8, -14), (2.5, 14, -12)), (3.2, 3.0)),
    Vessel(
        "anterior cerebral, distal",
        "artery",
        ((0, 14, -12), (0, 28, -8), (0, 40, 4), (0, 38, 18), (0, 24, 28), (0, 4, 34), (0, -18, 38)),
        (3.6, 2.6),
        paired=False,
    ),
    Vessel(
        "basilar",
        "artery",
        ((0, -31, -56), (0, -25, -48), (0, -18, -38), (0, -14, -28), (0, -14, -18)),
        (4.4, 3.8),
        paired=False,
    ),
    Vessel(
        "vertebral",
        "artery",
        ((22, -52, -110), (20, -56, -92), (16, -52, -76), (8, -40, -64), (0, -31, -56)),
        (4.2, 3.6),
    ),
    Vessel(
        "posterior cerebral",
        "artery",
        ((0, -14, -18), (8, -18, -17), (18, -26, -12), (22, -38, -6), (17, -56, 2), (13, -72, 6)),
        (3.4, 2.6),
    ),
)
"""Arteries; the sinuses follow the surface of the brain and are laid by ``sinuses``."""


def inside(vessels: tuple[Vessel, ...], points: np.ndarray, softness: float) -> np.ndarray:
    """How far points (n, 3), MNI millimetres, lie inside the tubes: 1 inside, 0 outside, linear over ``softness``
    millimetres across the wall; float32, shaped (n,)."""
    result = np.zeros(len(points), np.float32)
    for vessel in vessels:
        curve, radius = vessel.centreline()
        for sign in (1, -1) if vessel.paired else (1,):
            mirrored = curve * (sign, 1, 1)
            reach = radius.max() + softness
            near = np.flatnonzero(
                np.all((points > mirrored.min(axis=0) - reach) & (points < mirrored.max(axis=0) + reach), axis=1)
            )
            distance, index = cKDTree(mirrored).query(points[near], distance_upper_bound=reach)
            hit = np.isfinite(distance)
            occupied = np.clip((radius[index[hit]] - distance[hit]) / softness + 0.5, 0, 1)
            result[near[hit]] = np.maximum(result[near[hit]], occupied)
    return result
