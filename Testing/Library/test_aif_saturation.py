"""The shape of an artery's curve, bent by tissue in its voxels or a wrong T10, put right by a vein."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from PerfusionRatioLib.aif.saturation import straightened
from PerfusionRatioLib.phantom.bolus import Bolus, varied_bolus
from PerfusionRatioLib.signal.spoiled_gradient_echo import concentration_from_signal, spgr_signal

ARRIVAL = 34.0
TR, ANGLE, RELAXIVITY = 0.005, 15.0, 4.5
BLOOD_T10, HAEMATOCRIT = 1.7, 0.42


def frames(interval: float, duration: float = 240.0) -> np.ndarray:
    return np.arange(0, duration, interval)


def as_measured(blood: np.ndarray, filled: float, t10: float = BLOOD_T10) -> np.ndarray:
    """Concentration of a voxel that ``blood`` (mM) fills in part, the rest as bright as blood before the bolus, worked
    out from its signal with a ``t10`` of one's own."""
    signal = spgr_signal(1 / BLOOD_T10 + RELAXIVITY * blood, TR, ANGLE)
    mixed = filled * signal + (1 - filled) * signal[0]
    series = mixed.reshape(-1, 1, 1, 1).astype(np.float32)
    return concentration_from_signal(series, slice(0, 1), t10, TR, ANGLE, RELAXIVITY).array[:, 0, 0, 0].astype(float)


def bolus_of(seed: int, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The blood's concentration in an artery and a vein, mM."""
    bolus = varied_bolus(seed)
    return tuple((1 - HAEMATOCRIT) * curve(times) for curve in (bolus.arterial, bolus.venous))


def peak_to_late(times: np.ndarray, curve: np.ndarray) -> float:
    return float(curve.max() / curve[times > 120].mean())


@given(st.integers(0, 50), st.floats(0.6, 1.0), st.floats(1.5, 1.9))
@settings(max_examples=30, deadline=None)
def test_tissue_in_the_voxel_and_a_wrong_t10_bend_a_curve_by_one_number(seed, filled, t10):
    blood = bolus_of(seed, frames(2.0))[0]
    measured = as_measured(blood, filled, t10)
    above = blood > 0.1
    inverse = np.polyfit(blood[above], blood[above] / measured[above], 1)  # 1 / s and -b / s
    np.testing.assert_allclose(np.polyval(inverse, blood[above]), blood[above] / measured[above], rtol=0.02)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("filled", "t10"), [(0.8, BLOOD_T10), (1.0, 1.8), (0.8, 1.65)])
def test_the_peak_of_a_voxel_filled_in_part_is_found_again(seed, filled, t10):
    times = frames(2.0)
    blood, vein = bolus_of(seed, times)
    measured = as_measured(blood, filled, t10)
    found, rise = straightened(times, measured, vein, ARRIVAL)
    assert rise > 1 and peak_to_late(times, measured) < 0.97 * peak_to_late(times, blood)
    before, after = (np.log(peak_to_late(times, curve) / peak_to_late(times, blood)) for curve in (measured, found))
    assert abs(after) < 0.45 * abs(before)  # not all of it: the late level is believed in part


def test_a_t10_that_is_wrong_in_both_vessels_stays():
    times = frames(2.0)
    blood, vein = bolus_of(2, times)
    measured = as_measured(blood, 1.0, 1.9)
    found, _ = straightened(times, measured, as_measured(vein, 1.0, 1.9), ARRIVAL)
    assert peak_to_late(times, measured) < 0.9 * peak_to_late(times, blood)
    assert peak_to_late(times, found) == pytest.approx(peak_to_late(times, measured), rel=0.03)


@pytest.mark.parametrize(("interval", "usual", "most"), [(2.0, 1.005, 1.012), (5.0, 1.01, 1.04), (8.0, 1.027, 1.11)])
def test_what_is_usual_raises_the_peak_of_an_artery_that_fills_its_voxels(interval, usual, most):
    times, rises = frames(interval), []
    for seed in range(20):
        rises.append(straightened(times, *bolus_of(seed, times), ARRIVAL)[1])
    assert np.mean(rises) == pytest.approx(usual, abs=0.004)
    assert max(rises) < most


def test_a_late_level_that_is_off_by_motion_is_believed_in_part():
    times = frames(2.0)
    artery, vein = bolus_of(3, times)
    moved = np.where(times > 85, 1.01 * vein, vein)
    _, still = straightened(times, artery, vein, ARRIVAL)
    _, rise = straightened(times, artery, moved, ARRIVAL)
    assert abs(rise / still - 1) < 0.03


@pytest.mark.parametrize(("t10", "least", "most"), [(1.03, 0.95, 0.975), (0.97, 1.025, 1.06)])
def test_a_t10_that_is_wrong_in_the_vein_alone_moves_the_peak(t10, least, most):
    times = frames(2.0)
    for seed in range(10):
        artery, vein = bolus_of(seed, times)
        _, right = straightened(times, artery, vein, ARRIVAL)
        _, rise = straightened(times, artery, as_measured(vein, 1.0, t10 * BLOOD_T10), ARRIVAL)
        assert least < rise / right < most


@pytest.mark.parametrize(("filled", "least", "most"), [(0.6, 0.82, 0.9), (0.7, 0.85, 0.91)])
def test_voxels_hardly_filled_are_straightened_too(filled, least, most):
    times = frames(2.0)
    for seed in range(10):
        blood, vein = bolus_of(seed, times)
        measured = as_measured(blood, filled)
        found, rise = straightened(times, measured, vein, ARRIVAL)
        assert rise > 1.2
        assert peak_to_late(times, measured) < 0.75 * peak_to_late(times, blood)
        assert least < peak_to_late(times, found) / peak_to_late(times, blood) < most


def test_an_artery_of_nothing_late_stays_as_it_is():
    times = frames(2.0)
    artery, vein = bolus_of(3, times)
    assert straightened(times, np.where(times > 80, 0.0, artery), vein, ARRIVAL)[1] == 1


@given(st.integers(0, 50), st.floats(0.2, 5.0))
@settings(max_examples=20, deadline=None)
def test_a_factor_as_of_a_wrong_flip_angle_bends_nothing(seed, factor):
    times = frames(2.0)
    blood, vein = bolus_of(seed, times)
    once, rise = straightened(times, blood, vein, ARRIVAL)
    assert rise == pytest.approx(1, abs=0.02)
    scaled, again = straightened(times, factor * blood, 3 * vein, ARRIVAL)
    assert again == pytest.approx(rise, abs=1e-3)
    np.testing.assert_allclose(scaled, factor * once, rtol=2e-3, atol=1e-6)


def test_frames_far_apart_leave_the_curve_nearer_to_what_it_is():
    rises = []
    for interval in (2.0, 5.0, 6.0, 8.0):
        times = frames(interval)
        blood, vein = bolus_of(3, times)
        rises.append(straightened(times, as_measured(blood, 0.7), vein, ARRIVAL)[1])
    assert rises[0] > 1.05
    assert abs(rises[-1] - 1) < 0.3 * (rises[0] - 1)


@pytest.mark.parametrize("duration", [80.0, 95.0])
def test_a_series_without_a_late_part_stays_as_it_is(duration):
    times = frames(5.0, duration)
    artery, vein = Bolus(arrival=30.0).arterial(times), Bolus(arrival=30.0).venous(times)
    found, rise = straightened(times, as_measured(artery, 0.7), vein, ARRIVAL)
    assert rise == 1
    np.testing.assert_array_equal(found, as_measured(artery, 0.7))


def test_a_vein_that_no_bending_explains_changes_nothing():
    times = frames(2.0)
    artery, vein = bolus_of(0, times)
    late = np.where(times > 100, 3 * vein, vein)
    found, rise = straightened(times, artery, late, ARRIVAL)
    assert rise == 1
    np.testing.assert_array_equal(found, artery)
