"""Shapes with soft borders, painted one over the other into tissue fractions."""

import numpy as np

BENT = 8.0
"""Millimetres by which the coordinates may deviate from their values along the first edges of the grid."""

FAR = 100.0
"""Millimetres of depth that stand for far outside of a shape."""


class Canvas:
    """Tissue fractions that are painted from the outside of the head inwards; each layer covers those before it.

    Attributes:
        x, y, z: MNI (RAS) millimetres of every voxel, float32 [k, j, i].
        fractions: what was painted, by tissue name; "air" where nothing is left.
        softness: millimetres over which a border passes from 0 to 1.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, z: np.ndarray, softness: float):
        self.x, self.y, self.z, self.softness = x, y, z, np.float32(softness)
        self.fractions: dict[str, np.ndarray] = {}

    def cover(self, depth: np.ndarray) -> np.ndarray:
        """The share of each voxel inside a surface, of the depth below it in millimetres (negative outside)."""
        return np.clip(depth / self.softness + np.float32(0.5), 0, 1)

    def paint(self, name: str, share: np.ndarray) -> None:
        """Put a tissue over everything painted so far; "air" only takes away."""
        self.paint_mixture({} if name == "air" else {name: 1.0}, share)

    def paint_mixture(self, parts: dict[str, np.ndarray | float], share: np.ndarray) -> None:
        """Put several tissues, whose ``parts`` of the whole sum to 1, over everything painted so far."""
        touched = np.flatnonzero(share)
        share = share.ravel()[touched]
        for fraction in self.fractions.values():
            fraction.ravel()[touched] *= 1 - share
        for name, part in parts.items():
            target = self.fractions.setdefault(name, np.zeros(self.x.shape, np.float32))
            target.ravel()[touched] += share * (part.ravel()[touched] if np.ndim(part) else part)

    def ellipsoid(self, centre, radii, paired: bool = False) -> np.ndarray:
        """Depth (millimetres, approximate) below the surface of an ellipsoid, or of it and its mirror image."""
        depth = np.full(self.x.shape, -FAR, np.float32)
        for side in (1, -1) if paired else (1,):
            middle = np.array(centre) * (side, 1, 1)
            reach = np.array(radii) * 1.5 + 10
            box = self.box(middle - reach, middle + reach)
            axes = zip((self.x, self.y, self.z), middle, radii, strict=True)
            relative = sum(((axis[box] - np.float32(c)) / np.float32(r)) ** 2 for axis, c, r in axes)
            depth[box] = np.maximum(depth[box], (1 - np.sqrt(relative)) * np.float32(min(radii)))
        return depth

    def box(self, low: np.ndarray, high: np.ndarray) -> tuple[slice, slice, slice]:
        """The slices [k, j, i] that hold every voxel between two MNI corners, and some more."""
        sides = []
        for axis, a, b in zip((self.z[:, 0, 0], self.y[0, :, 0], self.x[0, 0]), low[::-1], high[::-1], strict=True):
            found = np.flatnonzero((axis > a - BENT) & (axis < b + BENT))
            sides.append(slice(found[0], found[-1] + 1) if len(found) else slice(0, 0))
        return tuple(sides)


def joined(first: np.ndarray, second: np.ndarray, blend: float) -> np.ndarray:
    """The union of two depths with a fillet of about ``blend`` millimetres."""
    near = np.clip(blend - np.abs(first - second), 0, None)
    return np.maximum(first, second) + near**2 / np.float32(4 * blend)


def bump(*terms: tuple[np.ndarray, float, float]) -> np.ndarray:
    """A Gaussian hill of height 1, as (axis, centre, standard deviation) along each axis."""
    return np.exp(-0.5 * sum(((axis - np.float32(centre)) / np.float32(width)) ** 2 for axis, centre, width in terms))
