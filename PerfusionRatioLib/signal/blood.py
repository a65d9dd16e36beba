"""Concentrations in arteries where T10 is known for tissue only."""

from dataclasses import dataclass

import numpy as np

from ..acquisition import Acquisition

BLOOD_T10 = {1.5: 1.48, 3.0: 1.65}
"""Field in tesla -> T1 of blood in seconds (Zhang et al. 2013, Magn Reson Med 70:1082)."""


def usual_blood_t10(acquisition: Acquisition) -> float:
    """T1 of blood in seconds at the field nearest to that of the scanner; at 3 T when it is not known."""
    field = 3.0 if acquisition.field_strength is None else acquisition.field_strength.value
    return BLOOD_T10[min(BLOOD_T10, key=lambda known: abs(known - field))]


@dataclass(frozen=True)
class BloodConversion:
    """Turns concentrations that were worked out with a T10 of tissue into those of blood, exactly.

    Both are the same signal, so with g(T) = (1 − e)/(1 − cos α · e), e = exp(−TR/T), what the signal equation calls y
    (see ``spoiled_gradient_echo``) changes by the factor g(blood)/g(tissue) and the concentration with it. The
    difference is far from small in arteries: with a TR of 5 ms and 15°, 1.4 s in place of 1.65 s doubles their peak.

    Attributes:
        tissue_t10: seconds, one value or shaped (k, j, i).
        blood_t10: seconds.
        repetition_time: TR, seconds.
        flip_angle: degrees.
        relaxivity: r1, 1/(mM s).
        b1: actual divided by nominal flip angle, one value or shaped (k, j, i).
    """

    tissue_t10: float | np.ndarray
    blood_t10: float
    repetition_time: float
    flip_angle: float
    relaxivity: float
    b1: float | np.ndarray = 1.0

    def __call__(self, concentration: np.ndarray, index: np.ndarray) -> np.ndarray:
        """Concentrations in blood.

        Args:
            concentration: mM, worked out with the tissue's T10, shaped (..., n).
            index: (k, j, i) of the voxels, shaped (n, 3).

        Returns:
            mM, shaped (..., n); NaN where the signal is more than blood can give.
        """
        voxel = tuple(np.asarray(index).T)
        tissue_t10 = self.tissue_t10 if np.ndim(self.tissue_t10) == 0 else self.tissue_t10[voxel]
        b1 = self.b1 if np.ndim(self.b1) == 0 else self.b1[voxel]
        cosine = np.cos(np.deg2rad(self.flip_angle) * b1)
        recovered = _recovered(1 / tissue_t10 + self.relaxivity * np.asarray(concentration, float), self, cosine)
        recovered *= _recovered(1 / self.blood_t10, self, cosine) / _recovered(1 / tissue_t10, self, cosine)
        with np.errstate(invalid="ignore", divide="ignore"):
            rate = np.log1p(recovered * (1 - cosine) / (1 - recovered)) / self.repetition_time
        return np.where(recovered < 1, (rate - 1 / self.blood_t10) / self.relaxivity, np.nan)


def _recovered(rate, conversion, cosine):
    decay = np.exp(-conversion.repetition_time * rate)
    return (1 - decay) / (1 - cosine * decay)
