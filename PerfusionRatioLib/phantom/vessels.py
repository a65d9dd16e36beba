"""Arteries and venous sinuses of the digital head: tubes along centrelines in MNI space."""

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import make_interp_spline
from scipy.spatial import cKDTree

from .soft_shapes import Canvas


@dataclass(frozen=True)
class Vessel:
    """A tube.

    Attributes:
        name: what it is.
        points: where a smooth centreline passes, MNI (RAS) millimetres.
        diameter: millimetres at the first and the last point, linear between.
        paired: whether its mirror image exists on the other side.
    """

    name: str
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


# fmt: off
ARTERIES = (
    Vessel("internal carotid",
           ((27, -24, -110), (26, -22, -80), (25, -20, -60), (24, -18, -50), (20, -12, -45), (15, -3, -42),
            (12.5, 3, -37), (12.5, 6, -30), (13, 7, -23), (13.5, 3, -18), (14, 0, -14)), (6.0, 5.2)),
    Vessel("middle cerebral",
           ((14, 0, -14), (22, 2, -16), (31, 4, -16), (38, 2, -10), (41, -6, -2), (42, -18, 7), (45, -30, 15)),
           (4.6, 3.0)),
    Vessel("middle cerebral, upper division",
           ((33, 4, -15), (39, 9, -7), (42, 11, 3), (45, 8, 13), (50, 4, 23)), (3.8, 2.6)),
    Vessel("anterior cerebral, horizontal", ((14, 0, -14), (8, 8, -14), (2, 14, -12)), (3.4, 3.2)),
    Vessel("anterior cerebral",
           ((0, 14, -12), (0, 28, -8), (0, 39, 4), (0, 36, 18), (0, 24, 27), (0, 4, 33), (0, -18, 38)), (4.0, 2.6),
           paired=False),
    Vessel("vertebral", ((22, -52, -110), (20, -56, -92), (16, -52, -76), (8, -40, -64), (0, -31, -56)), (4.4, 3.8)),
    Vessel("basilar", ((0, -31, -56), (0, -25, -48), (0, -18, -38), (0, -13, -28), (0, -13, -18)), (4.8, 4.2),
           paired=False),
    Vessel("posterior cerebral",
           ((0, -13, -18), (8, -18, -17), (18, -26, -12), (22, -38, -6), (17, -56, 2), (13, -72, 6)), (3.6, 2.6)),
)
SINUSES = (
    Vessel("superior sagittal",
           ((0, 65, 29), (0, 55, 45), (0, 41, 57), (0, 26, 66), (0, 11, 72), (0, -5, 76), (0, -20, 79), (0, -37, 79),
            (0, -53, 74), (0, -68, 65), (0, -81, 53), (0, -91, 38), (0, -99, 22), (0, -102, 4), (0, -96, -15)),
           (4.0, 9.5), paired=False),
    Vessel("straight", ((0, -42, 4), (0, -52, 2), (0, -68, -4), (0, -84, -10), (0, -96, -15)), (4.0, 5.0),
           paired=False),
    Vessel("transverse, sigmoid and jugular",
           ((0, -95, -16), (14, -97, -18), (27, -96, -20), (40, -89, -21.5), (50, -79, -23), (57, -66, -26),
            (58, -55, -33), (53, -45, -43), (44, -41, -53), (31, -38, -62), (28, -30, -78), (28, -26, -110)),
           (8.5, 7.5)),
)
# fmt: on


def inside(vessels: tuple[Vessel, ...], canvas: Canvas) -> np.ndarray:
    """How much of each voxel lies inside the tubes, float32 [k, j, i]."""
    result = np.zeros(canvas.x.shape, np.float32)
    for vessel in vessels:
        curve, radius = vessel.centreline()
        reach = radius.max() + canvas.softness
        for side in (1, -1) if vessel.paired else (1,):
            mirrored = curve * (side, 1, 1)
            box = canvas.box(mirrored.min(axis=0) - reach, mirrored.max(axis=0) + reach)
            points = np.stack([canvas.x[box], canvas.y[box], canvas.z[box]], axis=-1)
            distance, index = cKDTree(mirrored).query(points, distance_upper_bound=reach)
            hit = np.isfinite(distance)
            occupied = canvas.cover(np.float32(radius[index[hit]] - distance[hit]))
            result[box][hit] = np.maximum(result[box][hit], occupied)
    return result
