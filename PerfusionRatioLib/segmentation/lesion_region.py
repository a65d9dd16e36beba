"""The box around the seeds in which a lesion is looked for."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..series import Grid
from .lesion_shape import Spacing, connected, distance, filled
from .lesion_surroundings import Surroundings

TISSUE = (0.6, 1.35)
"""Brightness of normal brain relative to its level around."""
WHITE = 90
"""Percentile of normal brain that stands for its brightest parts, in white matter."""
CLOSE = 1.7
"""Millimetres: as near a click is to what it means."""
FAR = 8.0
"""Millimetres from the seeds from which on normal brain is looked at."""
PATCH = 6.0
"""Millimetres around a seed in which its brightness is judged."""


@dataclass(frozen=True)
class Region:
    """A box of the image, relative to the level of normal brain.

    Attributes:
        box: slices [k, j, i] of the image.
        spacing: millimetres along (k, j, i).
        image: brightness, smoothed as the noise asks for; 1 is normal brain.
        allowed: bool, inside the skull and with a value.
        seeds: bool, the seeds.
        near: millimetres to the nearest seed.
        normal: brightness of white matter.
        noise: standard deviation of ``image``.
        blur: standard deviation of the smoothing in millimetres, along (k, j, i).
        open_faces: bool (axis, end): where the image goes on beyond the box.
    """

    box: tuple[slice, slice, slice]
    spacing: Spacing
    image: np.ndarray
    allowed: np.ndarray
    seeds: np.ndarray
    near: np.ndarray
    normal: float
    noise: float
    blur: Spacing
    open_faces: tuple[tuple[bool, bool], ...]

    def reaches_face(self, mask: np.ndarray) -> bool:
        """Whether ``mask`` touches a face of the box beyond which the image goes on."""
        return any(
            goes_on and mask.take(end, axis).any()
            for axis, faces in enumerate(self.open_faces)
            for end, goes_on in zip((0, -1), faces, strict=True)
        )

    @property
    def faintest(self) -> float:
        """The least brightness that tells a lesion from normal brain."""
        return self.normal + max(0.04, 4 * self.noise)


def region_around(array: np.ndarray, grid: Grid, seeds: np.ndarray, around: Surroundings, half: float) -> Region:
    """The box that reaches ``half`` millimetres beyond the seeds.

    Args:
        array: the image [k, j, i].
        grid: of ``array``.
        seeds: voxels, shaped (n, 3), as (k, j, i).
        around: the head around the seeds.
        half: millimetres.
    """
    spacing = grid.spacing[::-1]
    low = np.maximum(seeds.min(axis=0) - np.ceil(np.divide(half, spacing)).astype(int), 0)
    high = np.minimum(seeds.max(axis=0) + np.ceil(np.divide(half, spacing)).astype(int) + 1, array.shape)
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    values = array[box].astype(np.float32)
    valid = np.isfinite(values)
    relative = np.where(valid, values, 0) / _on_box(around.level, around.grid, grid, low, values.shape)
    allowed = valid & (_on_box(around.inside.astype(np.float32), around.grid, grid, low, values.shape) > 0.3)
    marked = np.zeros(values.shape, bool)
    marked[tuple((seeds - low).T)] = True
    noise = _noise(relative, allowed)
    sigma = _smoothing(noise)
    sigmas = tuple(sigma * min(spacing) / s if n > 1 else 0.0 for s, n in zip(spacing, values.shape, strict=True))
    image = ndimage.gaussian_filter(relative, sigmas)
    near = distance(marked, spacing, max(FAR, PATCH))
    tissue = image[allowed & (image > TISSUE[0]) & (image < TISSUE[1]) & (near > FAR)]
    reduced = np.prod([min(1.0, np.sqrt(0.282 / max(s, 1e-3))) for s in sigmas])
    return Region(
        box=box,
        spacing=spacing,
        image=image,
        allowed=allowed,
        seeds=marked,
        near=near,
        normal=float(np.percentile(tissue, WHITE)) if len(tissue) > 100 else 1.1,
        noise=float(noise * reduced),
        blur=tuple(a * s for a, s in zip(sigmas, spacing, strict=True)),
        open_faces=tuple((bool(a > 0), bool(b < n)) for a, b, n in zip(low, high, array.shape, strict=True)),
    )


def _on_box(coarse: np.ndarray, coarse_grid: Grid, grid: Grid, low: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Coarse values on the voxels of a box that begins at voxel ``low`` (k, j, i) of ``grid``."""
    scale = np.divide(grid.spacing, coarse_grid.spacing)[::-1]
    first = coarse_grid.indices(grid.positions(low[::-1]))[::-1]
    return ndimage.affine_transform(
        coarse.astype(np.float32), scale, offset=first, output_shape=shape, order=1, mode="nearest"
    )


def _noise(relative: np.ndarray, allowed: np.ndarray) -> float:
    """Standard deviation of the noise, from how voxels of normal brain differ from their neighbours."""
    cross = ndimage.generate_binary_structure(3, 1).astype(np.float32) / 7
    rough = relative - ndimage.convolve(relative, cross)
    rough = rough[allowed & (relative > TISSUE[0]) & (relative < TISSUE[1])]
    return float(1.4826 * np.median(np.abs(rough)) / np.sqrt(6 / 7)) if len(rough) else 0.0


def _smoothing(noise: float) -> float:
    """Standard deviation of the Gaussian in voxels: little for a clean image, a voxel for a noisy one."""
    return float(np.clip(0.4 + 4 * (noise - 0.03), 0.4, 1.0))


@dataclass(frozen=True)
class Start:
    """Where a lesion is looked for.

    Attributes:
        bright: brightness of what enhances.
        hole: bool, what a rim encloses around the seeds, or at them; empty for most seeds on the bright part.
        elsewhere: brightness of white matter away from the hole, where it is another than at its rim.
    """

    bright: float
    hole: np.ndarray
    elsewhere: float | None = None


def start_of(region: Region) -> Start | None:
    """What the seeds lie in, or None when that neither enhances nor is enclosed by what does."""
    bright = brightness_of_seeds(region)
    enhances = bright > region.faintest
    if enhances and (region.image[region.seeds] > 0.5 * (region.normal + bright)).any():
        return Start(bright, np.zeros_like(region.seeds))
    rim = enclosing_rim(region)
    if rim is None and enhances:
        return Start(bright, (region.near < CLOSE) & region.allowed)
    return rim


def brightness_of_seeds(region: Region) -> float:
    """The brightness of what the seeds lie in, within a few millimetres."""
    at_seeds = float(region.image[region.seeds].mean())
    close = region.image[(region.near < CLOSE) & region.allowed]
    highest = float(close.max()) if len(close) else at_seeds
    # a click on the edge means what is bright beside it; one on the lesion does not mean a vessel beside it
    bright = highest if at_seeds < region.normal else max(at_seeds, min(highest, 1.3 * at_seeds))
    patch = (region.near < PATCH) & region.allowed
    for _ in range(3):
        half = 0.5 * (region.normal + bright)
        above = (region.image > half) & patch
        part = connected(above, above & (region.seeds if at_seeds > half else region.near < CLOSE))
        bright = float(np.percentile(region.image[part if part.any() else region.seeds], 65))
    return bright


def enclosing_rim(region: Region) -> Start | None:
    """The rim around seeds in what does not enhance, at the highest level at which it encloses them."""
    start = None
    for level in np.linspace(region.faintest, 2.5 * region.faintest, LEVELS):
        above = (region.image > level) & region.allowed
        hole = connected(filled(above) & ~above, region.seeds)
        rim = ndimage.binary_dilation(hole, iterations=2) & above
        if not hole[region.seeds].all() or not rim.any() or region.reaches_face(hole):
            break
        start = Start(float(np.median(region.image[rim])), hole)
    return start


LEVELS = 16
"""At how many levels a rim is looked for."""
