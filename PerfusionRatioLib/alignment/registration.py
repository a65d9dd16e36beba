"""Rigid alignment of two images of one head: another contrast, another field of view, another visit."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from ..brain.coarse_brain import coarse_brain
from ..brain.shrink import shrink
from ..errors import InputError, NoAnswerError
from ..progress import Progress, advance
from ..rigid import Rigid
from ..series import Grid, Volume
from . import gauss_newton
from .coarse_search import find_roughly
from .gauss_newton import Level, Smoothed, Template
from .resampling import filled

VOXEL = 2.5
"""Millimetres; finer images are worked on in blocks up to this size."""
LEVELS = (Level(voxel=4.0, blur=6.0, points=4000, block=40.0), Level(VOXEL, blur=2.0, points=15000, block=16.0))
FEWEST_POINTS = 200
LIKE, UNLIKE = 0.7, 0.5
"""Quality from which images agree well, and below which they do not."""
STEADY, UNSTEADY = 1.0, 2.5
"""Millimetres by which a quarter of the brain may ask for another place when all is well, and by which it must not."""
STRIPPED = 6.0
"""Millimetres along the edge of what was cut away from an image that are not looked at: that edge is no anatomy."""
MIRROR = np.diag([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class Alignment:
    """Where the head of one image lies in another.

    Attributes:
        transform: takes LPS positions of the fixed image to those of the moving image (ITK's convention).
        quality: share, from 0 to 1, of the moving image's variation within blocks of 16 mm of the brain that the fixed
            image explains, whatever the contrast of either: a local correlation ratio. Noise lowers it; it has no unit
            and compares between runs.
        verdict: "good", "doubtful" or "poor".
        sentence: what the verdict rests on.
    """

    transform: Rigid
    quality: float
    verdict: str
    sentence: str


def align(
    fixed: Volume,
    moving: Volume,
    *,
    fixed_mask: np.ndarray | None = None,
    moving_mask: np.ndarray | None = None,
    start: Rigid | None = None,
    progress: Progress | None = None,
) -> Alignment:
    """The rigid transform that leads from ``fixed`` to ``moving``, with how far it can be trusted.

    Mutual information finds the neighbourhood from several starts (``find_roughly``); robust Gauss-Newton with a
    contrast that may change freely from block to block finds the place (``gauss_newton.align``), coarse then fine, at
    the edges that both images show in the brain. Two questions are then put to the result. Do the four quarters of
    the brain (left, right, front, back), each aligned by itself, ask for the same place, as those of one head do? Does
    the moving image, mirrored, fit better, as when one of both lies the wrong way round in its file? A poor result is
    told by ``verdict``; it is the same in every run.

    Args:
        fixed, moving: of any grid and T1-weighted contrast; NaN is harmless.
        fixed_mask, moving_mask: where to look, bool [k, j, i] on the grid of each; None: the brain of ``fixed`` (all of
            it where no brain is found), and all of ``moving``.
        start: where to begin; None: the scanner's coordinates and the centres of both heads.
        progress: reports, and can stop the work.

    Raises:
        InputError: a mask that is not on its image's grid.
        NoAnswerError: an image without any structure, or two that do not overlap.
        Cancelled: ``progress`` asked to stop.
    """
    advance(progress, 0.0, "aligning images")
    fixed, look = _complete(fixed, fixed_mask, "fixed")
    moving, seen = _complete(moving, moving_mask, "moving")
    if look is None:
        brain = coarse_brain(fixed)
        look = np.ones(fixed.grid.shape, bool) if brain is None else brain
    fixed, look = _cropped(fixed, look)
    if seen is None:
        seen = np.ones(moving.grid.shape, bool)
    advance(progress, 0.2, "aligning images")
    transform = find_roughly(fixed, moving, look, seen, start)
    advance(progress, 0.6, "aligning images")
    both = _overlap(look & ~_cut_edge(fixed), seen & ~_cut_edge(moving), fixed.grid, moving.grid, transform)
    coarse, fine = (_Pair.of(fixed, moving, level, both) for level in LEVELS)
    found = _placed(coarse, fine, transform)
    advance(progress, 0.75, "aligning images")
    mirrored = _placed(coarse.mirrored, fine.mirrored, _mirrored(found.transform)).likeness > found.likeness
    unrest = [fine.unrest(part, found.transform) for part in fine.quarters()] if found.settled else []
    advance(progress, 1.0, "aligning images")
    return Alignment(found.transform, max(found.likeness, 0.0), *_judged(found, unrest, mirrored))


@dataclass(frozen=True)
class _Pair:
    """Both images at one level; ``inside`` is where points of the fixed one may lie."""

    fixed: Smoothed
    moving: Smoothed
    level: Level
    inside: np.ndarray

    @staticmethod
    def of(fixed: Volume, moving: Volume, level: Level, inside: np.ndarray) -> "_Pair":
        first, second = (Smoothed.of(image.array, image.grid, level) for image in (fixed, moving))
        return _Pair(first, second, level, shrink(inside.astype(np.float32), fixed.grid, level.voxel)[0] > 0.5)

    @property
    def mirrored(self) -> "_Pair":
        """The same with left and right of the moving image exchanged about the scanner's origin."""
        grid = self.moving.grid
        turned = MIRROR @ np.reshape(grid.direction, (3, 3))
        there = replace(grid, origin=tuple(MIRROR @ grid.origin), direction=tuple(turned.ravel()))
        return replace(self, moving=replace(self.moving, grid=there))

    def template(self, inside: np.ndarray) -> Template | None:
        found = Template.of(self.fixed, inside, self.level, np.eye(6))
        return None if found is None or len(found.positions) < FEWEST_POINTS else found

    def aligned(self, start: Rigid) -> gauss_newton.Alignment:
        template = self.template(self.inside)
        if template is None:
            raise NoAnswerError(
                "The two images have too little in common to be aligned: check that both show the same head."
            )
        return gauss_newton.align(self.moving, template, start.about(template.centre))

    def quarters(self) -> list[np.ndarray]:
        """The left, right, front and back quarters of ``inside``."""
        x, y, _ = self.fixed.grid.positions(np.argwhere(self.inside)[:, ::-1]).T
        parts = []
        for side in (x < np.median(x), x >= np.median(x)):
            for end in (y < np.median(y), y >= np.median(y)):
                part = np.zeros_like(self.inside)
                part[self.inside] = side & end
                parts.append(part)
        return parts

    def unrest(self, part: np.ndarray, transform: Rigid) -> float:
        """Millimetres from where ``transform`` brings a part to where that part by itself fits best; infinite when it
        fits nowhere, not-a-number when it shows too little to say."""
        template = self.template(part)
        if template is None:
            return np.nan
        found = gauss_newton.align(self.moving, template, transform.about(template.centre))
        if not found.settled:
            return np.inf
        apart = found.transform.moved(template.positions) - transform.moved(template.positions)
        return float(np.linalg.norm(apart, axis=1).mean())


def _placed(coarse: _Pair, fine: _Pair, start: Rigid) -> gauss_newton.Alignment:
    """Where Gauss-Newton comes to rest on the fine level, by way of the coarse one when that comes to rest."""
    roughly = coarse.aligned(start)
    return fine.aligned(roughly.transform if roughly.settled else start)


def _mirrored(transform: Rigid) -> Rigid:
    """Where the head of a mirrored image lies if it is one whose sides are alike: mirrored about its own middle, then
    moved, then mirrored about the scanner's origin."""
    back = MIRROR @ (transform.centre + transform.translation)
    return Rigid(MIRROR @ transform.rotation @ MIRROR, back - transform.centre, transform.centre)


def _judged(found: gauss_newton.Alignment, of_quarters: list[float], mirrored: bool) -> tuple[str, str]:
    """The verdict and its grounds, with the unrest of each quarter of the brain."""
    if not found.settled:
        return "poor", "No place was found at which the two images fit: check that they show the same head."
    if mirrored:
        return "poor", (
            "The images fit better when one is mirrored: check that left and right are not exchanged in one, "
            "and that both show the same patient."
        )
    grounds = f"{100 * max(found.likeness, 0):.0f}% of the local variation of one image is explained by the other"
    told = [unrest for unrest in of_quarters if not np.isnan(unrest)]
    unrest = max(told, default=0.0)
    if not told:
        grounds += ", but no quarter of the brain shows enough to be checked by itself"
    elif np.isinf(unrest):
        grounds += ", but a quarter of the brain by itself fits nowhere"
    else:
        quarters = "each quarter of the brain"
        if len(told) < len(of_quarters):
            quarters += f" that shows enough ({len(told)} of {len(of_quarters)})"
        grounds += f", and {quarters} by itself fits best within {max(unrest, 0.1):.1f} mm of where the whole does"
    if found.likeness < UNLIKE or unrest > UNSTEADY:
        return "poor", f"The images do not fit: {grounds}; check that they show the same head of the same patient."
    if found.likeness < LIKE or unrest > STEADY or not told:
        return "doubtful", f"The images fit only in part: {grounds}; look at them laid over each other."
    return "good", f"The images fit: {grounds}."


def _complete(image: Volume, mask: np.ndarray | None, name: str) -> tuple[Volume, np.ndarray | None]:
    """The image without gaps in blocks of ``VOXEL``, and the mask of where to look on them."""
    array = np.asarray(image.array, np.float32)
    known = np.isfinite(array)
    small, grid = shrink(array if known.all() else filled(array, known), image.grid, VOXEL)
    if not small.max() > small.min():
        raise NoAnswerError(f"The {name} image has the same value everywhere, so nothing can be aligned with it.")
    if mask is None:
        return Volume(small, grid), None
    if mask.shape != image.grid.shape:
        raise InputError(
            f"The mask is shaped {mask.shape} but the {name} image {image.grid.shape}: give one on the same grid."
        )
    if not mask.any():
        raise InputError(f"The mask of the {name} image is empty: give one that holds the brain, or none.")
    return Volume(small, grid), shrink(mask.astype(np.float32), image.grid, VOXEL)[0] > 0.5


def _cropped(image: Volume, look: np.ndarray) -> tuple[Volume, np.ndarray]:
    """The box around where to look, with a margin for smoothing."""
    if not look.any():
        raise NoAnswerError("Nothing of the fixed image is left to be aligned with: check the image and the mask.")
    margin = [int(np.ceil(3 * LEVELS[0].blur / s)) for s in image.grid.spacing[::-1]]
    (box,) = ndimage.find_objects(look.astype(np.int8))
    box = tuple(slice(max(side.start - m, 0), side.stop + m) for side, m in zip(box, margin, strict=True))
    grid = replace(
        image.grid,
        size=look[box].shape[::-1],
        origin=tuple(image.grid.positions([side.start for side in box[::-1]])),
    )
    return Volume(image.array[box], grid), look[box]


def _cut_edge(image: Volume) -> np.ndarray:
    """What lies within ``STRIPPED`` of voxels that were set to zero, as around a brain without its skull."""
    cut = ndimage.binary_opening(image.array == 0)
    if not cut.any():
        return cut
    return ndimage.distance_transform_edt(~cut, sampling=image.grid.spacing[::-1]) < STRIPPED


def _overlap(look: np.ndarray, seen: np.ndarray, grid: Grid, onto: Grid, transform: Rigid) -> np.ndarray:
    """The part of ``look`` that ``transform`` brings into ``seen`` on ``onto``."""
    voxels = np.argwhere(look)
    reached = np.rint(onto.indices(transform.moved(grid.positions(voxels[:, ::-1])))).astype(int)
    inside = ((reached >= 0) & (reached < onto.size)).all(axis=1)
    i, j, k = reached[inside].T
    inside[inside] = seen[k, j, i]
    both = np.zeros_like(look)
    both[tuple(voxels[inside].T)] = True
    return both
