"""Metastases of the digital patient: where, how large, of what kind."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from ..errors import InputError
from ..series import Grid
from .anatomy import Anatomy
from .tissues import Label, Tissue

SITES = {
    "left frontal": (-30.0, 34.0, 24.0),
    "right frontal": (28.0, 28.0, 34.0),
    "left parietal": (-32.0, -44.0, 42.0),
    "right parietal": (28.0, -46.0, 40.0),
    "left occipital": (-26.0, -74.0, 12.0),
    "right occipital": (24.0, -76.0, 14.0),
    "left temporal": (-46.0, -18.0, -16.0),
    "right temporal": (46.0, -22.0, -14.0),
    "left cerebellar": (-26.0, -62.0, -34.0),
    "right cerebellar": (26.0, -60.0, -34.0),
    "left Sylvian, beside the artery": (-36.0, -4.0, -14.0),
    "right Sylvian, beside the artery": (36.0, -4.0, -14.0),
    "left frontal, at the dura": (-46.0, 41.0, 29.0),
    "right frontal, at the dura": (46.0, 39.0, 29.0),
    "left parietal, at the dura": (-54.0, -48.0, 50.0),
    "right parietal, at the dura": (54.0, -46.0, 50.0),
    "frontal, over the midline": (2.0, 44.0, 26.0),
}
"""MNI (RAS) positions of lesions in millimetres, by name."""


BRAIN = ("csf", "grey", "white")
"""The tissues a lesion takes the place of."""


@dataclass(frozen=True)
class Lesion:
    """An enhancing metastasis.

    Attributes:
        site: a name in ``SITES`` or an MNI (RAS) position in millimetres.
        volume: cubic centimetres, the necrotic core included.
        core: share of the volume that is a necrotic core; 0 for a solid lesion, about 0.35 for a ring.
        ktrans, vp, ve: kinetics of the enhancing part (min⁻¹, fractions).
        t10: T1 of the enhancing part in seconds.
        core_ktrans: Ktrans of the necrotic core, min⁻¹.
        elongation: ratio of the longest axis to the other two.
        seed: of its irregular outline.
    """

    site: str | tuple[float, float, float] = "right frontal"
    volume: float = 4.0
    core: float = 0.0
    ktrans: float = 0.12
    vp: float = 0.06
    ve: float = 0.30
    t10: float = 1.40
    core_ktrans: float = 0.004
    elongation: float = 1.2
    seed: int = 0

    @property
    def centre(self) -> np.ndarray:
        """MNI (RAS) position in millimetres."""
        return np.asarray(SITES[self.site] if isinstance(self.site, str) else self.site, float)

    def tissues(self, number: int) -> tuple[Tissue, ...]:
        """The enhancing part and, when there is one, the necrotic core, named after the lesion's ``number``."""
        solid = Tissue(f"lesion {number}", Label.LESION, self.t10, 0.85, self.ktrans, self.vp, self.ve)
        core = Tissue(f"core {number}", Label.LESION, 2.5, 0.95, ktrans=self.core_ktrans, vp=0.002, ve=0.40)
        return (solid, core) if self.core > 0 else (solid,)


def with_lesions(anatomy: Anatomy, lesions: tuple[Lesion, ...]) -> Anatomy:
    """The anatomy with lesions in place of brain, one after the other; vessels and skull stay as they are."""
    fractions = dict(anatomy.fractions)
    for number, lesion in enumerate(lesions, start=1):
        radius, region = _irregular_radius(anatomy.grid, lesion)
        brain = sum(fractions[name][region] for name in BRAIN)
        whole = _filled(lesion, lesion.volume, radius, brain, anatomy.grid)
        core = np.zeros_like(whole)
        if lesion.core > 0:
            core = np.minimum(_filled(lesion, lesion.core * lesion.volume, radius, brain, anatomy.grid), whole)
        for name in BRAIN:
            fractions[name] = fractions[name].copy()
            fractions[name][region] *= 1 - whole / np.maximum(brain, 1e-6)
        for tissue, part in zip(lesion.tissues(number), (whole - core, core), strict=False):
            fractions[tissue.name] = np.zeros_like(anatomy.intracranial)
            fractions[tissue.name][region] = part
    return replace(anatomy, fractions=fractions)


def _filled(lesion: Lesion, volume: float, radius: np.ndarray, brain: np.ndarray, grid: Grid) -> np.ndarray:
    """The fraction of each voxel within the outline that holds ``volume`` cubic centimetres of brain: scaled until it
    does, whatever skull and vessels cut off."""

    def within(size: float) -> np.ndarray:
        return brain * np.clip((size - radius) / np.float32(grid.spacing[0]) + np.float32(0.5), 0, 1)

    def missing(size: float) -> float:
        return volume - within(size).sum(dtype=float) * grid.voxel_volume / 1000

    largest = float(radius.max())
    if volume <= 0 or missing(largest) > 0:
        raise InputError(
            f"A lesion of {lesion.volume:g} cc does not fit at {lesion.site}: "
            "give a smaller volume or a site in the brain."
        )
    return within(brentq(missing, 0.0, largest, xtol=1e-3))


def _irregular_radius(grid: Grid, lesion: Lesion) -> tuple[np.ndarray, tuple[slice, ...]]:
    """The distance to the lesion's centre in millimetres, stretched along a random axis and made irregular by waves
    over the sphere, in a box around it, and that box."""
    random = np.random.default_rng(lesion.seed)
    reach = 2.2 * (max(lesion.volume, 0.0) * 1000 * 3 / (4 * np.pi)) ** (1 / 3) * lesion.elongation + 6
    centre = lesion.centre * (-1, -1, 1)
    low = np.floor(grid.indices(centre - reach)).astype(int).clip(0)
    high = np.ceil(grid.indices(centre + reach)).astype(int).clip(0, np.array(grid.size) - 1) + 1
    region = tuple(slice(a, b) for a, b in zip(low[::-1], high[::-1], strict=True))
    k, j, i = np.meshgrid(*(np.arange(box.start, box.stop) for box in region), indexing="ij")
    offset = grid.positions(np.stack([i, j, k], axis=-1)) - centre
    axis = random.normal(size=3)
    along = offset @ (axis / np.linalg.norm(axis))
    radius = np.sqrt((offset**2).sum(axis=-1) + along**2 * (lesion.elongation**-2 - 1))
    direction = offset / np.maximum(np.linalg.norm(offset, axis=-1, keepdims=True), 1e-3)
    waves = sum(np.cos(direction @ random.normal(0, 2.2, 3) + random.uniform(0, 2 * np.pi)) for _ in range(4))
    return np.float32(radius * (1 + 0.06 * waves)), region
