"""A patient's head at one visit: its tissues, where they are, and how their properties vary through it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .anatomy import Anatomy, normal_anatomy
from .bolus import Bolus
from .lesions import Lesion, with_lesions
from .tissues import Label, Tissue, normal_tissues

CAROTID_SIPHON = (0.0, 0.0, -22.0)
"""LPS millimetres; arteries above it see the bolus later the farther they are."""


NO_PART = 1e-3
"""Fractions below this are left out of the signal and of the truth."""


@dataclass(frozen=True)
class TissueVoxels:
    """The voxels of a head's own grid that hold some of a tissue, (n,) each.

    Attributes:
        voxels: flat indices.
        fraction: of the voxel.
        height: S position, millimetres.
        t10, ktrans, vp, delay: s, min⁻¹, fraction, s; delay is a single 0 where there is none.
    """

    voxels: np.ndarray
    fraction: np.ndarray
    height: np.ndarray
    t10: np.ndarray
    ktrans: np.ndarray
    vp: np.ndarray
    delay: np.ndarray | np.float32


@dataclass(frozen=True)
class HeadPhantom:
    """A patient's head at one visit.

    Attributes:
        lesions: its metastases.
        bolus: the injection.
        haematocrit: of the patient.
        relaxivity: of the agent, 1/(mM s).
        variation: standard deviation of the smooth variation of Ktrans and vp through the head, relative (that of T10
            is a fifth of it).
        arterial_delay: seconds the bolus takes for 60 mm from the carotid siphon onwards.
        tissue_delay: largest delay of the bolus in tissue, seconds; it varies smoothly between 0 and this.
        spacing: millimetres of the anatomy's own grid.
        person: who it is: shape of the head and smooth variation.
    """

    lesions: tuple[Lesion, ...] = (Lesion(),)
    bolus: Bolus = Bolus()  # noqa: RUF009 (frozen)
    haematocrit: float = 0.42
    relaxivity: float = 4.5
    variation: float = 0.15
    arterial_delay: float = 0.2
    tissue_delay: float = 0.0
    spacing: float = 2.0
    person: int = 0

    @cached_property
    def anatomy(self) -> Anatomy:
        """Tissue fractions on the head's own grid, lesions included."""
        return with_lesions(normal_anatomy(self.spacing, self.person), self.lesions)

    @cached_property
    def tissues(self) -> tuple[Tissue, ...]:
        """Every component of the head, in the order of the anatomy's fractions."""
        extra = (tissue for number, lesion in enumerate(self.lesions, 1) for tissue in lesion.tissues(number))
        tissues = {tissue.name: tissue for tissue in (*normal_tissues(self.haematocrit), *extra)}
        return tuple(tissues[name] for name in self.anatomy.fractions)

    @cached_property
    def tissue_voxels(self) -> tuple[TissueVoxels, ...]:
        """Where each of the ``tissues`` is on the head's own grid, and its properties there."""
        grid = self.anatomy.grid
        x, y, z = (
            np.float32(o + s * np.arange(n)) for o, s, n in zip(grid.origin, grid.spacing, grid.size, strict=True)
        )
        result = []
        for tissue, fraction in zip(self.tissues, self.anatomy.fractions.values(), strict=True):
            voxels = np.flatnonzero(fraction > NO_PART)
            k, j, i = np.unravel_index(voxels, fraction.shape)
            positions = np.stack([x[i], y[j], z[k]], axis=1)
            parameters = self.parameters(tissue, positions)
            result.append(TissueVoxels(voxels, fraction.ravel()[voxels], positions[:, 2], *parameters))
        return tuple(result)

    def smooth_field(self, positions: np.ndarray, which: int, wavelength: float = 90.0) -> np.ndarray:
        """A smooth random field of standard deviation 1 at LPS positions (n, 3) of the head, one for each ``which``."""
        random = np.random.default_rng((self.person, which))
        waves = random.normal(0, 2 * np.pi / wavelength / np.sqrt(3), (5, 3)).astype(np.float32)
        phases = random.uniform(0, 2 * np.pi, 5).astype(np.float32)
        total = np.zeros(len(positions), np.float32)
        along = np.ascontiguousarray(np.asarray(positions, np.float32).T)
        for wave, phase in zip(waves, phases, strict=True):
            total += np.cos(np.einsum("dn,d->n", along, wave) + phase)
        return total * np.float32(np.sqrt(2 / 5))

    def parameters(
        self, tissue: Tissue, positions: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | np.float32]:
        """T10 (s), Ktrans (min⁻¹), vp and delay (s; a single 0 where there is none) of a tissue at LPS positions
        (n, 3) of the head."""
        positions = np.asarray(positions, np.float32)
        delay = self._delay(tissue, positions)
        strength = np.float32(self.variation * tissue.variation)
        if not strength:
            same = np.ones(len(positions), np.float32)
            return np.float32(tissue.t10) * same, np.float32(tissue.ktrans) * same, np.float32(tissue.vp) * same, delay
        t10, ktrans, vp = (strength * self.smooth_field(positions, which) for which in range(3))
        t10 = np.float32(tissue.t10) * (1 + np.float32(0.2) * t10)
        return t10, np.float32(tissue.ktrans) * np.exp(ktrans), np.float32(tissue.vp) * np.exp(vp), delay

    def _delay(self, tissue: Tissue, positions: np.ndarray) -> np.ndarray | np.float32:
        if tissue.label == Label.ARTERY:
            distance = np.linalg.norm(positions - np.float32(CAROTID_SIPHON), axis=1)
            above = np.where(positions[:, 2] > CAROTID_SIPHON[2], distance, 0)
            return np.float32(self.arterial_delay / 60) * above
        if tissue.label == Label.SINUS or self.tissue_delay == 0:
            return np.float32(0)
        field = self.smooth_field(positions, which=3)
        return np.float32(self.tissue_delay) * np.clip(np.float32(0.5) + np.float32(0.3) * field, 0, 1)
