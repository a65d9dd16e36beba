"""The median of values with errors: a median without noise, nearly a mean in it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from PerfusionRatioLib.ratio.noisy_median import TURN, expected_pull, noisy_median, share_of_noise, variance

VALUES = st.lists(st.floats(-100, 100), min_size=1, max_size=30)


@given(VALUES)
def test_exact_values_have_their_median(values):
    assert noisy_median(np.array(values), np.zeros(len(values))) == pytest.approx(np.median(values), abs=1e-9)


@given(VALUES)
def test_values_that_differ_by_less_than_their_errors_have_their_mean(values):
    errors = np.full(len(values), 200.0)
    assert noisy_median(np.array(values), errors) == pytest.approx(np.mean(values), abs=0.2)


@given(VALUES, st.floats(0.01, 100), st.floats(-10, 10), st.floats(0.1, 10))
def test_it_moves_and_grows_with_the_values(values, error, shift, scale):
    values, errors = np.array(values), np.full(len(values), error)
    once = noisy_median(values, errors)
    assert noisy_median(scale * values + shift, scale * errors) == pytest.approx(
        scale * once + shift, abs=0.01 * scale * error + 1e-9
    )


@given(st.integers(0, 1000), st.floats(0.0, 3.0))
def test_it_is_where_the_pulls_cancel(seed, spread):
    random = np.random.default_rng(seed)
    errors = random.uniform(0.1, 2.0, 25)
    values = spread * random.standard_normal(25) + errors * random.standard_normal(25)

    def pull(middle: float) -> float:
        return float(np.clip((values - middle) / (TURN * errors), -1, 1).sum())

    where = brentq(pull, values.min() - 1, values.max() + 1)
    assert pull(float(noisy_median(values, errors))) == pytest.approx(0, abs=0.05)
    assert noisy_median(values, errors) == pytest.approx(where, abs=0.02)


def test_rows_are_solved_as_if_alone():
    random = np.random.default_rng(0)
    values, errors = random.standard_normal((3, 70, 40)), random.uniform(0.2, 1.0, 40)
    found = noisy_median(values, errors)
    assert found.shape == (3, 70)
    np.testing.assert_allclose(found[2, 69], noisy_median(values[2, 69], errors), atol=1e-3)


def test_in_noise_alone_it_is_surer_than_the_median_and_a_few_voxels_far_off_hardly_move_it():
    values, errors = np.random.default_rng(1).standard_normal((2000, 100)), np.ones(100)
    found = noisy_median(values, errors)
    assert found.var() == pytest.approx(1 / 0.95 / 100, rel=0.1)
    assert found.var() < 0.75 * np.median(values, axis=1).var()
    values[:, :5] = 1000.0
    assert np.mean(noisy_median(values, errors) - found) < 0.1


@given(st.floats(-5, 5), st.floats(0.1, 10))
def test_the_pull_to_be_expected_is_the_mean_of_many(distance, width):
    z = np.random.default_rng(2).standard_normal(20_000)
    many = np.clip((distance + width * z) / (TURN * width), -1, 1).mean()
    assert expected_pull(np.array(distance), np.array(width)) == pytest.approx(many, abs=0.02)


def test_without_errors_the_pull_to_be_expected_is_that_of_a_median():
    width = np.full(3, 2.0)
    found = expected_pull(np.array([-1.0, 0.0, 3.0]), width, 0.0)
    assert found == pytest.approx([-0.3829, 0.0, 0.8664], abs=1e-3)


@pytest.mark.parametrize(("tissue", "share"), [(0.0, 1.0), (1.0, 1.0), (2.2, 0.0), (5.0, 0.0), (1.35, 0.42)])
def test_noise_hides_how_values_differ_where_it_makes_half_of_their_variance(tissue, share):
    random = np.random.default_rng(3)
    values = tissue * random.standard_normal(20_000) + random.standard_normal(20_000)
    assert share_of_noise(values, np.ones(20_000)) == pytest.approx(share, abs=0.08)


def test_one_value_and_equal_ones_differ_by_nothing_but_noise():
    assert share_of_noise(np.array([2.0]), np.array([0.5])) == 1
    assert share_of_noise(np.full(4, 2.0), np.full(4, 0.5)) == 1
    assert variance(np.array([2.0])) == 0


@given(st.integers(0, 200), st.floats(0.0, 1.0))
def test_errors_of_nothing_among_others_are_solved_too(seed, exact):
    random = np.random.default_rng(seed)
    errors = np.where(random.random(25) < exact, 0.0, random.uniform(0.3, 2.0, 25))
    values = random.standard_normal(25)
    if errors.any():
        pulls = np.clip((values - noisy_median(values, errors)) / np.maximum(TURN * errors, 1e-4), -1, 1)
        assert abs(pulls.sum()) <= 1
