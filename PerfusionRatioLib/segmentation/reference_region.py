"""The reference a lesion is compared with: normal-appearing white matter where its mirror image would be."""

from dataclasses import dataclass, replace

import numpy as np

from ..alignment.carrying import carried_fraction
from ..brain.coarse_brain import coarse_brain
from ..errors import InputError, NoAnswerError
from ..progress import Progress, advance
from ..rigid import Rigid
from ..series import Grid, Volume
from .midsagittal import MidsagittalPlane, find_midsagittal_plane
from .reference_candidates import Candidates
from .white_matter import WhiteMatter, learn_white_matter

LEAST_ML = 1.0
"""Millilitres; a smaller reference is refused."""
CROSSES = 0.05
"""Share of a lesion beyond the middle of the brain from which it counts as lying on both sides."""
PURE, NEARLY_PURE = 0.95, 0.75
"""Share of a voxel of the series that must lie in the reference, and when that leaves too few voxels."""
FEW_VOXELS = 30

_WHAT_TO_DO = "give the reference by a mask, or a centre for it"


@dataclass(frozen=True)
class ReferenceRegion:
    """A region of normal-appearing white matter.

    Attributes:
        grid: the voxels.
        mask: bool [k, j, i] on ``grid``.
        centre: its centre of mass, LPS, shaped (3,).
        origin: "mirrored" (from the lesion), "moved" (around a centre given) or "given" (a mask).
        notes: sentences on what was unusual.
    """

    grid: Grid
    mask: np.ndarray
    centre: np.ndarray
    origin: str
    notes: tuple[str, ...] = ()

    @property
    def millilitres(self) -> float:
        """Its volume."""
        return float(np.count_nonzero(self.mask) * self.grid.voxel_volume / 1000)


def find_reference(
    image: Volume,
    lesion: np.ndarray,
    others: np.ndarray | None = None,
    *,
    brain: np.ndarray | None = None,
    white: WhiteMatter | None = None,
    plane: MidsagittalPlane | None = None,
    centre: np.ndarray | None = None,
    within: np.ndarray | None = None,
    volume_ml: float = 25.0,
    margin_mm: float = 10.0,
    progress: Progress | None = None,
) -> ReferenceRegion:
    """Normal-appearing white matter on the other side of the brain, nearest to where the lesion's mirror image lies.

    White matter is told by its brightness (``learn_white_matter``) and taken from its inside; whatever is nearer than
    ``margin_mm`` to a lesion, near a vessel, near the surface of the brain, or near its middle is left out. Of what
    remains, the region is a ball around the place that is richest in white matter for its distance from the mirror
    image of the lesion's centre, grown until it holds ``volume_ml``. When the lesion lies on both sides, or its mirror
    image meets a lesion, the side that holds less of all lesions is taken and a note says so.

    Args:
        image: post-contrast T1-weighted, or the mean of the dynamic series.
        lesion: the lesion to be mirrored, bool [k, j, i].
        others: all other lesions, bool [k, j, i].
        brain: bool [k, j, i]; None: it is found.
        white: how bright white matter is in the image; None: it is learned.
        plane: the middle of the brain; None: it is found when needed.
        centre: LPS; the region is grown there instead, by the same rules, whatever the side.
        within: bool [k, j, i] of where the region may lie, such as the field of view of the series; None: anywhere.
        volume_ml: millilitres aimed at.
        margin_mm: millimetres kept from lesions.
        progress: reports, and can stop the work.

    Raises:
        InputError: a mask that is not on the image's grid, an empty lesion, a size that is not positive.
        NoAnswerError: no brain, no symmetry, or less than a millilitre of white matter that may be taken.
        Cancelled: ``progress`` asked to stop.
    """
    _check(image, lesion=lesion, others=others, brain=brain, within=within)
    if not (volume_ml > 0 and margin_mm >= 0):
        raise InputError("A reference needs a positive volume, and a margin that is not negative.")
    if centre is None and not lesion.any():
        raise InputError("The lesion is empty, so it has no mirror image: outline it, or give a centre.")
    advance(progress, 0.0, "finding the reference")
    image = without_gaps(image)
    brain = coarse_brain(image) if brain is None else brain
    if brain is None or not brain.any():
        raise NoAnswerError(f"No brain was found in the image, so there is no reference: {_WHAT_TO_DO}.")
    lesions = lesion.astype(bool) if others is None else lesion.astype(bool) | others.astype(bool)
    white = white or learn_white_matter(image, brain, lesions)
    advance(progress, 0.3, "finding the reference")
    if centre is None:
        plane = plane or find_midsagittal_plane(image, brain)
        target, side, notes = _mirror_image(image.grid, lesion, lesions, plane, margin_mm)
        origin, where = "mirrored", "on the other side of the brain"
    else:
        target, side, notes, plane = np.asarray(centre, float), 0, (), None
        origin, where = "moved", "around the centre given"
    advance(progress, 0.6, "finding the reference")
    candidates = Candidates(image, brain, lesions, white, within, margin_mm)
    mask = candidates.grown(target, volume_ml, plane, side)
    found = _region(image.grid, mask, origin, notes)
    if found is None or found.millilitres < LEAST_ML:
        some = 0.0 if found is None else found.millilitres
        raise NoAnswerError(
            f"Only {some:.1f} ml of normal-appearing white matter were found {where}, away from lesions and vessels; "
            f"{LEAST_ML:g} ml are needed: {_WHAT_TO_DO}."
        )
    advance(progress, 1.0, "finding the reference")
    if found.millilitres < 0.9 * volume_ml:
        short = f"The reference holds {found.millilitres:.1f} ml; {volume_ml:g} ml of white matter were not found."
        found = replace(found, notes=(*found.notes, short))
    return found


def without_gaps(image: Volume) -> Volume:
    """The image with nothing where it is not a number."""
    return replace(image, array=np.nan_to_num(np.asarray(image.array, np.float32), posinf=0.0))


def given_reference(mask: np.ndarray, grid: Grid) -> ReferenceRegion:
    """A reference that the user has outlined.

    Raises:
        InputError: ``mask`` is not on ``grid``, or empty.
    """
    if mask.shape != grid.shape:
        raise InputError(f"The reference is shaped {mask.shape} but its image {grid.shape}: give one on the same grid.")
    region = _region(grid, mask.astype(bool), "given", ())
    if region is None:
        raise InputError("The reference given is empty: outline normal brain, or let it be found.")
    return region


def reference_on_dce(
    reference: ReferenceRegion, onto: Grid, transform: Rigid | None = None, vessels: np.ndarray | None = None
) -> ReferenceRegion:
    """The reference on the grid of the dynamic series: the voxels that lie in it (nearly) as a whole.

    Args:
        reference: on the grid of another image.
        onto: of the series.
        transform: takes LPS positions of the series to those of the other image; None: they agree.
        vessels: bool [k, j, i] on ``onto``: voxels that are never taken.

    Raises:
        InputError: ``vessels`` is not on ``onto``.
        NoAnswerError: no voxel is left.
    """
    if vessels is not None and vessels.shape != onto.shape:
        raise InputError(f"The mask of vessels is shaped {vessels.shape} but the series {onto.shape}; both must agree.")
    share = carried_fraction(reference.mask, reference.grid, onto, transform)
    if vessels is not None:
        share[vessels.astype(bool)] = 0
    mask, notes = share >= PURE, reference.notes
    if np.count_nonzero(mask) < FEW_VOXELS:
        few = np.count_nonzero(mask)
        mask = share >= NEARLY_PURE
        notes = (
            *notes,
            f"Only {few} voxels of the series lie wholly in the reference, so those that lie in it by "
            f"{100 * NEARLY_PURE:.0f}% were taken: {np.count_nonzero(mask)}.",
        )
    region = _region(onto, mask, reference.origin, notes)
    if region is not None:
        return region
    if reference.origin == "given":
        raise NoAnswerError(
            f"The reference given fills no voxel of the series by {NEARLY_PURE:.0%}, away from lesions and vessels: "
            "draw it larger, over several slices of the T1, within the field of view of the series."
        )
    raise NoAnswerError(
        f"No voxel of the series lies within the reference, which may be out of its field of view: {_WHAT_TO_DO}."
    )


def _check(image: Volume, **masks: np.ndarray | None) -> None:
    for name, mask in masks.items():
        if mask is not None and mask.shape != image.grid.shape:
            raise InputError(
                f"The mask '{name}' is shaped {mask.shape} but the image {image.grid.shape}: give one on the same grid."
            )


def _region(grid: Grid, mask: np.ndarray, origin: str, notes: tuple[str, ...]) -> ReferenceRegion | None:
    voxels = np.argwhere(mask)
    return (
        ReferenceRegion(grid, mask, grid.positions(voxels.mean(axis=0)[::-1]), origin, notes) if len(voxels) else None
    )


def _mirror_image(
    grid: Grid, lesion: np.ndarray, lesions: np.ndarray, plane: MidsagittalPlane, margin: float
) -> tuple[np.ndarray, int, tuple[str, ...]]:
    """Where the reference is wanted, on which side of the plane (1: left), and why not opposite if it is not."""
    positions = grid.positions(np.argwhere(lesion)[:, ::-1])
    middle = positions.mean(axis=0)
    away = -1 if plane.distance(middle) > 0 else 1
    beyond = np.mean(plane.distance(positions) * away > 0)
    all_positions = grid.positions(np.argwhere(lesions)[:, ::-1])
    mirror = plane.mirrored(middle)
    meets = beyond <= CROSSES and bool(
        np.any(np.linalg.norm(all_positions[plane.distance(all_positions) * away > 0] - mirror, axis=-1) < margin)
    )
    if beyond <= CROSSES and not meets:
        return mirror, away, ()
    left = np.mean(plane.distance(all_positions) > 0)
    side = -1 if left > 0.5 else 1
    why = "its mirror image meets a lesion" if meets else "the lesion lies on both sides of the brain"
    name = "left" if side > 0 else "right"
    note = f"The reference was taken from the {name} side, which holds less of all lesions, because {why}."
    return (mirror if side == away else middle), side, (note,)
