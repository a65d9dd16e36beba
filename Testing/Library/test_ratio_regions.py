"""A number for a region, what noise adds to it, and how alike the noise of neighbours is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.ratio.measurement import STATISTICS
from PerfusionRatioLib.ratio.noise import MOST, correlated_noise, neighbour_correlation
from PerfusionRatioLib.ratio.noisy_median import noisy_median
from PerfusionRatioLib.ratio.region_statistics import STATISTIC, region_statistics

BOX = np.argwhere(np.ones((6, 8, 10), bool))
EVEN = 5.0 * np.arange(60)
"""Indices (k, j, i) of the voxels of a cuboid."""


def alike(values: np.ndarray, step: tuple[int, int, int]) -> float:
    """The correlation of voxels of ``BOX``, values shaped (draws, n), with their neighbours a ``step`` further."""
    grid = values.reshape(-1, 6, 8, 10)
    first = grid[:, : 6 - step[0], : 8 - step[1], : 10 - step[2]]
    second = grid[:, step[0] :, step[1] :, step[2] :]
    return float(np.mean(first * second))


@pytest.mark.parametrize("correlation", [(0.0, 0.0, 0.0), (0.3, 0.0, 0.6), (MOST, 0.1, 0.4)])
def test_noise_has_variance_one_and_the_correlation_asked_for(correlation):
    noise = correlated_noise(BOX, correlation, 1500, np.random.default_rng(0))
    assert noise.shape == (1500, len(BOX))
    assert noise.std() == pytest.approx(1.0, abs=0.01)
    assert noise.mean() == pytest.approx(0.0, abs=0.01)
    for step, asked in zip(np.eye(3, dtype=int), correlation, strict=True):
        assert alike(noise, step) == pytest.approx(asked, abs=0.015)


def test_noise_is_drawn_for_voxels_in_any_order_and_place():
    shuffled = np.random.default_rng(1).permutation(len(BOX))
    drawn = [
        correlated_noise(index, (0.2, 0.3, 0.4), 20, np.random.default_rng(2))
        for index in (BOX, BOX[shuffled] + (7, 0, 3))
    ]
    np.testing.assert_array_equal(drawn[1], drawn[0][:, shuffled])


@pytest.mark.parametrize("correlation", [(-0.1, 0, 0), (0, MOST + 0.01, 0), (0, 0, float("nan"))])
def test_a_correlation_that_no_noise_of_the_kind_has_is_refused(correlation):
    with pytest.raises(InputError, match=r"Correlations of neighbours lie between 0 and 0\.65"):
        correlated_noise(BOX, correlation, 2, np.random.default_rng(0))


@pytest.mark.parametrize("correlation", [(0.0, 0.0, 0.0), (0.5, 0.2, 0.0), (0.1, 0.4, 0.6)])
def test_the_correlation_of_neighbours_is_found_whatever_changes_slowly(correlation):
    curves = correlated_noise(BOX, correlation, 60, np.random.default_rng(3))
    slow = 100 * np.linspace(0, 1, 60)[:, None] ** 2 * np.random.default_rng(4).random(len(BOX))
    assert neighbour_correlation(curves, BOX, EVEN) == pytest.approx(correlation, abs=0.03)
    assert neighbour_correlation(curves + slow, BOX, EVEN) == pytest.approx(correlation, abs=0.03)


def test_frames_that_grow_longer_do_not_make_a_slow_change_noise():
    times = np.append(np.arange(0.0, 60, 2), np.arange(60.0, 660, 20))
    slow = np.linspace(1, 2, len(BOX)) * times[:, None]
    curves = correlated_noise(BOX, (0.5, 0.2, 0.0), 60, np.random.default_rng(3)) + slow
    assert neighbour_correlation(curves, BOX, times) == pytest.approx((0.5, 0.2, 0.0), abs=0.03)


def test_voxels_apart_and_short_series_have_no_correlation():
    curves = correlated_noise(BOX, (0.5, 0.5, 0.5), 60, np.random.default_rng(3))
    assert neighbour_correlation(curves, 2 * BOX, EVEN) == (0, 0, 0)
    assert neighbour_correlation(curves[:3], BOX, EVEN[:3]) == (0, 0, 0)
    assert neighbour_correlation(np.ones((60, len(BOX))), BOX, EVEN) == (0, 0, 0)


def test_neighbours_that_are_the_same_voxel_twice_are_as_alike_as_can_be():
    once = np.random.default_rng(5).standard_normal((60, 1))
    assert neighbour_correlation(np.repeat(once, len(BOX), axis=1), BOX, EVEN) == (MOST, MOST, MOST)


def white(count: int, draws: int = 400, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((draws, count))


def test_the_statistics_are_those_that_are_named():
    assert tuple(STATISTIC) == STATISTICS
    values = np.arange(100.0)
    exact = np.zeros(100)
    assert [float(STATISTIC[name](values, exact)) for name in STATISTICS] == pytest.approx([49.5, 49.5, 89.1, 97.0])
    assert float(STATISTIC["hot_spot"](np.array([1.0, 2.0, 4.0, 9.0]), exact[:4])) == 5.0  # of three at least
    assert float(STATISTIC["hot_spot"](np.array([1.0, 2.0]), exact[:2])) == 1.5


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=40))
def test_without_noise_the_statistics_are_exact_and_certain(values):
    values = np.array(values)
    found = region_statistics(values, np.zeros_like(values), white(len(values), 30), np.random.default_rng(0))
    for name, statistic in found.items():
        assert statistic.value == pytest.approx(float(STATISTIC[name](values, np.zeros_like(values))), abs=1e-9)
        assert np.ptp(statistic.draws) == pytest.approx(0, abs=1e-9)


def simulated(repeats: int, tissue: float, error: float, correlation=(0.0, 0.0, 0.0)):
    """Regions of 120 voxels around 1 with a spread of ``tissue`` and noise of ``error``: the true values, the measured
    ones, and what is found."""
    random = np.random.default_rng(6)
    index = np.argwhere(np.ones((4, 5, 6), bool))
    true = 1 + tissue * random.standard_normal((repeats, len(index)))
    noise = correlated_noise(index, correlation, repeats, random)
    draws = correlated_noise(index, correlation, 300, random)
    errors = np.full(len(index), error)
    for values, added in zip(true, noise, strict=True):
        yield values, values + error * added, region_statistics(values + error * added, errors, draws, random)


@pytest.mark.parametrize(
    ("tissue", "error", "correlation"),
    [(0.0, 0.3, (0, 0, 0)), (0.2, 0.2, (0, 0, 0)), (0.3, 0.1, (0, 0, 0)), (0.2, 0.2, (0.2, 0.5, 0.5))],
    ids=["all alike", "as much noise as spread", "little noise", "noise of neighbours alike"],
)
def test_the_interval_of_a_median_holds_the_truth_in_95_of_100(tissue, error, correlation):
    repeats, held = 300, 0
    for values, _, found in simulated(repeats, tissue, error, correlation):
        low, high = found["median"].interval
        held += low <= np.median(values) <= high
    assert 0.915 <= held / repeats <= 0.98


@pytest.mark.parametrize(("name", "error"), [("core", 0.1), ("skewed", 0.15)], ids=["core", "skewed"])
def test_the_interval_of_a_median_holds_the_truth_of_two_tissues_and_skewed_ones(name, error):
    random, held, repeats = np.random.default_rng(9), 0, 150
    for _ in range(repeats):
        spread = random.standard_normal(150)
        true = np.where(np.arange(150) < 45, 0.1, 1.0) * (1 + 0.2 * spread) if name == "core" else np.exp(0.5 * spread)
        values, errors = true + error * random.standard_normal(150), np.full(150, error)
        low, high = region_statistics(values, errors, white(150, 300), random)["median"].interval
        held += low <= np.median(true) <= high
    assert held / repeats >= 0.85  # the median of noisy values is some errors off that of the true ones


def test_a_region_of_two_tissues_keeps_its_ordinary_median_and_one_of_noise_does_not():
    random = np.random.default_rng(10)
    noise, errors = random.standard_normal(150), np.full(150, 0.2)
    two = np.where(np.arange(150) < 45, 0.1, 1.0) + 0.2 * noise
    found = region_statistics(two, errors, white(150, 30), random)["median"].value
    assert found == np.median(two)
    assert abs(noisy_median(two, errors) - found) > 0.02
    alike = 1 + 0.2 * noise
    assert region_statistics(alike, errors, white(150, 30), random)["median"].value == noisy_median(alike, errors)


def test_what_noise_adds_to_a_hot_spot_is_taken_off():
    raw, freed = [], []
    for values, measured, found in simulated(150, 0.2, 0.2):
        exact = np.zeros_like(values)
        true = STATISTIC["hot_spot"](values, exact)
        raw.append(STATISTIC["hot_spot"](measured, exact) - true)
        freed.append(found["hot_spot"].value - true)
    assert np.mean(raw) > 0.1
    assert abs(np.mean(freed)) < 0.1 * np.mean(raw)


def test_one_voxel_has_a_value_and_the_interval_of_its_error():
    found = region_statistics(np.array([2.0]), np.array([0.5]), white(1, 4000), np.random.default_rng(0))
    assert found["median"].value == 2.0
    assert found["median"].interval == pytest.approx((2 - 1.96 * 0.5, 2 + 1.96 * 0.5), abs=0.1)


def test_a_few_voxels_far_off_do_not_pass_for_the_spread_of_the_tissue():
    random = np.random.default_rng(7)
    values = 1 + 0.2 * random.standard_normal(480)
    far = np.where(np.arange(480) < 5, 1000.0, values)
    errors, noise = np.full(480, 0.2), white(480)
    widths = [
        np.ptp(region_statistics(one, errors, noise, np.random.default_rng(8))["median"].interval)
        for one in (values, far)
    ]
    assert widths[1] == pytest.approx(widths[0], rel=0.3)
