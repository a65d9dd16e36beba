"""The convolution is exact for straight lines, whatever the timing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from PerfusionRatioLib.kinetics.convolution import exponential_convolution, shifted
from Testing.Library.kinetic_curves import EVEN, UNEVEN, bolus, convolved


@pytest.mark.parametrize("times", [EVEN, UNEVEN], ids=["even", "uneven"])
@pytest.mark.parametrize("rate", [0.0, 1e-4, 0.3, 5.0, 80.0])
def test_it_agrees_with_fine_quadrature(times, rate):
    aif = bolus(times)
    found = exponential_convolution(rate, times / 60, aif)[:, 0]
    np.testing.assert_allclose(found, convolved(rate, times, aif), rtol=5e-6, atol=1e-9)


def test_a_constant_input_gives_the_closed_form():
    times = np.linspace(0, 5, 31)
    found = exponential_convolution([0.7], times, np.full(31, 2.0))[:, 0]
    np.testing.assert_allclose(found, 2 / 0.7 * (1 - np.exp(-0.7 * times)), rtol=1e-9)


def test_rate_zero_is_the_trapezoid_integral():
    aif = bolus(UNEVEN)
    found = exponential_convolution(0, UNEVEN / 60, aif)[-1, 0]
    assert found == pytest.approx(np.trapezoid(aif, UNEVEN / 60), rel=1e-9)


@given(st.floats(1e-9, 1e3), st.integers(0, 2**32 - 1))
def test_small_and_large_rates_meet_without_a_step(rate, seed):
    random = np.random.default_rng(seed)
    times = np.cumsum(random.uniform(0.01, 0.3, 12))
    aif = random.uniform(0, 5, 12)
    near = exponential_convolution([rate, rate * (1 + 1e-9)], times, aif)
    np.testing.assert_allclose(near[:, 0], near[:, 1], rtol=1e-7, atol=1e-12)
    assert np.all(near >= 0)
    assert np.all(near[:, 0] <= exponential_convolution(0.0, times, aif)[:, 0] + 1e-12)


@given(st.floats(-40, 40))
def test_a_shift_in_time_is_a_shift_of_the_result(delay):
    times = EVEN / 60
    aif = bolus(EVEN)
    late = exponential_convolution([0.4], times, aif, at=times - delay / 60)[:, 0]
    inside = (EVEN - delay >= 0) & (EVEN - delay <= EVEN[-1])
    expected = convolved(0.4, EVEN, aif, delay) if delay > 0 else None
    if expected is not None:
        np.testing.assert_allclose(late[inside], expected[inside], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(late[EVEN - delay < 0], 0)


def test_the_shifted_input_is_zero_before_its_first_sample_and_flat_after_its_last():
    times, aif = np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 2.0])
    np.testing.assert_allclose(shifted(times, aif, np.array([-0.5, 0.5, 2.5])), [0, 2, 2])
