"""The measures of an arterial input against shapes whose answer is known, and the words of the verdict."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from PerfusionRatioLib.aif.quality import full_width_at_half_maximum, judge
from PerfusionRatioLib.errors import InputError

TIMES = np.arange(0, 300, 2.0)


def an_artery(peak=6.0, arrival=30.0, width=9.0, tail=0.15, times=TIMES):
    """A Gaussian first pass of this width that arrives here, and a plateau after it."""
    sigma = width / 2.3548
    centre = times[np.argmin(np.abs(times - arrival - 3 * sigma))]
    plateau = tail * peak / (1 + np.exp(-(times - centre - 3 * sigma) / 2))
    return np.maximum(peak * np.exp(-((times - centre) ** 2) / (2 * sigma**2)), plateau)


def test_a_good_artery_is_told_in_words():
    quality = judge(TIMES, an_artery(), voxels=14)

    assert quality.verdict == "good"
    assert quality.sentence == "Sharp arterial peak of 6.0 mM, 9 s wide, from 14 voxels."


def test_measures_of_a_triangle():
    triangle = np.interp(TIMES, [0, 40, 50, 70, 300], [0, 0, 5, 0, 0])

    quality = judge(TIMES, triangle)

    assert quality.peak == pytest.approx(5)
    assert quality.width == pytest.approx(15)
    assert quality.area == pytest.approx(5 * 30 / 2)
    assert quality.first_pass_area == pytest.approx(5 * 30 / 2)
    assert quality.arrival_time == pytest.approx(40, abs=0.5)
    assert quality.time_to_peak == pytest.approx(10, abs=0.5)
    assert quality.tail == pytest.approx(0)
    assert quality.baseline_noise == pytest.approx(0, abs=1e-9)


def test_the_first_pass_ends_before_the_second_begins():
    second = np.interp(TIMES, [0, 40, 50, 60, 80, 90, 110, 300], [0, 0, 6, 0.5, 2, 1, 1, 1])

    quality = judge(TIMES, second)

    assert quality.first_pass_area == pytest.approx(6 * 10 / 2 + 6.5 * 10 / 2, rel=0.01)
    assert quality.area > 2 * quality.first_pass_area


def test_noise_before_arrival_is_measured():
    noisy = an_artery(arrival=200, times=TIMES) + 0.1 * np.random.default_rng(1).standard_normal(TIMES.size)

    assert judge(TIMES, noisy).baseline_noise == pytest.approx(0.1, rel=0.25)


@settings(max_examples=50, deadline=None)
@given(width=st.floats(6, 40), peak=st.floats(0.5, 30))
def test_width_is_that_of_a_gaussian(width, peak):
    assert full_width_at_half_maximum(TIMES, an_artery(peak, 60, width, tail=0)) == pytest.approx(width, abs=0.6)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.floats(-5, 50), min_size=3, max_size=80),
    st.floats(0.5, 60),
    st.integers(0, 30),
)
def test_every_curve_gets_a_verdict(values, spacing, voxels):
    quality = judge(np.arange(len(values)) * spacing, np.array(values), voxels)

    assert quality.verdict in ("good", "acceptable", "poor")
    assert quality.sentence.endswith(".")
    assert "nan" not in quality.sentence


@pytest.mark.parametrize(
    ("curve", "verdict", "sentence"),
    [
        (an_artery(peak=0.8), "poor", "Peak only 0.8 mM: partial volume or a vein is likely"),
        (an_artery(peak=1.5), "acceptable", "Peak of 1.5 mM is low"),
        (an_artery(peak=60), "poor", "Peak of 60 mM is not possible: inflow or a wrong T1 is likely"),
        (an_artery(peak=25), "acceptable", "Peak of 25 mM is high"),
        (an_artery(width=90, arrival=20, tail=0.1), "poor", "The first pass is 9"),
        (an_artery(width=35, tail=0.1), "acceptable", "The first pass is 35 s wide: slow injection"),
        (np.minimum(an_artery(), 6.0) + 5.7 * (TIMES > 45), "poor", "The curve never falls to half of its peak"),
        (np.interp(TIMES, [0, 30, 110, 120], [0, 0, 6, 2]), "poor", "The curve takes 80 s to its peak: a vein"),
        (np.linspace(0, 6, TIMES.size), "poor", "The curve is highest in its last frame: this is not an artery"),
        (np.linspace(6, 0, TIMES.size), "poor", "The curve is highest in its first frame"),
        (np.zeros(TIMES.size), "poor", "The curve never rises above zero: this is not an artery"),
        (an_artery() + 0.5 * np.sin(TIMES), "acceptable", "Baseline noise is 8% of the peak"),
    ],
)
def test_what_is_wrong_is_named(curve, verdict, sentence):
    quality = judge(TIMES, curve)

    assert sentence in quality.sentence
    assert quality.verdict == verdict


def test_slow_frames_are_named():
    times = np.arange(0, 600, 15.84)

    quality = judge(times, an_artery(times=times, arrival=60, width=30), voxels=1)

    assert quality.verdict == "acceptable"
    assert "frames every 16 s are too far apart to follow the first pass, from 1 voxel." in quality.sentence


@pytest.mark.parametrize(
    ("times", "curve", "sentence"),
    [
        (np.arange(5.0), np.zeros(4), "4 concentrations at 5 times cannot be judged"),
        (np.arange(2.0), np.zeros(2), "2 concentrations at 2 times cannot be judged"),
        (np.arange(5.0), np.array([0, 1, np.nan, 0, 0]), "holds values that are not numbers"),
    ],
)
def test_what_cannot_be_judged_is_refused(times, curve, sentence):
    with pytest.raises(InputError, match=sentence):
        judge(times, curve)
