"""Population arterial inputs: published landmarks, plasma and blood, and the shift by an arrival time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from PerfusionRatioLib.aif.population import georgiou, parker
from PerfusionRatioLib.errors import InputError

TIMES = np.arange(0, 300, 0.5)
BOTH = pytest.mark.parametrize("population", [parker, georgiou])


def test_parker_peaks_where_the_paper_has_its_first_gaussian():
    aif = parker(TIMES)

    assert TIMES[np.argmax(aif.plasma_concentration)] == pytest.approx(60 * 0.17046, abs=0.5)
    assert aif.blood_concentration.max() == pytest.approx(6.07, abs=0.01)


def test_parker_late_is_its_exponential_alone():
    late = parker(np.array([600.0, 1200.0])).blood_concentration

    np.testing.assert_allclose(late, 1.05 * np.exp(-0.1685 * np.array([10, 20])), rtol=1e-6)


def test_georgiou_starts_at_zero_and_has_passes_ever_weaker():
    blood = georgiou(np.arange(0, 120, 0.1)).blood_concentration
    peaks = [blood[i] for i in range(1, blood.size - 1) if blood[i - 1] < blood[i] > blood[i + 1]]

    assert blood[0] == 0
    assert len(peaks) >= 2
    assert peaks[0] == blood.max()


def test_georgiou_goes_on_beyond_the_measured_five_minutes():
    blood = georgiou(np.arange(0, 1800, 10.0)).blood_concentration

    # one exponential and a constant train of passages are left
    np.testing.assert_allclose(blood[-1] / blood[-61], np.exp(-0.11269 * 10), rtol=1e-3)


@BOTH
@settings(max_examples=30, deadline=None)
@given(haematocrit=st.floats(0, 0.7))
def test_plasma_is_blood_divided_by_one_minus_haematocrit(population, haematocrit):
    aif = population(TIMES, haematocrit=haematocrit)

    np.testing.assert_allclose(
        aif.plasma_concentration * (1 - haematocrit), population(TIMES, 0, 0).blood_concentration
    )


@BOTH
@settings(max_examples=30, deadline=None)
@given(frames=st.integers(0, 100))
def test_arrival_shifts_the_curve(population, frames):
    shifted = population(TIMES, arrival_time=TIMES[frames]).plasma_concentration

    np.testing.assert_allclose(shifted[frames:], population(TIMES).plasma_concentration[: TIMES.size - frames])
    assert not shifted[:frames].any()


@BOTH
def test_the_series_may_begin_after_the_bolus(population):
    np.testing.assert_allclose(
        population(TIMES, arrival_time=-20.0).plasma_concentration[:-40], population(TIMES).plasma_concentration[40:]
    )


@BOTH
def test_it_says_what_it_is(population):
    aif = population(TIMES, arrival_time=12.0)

    assert aif.origin.startswith("population (")
    assert aif.arrival_time == 12.0
    assert aif.quality.verdict == "good"


@BOTH
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"haematocrit": 42}, "The haematocrit is 42; it must be a fraction"),
        ({"haematocrit": -0.1}, "The haematocrit is -0.1"),
        ({"haematocrit": float("nan")}, "The haematocrit is nan"),
        ({"arrival_time": 400.0}, "The bolus arrives at 400 s but the series ends at 299.5 s"),
        ({"arrival_time": float("nan")}, "The bolus arrives at nan s"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(population, given, sentence):
    with pytest.raises(InputError) as refusal:
        population(TIMES, **given)

    assert sentence in str(refusal.value)
