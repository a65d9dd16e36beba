"""The contrast agent in the plasma of a digital patient: a parametric arterial curve and its venous outflow."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Bolus:
    """Plasma concentration in the internal carotid artery after an intravenous injection.

    First pass: a gamma variate. Second pass: the first one, later, lower and wider. Then a slow washout, two
    exponentials, that sets in with the first pass. All are amplitudes relative to ``peak``, the maximum of the sum.

    Attributes:
        arrival: seconds from the first frame until the bolus arrives.
        peak: highest plasma concentration, mM.
        width: full width of the first pass at half its height, seconds.
        recirculation: height of the second pass.
        recirculation_delay: seconds from the first to the second pass.
        plateau: level at which the washout starts.
        transit: mean time from artery to venous sinus, seconds.
        transit_spread: standard deviation of that time, seconds.
    """

    arrival: float = 30.0
    peak: float = 6.0
    width: float = 9.0
    recirculation: float = 0.10
    recirculation_delay: float = 20.0
    plateau: float = 0.20
    transit: float = 6.5
    transit_spread: float = 2.5

    def arterial(self, times: np.ndarray) -> np.ndarray:
        """Arterial plasma concentration in mM at ``times`` in seconds; 0 before arrival."""
        fine = np.arange(0.0, 12 * self.width, 0.02)
        return self.peak * self._shape(np.asarray(times, float) - self.arrival) / self._shape(fine).max()

    def venous(self, times: np.ndarray) -> np.ndarray:
        """Plasma concentration in the venous sinuses in mM: the arterial one through a gamma distribution of transit
        times, on a numerical grid of 0.05 s."""
        times = np.asarray(times, float)
        step = 0.05
        lags = np.arange(0.0, self.transit + 8 * self.transit_spread, step)
        order = (self.transit / self.transit_spread) ** 2
        weights = lags ** (order - 1) * np.exp(-lags * order / self.transit)
        grid = np.arange(0.0, max(times.max(), step) + step, step)
        curve = np.convolve(self.arterial(grid), weights / weights.sum())[: len(grid)]
        return np.interp(times, grid, curve, left=0.0)

    def _shape(self, elapsed: np.ndarray) -> np.ndarray:
        """The curve of ``elapsed`` seconds since arrival, up to a factor."""
        rise = 0.35 * self.width
        washout = 0.6 * np.exp(-elapsed / 90.0) + 0.4 * np.exp(-elapsed / 2400.0)
        onset = 1 - (1 + elapsed / rise) * np.exp(-np.maximum(elapsed, 0.0) / rise)
        curve = (
            gamma_variate(elapsed, self.width)
            + self.recirculation * gamma_variate(elapsed - self.recirculation_delay, 1.8 * self.width)
            + self.plateau * onset * washout
        )
        return np.where(elapsed > 0, curve, 0.0)


def gamma_variate(elapsed: np.ndarray, width: float, order: float = 3.0) -> np.ndarray:
    """A gamma variate of height 1: (t/t_p)^a exp(a(1 - t/t_p)), with the peak time t_p that gives it ``width``
    seconds at half height (Madsen, Phys Med Biol 37 (1992) 1597)."""
    time_to_peak = width / _RELATIVE_WIDTH
    relative = np.maximum(elapsed, 0.0) / time_to_peak
    return relative**order * np.exp(order * (1 - relative))


def _relative_width(order: float = 3.0) -> float:
    relative = np.linspace(0, 6, 600_001)
    above = relative[relative**order * np.exp(order * (1 - relative)) >= 0.5]
    return float(above[-1] - above[0])


_RELATIVE_WIDTH = _relative_width()


def varied_bolus(seed: int, arrival: float = 30.0) -> Bolus:
    """A bolus drawn from what is met in patients: peak 4 to 8 mM, first pass 6 to 14 s wide, arrival ± 5 s."""
    random = np.random.default_rng(seed)
    return Bolus(
        arrival=arrival + random.uniform(-5, 5),
        peak=random.uniform(4.0, 8.0),
        width=random.uniform(6.0, 14.0),
        recirculation=random.uniform(0.05, 0.18),
        recirculation_delay=random.uniform(16.0, 26.0),
        plateau=random.uniform(0.14, 0.26),
        transit=random.uniform(5.0, 8.0),
        transit_spread=random.uniform(1.8, 3.2),
    )
