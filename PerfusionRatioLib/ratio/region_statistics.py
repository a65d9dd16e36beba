"""One number for a region, freed of what noise adds to it, and how far noise may have moved it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

HOT = 0.05
"""The share of voxels that make a hot spot."""
FEWEST_HOT = 3


def _hot_spot(values: np.ndarray, axis: int = -1) -> np.ndarray:
    count = max(FEWEST_HOT, round(HOT * values.shape[axis]))
    return np.sort(values, axis=axis)[..., -count:].mean(axis=-1)


STATISTIC: dict[str, Callable[..., np.ndarray]] = {
    "median": np.median,
    "mean": np.mean,
    "p90": lambda values, axis=-1: np.percentile(values, 90, axis=axis),
    "hot_spot": _hot_spot,
}
"""By the names of ``measurement.STATISTICS``."""


@dataclass(frozen=True)
class RegionStatistic:
    """A statistic of a region.

    Attributes:
        value: freed of what noise adds.
        draws: the value as it might have come out with other noise, shaped (draws,).
    """

    value: float
    draws: np.ndarray

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval."""
        return tuple(float(value) for value in np.quantile(self.draws, (0.025, 0.975)))


def region_statistics(values: np.ndarray, errors: np.ndarray, noise: np.ndarray) -> dict[str, RegionStatistic]:
    """Every statistic of the voxels of a region.

    The truth is that of these voxels, so only their measurement errors make it uncertain: the spread of the tissue
    itself does not. What is measured is true value plus noise; its distribution is therefore wider than that of the
    true values. It is narrowed around its median until its variance is the measured one less that of the noise, noise
    of the voxels' own size (and correlation) is added, again and again, and each statistic is taken. The mean shift
    of a statistic by noise is subtracted from the measured one (it is none for a mean, small for a median, large for a
    hot spot), and its spread over the draws is that of the result.

    Args:
        values: shaped (n,), finite.
        errors: standard errors, shaped (n,), finite.
        noise: normal noise of variance 1, shaped (draws, n).
    """
    middle = np.median(values)
    spread = _robust_variance(values)
    noisy = np.median(errors**2)
    narrowed = middle + np.sqrt(max(1 - noisy / spread, 0.0) if spread > 0 else 0.0) * (values - middle)
    repeated = narrowed + errors * noise
    result = {}
    for name, statistic in STATISTIC.items():
        drawn = statistic(repeated, axis=1)
        added = drawn.mean() - float(statistic(narrowed))
        value = float(statistic(values)) - float(added)
        result[name] = RegionStatistic(value, value + drawn - drawn.mean())
    return result


def _robust_variance(values: np.ndarray) -> float:
    low, high = np.percentile(values, (25, 75))
    return ((high - low) / 1.349) ** 2
