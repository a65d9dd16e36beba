"""Concentration in tissue by numerical integration on a fine time grid, independent of the solver's convolution."""

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from .bolus import Bolus
from .tissues import Tissue

STEP = 0.1
"""Seconds between the points of a curve."""


@dataclass(frozen=True)
class TissueCurves:
    """The two curves of which every concentration of a tissue is made (extended Tofts model).

    C(t) = vp c(t) + Ktrans ∫ c(s) exp(-kep (t - s)) ds  (Tofts, J Magn Reson Imaging 7 (1997) 91)

    Attributes:
        plasma: c every ``STEP`` seconds from 0, mM.
        exchanged: the integral, in mM min, so that it multiplies Ktrans in min⁻¹.
    """

    plasma: np.ndarray
    exchanged: np.ndarray

    def concentration(self, times: np.ndarray | float, ktrans: np.ndarray, vp: np.ndarray) -> np.ndarray:
        """Concentration in mM at ``times`` in seconds (one, or one a voxel), linear between the points."""
        where = np.maximum(np.asarray(times, np.float32) / np.float32(STEP), 0)
        low = np.minimum(where.astype(np.int32), len(self.plasma) - 2)
        part = where - low.astype(np.float32)
        plasma, exchanged = (curve[low] * (1 - part) + curve[low + 1] * part for curve in (self.plasma, self.exchanged))
        return vp * plasma + ktrans * exchanged


def tissue_curves(tissue: Tissue, bolus: Bolus, duration: float) -> TissueCurves:
    """The curves of a tissue for ``duration`` seconds."""
    times = np.arange(0.0, duration + 2 * STEP, STEP)
    plasma = bolus.venous(times) if tissue.supply == "vein" else bolus.arterial(times)
    exchanged = exponential_convolution(plasma, tissue.kep / 60, STEP) / 60
    return TissueCurves(np.float32(plasma), np.float32(exchanged))


def exponential_convolution(curve: np.ndarray, rate: float, step: float) -> np.ndarray:
    """∫ curve(s) exp(-rate (t - s)) ds from 0 to t at each sample, by the trapezium rule; ``rate`` in 1/s."""
    decay = np.exp(-rate * step)
    areas = np.zeros(len(curve))
    areas[1:] = 0.5 * step * (curve[1:] + decay * curve[:-1])
    return lfilter([1.0], [1.0, -decay], areas)
