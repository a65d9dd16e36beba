"""The signal of the digital head on the grid of its own anatomy, and how any other grid sees what lies there.

The signal of a voxel is linear in its tissue fractions, so making it once where the anatomy lives and resampling one
image says the same as resampling every tissue, for a fraction of the work on fine grids.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import ndimage

from ..series import Grid
from .scene import NO_PART, HeadPhantom, Sample, Sequence, partial_volume_blur, signal_of
from .tissue_curves import tissue_curves

SLAB = 8
"""Planes of the anatomy that are worked on at once."""


def head_signal(phantom: HeadPhantom, time: float, sequence: Sequence) -> np.ndarray:
    """The signal without noise at ``time`` (seconds from the first frame), float32 [k, j, i] on the anatomy's grid."""
    grid, fractions = phantom.anatomy.grid, phantom.anatomy.fractions
    curves = [tissue_curves(tissue, phantom.bolus, time) for tissue in phantom.tissues]
    result = np.zeros(grid.shape, np.float32)

    def make(first: int) -> None:
        slab = slice(first, first + SLAB)
        voxels = np.flatnonzero(sum(fraction[slab] for fraction in fractions.values()) > NO_PART)
        k, j, i = np.unravel_index(voxels, result[slab].shape)
        parts = np.stack([fraction[slab].ravel()[voxels] for fraction in fractions.values()], axis=1)
        intracranial = phantom.anatomy.intracranial[slab].ravel()[voxels]
        positions = grid.positions(np.stack([i, j, k + first], axis=1))
        sample = Sample(phantom, voxels, positions, parts, intracranial)
        result[slab].ravel()[voxels] = signal_of(sample, curves, time, sequence)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(make, range(0, grid.shape[0], SLAB)))
    return result


def seen_through(grid: Grid, array: np.ndarray, own: Grid, pose: np.ndarray) -> np.ndarray:
    """Means over the voxels of ``grid`` of what lies on the head's ``own`` grid, 0 beside it.

    Args:
        grid: LPS scanner millimetres.
        array: [k, j, i] on ``own``.
        own: LPS millimetres of the head.
        pose: 4×4 matrix from the head to the scanner.
    """
    import SimpleITK as sitk

    from ..itk_images import image_from_array

    into_head = np.linalg.inv(pose)
    blur = partial_volume_blur(into_head, grid, own)
    blurred = ndimage.gaussian_filter(array, blur, truncate=2.5) if max(blur) > 0.05 else array
    transform = sitk.AffineTransform(into_head[:3, :3].ravel().tolist(), into_head[:3, 3].tolist())
    resampled = sitk.Resample(
        image_from_array(blurred, own), grid.size, transform, sitk.sitkLinear, grid.origin, grid.spacing, grid.direction
    )
    return sitk.GetArrayFromImage(resampled)
