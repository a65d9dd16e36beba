"""Between the delays that are tabulated the curves are those of the model, so the minimum is the model's too."""

import numpy as np
import pytest

from PerfusionRatioLib import kinetics
from PerfusionRatioLib.kinetics.convolution import exponential_convolution, shifted
from PerfusionRatioLib.kinetics.curves import CurveTables
from Testing.Library.kinetic_curves import EVEN, UNEVEN, bolus, model_curve

FAST = np.arange(300) * 0.5
LIMITS = (-10 / 60, 20 / 60)


def tables_at(name, times, delays, rate):
    """First and second curve of a model, from the tables, as frames, one column a delay."""
    tables = CurveTables(kinetics.MODELS[name], times / 60, bolus(times), LIMITS)
    theta = np.column_stack([np.full_like(delays, np.log(rate)), delays / 60])
    first, second, _, _ = tables.at(theta)
    return tables.basis @ first.T, tables.basis @ second.T


@pytest.mark.parametrize("times", [FAST, EVEN], ids=["0.5 s", "5 s"])
@pytest.mark.parametrize("rate", [0.05, 1.0, 8.0])
def test_curves_between_tabulated_delays_are_those_of_the_model(times, rate):
    delays = np.random.default_rng(0).uniform(-9, 19, 40)
    leaked, plasma = tables_at("extended-tofts", times, delays, rate)
    for column, delay in enumerate(delays):
        at = (times - delay) / 60
        expected = exponential_convolution(rate, times / 60, bolus(times), at)[:, 0]
        np.testing.assert_allclose(leaked[:, column], expected, atol=2e-4 * expected.max())
        expected = shifted(times / 60, bolus(times), at)
        np.testing.assert_allclose(plasma[:, column], expected, atol=1e-5 * expected.max())


@pytest.mark.parametrize("times", [FAST, EVEN, UNEVEN], ids=["0.5 s", "5 s", "uneven"])
@pytest.mark.parametrize("name", ["extended-tofts", "2cxm", "2cum", "patlak", "tofts"])
def test_derivatives_are_those_of_the_curves(name, times):
    model = kinetics.MODELS[name]
    tables = CurveTables(model, times / 60, bolus(times), LIMITS)
    random = np.random.default_rng(1)
    theta = np.column_stack([*random.uniform(-2, 2, (model.exponentials, 30)), random.uniform(-0.15, 0.3, 30)])
    *_, first_slopes, second_slopes = tables.at(theta, slopes=True)
    for column in range(theta.shape[1]):
        step = np.zeros(theta.shape[1])
        step[column] = 1e-6
        after, before = tables.at(theta + step), tables.at(theta - step)
        for number, slopes in enumerate((first_slopes, second_slopes)):
            if slopes is not None:
                expected = (after[number] - before[number]) / 2e-6
                np.testing.assert_allclose(slopes[:, column], expected, atol=1e-5 * (1 + np.abs(expected).max()))


@pytest.mark.parametrize(
    ("name", "physical"),
    [
        ("tofts", {"ktrans": 0.15, "ve": 0.3}),
        ("extended-tofts", {"ktrans": 0.08, "ve": 0.25, "vp": 0.04}),
        ("patlak", {"ktrans": 0.02, "vp": 0.05}),
        ("2cum", {"fp": 40, "ps": 0.02, "vp": 0.05}),
        ("2cxm", {"fp": 40, "ps": 0.1, "vp": 0.05, "ve": 0.2}),
    ],
)
def test_a_delay_of_any_length_leaves_the_parameters_as_they_are(name, physical):
    delays = (-3.17, 1.31, 4.2, 7.77)
    truth = tuple(physical.values())
    data = np.stack([model_curve(name, truth, EVEN, bolus(EVEN), delay) for delay in delays], axis=1)
    maps = kinetics.fit(data, EVEN, bolus(EVEN), model=name, delay="voxel")
    np.testing.assert_allclose(maps.delay, delays, atol=0.01)
    for parameter, value in physical.items():
        np.testing.assert_allclose(getattr(maps, parameter), value, rtol=5e-3)
