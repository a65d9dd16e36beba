"""A measurement below zero of what cannot be negative."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from PerfusionRatioLib.ratio.at_least_zero import UPPER, at_least_zero

NOISE = np.random.default_rng(0).standard_normal(2000)
NOISE = (NOISE - NOISE.mean()) / NOISE.std()


@pytest.mark.parametrize("value", [0.0, -0.3, -1.0, -2.0])
def test_it_is_the_part_of_the_normal_distribution_above_zero(value):
    found = at_least_zero(value, value + NOISE)
    many = value + np.random.default_rng(2).standard_normal(2_000_000)
    for quantile in (0.05, 0.5, UPPER):
        assert np.quantile(found, quantile) == pytest.approx(np.quantile(many[many > 0], quantile), rel=0.03)


def test_at_zero_the_upper_limit_is_that_of_an_interval_to_both_sides():
    assert np.quantile(at_least_zero(0.0, NOISE), UPPER) == pytest.approx(1.96, abs=0.01)


@given(st.floats(-1e6, 0), st.floats(0, 1e3))
def test_it_is_zero_or_more_and_keeps_the_order(value, width):
    draws = value + width * NOISE
    found = at_least_zero(value, draws)
    assert np.isfinite(found).all() and found.min() >= 0
    assert (np.diff(found[np.argsort(draws, kind="stable")]) >= 0).all()


def test_the_upper_limit_holds_a_small_truth_as_often_as_it_says():
    """Of measurements of 0.3 standard deviations those below zero, where the interval is this one."""
    random, truth = np.random.default_rng(1), 0.3
    values = truth + random.standard_normal(400)
    limits = [np.quantile(at_least_zero(value, value + NOISE), UPPER) for value in values[values < 0]]
    assert np.mean(np.array(limits) > truth) > 0.95


def test_without_noise_there_is_nothing_above_zero():
    assert not at_least_zero(-1.0, np.full(5, -1.0)).any()
