"""From one click to the entire enhancing lesion on a post-contrast T1-weighted image."""

from dataclasses import dataclass, replace

import numpy as np

from ..errors import InputError
from ..progress import Progress, advance
from ..series import Grid, Volume
from .lesion_amount import adjusted
from .lesion_border import Border, find_border
from .lesion_cyst import cyst_at, with_rim
from .lesion_region import Region, region_around, start_of
from .lesion_seeds import check_amount, check_inside, dim_seeds, not_enhancing, seed_voxels
from .lesion_shape import depth
from .lesion_surroundings import surroundings

HALVES = (30.0, 45.0, 65.0)
"""Millimetres around the seeds in which a lesion is looked for; the next when it fills the one before."""
THIN = 3.0
"""Millimetres inside a lesion up to which it may be a piece of a rim."""
FEW = 10
"""Voxels below which a lesion is too small to be measured well."""


@dataclass(frozen=True)
class LesionSegmentation:
    """An enhancing lesion.

    Attributes:
        grid: of the masks.
        mask: bool [k, j, i], the entire enhancing lesion, its necrotic core included.
        core: bool [k, j, i], the part of ``mask`` that does not enhance (necrotic or cystic); may be empty.
        notes: sentences on what is doubtful.
    """

    grid: Grid
    mask: np.ndarray
    core: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def enhancing(self) -> np.ndarray:
        """``mask`` without ``core``."""
        return self.mask & ~self.core


def segment_lesion(
    image: Volume,
    seeds: np.ndarray,
    *,
    background: np.ndarray | None = None,
    amount: float = 0.0,
    brain: np.ndarray | None = None,
    progress: Progress | None = None,
) -> LesionSegmentation:
    """The entire enhancing lesion in which the seeds lie; solid or with a rim, at a vessel or at the dura.

    The border is half way from the brightness of the surroundings to that of the lesion, both as they are near by and
    as the coil sees them (methods.md, "Lesion"). Every seed is inside.

    Args:
        image: T1-weighted, after contrast agent; thin or thick slices.
        seeds: LPS positions in millimetres, shaped (n, 3) or (3,), or a bool mask [k, j, i] (a scribble): on the
            enhancing part, or in a core that it encloses.
        background: the same, of what is not lesion; each hint takes away what lies on its side.
        amount: -1 (least) to 1 (most); 0 is the best guess, and more never holds fewer voxels.
        brain: bool [k, j, i], the inside of the skull; found when it is not given.
        progress: told how far it is.

    Raises:
        InputError: no seed; a seed outside the image or the brain, where the image has no value, in tissue that does
            not enhance, or that is also background; masks of another shape; an amount outside -1 to 1.
        Cancelled: when ``progress`` asks for it.
    """
    voxels, background = _checked(image, seeds, background, amount, brain)
    advance(progress, 0.0, "Looking for the brain")
    around = surroundings(image.array, image.grid, image.grid.positions(voxels[:, ::-1]), brain)
    check_inside(voxels, image, around)
    cyst_likely = False
    for step, half in enumerate(HALVES):
        advance(progress, 0.4 + 0.2 * step, "Segmenting the lesion")
        region = region_around(image.array, image.grid, voxels, around, half)
        border = _border(region, image.grid, np.asarray(seeds).dtype == bool, cyst_likely, last=half == HALVES[-1])
        if border is not None and not region.reaches_face(border.whole):
            break
        cyst_likely = cyst_likely or border is None
    inside = adjusted(region, border, float(amount), background[region.box])
    mask, core = np.zeros((2, *image.grid.shape), bool)
    mask[region.box], core[region.box] = inside, border.core & inside
    advance(progress, 1.0, "Segmenting the lesion")
    return LesionSegmentation(image.grid, mask, core, tuple(_notes(region, inside, around.found)))


def _checked(
    image: Volume, seeds: np.ndarray, background: np.ndarray | None, amount: float, brain: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """The voxels of the seeds (n, 3), and the background hints as a mask."""
    check_amount(amount)
    if brain is not None and np.shape(brain) != image.grid.shape:
        raise InputError(
            f"The mask of the brain is shaped {np.shape(brain)} but the image {image.grid.shape}; both must agree."
        )
    known = image.array[np.isfinite(image.array)]
    if not known.size or known.max() <= max(known.min(), 0):
        raise InputError("The image shows nothing: it has the same value everywhere, or none above zero.")
    voxels = seed_voxels(seeds, image, "seed")
    hints = np.zeros(image.grid.shape, bool)
    if background is not None and np.size(background) and (np.asarray(background).dtype != bool or background.any()):
        hints[tuple(seed_voxels(background, image, "background hint").T)] = True
    if hints[tuple(voxels.T)].any():
        raise InputError("A seed and a background hint are at the same place: take one of them away.")
    return voxels, hints


def _border(region: Region, grid: Grid, scribbled: bool, cyst_likely: bool, last: bool) -> Border | None:
    """The border of the lesion; None when a cyst that the seeds may mean goes on beyond the box, unless it is the last.

    A cyst is looked for where nothing, a piece of a rim, or too much was found.

    Raises:
        InputError: no seed enhances or is enclosed by what does; a point, or half of a scribble, lies beside it.
    """
    dim = dim_seeds(region)
    lit = replace(region, seeds=region.seeds & ~dim) if (region.seeds & ~dim).any() else region
    start = None if cyst_likely else start_of(lit)
    border = find_border(lit, start) if start is not None else None
    if border is None or _is_thin(border, region) or region.reaches_face(border.whole):
        dark = cyst_at(lit)
        if region.reaches_face(dark) and not last:
            return None
        cyst = with_rim(lit, dark)
        if cyst is not None:
            border = find_border(cyst.region, cyst.start)
        elif cyst_likely:
            start = start_of(lit)
            border = find_border(lit, start) if start is not None else None
    if border is None:
        raise not_enhancing(region, grid, lit.seeds)
    beside = dim & ~border.whole
    if beside.any() and (not scribbled or 2 * np.count_nonzero(beside) > np.count_nonzero(region.seeds)):
        raise not_enhancing(region, grid, beside)
    return border


def _is_thin(border: Border, region: Region) -> bool:
    """Whether all that was found may be a piece of the rim of a cyst."""
    return not border.core.any() and float(depth(border.whole, region.spacing).max()) <= THIN


def _notes(region: Region, inside: np.ndarray, brain_found: bool) -> list[str]:
    notes = []
    count = np.count_nonzero(inside)
    if count < FEW:
        notes.append(f"The lesion has {count} voxel{'' if count == 1 else 's'}; its size and its ratios are uncertain.")
    if region.reaches_face(inside):
        notes.append(
            f"The segmentation reaches {HALVES[-1]:.0f} mm from the seeds and may have leaked: "
            "check it, ask for less, or give hints of the background."
        )
    if not brain_found:
        notes.append("No brain was found in the image, so nothing keeps the lesion from growing into the scalp.")
    return notes
