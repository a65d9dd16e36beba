"""The brain in a T1-weighted image of the whole head, as DCE series hold it."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..errors import InputError, NoAnswerError
from ..series import Grid
from .shrink import shrink

WORKING_VOXEL = 2.2
"""Millimetres; finer images are worked on in blocks up to this size."""
SCALP = 4.0
"""Millimetres under the surface of a head that cannot be brain."""
CORE = 6.0
"""Millimetres of tissue that surround every voxel of the brain's core."""
NECK = 6.0
"""Half of the millimetres across which something must hold on to the brain to belong to it."""
SULCUS = 5.0
"""Half of the millimetres across gaps of the mask that are closed."""
COIL = 25.0
"""Millimetres over which the coil's sensitivity changes little."""
FAT, FLUID = 1.6, 0.25
"""Signal of the dimmest fat and of the dimmest part of the brain, relative to the brain's own level."""
CLEAR_OF_AIR = 2.0
"""Ratio of the signals of head and air below which there is no head."""
SMALLEST_BRAIN = 1000.0
"""Square millimetres of brain in the slice that shows most of it."""

_WHAT_TO_DO = "check that this is a T1-weighted series of the head, or give a mask of the brain with --mask"


def find_brain(array: np.ndarray, grid: Grid) -> np.ndarray:
    """The inside of the skull (brain, vessels and fluid) in a T1-weighted image of the head.

    Made for the mean of the frames before the bolus, with thin or thick slices, of a whole head, a slab or one slice,
    with a coil's uneven sensitivity; also for images from which skull and scalp were already removed. The brain's core
    is what lies deep in tissue of one brightness; the core and the scalp then grow towards each other and meet where
    the image is darkest, which is in the skull (watershed from markers: Meyer 1994, Signal Processing 38:113).

    Args:
        array: shaped ``(k, j, i)``; not-a-number counts as no signal.
        grid: of ``array``.

    Returns:
        bool, shaped ``(k, j, i)``.

    Raises:
        InputError: ``array`` is not on ``grid``.
        NoAnswerError: no head stands out from air, or no brain is in it.
    """
    if array.shape != grid.shape:
        raise InputError(f"The image is shaped {array.shape} but its grid {grid.shape}; both must agree.")
    image, coarse = shrink(np.maximum(np.nan_to_num(array, posinf=0.0), 0), grid, WORKING_VOXEL)
    head = _find_head(image, coarse)
    core, level = _find_core(head)
    relative = head.image / level
    brain = _closed(head.mask, head) if _is_stripped(head, relative, image) else _inside_skull(head, core, relative)
    brain = _filled(brain)
    area = np.count_nonzero(brain, axis=(1, 2)).max() * coarse.spacing[0] * coarse.spacing[1]
    if area < SMALLEST_BRAIN:
        raise NoAnswerError(
            f"The largest part that could be brain measures {area / 100:.1f} cm² in its widest slice, which is too "
            f"small: {_WHAT_TO_DO}."
        )
    return _on_grid(brain, coarse, grid)


@dataclass(frozen=True)
class _Head:
    """A head, smoothed, and where it is: ``depth`` is in millimetres under its surface, ``spacing`` along (k, j, i)."""

    image: np.ndarray
    tissue: np.ndarray
    mask: np.ndarray
    depth: np.ndarray
    spacing: tuple[float, float, float]


def _find_head(image: np.ndarray, grid: Grid) -> _Head:
    spacing = grid.spacing[::-1]
    smooth = ndimage.gaussian_filter(
        image, [min(1.2 / s, 1.0) if n > 1 else 0 for s, n in zip(spacing, image.shape, strict=True)]
    )
    # bright fat must not set the threshold
    capped = np.minimum(smooth, np.percentile(smooth, 98))
    if not capped.max() > capped.min():
        raise NoAnswerError(f"The image has the same value everywhere, so no brain can be found: {_WHAT_TO_DO}.")
    threshold = _otsu_threshold(capped)
    # noise loses its peaks to a wider mean, a head does not
    wide = ndimage.gaussian_filter(capped, [1.5 if n > 1 else 0 for n in capped.shape])
    above = wide > threshold
    if not 0 < np.count_nonzero(above) < above.size or wide[above].mean() < CLEAR_OF_AIR * wide[~above].mean():
        raise NoAnswerError(f"No head stands out from air in the image, so no brain can be found: {_WHAT_TO_DO}.")
    tissue = _largest(capped > 0.5 * threshold)
    mask = _filled(tissue)
    return _Head(smooth, tissue, mask, _depth(mask, spacing), spacing)


def _otsu_threshold(image: np.ndarray) -> float:
    import SimpleITK as sitk

    otsu = sitk.OtsuThresholdImageFilter()
    otsu.SetNumberOfHistogramBins(256)
    otsu.Execute(sitk.GetImageFromArray(image))
    return otsu.GetThreshold()


def _find_core(head: _Head) -> tuple[np.ndarray, np.ndarray]:
    """The brain's core, and the signal of the brain everywhere as the coil sees it."""
    deep = head.tissue & (head.depth > 0.5 * head.depth.max())
    level = np.full(head.image.shape, np.median(head.image[deep]), np.float32)
    # the second look follows the coil, so it can tell tissues apart by tighter limits
    for dimmest, brightest in ((0.55, 1.5), (0.65, 1.4)):
        relative = head.image / level
        surrounded = _depth((relative > dimmest) & (relative < brightest) & (head.depth > 10), head.spacing)
        core = _largest(surrounded > min(CORE, 0.5 * surrounded.max()))
        if not core.any():
            raise NoAnswerError(f"Nothing inside the head has the size and evenness of a brain: {_WHAT_TO_DO}.")
        level = _level(head, core)
    return core, level


def _level(head: _Head, core: np.ndarray) -> np.ndarray:
    width = [COIL / s if n > 1 else 0 for s, n in zip(head.spacing, core.shape, strict=True)]
    # the small constant carries the mean of the core to where the core is out of reach
    far = 1e-4
    signal = ndimage.gaussian_filter(np.where(core, head.image, 0), width, truncate=2)
    share = ndimage.gaussian_filter(core.astype(np.float32), width, truncate=2)
    return (signal + far * head.image[core].mean()) / (share + far)


def _is_stripped(head: _Head, relative: np.ndarray, image: np.ndarray) -> bool:
    """Whether skull and scalp were already removed: nothing at all outside, no bright rim, no dark ring under it."""
    outside = ~ndimage.binary_dilation(head.mask, iterations=2)
    rim = (head.depth > 2) & (head.depth < 6)
    ring = (head.depth > 5) & (head.depth < 15)
    if not (outside.any() and rim.any() and ring.any()):
        return False
    return bool(
        np.mean(image[outside] == 0) > 0.9
        and np.percentile(relative[rim], 75) < 1.1
        and np.mean(relative[ring] < 0.35) < 0.25
    )


def _inside_skull(head: _Head, core: np.ndarray, relative: np.ndarray) -> np.ndarray:
    import SimpleITK as sitk

    fat = (relative > FAT) & (head.depth < 30) & ~ndimage.binary_dilation(core, iterations=2)
    markers = np.where((head.depth < SCALP) | fat, 2, 0).astype(np.uint8)
    markers[core] = 1
    # brighter than brain is no barrier
    relief = -np.minimum(relative, 1.2).astype(np.float32)
    basins = sitk.MorphologicalWatershedFromMarkers(
        sitk.GetImageFromArray(relief), sitk.GetImageFromArray(markers), markWatershedLine=False, fullyConnected=False
    )
    inside = (sitk.GetArrayViewFromImage(basins) == 1) & (relative > FLUID)
    # what hangs on by a thread (an optic nerve, a vessel) comes off; what is rounded off comes back
    trunk = _largest(_depth(inside, head.spacing) > NECK)
    if trunk.any():
        inside &= ~_deeper(~trunk, 1.5 * NECK, head.spacing)
    return _closed(inside, head)


def _depth(mask: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """Millimetres from the voxels of ``mask`` to the nearest voxel outside; the border of the image is no outside."""
    if mask.all():
        return np.full(mask.shape, np.inf, np.float32)
    return ndimage.distance_transform_edt(mask, sampling=spacing).astype(np.float32)


def _deeper(mask: np.ndarray, than: float, spacing: tuple[float, float, float]) -> np.ndarray:
    return _depth(mask, spacing) > than


def _closed(mask: np.ndarray, head: _Head) -> np.ndarray:
    """``mask`` with gaps up to twice ``SULCUS`` across closed."""
    grown = ~_deeper(~mask, SULCUS, head.spacing)
    return _deeper(grown, SULCUS, head.spacing) | mask


def _largest(mask: np.ndarray) -> np.ndarray:
    labels, found = ndimage.label(mask)
    return labels == np.bincount(labels.ravel())[1:].argmax() + 1 if found else mask


def _filled(mask: np.ndarray) -> np.ndarray:
    """``mask`` with the holes of every slice filled."""
    return np.stack([ndimage.binary_fill_holes(section) for section in mask])


def _on_grid(mask: np.ndarray, coarse: Grid, grid: Grid) -> np.ndarray:
    """A mask on blocks of voxels as a mask on the voxels, interpolated linearly."""
    if coarse == grid:
        return mask
    blocks = np.round(np.divide(coarse.spacing[::-1], grid.spacing[::-1]))
    share = ndimage.affine_transform(
        mask.astype(np.float32), 1 / blocks, offset=(1 - blocks) / 2 / blocks, output_shape=grid.shape, order=1,
        mode="nearest",
    )  # fmt: skip
    return share > 0.5
