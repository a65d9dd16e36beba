"""Where a lesion ends: half way up from its surroundings to its own brightness, both as they are near by."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.special import ndtr

from .lesion_region import CLOSE, PATCH, Region, Start
from .lesion_shape import Spacing, body, connected, depth, distance, filled, middles
from .lesion_surroundings import mean_around

BODY, WIDEST = 0.6, 3.5
"""Radius of the balls that find the body: share of the largest ball in it, and millimetres at most."""
BAND = 2.0
"""Millimetres by which a border moves at most when its levels are looked at again."""
RIM, SHELL = 4.0, 2.5
"""Millimetres over which the brightness of lesion and surroundings is averaged."""
OUTSIDE = (1.5, 5.0)
"""Millimetres from a lesion where its surroundings are looked at."""
OPTICS = 0.7
"""Blur of the scanner in voxels (standard deviation)."""
ROUNDS = 3


@dataclass(frozen=True)
class Border:
    """A lesion and how far each voxel is on the way from its surroundings to it.

    Attributes:
        whole: bool, the lesion, its core included.
        height: 0 at the surroundings; the border of the lesion is at one half.
        core: bool, the part that does not enhance.
        kept: bool, what is inside however high the border: around the seeds, deep, and the core.
    """

    whole: np.ndarray
    height: np.ndarray
    core: np.ndarray
    kept: np.ndarray


@dataclass(frozen=True)
class _Levels:
    """Brightness of the lesion and of its surroundings, each near every voxel; bool: what enhances."""

    inner: np.ndarray
    outer: np.ndarray
    bright: float
    enhancing: np.ndarray


def find_border(region: Region, start: Start) -> Border:
    """The border of the lesion around the seeds."""
    bright = start.bright
    at_cyst = distance(start.hole, region.spacing, RIM) <= (RIM if start.elsewhere is not None else -1)
    height = _first_height(region, start, at_cyst)
    reach, kept, anchors = region.allowed, region.seeds | start.hole, region.seeds
    foreign = _far_brighter(region, bright) & ~kept
    height = height + 0.5 - _closing_height(region, height, ~foreign)
    for _ in range(ROUNDS):
        whole = lesion_body(region, (height > 0.5) & reach & ~foreign | kept, anchors, foreign)
        above_half = region.image > 0.5 * (region.normal + bright)
        enhancing = whole & (above_half | at_cyst & (height > 0.5))
        levels = _levels(region, whole, enhancing, at_cyst)
        bright = levels.bright
        height = (region.image - levels.outer) / np.maximum(levels.inner - levels.outer, 0.02)
        depths = depth(whole, region.spacing)
        anchors = middles(depths, region.seeds, region.spacing)
        core = _core(region, depths, ~levels.enhancing & (height <= 0.5))
        reach = region.allowed & (distance(whole, region.spacing, BAND) <= BAND)
        kept = anchors | start.hole | core | (depths > BAND) | (whole & (region.near < CLOSE))
        foreign = _much_brighter(region, whole, levels) & ~kept
    height = height * (0.5 / _border_share(region, whole, core, levels))
    if core.any():
        kept = kept | (depths > OUTERMOST * min(region.spacing))
    whole = lesion_body(region, (height > 0.5) & reach & ~foreign | kept, anchors, foreign)
    return Border(whole, height, core & whole, (kept | region.seeds) & whole)


def _first_height(region: Region, start: Start, at_cyst: np.ndarray) -> np.ndarray:
    normal = np.float32(region.normal)
    if start.elsewhere is not None:
        normal = np.where(at_cyst, normal, np.float32(max(normal, start.elsewhere)))
    return (region.image - normal) / np.maximum(start.bright - normal, 0.04)


def _closing_height(region: Region, height: np.ndarray, free: np.ndarray) -> float:
    """The height at which to begin: half way, or lower when only there a rim closes around something dark."""
    lump = None
    for level in (0.5, 0.4, 0.3):
        above = connected((height > level) & region.allowed & free, region.seeds)
        lump = above if lump is None else lump
        dark = filled(above) & ~above & (region.image < DARK_CORE * region.normal)
        dark = connected(dark, dark & (distance(lump, region.spacing, RIM) <= RIM))
        if np.count_nonzero(dark) * np.prod(region.spacing) > max(SMALLEST_CORE, CORE_SHARE * np.count_nonzero(above)):
            return level
    return 0.5


def lesion_body(region: Region, above: np.ndarray, anchors: np.ndarray, foreign: np.ndarray) -> np.ndarray:
    """What is ``above`` the border around the ``anchors``, holes filled, without vessels and dura that touch it."""
    lumps = connected(filled(connected(above, anchors)), anchors)
    return body(lumps, anchors, foreign, region.spacing, BODY, WIDEST) | region.seeds


def _levels(region: Region, whole: np.ndarray, enhancing: np.ndarray, at_cyst: np.ndarray) -> _Levels:
    image, spacing, normal = region.image, region.spacing, region.normal
    depths = depth(enhancing, spacing)
    solid = enhancing & (depths > 1.01 * min(spacing))
    if np.count_nonzero(solid) < 20:
        solid = enhancing
    bright = max(float(np.median(image[solid])), region.faintest) if solid.any() else region.faintest
    out = distance(whole, spacing, OUTSIDE[1])
    shell = (out > OUTSIDE[0]) & (out < OUTSIDE[1]) & region.allowed & (image < 0.5 * (normal + bright))
    thin = enhancing & at_cyst & (ndimage.maximum_filter(depths, 3) <= 1.01 * min(spacing))
    inner = mean_around(image, solid | thin, RIM, spacing, bright)
    outer = np.minimum(mean_around(image, shell, SHELL, spacing, normal), 1.05 * normal)
    return _Levels(inner, outer, bright, enhancing)


def _far_brighter(region: Region, bright: float) -> np.ndarray:
    """What rises twice as high as the seeds do and lies, in part, far from them: another lesion, or a vessel."""
    beyond = region.normal + 2 * (bright - region.normal) + 4 * region.noise
    other = (region.image > beyond) & region.allowed
    other = filled(connected(other, other & (region.near > PATCH)))
    return distance(other, region.spacing, SKIRT) <= SKIRT


def _much_brighter(region: Region, whole: np.ndarray, levels: _Levels) -> np.ndarray:
    """What is so much brighter than the lesion that it is something else, and goes on outside it: vessels."""
    usual = np.percentile(region.image[levels.enhancing], 95) if levels.enhancing.any() else levels.bright
    beyond = max(usual, levels.bright + 0.6 * (levels.bright - region.normal)) + 4 * region.noise
    vessels = (region.image > beyond) & region.allowed
    return connected(vessels, vessels & (distance(whole, region.spacing, GOES_ON) > GOES_ON))


SKIRT = 1.5
"""Millimetres around something bright that its blur makes bright as well."""
GOES_ON = 2.0
"""Millimetres from a lesion at which something that touches it is no part of it."""
SMALLEST_CORE = 8.0
"""Cubic millimetres; less is noise."""


def _core(region: Region, depths: np.ndarray, dark: np.ndarray) -> np.ndarray:
    """What is ``dark`` and inside the lesion, where ``depths`` are millimetres from its border."""
    dark = dark & (depths > 1.01 * min(region.spacing))
    labels, count = ndimage.label(dark)
    sizes = np.bincount(labels.ravel(), minlength=count + 1) * np.prod(region.spacing)
    sizes[0] = 0
    return (sizes > SMALLEST_CORE)[labels]


def _border_share(region: Region, whole: np.ndarray, core: np.ndarray, levels: _Levels) -> float:
    """Where the border is between the surroundings and the brightness seen: half way, and higher for a thin rim."""
    if not core.any():
        return 0.5
    dark = float(np.percentile(region.image[core], 20))
    outer = float(np.median(levels.outer[whole]))
    blur = float(np.sqrt(np.mean(np.square(OPTICS * np.asarray(region.spacing)) + np.square(region.blur))))
    ratio = (dark - outer) / max(levels.bright - outer, 0.02)
    return rim_border(rim_thickness(whole, core, region.spacing) / blur, ratio)


DARK_CORE, CORE_SHARE = 0.9, 0.05
"""What a rim encloses when it is a core: brightness relative to white matter, and its share of the lesion at least."""


def rim_thickness(whole: np.ndarray, core: np.ndarray, spacing: Spacing) -> float:
    """Mean thickness of the rim in millimetres: its volume over the mean area of its two surfaces."""
    area = 0.5 * (_area(whole, spacing) + _area(core, spacing))
    return float(np.count_nonzero(whole & ~core) * np.prod(spacing) / max(area, 1e-6))


def _area(mask: np.ndarray, spacing: Spacing) -> float:
    """Square millimetres of surface: faces of voxels, of which a surface of any direction shows 1.5 times its area."""
    padded = np.pad(mask, 1).view(np.int8)
    faces = sum(np.count_nonzero(np.diff(padded, axis=axis)) * np.prod(spacing) / spacing[axis] for axis in range(3))
    return float(faces / 1.5)


OUTERMOST = 1.2
"""Voxels at the outside of a rim by which its blur can make it too thick."""
HIGHEST_SHARE = 0.72
"""Of what is seen in the middle of a rim: its border is never put higher, as thin rims break."""


def rim_border(thickness: float, ratio: float) -> float:
    """How high up the outer border of a blurred rim is, relative to the brightness seen in its middle.

    A flat rim of brightness 1 between surroundings of 0 and a core, blurred by a Gaussian of standard deviation 1, is
    F(x) - (1 - core) F(x - t), F the normal distribution. A rim thinner than about three deviations neither shows its
    own brightness nor its own thickness; both are taken from the t whose profile looks as thick as what was seen.

    Args:
        thickness: seen at half height, in standard deviations of the blur.
        ratio: brightness of the core, relative to that seen in the middle of the rim.
    """
    x = np.linspace(-4, 10, 281)
    true = np.linspace(1.0, 6.0, 51)[:, None]
    core, peak = np.full(true.shape, ratio), np.ones(true.shape)
    for _ in range(8):
        profile = ndtr(x) - (1 - core) * ndtr(x - true)
        peak = profile.max(axis=1, keepdims=True)
        core = np.maximum(ratio * peak, -3)
    middle = profile.argmax(axis=1)[:, None]
    seen = np.count_nonzero((profile > peak / 2) & (np.arange(len(x)) <= middle + 60), axis=1) * (x[1] - x[0])
    found = int(np.argmin(np.abs(seen - thickness)))
    at_border = np.interp(0.0, x, profile[found]) / peak[found, 0]
    return float(np.clip(at_border, 0.5, HIGHEST_SHARE))
