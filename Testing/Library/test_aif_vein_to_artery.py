"""How much more contrast agent a vein shows than an artery, at any frame spacing; and which vein voxels tell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from PerfusionRatioLib.aif.features import measure_curves
from PerfusionRatioLib.aif.vein_to_artery import transit_time, vein_to_artery
from PerfusionRatioLib.aif.veins import find_veins
from PerfusionRatioLib.phantom.bolus import Bolus, varied_bolus

ARRIVAL = 34.0


def frames(interval, duration=180.0):
    return np.arange(0, duration, interval)


def of_areas(times, artery, vein):
    area = measure_curves(times, np.stack([artery, vein], axis=1), np.zeros(2), ARRIVAL).area
    return area[1] / area[0]


@settings(max_examples=30, deadline=None)
@given(st.floats(0.3, 3.0), st.sampled_from([1.0, 2.0, 4.0]))
def test_the_vein_of_a_partly_filled_artery_shows_more_by_what_is_missing(filled, interval):
    times, bolus = frames(interval), Bolus(arrival=30.0)
    ratio = vein_to_artery(times, filled * bolus.arterial(times), bolus.venous(times), ARRIVAL)
    assert ratio == pytest.approx(1 / filled, rel=0.01)


def test_a_curve_compared_with_itself():
    times = frames(3.0)
    curve = Bolus(arrival=30.0).arterial(times)
    assert vein_to_artery(times, curve, curve, ARRIVAL) == pytest.approx(1)
    assert transit_time(times, curve, curve) == 0


@pytest.mark.parametrize("seed", range(12))
def test_slow_frames_are_corrected_by_the_late_level(seed):
    times, bolus = frames(8.0, 160.0), varied_bolus(seed)
    artery, vein = bolus.arterial(times), bolus.venous(times)
    assert vein_to_artery(times, artery, vein, ARRIVAL) == pytest.approx(1, abs=0.04)


def test_without_the_correction_slow_frames_would_be_wrong_by_far_more():
    times = frames(8.0, 160.0)
    wrong = [abs(of_areas(times, b.arterial(times), b.venous(times)) - 1) for b in map(varied_bolus, range(12))]
    assert max(wrong) > 0.06


@pytest.mark.parametrize("seed", range(5))
def test_the_transit_time_is_found_between_frames(seed):
    times, bolus = frames(5.0), varied_bolus(seed)
    found = transit_time(times, bolus.arterial(times), bolus.venous(times))
    assert found == pytest.approx(bolus.transit, abs=1.0)


def test_a_late_level_changed_by_motion_moves_close_frames_little_and_slow_ones_no_farther_than_they_are_uncertain():
    bolus = Bolus(arrival=30.0)
    for interval, most in ((2.0, 0.03), (8.0, 0.25)):
        times = frames(interval)
        artery, vein = bolus.arterial(times), bolus.venous(times)
        moved = np.where(times > 80, 0.5 * artery, artery)
        assert vein_to_artery(times, moved, vein, ARRIVAL) == pytest.approx(1, rel=most)


def test_a_series_without_a_late_part_has_the_quotient_of_areas():
    times = frames(5.0, 95.0)
    artery, vein = 0.7 * Bolus(arrival=30.0).arterial(times), Bolus(arrival=30.0).venous(times)
    assert vein_to_artery(times, artery, vein, ARRIVAL) == of_areas(times, artery, vein)


def a_vein(factor, size=7, length=8):
    """Curves and places of a square vein that enhances by ``factor`` (length, size, size), its rim filled by 30%."""
    times, bolus = frames(3.0), Bolus(arrival=30.0)
    k, j, i = np.indices(factor.shape)
    rim = (j == 0) | (i == 0) | (j == size - 1) | (i == size - 1)
    curves = bolus.venous(times)[:, None] * (factor * np.where(rim, 0.3, 1)).ravel()
    index = np.stack([k.ravel(), j.ravel(), i.ravel()], axis=1)
    features = measure_curves(times, curves, np.full(index.shape[0], 0.01), ARRIVAL)
    whole = measure_curves(times, bolus.venous(times)[:, None], np.zeros(1), ARRIVAL).area[0]
    found = find_veins(curves, features, index, np.ones(len(index), bool), 33.0, whole, 3.0)
    return found, whole, bolus.venous(times)


def test_the_middle_of_a_vein_is_told_by_place():
    found, whole, curve = a_vein(np.ones((8, 7, 7)))
    assert found.area == pytest.approx(whole)
    np.testing.assert_allclose(found.curve, curve)


def test_errors_of_t10_of_single_voxels_average_out():
    errors = np.exp(np.random.default_rng(0).normal(0, 0.3, (8, 7, 7)))
    found, whole, _ = a_vein(errors)
    assert found.area == pytest.approx(whole, rel=0.06)


def test_a_vein_whose_voxels_do_not_agree_at_all_tells_nothing():
    assert a_vein(np.random.default_rng(0).pareto(0.7, (8, 7, 7)) + 0.1)[0] is None


def test_the_recirculation_does_not_count_as_noise():
    times = frames(8.0, 160.0)
    sharp = Bolus(arrival=35.0, width=6.5, recirculation=0.18).arterial(times)
    noise = np.random.default_rng(0).normal(0, 0.01, (times.size, 2))
    curves = np.stack([sharp, Bolus(arrival=35.0).venous(times)], axis=1) + noise
    measured = measure_curves(times, curves, np.array([0.2, 0.2]), 38.0)
    np.testing.assert_array_less(measured.noise, 0.03)
