"""The digital head in the scanner: sampled on a voxel grid at a pose, and turned into signal or into truth."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage
from scipy.sparse import csr_array

from ..rigid import moved
from ..series import Grid
from .anatomy import Anatomy, normal_anatomy
from .bolus import Bolus
from .lesions import Lesion, with_lesions
from .tissue_curves import TissueCurves, tissue_curves
from .tissues import Label, Tissue, normal_tissues

GAIN = 20000.0
"""Signal of fully recovered water, so that a series fits 16-bit integers as a scanner's does."""

NO_PART = 1e-3
"""Fractions below this are left out of the signal and of the truth."""


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

    def smooth_field(self, positions: np.ndarray, which: int, wavelength: float = 90.0) -> np.ndarray:
        """A smooth random field of standard deviation 1 at LPS positions (n, 3) of the head, one for each ``which``."""
        random = np.random.default_rng((self.person, which))
        waves = random.normal(0, 2 * np.pi / wavelength / np.sqrt(3), (5, 3)).astype(np.float32)
        phases = random.uniform(0, 2 * np.pi, 5).astype(np.float32)
        return np.cos(positions @ waves.T + phases).sum(axis=1) * np.float32(np.sqrt(2 / 5))


@dataclass(frozen=True)
class Sequence:
    """A spoiled gradient echo: TR in seconds, flip angle in degrees, and the excess signal of inflowing blood.

    ``inflow`` is relative, largest at the bottom of the slab, and gone 50 mm above it.
    """

    repetition_time: float = 0.005
    flip_angle: float = 15.0
    inflow: float = 0.0


class Sample:
    """The voxels of a grid that hold some of the head at a pose.

    Attributes:
        voxels: their flat indices in the grid, (n,).
        positions: float32 LPS positions in the head, (n, 3).
        fractions: (n, tissues).
        intracranial: (n,).
    """

    def __init__(
        self,
        phantom: HeadPhantom,
        voxels: np.ndarray,
        positions: np.ndarray,
        fractions: np.ndarray,
        intracranial: np.ndarray,
    ):
        self.phantom, self.voxels, self.positions = phantom, voxels, np.float32(positions)
        self.fractions, self.intracranial = fractions, intracranial
        self.fields = [phantom.smooth_field(self.positions, which) for which in range(3)]

    def parameters(self, tissue: Tissue, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """T10 (s), Ktrans (min⁻¹), vp and delay (s) of a tissue at the ``chosen`` ones of the voxels."""
        strength = np.float32(self.phantom.variation * tissue.variation)
        t10 = np.float32(tissue.t10) * (1 + np.float32(0.2) * strength * self.fields[0][chosen])
        ktrans = np.float32(tissue.ktrans) * np.exp(strength * self.fields[1][chosen])
        vp = np.float32(tissue.vp) * np.exp(strength * self.fields[2][chosen])
        return t10, ktrans, vp, self._delay(tissue, self.positions[chosen])

    def _delay(self, tissue: Tissue, positions: np.ndarray) -> np.ndarray:
        if tissue.label == Label.ARTERY:
            from_siphon = np.linalg.norm(positions - np.float32(CAROTID_SIPHON), axis=1)
            return np.float32(self.phantom.arterial_delay / 60) * np.where(
                positions[:, 2] > CAROTID_SIPHON[2], from_siphon, 0
            )
        if tissue.label == Label.SINUS or self.phantom.tissue_delay == 0:
            return np.zeros(len(positions), np.float32)
        field = self.phantom.smooth_field(positions, which=3)
        return np.float32(self.phantom.tissue_delay) * np.clip(np.float32(0.5) + np.float32(0.3) * field, 0, 1)


CAROTID_SIPHON = (0.0, 0.0, -22.0)


class Scene:
    """A head lying in the scanner, seen through a grid of voxels.

    Args:
        phantom: the head.
        grid: the voxels, LPS scanner millimetres.
        pose: 4×4 matrix from patient space to the scanner.
        duration: seconds for which signals may be asked.
    """

    def __init__(self, phantom: HeadPhantom, grid: Grid, pose: np.ndarray, duration: float):
        self.phantom, self.grid = phantom, grid
        self._into_head = np.linalg.inv(pose)
        anatomy = phantom.anatomy
        index = np.stack(np.unravel_index(np.arange(np.prod(grid.shape)), grid.shape)[::-1], axis=1)
        self._positions = grid.positions(index)
        box, self._first = _box_around(anatomy.grid, moved(self._into_head, grid.corners()))
        self._shape = tuple(side.stop - side.start for side in box)
        blur = partial_volume_blur(self._into_head, grid, anatomy.grid)
        channels = (*anatomy.fractions.values(), anatomy.intracranial)
        self._stack = np.empty((int(np.prod(self._shape)), len(channels)), np.float32)
        for channel, array in enumerate(channels):
            self._stack[:, channel] = ndimage.gaussian_filter(array[box], blur, truncate=2.5).ravel()
        head = self._stack[:, :-1].sum(axis=1).reshape(self._shape) > NO_PART
        self._near_head = ndimage.binary_dilation(head, np.ones((3, 3, 3)))
        self._curves = [tissue_curves(tissue, phantom.bolus, duration) for tissue in phantom.tissues]

    def sampled(self, move: np.ndarray) -> Sample:
        """What is in each voxel when the head has moved by ``move`` (4×4) in the scanner."""
        matrix = self._into_head @ np.linalg.inv(move)
        grid = self.phantom.anatomy.grid
        indices = grid.indices(moved(matrix, self._positions)) - self._first
        within = np.flatnonzero(np.all((indices >= 0) & (indices <= np.array(self._shape[::-1]) - 1), axis=1))
        i, j, k = np.rint(indices[within]).astype(np.int32).T
        voxels = within[self._near_head[k, j, i]]
        values = trilinear(self._shape, indices[voxels]) @ self._stack
        positions = grid.positions(indices[voxels] + self._first)
        return Sample(self.phantom, voxels, positions, values[:, :-1], values[:, -1])

    def signal(self, sample: Sample, time: float, sequence: Sequence) -> np.ndarray:
        """The signal without noise at ``time`` in seconds, float32 [k, j, i]; see ``signal_of``."""
        return self._spread(sample, signal_of(sample, self._curves, time, sequence, self._bottom))

    @cached_property
    def _bottom(self) -> float:
        return float(moved(self._into_head, self.grid.corners())[:, 2].min())

    def _spread(self, sample: Sample, values: np.ndarray, outside=0) -> np.ndarray:
        """Values of the sample's voxels on the whole grid."""
        result = np.full(self.grid.shape, outside, values.dtype)
        result.ravel()[sample.voxels] = values
        return result

    def truth(self, sample: Sample) -> dict[str, np.ndarray | dict[str, np.ndarray]]:
        """The maps of a sample, by the names of ``HeadTruth``."""
        names = ("t10", "ktrans", "vp", "ve", "delay")
        sums = np.zeros((len(names), len(sample.voxels)), np.float32)
        by_label = np.zeros((len(sample.voxels), len(Label)), np.float32)
        everywhere = np.arange(len(sample.voxels))
        for share, tissue in zip(sample.fractions.T, self.phantom.tissues, strict=True):
            t10, ktrans, vp, delay = sample.parameters(tissue, everywhere)
            ve = ktrans / np.float32(tissue.kep) if tissue.kep > 0 else np.zeros_like(ktrans)
            sums += share * np.stack([t10, ktrans, vp, ve, delay])
            by_label[:, tissue.label] += share
        head = sample.fractions.sum(axis=1)
        by_label[:, Label.AIR] = 1 - head
        means = np.where(head > 0.05, sums / np.maximum(head, 0.05), np.nan)
        return {
            **{name: self._spread(sample, mean, outside=np.nan) for name, mean in zip(names, means, strict=True)},
            "labels": self._spread(sample, by_label.argmax(axis=1).astype(np.int8)),
            "brain": self._spread(sample, sample.intracranial > 0.5),
            "pure": self._spread(sample, sample.fractions.max(axis=1) > 0.95),
            "fractions": {
                tissue.name: self._spread(sample, share)
                for tissue, share in zip(self.phantom.tissues, sample.fractions.T, strict=True)
            },
        }


def signal_of(
    sample: Sample, curves: list[TissueCurves], time: float, sequence: Sequence, bottom: float = 0.0
) -> np.ndarray:
    """The signal without noise of each voxel of a sample at ``time`` in seconds: the sum over its tissues.

    S = M0 sin(α) (1 - E1) / (1 - cos(α) E1), E1 = exp(-TR (1/T10 + r1 C)).

    Args:
        sample: n voxels.
        curves: of each tissue of the head, in order.
        time: seconds from the first frame.
        sequence: how the signal is made.
        bottom: S position in the head where the slab begins, millimetres, from where blood flows in.

    Returns:
        float32 (n,).
    """
    total = np.zeros(len(sample.voxels), np.float32)
    angle = np.deg2rad(sequence.flip_angle)
    for column, (tissue, curve) in enumerate(zip(sample.phantom.tissues, curves, strict=True)):
        chosen = np.flatnonzero(sample.fractions[:, column] > NO_PART)
        if not len(chosen):
            continue
        t10, ktrans, vp, delay = sample.parameters(tissue, chosen)
        rate = 1 / t10 + np.float32(sample.phantom.relaxivity) * curve.concentration(time - delay, ktrans, vp)
        e1 = np.exp(np.float32(-sequence.repetition_time) * rate)
        part = (1 - e1) / (1 - np.float32(np.cos(angle)) * e1)
        part *= np.float32(GAIN * tissue.proton_density * np.sin(angle))
        if sequence.inflow and tissue.label == Label.ARTERY:
            above = sample.positions[chosen, 2] - np.float32(bottom)
            part *= 1 + np.float32(sequence.inflow) * np.clip(1 - above / 50, 0, 1)
        total[chosen] += sample.fractions[chosen, column] * part
    return total


def partial_volume_blur(into_head: np.ndarray, grid: Grid, own: Grid) -> tuple[float, ...]:
    """Standard deviations (k, j, i), in voxels of the anatomy, that make its values means over a scanner voxel.

    A box of width w has variance w²/12; the soft borders of the anatomy and the linear interpolation between its
    voxels already bring a quarter of the square of its own spacing.

    Args:
        into_head: 4×4 matrix from the scanner to patient space.
        grid: the scanner's voxels.
        own: the anatomy's.
    """
    turned = into_head[:3, :3] @ np.reshape(grid.direction, (3, 3)) * np.asarray(grid.spacing)
    spacing = np.asarray(own.spacing)
    variance = (turned**2).sum(axis=1) / 12 - spacing**2 / 4
    return tuple((np.sqrt(np.maximum(variance, 0)) / spacing)[::-1])


def _box_around(grid: Grid, points: np.ndarray, margin: float = 16.0) -> tuple[tuple[slice, ...], np.ndarray]:
    """The part [k, j, i] of a grid that holds points with a margin in millimetres for motion and blur, and its first
    voxel (i, j, k)."""
    low = np.floor(grid.indices(points.min(axis=0) - margin)).astype(int).clip(0, np.array(grid.size) - 2)
    high = np.ceil(grid.indices(points.max(axis=0) + margin)).astype(int).clip(low + 1, np.array(grid.size) - 1) + 1
    return tuple(slice(a, b) for a, b in zip(low[::-1], high[::-1], strict=True)), low


def trilinear(shape: tuple[int, int, int], indices: np.ndarray) -> csr_array:
    """The matrix (n, voxels) that interpolates linearly at fractional indices (n, 3), in the order (i, j, k), within
    an array of ``shape`` (k, j, i)."""
    low = np.clip(indices.astype(np.int32), 0, np.array(shape[::-1]) - 2)
    part = (indices - low).astype(np.float32)
    steps = np.array([shape[1] * shape[2] * k + shape[2] * j + i for k in (0, 1) for j in (0, 1) for i in (0, 1)])
    columns = ((low[:, 2] * shape[1] + low[:, 1]) * shape[2] + low[:, 0])[:, None] + steps.astype(np.int32)
    x, y, z = (np.stack([1 - axis, axis], axis=1) for axis in part.T)
    weights = z[:, :, None, None] * y[:, None, :, None] * x[:, None, None, :]
    rows = np.arange(0, 8 * len(indices) + 1, 8, dtype=np.int32)
    return csr_array((weights.ravel(), columns.ravel(), rows), shape=(len(indices), int(np.prod(shape))))
