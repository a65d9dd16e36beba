"""One number for a region, freed of what noise adds to it, and how far noise may have moved it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from .noisy_median import noise_variance, noisy_median, share_of_noise, variance

HOT = 0.05
"""The share of voxels that make a hot spot."""
FEWEST_HOT = 3
TAILS = ("p90", "hot_spot")
"""Statistics that rest on how widely the true values are spread."""


def _hot_spot(values: np.ndarray, errors: np.ndarray) -> np.ndarray:
    count = max(FEWEST_HOT, round(HOT * values.shape[-1]))
    return np.sort(values, axis=-1)[..., -count:].mean(axis=-1)


STATISTIC: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "median": noisy_median,
    "mean": lambda values, errors: values.mean(axis=-1),
    "p90": lambda values, errors: np.percentile(values, 90, axis=-1),
    "hot_spot": _hot_spot,
}
"""Of values (..., n) and their standard errors (n,), by the names of ``measurement.STATISTICS``."""


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


def region_statistics(
    values: np.ndarray,
    errors: np.ndarray,
    noise: np.ndarray,
    random: np.random.Generator,
    names: Iterable[str] = tuple(STATISTIC),
) -> dict[str, RegionStatistic]:
    """Statistics of the voxels of a region.

    The truth is that of these very voxels, so only their measurement errors make it uncertain, not the spread of the
    tissue. Measured values are true ones plus noise, and more widely spread. So true values are drawn that might have
    led to them: measured ones, drawn with replacement and narrowed around their median until their variance is the
    measured one less that of the noise (for the tails the measured variance is itself drawn, from its chi-squared
    distribution). Noise of the voxels' own size and correlation is added; the differences of each statistic with noise
    from that of the true values are the errors. Their mean, which is what noise adds to a hot spot, is subtracted from
    the measured value. From the median it is not, as the draws tell it too roughly: they do not know which values have
    which errors. The median is that of ``noisy_median``, with errors as far as noise makes the spread.

    Args:
        values: shaped (n,), finite.
        errors: standard errors, shaped (n,), finite.
        noise: normal noise of variance 1, shaped (draws, n).
        random: where the draws come from.
        names: of the statistics wanted.
    """
    middle, count, draws = np.median(values), len(values), len(noise)
    spread, noisy = variance(values), noise_variance(errors)
    drawn_spread = spread * (count - 1) / random.chisquare(count - 1, draws) if count > 1 else np.zeros(draws)
    aside = values[random.integers(0, count, (draws, count))] - middle
    pull, exact, result = share_of_noise(values, errors) * errors, np.zeros(count), {}
    for name in names:
        statistic = STATISTIC[name]
        share = 1 - noisy / np.maximum(drawn_spread if name in TAILS else spread, np.finfo(float).tiny)
        true = middle + (np.sqrt(np.maximum(share, 0.0)) * aside.T).T
        error = statistic(true + errors * noise, pull) - statistic(true, exact)
        added = float(error.mean())
        value = float(statistic(values, pull)) - (0.0 if name == "median" else added)
        result[name] = RegionStatistic(value, value - (error - added))
    return result
