"""The arterial inputs of two visits: what is the same, what differs, and what that means."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from PerfusionRatioLib.aif.consistency import aif_shape, compare_aifs
from PerfusionRatioLib.errors import InputError, NoAnswerError
from PerfusionRatioLib.phantom.bolus import Bolus

TIMES = np.arange(0, 240, 2.0)
PLASMA = Bolus(arrival=30.0).arterial(TIMES)


def test_a_curve_agrees_with_itself():
    same = compare_aifs(TIMES, PLASMA, TIMES, PLASMA)

    assert same.ratios == {"peak": 1, "area": 1, "width": 1, "tail": 1}
    assert same.agree and same.pre == same.follow_up
    assert same.sentence == (
        "The arterial inputs of the two visits agree: peak 1.00 times, area 1.00 times, width 1.00 times and late "
        "level relative to the first minute 1.00 times those of the first visit."
    )


def test_measures_of_a_triangle_on_a_plateau():
    times = np.arange(0, 200, 1.0)
    shape = aif_shape(times, np.interp(times, [0, 40, 50, 60, 200], [0, 0, 8, 2, 2]))

    assert shape.peak_mM == 8
    assert shape.arrival_s == pytest.approx(40, abs=0.5)
    assert shape.area_mM_s == pytest.approx(40 + 50 + 40 * 2, abs=1)
    assert shape.width_s == pytest.approx(50 + 10 * 4 / 6 - 45)
    assert shape.tail_mM == 2


@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 10))
def test_a_scaled_curve_scales_peak_area_and_tail_and_nothing_else(factor):
    assume(min(abs(factor - limit) for limit in (1 / 1.2, 1.2)) > 1e-9)  # where rounding decides
    scaled = compare_aifs(TIMES, PLASMA, TIMES, factor * PLASMA)

    for name in ("peak", "area", "tail"):
        assert scaled.ratios[name] == pytest.approx(factor)
    assert scaled.ratios["width"] == pytest.approx(1)
    assert scaled.follow_up.arrival_s == pytest.approx(scaled.pre.arrival_s)
    assert scaled.agree == (1 / 1.2 <= factor <= 1.2)


@settings(max_examples=30, deadline=None)
@given(st.integers(-10, 20))
def test_a_shift_in_time_changes_the_arrival_alone(frames):
    shifted = Bolus(arrival=30.0 + 2.0 * frames).arterial(TIMES)
    moved = compare_aifs(TIMES, PLASMA, TIMES, shifted)

    assert moved.agree
    assert list(moved.ratios.values()) == pytest.approx([1, 1, 1, 1])
    assert moved.follow_up.arrival_s - moved.pre.arrival_s == pytest.approx(2 * frames, abs=0.01)


def test_other_frames_of_the_same_bolus_agree():
    slower = np.arange(1, 200, 3.5)
    assert compare_aifs(TIMES, PLASMA, slower, Bolus(arrival=30.0).arterial(slower)).agree


@pytest.mark.parametrize("stop", [95, 100, 110, 140])
def test_a_series_that_ends_early_is_compared_over_what_both_have(stop):
    short = stop >= TIMES
    ratios = compare_aifs(TIMES, PLASMA, TIMES[short], PLASMA[short]).ratios
    assert list(ratios.values()) == pytest.approx([1, 1, 1, 1])


def test_twice_the_amplitude_halves_absolute_values_and_spares_ratios():
    sentence = compare_aifs(TIMES, PLASMA, TIMES, 2 * PLASMA).sentence

    assert sentence == (
        "The arterial inputs of the two visits differ (peak 2.00 times and area 2.00 times that of the first visit): "
        "absolute Ktrans and vp of the follow-up are about 0.50 times what the first visit's input would give; "
        "ratios to normal brain cancel an error of the amplitude but not one of the shape."
    )


def test_a_wider_curve_of_the_same_area_changes_ratios_too():
    wider = Bolus(arrival=30.0, width=16.0).arterial(TIMES)
    area = aif_shape(TIMES, PLASMA).area_mM_s / aif_shape(TIMES, wider).area_mM_s
    compared = compare_aifs(TIMES, PLASMA, TIMES, area * wider)

    assert not compared.agree
    assert compared.ratios["area"] == pytest.approx(1)
    assert "width 1." in compared.sentence and "area" not in compared.sentence
    assert compared.sentence.endswith("ratios to normal brain change too, as the shape differs.")


def test_which_visit_is_first_does_not_change_whether_they_agree():
    for factor in (0.78, 0.85, 1.15, 1.25):
        one = compare_aifs(TIMES, PLASMA, TIMES, factor * PLASMA)
        other = compare_aifs(TIMES, factor * PLASMA, TIMES, PLASMA)
        assert one.agree == other.agree


def test_a_series_that_ends_before_the_late_level_has_none():
    short = TIMES < 60
    compared = compare_aifs(TIMES, PLASMA, TIMES[short], PLASMA[short])

    assert compared.ratios["area"] == pytest.approx(1)
    assert np.isnan(compared.ratios["tail"]) and np.isnan(compared.follow_up.tail_mM)
    assert compared.agree


@pytest.mark.parametrize(
    ("times", "plasma", "sentence"),
    [
        (TIMES, PLASMA[:-1], "119 concentrations at 120 times"),
        (TIMES[:2], PLASMA[:2], "at least three times"),
        (TIMES, np.where(TIMES == 40, np.nan, PLASMA), "has a number for each"),
        (TIMES[::-1], PLASMA, "times increase"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(times, plasma, sentence):
    with pytest.raises(InputError, match=sentence):
        compare_aifs(TIMES, PLASMA, times, plasma)


def test_a_curve_that_does_not_rise_has_no_shape():
    with pytest.raises(NoAnswerError, match="does not rise"):
        aif_shape(TIMES, np.zeros_like(TIMES))


@pytest.mark.parametrize(("lifted", "agree"), [(1.0, True), (1.15, True), (1.6, False), (0.6, False)])
def test_another_late_level_is_another_shape(lifted, agree):
    times = np.arange(0, 180, 2.0)
    plasma = Bolus(arrival=20.0, peak=6.0, width=12.0).arterial(times)
    late = np.where(times > 80, lifted, 1.0) * plasma
    found = compare_aifs(times, plasma, times, late)
    assert found.agree == agree
    if not agree:
        assert "late level relative to the first minute" in found.sentence
        assert "ratios to normal brain change too" in found.sentence
