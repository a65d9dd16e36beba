"""Metastases of the digital patient: where, how large, of what kind."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from .anatomy import Anatomy
from .tissues import Label, Tissue

SITES = {
    "left frontal": (-30.0, 34.0, 24.0),
    "right frontal": (28.0, 28.0, 34.0),
    "left parietal": (-32.0, -44.0, 42.0),
    "right parietal": (28.0, -46.0, 40.0),
    "right occipital": (24.0, -76.0, 14.0),
    "left temporal": (-46.0, -18.0, -16.0),
    "left cerebellar": (-26.0, -62.0, -34.0),
    "right Sylvian, beside the artery": (36.0, -4.0, -14.0),
    "left frontal, at the dura": (-44.0, 40.0, 28.0),
}
"""MNI (RAS) positions of lesions in millimetres, by name."""


@dataclass(frozen=True)
class Lesion:
    """An enhancing metastasis.

    Attributes:
        site: a name in ``SITES`` or an MNI (RAS) position in millimetres.
        volume: cubic centimetres, the necrotic core included.
        core: share of the volume that is a necrotic core; 0 for a solid lesion, about 0.35 for a ring.
        ktrans, vp, ve: kinetics of the enhancing part (min⁻¹, fractions).
        t10: T1 of the enhancing part in seconds.
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
    elongation: float = 1.2
    seed: int = 0

    @property
    def centre(self) -> np.ndarray:
        """MNI (RAS) position in millimetres."""
        return np.asarray(SITES[self.site] if isinstance(self.site, str) else self.site, float)

    def tissues(self, number: int) -> tuple[Tissue, ...]:
        """The enhancing part and, when there is one, the necrotic core, named after the lesion's ``number``."""
        solid = Tissue(f"lesion {number}", Label.LESION, self.t10, 0.85, self.ktrans, self.vp, self.ve)
        core = Tissue(f"core {number}", Label.LESION, 2.5, 0.95, ktrans=0.004, vp=0.002, ve=0.40)
        return (solid, core) if self.core > 0 else (solid,)


def with_lesions(anatomy: Anatomy, lesions: tuple[Lesion, ...]) -> Anatomy:
    """The anatomy with lesions in place of brain; vessels and skull stay.

    The outline is scaled until the lesion has its volume, whatever the skull and the vessels cut off.
    """
    fractions = dict(anatomy.fractions)
    for number, lesion in enumerate(lesions, start=1):
        radius, region = _irregular_radius(anatomy, lesion)
        brain = sum(fractions[name][region] for name in ("csf", "grey", "white"))
        cell = anatomy.grid.voxel_volume / 1000
        softness = anatomy.grid.spacing[0]

        def filled(size: float, radius=radius, brain=brain, softness=softness) -> np.ndarray:
            return brain * np.clip((size - radius) / softness + 0.5, 0, 1)

        largest = float(radius.max())
        size = brentq(lambda s: filled(s).sum() * cell - lesion.volume, 0.1, largest, xtol=1e-3)
        whole = filled(size)
        core = np.zeros_like(whole)
        if lesion.core > 0:
            core_volume = lesion.volume * lesion.core
            inner = brentq(lambda s: filled(s).sum() * cell - core_volume, 0.0, size, xtol=1e-3)
            core = np.minimum(filled(inner), whole)
        share = np.where(brain > 0, 1 - whole / np.maximum(brain, 1e-6), 1)
        for name in ("csf", "grey", "white"):
            fractions[name] = fractions[name].copy()
            fractions[name][region] *= share
        for tissue, part in zip(lesion.tissues(number), (whole - core, core)):
            volume = np.zeros_like(anatomy.intracranial)
            volume[region] = part
            fractions[tissue.name] = volume
    return replace(anatomy, fractions=fractions)


def _irregular_radius(anatomy: Anatomy, lesion: Lesion) -> tuple[np.ndarray, tuple[slice, ...]]:
    """The distance to the lesion's centre in millimetres, stretched along a random axis and made irregular by
    low-order waves over the sphere, in the box around it."""
    random = np.random.default_rng(lesion.seed)
    reach = 2.2 * (lesion.volume * 1000 * 3 / (4 * np.pi)) ** (1 / 3) * lesion.elongation + 6
    centre = lesion.centre * (-1, -1, 1)
    low = np.floor(anatomy.grid.indices(centre - reach)).astype(int).clip(0)
    high = np.ceil(anatomy.grid.indices(centre + reach)).astype(int).clip(0, np.array(anatomy.grid.size) - 1) + 1
    region = tuple(slice(a, b) for a, b in zip(low[::-1], high[::-1]))
    k, j, i = np.meshgrid(*(np.arange(s.start, s.stop) for s in region), indexing="ij")
    offset = anatomy.grid.positions(np.stack([i, j, k], axis=-1)) - centre
    axis = random.normal(size=3)
    axis /= np.linalg.norm(axis)
    along = offset @ axis
    radius = np.sqrt((offset**2).sum(axis=-1) + along**2 * (lesion.elongation**-2 - 1))
    direction = offset / np.maximum(np.linalg.norm(offset, axis=-1, keepdims=True), 1e-3)
    waves = sum(np.cos(direction @ random.normal(0, 2.2, 3) + random.uniform(0, 2 * np.pi)) for _ in range(4))
    return np.float32(radius * (1 + 0.06 * waves)), region
