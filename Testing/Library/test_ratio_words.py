"""A ratio as it is written."""

import math

import pytest

from PerfusionRatioLib.ratio.measurement import RatioMeasurement
from PerfusionRatioLib.reporting import words


def measured(value: float, low: float, high: float) -> RatioMeasurement:
    return RatioMeasurement("ktrans", "median", 1.0, 1.0, (1.0, 1.0), (1.0, 1.0), value, low, high, 9, 9)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        ((2.0, 1.6, 2.5), "2.00 (1.60 to 2.50)"),
        ((299.0, 151.0, 368618.0), "299 (≥ 151)"),
        ((0.1, 0.0, 1.2), "0.10 (0.00 to 1.20)"),
    ],
)
def test_an_upper_limit_that_says_nothing_is_not_printed(ratio, text):
    assert words.ratio(measured(*ratio)) == text


def test_what_was_not_measured_is_a_dash():
    assert words.ratio(None) == words.NONE
    assert words.ratio(measured(math.nan, math.nan, math.nan)) == words.NONE
