"""The plane between the halves of the brain."""

from dataclasses import dataclass, replace

import numpy as np

from ..alignment.gauss_newton import Alignment, Level, Smoothed, Template, align
from ..alignment.resampling import filled
from ..brain.coarse_brain import coarse_brain
from ..brain.shrink import shrink
from ..errors import InputError, NoAnswerError
from ..rigid import Rigid
from ..series import Volume

LEVELS = (Level(voxel=4.0, blur=6.0, points=4000, block=40.0), Level(voxel=4.0, blur=3.0, points=8000, block=30.0))
TURNS = (-14.0, -7.0, 0.0, 7.0, 14.0)
"""Degrees by which the normal is turned, towards back and top each, to begin with."""
FOLLOWED = 2
"""How many of these are followed up."""
UNLIKE = 0.45
"""Quality below which the halves are not each other's mirror image."""
MIRROR = np.diag([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class MidsagittalPlane:
    """The plane about which the brain is most nearly its own mirror image.

    Attributes:
        point: a point on it, in the middle of the brain, LPS, shaped (3,).
        normal: unit vector, LPS, shaped (3,); it points to the left.
        quality: share, from 0 to 1, of the image's variation within blocks of 30 mm that its mirror image explains.
    """

    point: np.ndarray
    normal: np.ndarray
    quality: float

    def distance(self, positions: np.ndarray) -> np.ndarray:
        """Millimetres from the plane to LPS positions (..., 3), positive on the left."""
        return (np.asarray(positions, float) - self.point) @ self.normal

    def mirrored(self, positions: np.ndarray) -> np.ndarray:
        """The mirror images of LPS positions (..., 3)."""
        return np.asarray(positions, float) - 2 * self.distance(positions)[..., None] * self.normal


def find_midsagittal_plane(image: Volume, brain: np.ndarray | None = None) -> MidsagittalPlane:
    """The mid-sagittal plane of a head that lies in the scanner to within about 20 degrees of straight.

    The image is aligned with its own mirror image by robust Gauss-Newton with a contrast that is free from block to
    block (``gauss_newton.align``), from the best of several starts: neither an uneven coil nor a large lesion of one
    side draws it. The rigid transform found and the mirror make a reflection, whose plane is the answer.

    Args:
        image: T1-weighted, of a whole head or a slab; NaN is harmless.
        brain: bool [k, j, i]; None: it is found.

    Raises:
        InputError: ``brain`` is not on the image's grid.
        NoAnswerError: no brain, or one without symmetry.
    """
    if brain is not None and brain.shape != image.grid.shape:
        raise InputError(f"The brain mask is shaped {brain.shape} but its image {image.grid.shape}; both must agree.")
    known = np.isfinite(image.array)
    whole = Volume(image.array if known.all() else filled(image.array, known), image.grid)
    brain = coarse_brain(whole) if brain is None else brain
    if brain is None or not brain.any():
        raise NoAnswerError("No brain was found in the image, so its middle is unknown: give a mask of the brain.")
    views = [_View.of(whole, brain, level) for level in LEVELS]
    if None in views:
        raise NoAnswerError("The brain shows too little for its middle to be found: give the reference by a mask.")
    coarse, fine = views
    starts = [_across(one, coarse.template.centre) for one in _normals()]
    ranked = sorted(range(len(starts)), key=lambda n: -coarse.aligned(starts[n], iterations=0).likeness)
    found = [coarse.aligned(starts[n]) for n in ranked[:FOLLOWED]]
    best = max(found, key=lambda one: (one.settled, one.likeness))
    final = fine.aligned(best.transform)
    if not final.settled or final.likeness < UNLIKE:
        raise NoAnswerError(
            "The halves of the brain are not each other's mirror image, so its middle was not found: "
            "give the reference by a mask or a centre."
        )
    return _plane(final.transform, fine.template.centre, final.likeness)


@dataclass(frozen=True)
class _View:
    """An image at one level and its mirror image about the scanner's sagittal plane at 0."""

    template: Template
    mirrored: Smoothed

    @staticmethod
    def of(image: Volume, brain: np.ndarray, level: Level) -> "_View | None":
        smoothed = Smoothed.of(image.array, image.grid, level)
        inside = shrink(brain.astype(np.float32), image.grid, level.voxel)[0] > 0.5
        template = Template.of(smoothed, inside, level, np.eye(6))
        if template is None:
            return None
        turned = MIRROR @ np.reshape(smoothed.grid.direction, (3, 3))
        origin = tuple(MIRROR @ smoothed.grid.origin)
        grid = replace(smoothed.grid, origin=origin, direction=tuple(turned.ravel()))
        return _View(template, replace(smoothed, grid=grid))

    def aligned(self, start: Rigid, **how) -> Alignment:
        return align(self.mirrored, self.template, start.about(self.template.centre), **how)


def _normals() -> list[np.ndarray]:
    normals = [np.array([1.0, np.tan(np.deg2rad(a)), np.tan(np.deg2rad(b))]) for a in TURNS for b in TURNS]
    return [normal / np.linalg.norm(normal) for normal in normals]


def _across(normal: np.ndarray, point: np.ndarray) -> Rigid:
    """The transform that, followed by the mirror at 0, reflects about a plane."""
    return Rigid(MIRROR @ (np.eye(3) - 2 * np.outer(normal, normal)), MIRROR @ point - point, point)


def _plane(transform: Rigid, centre: np.ndarray, quality: float) -> MidsagittalPlane:
    reflection = MIRROR @ transform.rotation
    normal = np.linalg.eigh(reflection + reflection.T)[1][:, 0]  # the direction that is turned round
    normal = normal * np.sign(normal[0])
    return MidsagittalPlane((centre + MIRROR @ transform.moved(centre)) / 2, normal, quality)
