"""T1 from flip angles: exact without noise, the least-squares minimum with it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares

from PerfusionRatioLib.errors import Cancelled, InputError
from PerfusionRatioLib.signal.flip_angles import t1_from_flip_angles
from PerfusionRatioLib.signal.spoiled_gradient_echo import concentration_from_signal, spgr_signal

TR = 0.0054
ANGLES = (2.0, 5.0, 12.0)


def signals_of(t1, angles=ANGLES, repetition_time=TR, m0=5000.0, b1=None):
    times = np.broadcast_to(repetition_time, len(angles))
    return np.stack([spgr_signal(1 / np.asarray(t1), tr, a, m0, b1) for a, tr in zip(angles, times, strict=True)])


@settings(max_examples=100, deadline=None)
@given(
    t1=st.floats(0.1, 5),
    m0=st.floats(1, 1e6),
    b1=st.floats(0.6, 1.4),
    angles=st.sampled_from([(2, 12), (3, 15), (2, 5, 12), (3, 6, 9, 15, 24, 35), (12, 5, 2)]),
    repetition_time=st.floats(0.003, 0.03),
)
def test_t1_and_m0_are_recovered_without_noise(t1, m0, b1, angles, repetition_time):
    signals = signals_of(np.full(3, t1), angles, repetition_time, m0, b1)

    found = t1_from_flip_angles(signals, angles, repetition_time, b1)

    np.testing.assert_allclose(found.t10, t1, rtol=1e-5)
    np.testing.assert_allclose(found.m0, m0, rtol=1e-5)
    assert found.failed == 0


def test_float32_images_are_enough():
    t1 = np.linspace(0.2, 4, 500)

    found = t1_from_flip_angles(signals_of(t1).astype(np.float32), ANGLES, TR)

    np.testing.assert_allclose(found.t10, t1, rtol=1e-5)


def test_two_angles_give_the_exact_solution():
    small, large = np.deg2rad([3.0, 15.0])
    low, high = 310.0, 505.0
    slope = (high / np.sin(large) - low / np.sin(small)) / (high / np.tan(large) - low / np.tan(small))

    found = t1_from_flip_angles(np.array([low, high]), (3, 15), TR)

    assert float(found.t10) == pytest.approx(-TR / np.log(slope), rel=1e-6)


def test_each_angle_may_have_its_own_repetition_time():
    t1 = np.linspace(0.3, 4, 50)
    times = (0.0054, 0.008, 0.02)

    found = t1_from_flip_angles(signals_of(t1, repetition_time=times), ANGLES, times)

    np.testing.assert_allclose(found.t10, t1, rtol=1e-5)


def test_one_angle_at_two_repetition_times_is_enough():
    times = (0.005, 0.05)

    found = t1_from_flip_angles(signals_of(np.array([0.9, 2.0]), (20, 20), times), (20, 20), times)

    np.testing.assert_allclose(found.t10, [0.9, 2.0], rtol=1e-5)


def test_a_map_of_b1_is_used_voxel_by_voxel():
    t1, b1 = np.meshgrid(np.linspace(0.5, 3, 6), np.linspace(0.7, 1.3, 5))

    found = t1_from_flip_angles(signals_of(t1, b1=b1), ANGLES, TR, b1)

    np.testing.assert_allclose(found.t10, t1, rtol=1e-5)


def test_neglecting_b1_errs_by_about_its_square():
    found = t1_from_flip_angles(signals_of(np.array([1.4]), b1=0.9), ANGLES, TR)

    assert float(found.t10[0]) == pytest.approx(1.4 * 0.9**2, rel=0.02)


@pytest.mark.parametrize("b1", [0.85, 1.15])
def test_neglecting_b1_scales_concentrations_worked_out_with_that_t1_and_bends_no_curve(b1):
    true = np.array([0.0, 0.1, 0.5, 3.0, 5.0])
    t10 = t1_from_flip_angles(signals_of(np.array([1.65]), b1=b1), ANGLES, TR).t10
    signal = spgr_signal(1 / 1.65 + 4.5 * true[:, None], TR, 15, b1=b1)
    found = concentration_from_signal(signal, slice(0, 1), t10, TR, 15.0, 4.5).array[1:, 0]
    np.testing.assert_allclose(found * b1**2, true[1:], rtol=0.02)


def test_noisy_answers_are_the_least_squares_minimum():
    random = np.random.default_rng(3)
    t1 = random.uniform(0.3, 4, 60)
    signals = signals_of(t1, (3, 6, 9, 15, 24), m0=1000)
    signals = signals + random.normal(0, signals.max() / 60, signals.shape)

    assert signals.min() > 0
    found = t1_from_flip_angles(signals, (3, 6, 9, 15, 24), TR)

    for column, t10 in zip(signals.T, found.t10, strict=True):
        starts = [
            least_squares(
                lambda p, measured=column: (
                    p[1] * 1000 * spgr_signal(np.exp(p[0]), TR, np.array([3, 6, 9, 15, 24])) - measured
                ),
                (np.log(1 / start), 1.0),
            )
            for start in (0.2, 1, 5)
        ]
        assert t10 == pytest.approx(np.exp(-min(starts, key=lambda fit: fit.cost).x[0]), rel=1e-3)


def test_no_voxel_of_pure_noise_beats_a_fine_grid():
    signals = np.abs(np.random.default_rng(4).normal(0, 10, (3, 400)))
    rates = np.geomspace(1 / 29, 1 / 0.0051, 4000)
    shapes = np.stack([spgr_signal(rates, TR, angle) for angle in ANGLES])
    shapes /= np.linalg.norm(shapes, axis=0)
    best = (shapes.T @ signals).max(axis=0)

    found = t1_from_flip_angles(signals, ANGLES, TR)

    answered = np.isfinite(found.t10)
    own = np.stack([spgr_signal(1 / found.t10[answered].astype(float), TR, angle) for angle in ANGLES])
    own /= np.linalg.norm(own, axis=0)
    assert answered.sum() > 50
    assert np.all((own * signals[:, answered]).sum(axis=0) >= best[answered] * (1 - 1e-6))
    at_an_end = np.isin((shapes.T @ signals).argmax(axis=0), (0, len(rates) - 1))
    assert not np.any(np.isnan(found.t10) & ~at_an_end)


@pytest.mark.parametrize("spoilt", [0.0, -3.0, np.nan, np.inf])
def test_a_spoilt_signal_takes_no_part(spoilt):
    signals = signals_of(np.array([1.4, 1.4]))
    signals[1, 0] = spoilt

    found = t1_from_flip_angles(signals, ANGLES, TR)

    np.testing.assert_allclose(found.t10, 1.4, rtol=1e-5)


def test_voxels_without_an_answer_are_nan_and_counted():
    signals = signals_of(np.full(4, 1.4))
    signals[:, 0] = 0
    signals[1:, 1] = np.nan
    signals[:, 2] = [900, 100, 1]  # falls faster than the sines: no T1 does that

    found = t1_from_flip_angles(signals, ANGLES, TR)

    assert np.isnan(found.t10).tolist() == [True, True, True, False]
    assert np.isnan(found.m0).tolist() == [True, True, True, False]
    assert (found.failed, found.voxels) == (3, 4)


def test_outside_the_mask_is_nan_and_not_counted():
    mask = np.array([[True, False], [False, True]])

    found = t1_from_flip_angles(signals_of(np.full((2, 2), 1.1)), ANGLES, TR, mask=mask)

    assert np.isfinite(found.t10).tolist() == mask.tolist()
    assert (found.failed, found.voxels) == (0, 2)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"flip_angles": (2, 5)}, "There are 3 images, 2 flip angles"),
        ({"repetition_time": (TR, TR)}, "2 repetition times"),
        ({"flip_angles": (0, 5, 12)}, "The flip angle is 0 degrees"),
        ({"repetition_time": 5.4}, "check whether milliseconds were given as seconds"),
        ({"flip_angles": (5, 5, 5)}, "T1 needs images of at least two different flip angles."),
        ({"mask": np.zeros(4, bool)}, "The mask is empty"),
        ({"mask": np.ones(7, bool)}, "The mask is shaped (7,) but the images (4,)"),
        ({"b1": np.ones(7)}, "The B1 map is shaped (7,) but the images (4,)"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(given, sentence):
    arguments = {"flip_angles": ANGLES, "repetition_time": TR} | given
    with pytest.raises(InputError) as refusal:
        t1_from_flip_angles(signals_of(np.full(4, 1.4)), **arguments)

    assert sentence in str(refusal.value)


def test_it_can_be_cancelled():
    with pytest.raises(Cancelled):
        t1_from_flip_angles(signals_of(np.full(40, 1.4)), ANGLES, TR, progress=lambda fraction, what: False)
