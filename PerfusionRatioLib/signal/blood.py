"""Concentrations in arteries where T10 is known for tissue only."""

from dataclasses import dataclass, field

import numpy as np

from ..acquisition import Acquisition
from .spoiled_gradient_echo import concentration_from_signal, spgr_signal

BLOOD_T10 = {1.5: 1.48, 3.0: 1.65, 7.0: 2.09}
"""Field in tesla -> T1 of blood in seconds, measured in the sagittal sinus, that is in venous blood (Zhang et al. 2013,
Magn Reson Med 70:1082)."""

_NEAR_LIMIT = 0.999  # of the highest signal that a T10 explains; above it a float32 has too few digits left
_MOST_KEPT = 20_000  # voxels: as many as the search for arteries looks at; 60 frames of them are 5 MB


def usual_field(acquisition: Acquisition) -> float:
    """The usual field in tesla (1.5, 3 or 7) nearest to that of the scanner; 3 when it is not known."""
    field_strength = 3.0 if acquisition.field_strength is None else acquisition.field_strength.value
    return min(BLOOD_T10, key=lambda usual: abs(usual - field_strength))


def usual_blood_t10(acquisition: Acquisition) -> float:
    """T1 of (venous) blood in seconds at the usual field nearest to that of the scanner; at 3 T if it is not known."""
    return BLOOD_T10[usual_field(acquisition)]


@dataclass(frozen=True)
class KeptCurves:
    """Curves of voxels that a conversion with the T10 of tissue loses: signal at first, then concentration in blood.

    Attributes:
        index: (k, j, i) of each, shaped (n, 3), in the order of the image.
        curves: float32 shaped (t, n).
    """

    index: np.ndarray
    curves: np.ndarray


@dataclass(frozen=True)
class BloodConversion:
    """Turns concentrations that were worked out with a T10 of tissue into those of blood, exactly.

    Both are the same signal, so with g(T) = (1 − e)/(1 − cos α · e), e = exp(−TR/T), what the signal equation calls y
    (see ``spoiled_gradient_echo``) changes by the factor g(blood)/g(tissue) and the concentration with it. The
    difference is far from small in arteries: with a TR of 5 ms and 15°, 1.4 s in place of 1.65 s doubles their peak.

    Where the tissue's T10 is missing, or so short that it does not explain the signal of blood, there is no
    concentration to start from: ``kept`` holds those curves, worked out from the signal.

    Attributes:
        tissue_t10: seconds, one value or shaped (k, j, i).
        blood_t10: seconds.
        repetition_time: TR, seconds.
        flip_angle: degrees.
        relaxivity: r1, 1/(mM s).
        b1: actual divided by nominal flip angle, one value or shaped (k, j, i).
        kept: concentrations in blood of voxels that have none in tissue.
    """

    tissue_t10: float | np.ndarray
    blood_t10: float
    repetition_time: float
    flip_angle: float
    relaxivity: float
    b1: float | np.ndarray = 1.0
    kept: KeptCurves = field(default_factory=lambda: KeptCurves(np.empty((0, 3), int), np.empty((0, 0), np.float32)))

    def __call__(self, concentration: np.ndarray, index: np.ndarray) -> np.ndarray:
        """Curves in blood.

        Args:
            concentration: curves in mM, worked out with the tissue's T10, shaped (t, n).
            index: (k, j, i) of the voxels, shaped (n, 3).

        Returns:
            mM, shaped (t, n); NaN where the signal is more than blood can give.
        """
        blood = self.values(concentration, index)
        if len(self.kept.index):
            places = {tuple(voxel): n for n, voxel in enumerate(self.kept.index.tolist())}
            source = np.array([places.get(tuple(voxel), -1) for voxel in np.asarray(index).tolist()], int)
            blood[:, source >= 0] = self.kept.curves[:, source[source >= 0]]
        return blood

    def values(self, concentration: np.ndarray, index: np.ndarray) -> np.ndarray:
        """What concentrations (..., n) of the voxels (n, 3) are in blood, such as their peaks or noise, in mM."""
        voxel = tuple(np.asarray(index).T)
        tissue_t10 = self.tissue_t10 if np.ndim(self.tissue_t10) == 0 else self.tissue_t10[voxel]
        b1 = self.b1 if np.ndim(self.b1) == 0 else self.b1[voxel]
        cosine = np.cos(np.deg2rad(self.flip_angle) * b1)
        with np.errstate(all="ignore"):
            recovered = _recovered(1 / tissue_t10 + self.relaxivity * np.asarray(concentration, float), self, cosine)
            recovered *= _recovered(1 / self.blood_t10, self, cosine) / _recovered(1 / tissue_t10, self, cosine)
            rate = np.log1p(recovered * (1 - cosine) / (1 - recovered)) / self.repetition_time
            return np.where(recovered < 1, (rate - 1 / self.blood_t10) / self.relaxivity, np.nan)

    def signal_to_keep(
        self, signal: np.ndarray, before: np.ndarray, where: np.ndarray, artery: np.ndarray | None = None
    ) -> KeptCurves:
        """The signal of voxels that the conversion with the tissue's T10 will lose, to be taken before it.

        All those of ``artery`` are kept and, up to 20,000 in all, those that enhance most in the mean over time.

        Args:
            signal: shaped (t, k, j, i).
            before: its mean over the baseline, shaped (k, j, i).
            where: bool shaped (k, j, i), voxels that are going to be converted.
            artery: the same, of those known to be artery.
        """
        voxels = np.flatnonzero(where & (before > 0) & (np.asarray(self.b1) > 0))
        start = before.reshape(-1)[voxels]
        highest = np.fmax.reduce(signal, axis=0).reshape(-1)[voxels]
        lost = ~(highest / start * self._of_limit(voxels) < _NEAR_LIMIT)
        voxels, start = voxels[lost], start[lost]
        if voxels.size > _MOST_KEPT:
            total = np.zeros_like(before)
            for frame in signal:
                np.add(total, frame, out=total, where=np.isfinite(frame))
            gain = total.reshape(-1)[voxels] / start
            if artery is not None:
                gain[artery.reshape(-1)[voxels]] = np.inf
            voxels = np.sort(voxels[np.argsort(-gain, kind="stable")[:_MOST_KEPT]])
        index = np.stack(np.unravel_index(voxels, before.shape), axis=1)
        return KeptCurves(index, signal[(slice(None), *index.T)])

    def of_signal(self, kept: KeptCurves, baseline: slice, ceiling: float | None) -> KeptCurves:
        """``kept`` signal as concentration in blood, in mM; NaN at the ``ceiling`` of the format and where blood cannot
        give such a signal."""
        if not len(kept.index):
            return kept
        signal = kept.curves if ceiling is None else np.where(kept.curves < ceiling, kept.curves, np.float32(np.nan))
        converted = concentration_from_signal(
            signal,
            baseline,
            self.blood_t10,
            self.repetition_time,
            self.flip_angle,
            self.relaxivity,
            b1=self.b1 if np.ndim(self.b1) == 0 else self.b1[tuple(kept.index.T)],
        )
        return KeptCurves(kept.index, converted.array)

    def _of_limit(self, voxels: np.ndarray) -> np.ndarray:
        """The signal before the bolus as a share of the highest that there is; NaN where T10 is missing."""
        t10, b1 = (value if np.ndim(value) == 0 else value.reshape(-1)[voxels] for value in (self.tissue_t10, self.b1))
        with np.errstate(all="ignore"):
            share = spgr_signal(1 / np.asarray(t10, float), self.repetition_time, self.flip_angle, b1=b1)
            share = share / np.sin(np.deg2rad(self.flip_angle) * b1)
        return np.where(np.isfinite(t10) & (np.asarray(t10) > 0), share, np.nan)


def _recovered(rate, conversion, cosine):
    decay = np.exp(-conversion.repetition_time * rate)
    return (1 - decay) / (1 - cosine * decay)
