"""The interval of a change between two visits, whose errors are independent of each other."""

import numpy as np
import pytest

from PerfusionRatioLib.ratio.change import change_of
from PerfusionRatioLib.ratio.criteria import Criteria
from PerfusionRatioLib.ratio.measurement import RatioMeasurement

DRAWS = 1000
SPREAD = 0.1
"""Standard deviation of the logarithm of a ratio."""


def measured(ratio: float, seed: int) -> RatioMeasurement:
    draws = ratio * np.exp(SPREAD * np.random.default_rng(seed).standard_normal(DRAWS))
    low, high = np.quantile(draws, (0.025, 0.975))
    nothing = (float("nan"), float("nan"))
    return RatioMeasurement("ktrans", "median", ratio, 1.0, nothing, nothing, ratio, low, high, 50, 50, (), draws)


@pytest.mark.parametrize("seeds", [(0, 0), (0, 1)], ids=["draws of one seed", "draws of two seeds"])
def test_the_errors_of_both_visits_are_in_it(seeds):
    pre, follow_up = (measured(ratio, seed) for ratio, seed in zip((2.0, 3.0), seeds, strict=True))
    change = change_of(pre, follow_up, Criteria())
    reach = np.log([1 + change.ci_low, 1 + change.ci_high]) - np.log(1.5)

    np.testing.assert_allclose(reach, np.array([-1.96, 1.96]) * np.sqrt(2) * SPREAD, rtol=0.15)


def test_no_change_with_draws_of_one_seed_is_no_certain_one():
    change = change_of(measured(2.0, 0), measured(2.0, 0), Criteria())

    assert change.relative == 0
    assert change.ci_low < -0.2
    assert change.ci_high > 0.2
    assert not change.beyond_error
