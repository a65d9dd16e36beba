"""The spoiled gradient echo: the inverse undoes the forward model, and bad input is refused in words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from PerfusionRatioLib.errors import Cancelled, InputError
from PerfusionRatioLib.signal.spoiled_gradient_echo import concentration_from_signal, spgr_signal

TR, FLIP_ANGLE, RELAXIVITY, BEFORE = 0.005, 15.0, 4.5, slice(0, 3)


def signal_of(concentration, t10=1.4, flip_angle=FLIP_ANGLE, repetition_time=TR, b1=None, m0=1000.0):
    return spgr_signal(1 / t10 + RELAXIVITY * np.asarray(concentration), repetition_time, flip_angle, m0, b1)


def convert(signal, t10=1.4, flip_angle=FLIP_ANGLE, repetition_time=TR, **given):
    signal = np.asarray(signal, np.float32)
    return concentration_from_signal(signal, BEFORE, t10, repetition_time, flip_angle, RELAXIVITY, **given)


def rising(frames=10, peak=3.0, voxels=4):
    """Nothing in the first three frames, then up to ``peak`` mM."""
    curve = np.concatenate([np.zeros(3), np.linspace(0, peak, frames - 3)])
    return np.repeat(curve[:, None], voxels, axis=1)


# --- the forward model


def test_signal_is_the_textbook_equation():
    r1, tr, angle = 0.8, 0.006, np.deg2rad(20)
    e1 = np.exp(-tr * r1)

    assert spgr_signal(r1, tr, 20, m0=50) == pytest.approx(50 * np.sin(angle) * (1 - e1) / (1 - np.cos(angle) * e1))


def test_full_relaxation_gives_m0_times_the_sine():
    assert spgr_signal(1e6, 0.01, 30, m0=200) == pytest.approx(100)


def test_signal_is_highest_at_the_ernst_angle():
    angles = np.linspace(1, 40, 3901)
    ernst = np.rad2deg(np.arccos(np.exp(-TR / 1.2)))

    assert angles[np.argmax(spgr_signal(1 / 1.2, TR, angles))] == pytest.approx(ernst, abs=0.01)


def test_b1_scales_the_flip_angle():
    assert spgr_signal(1.0, TR, 10, b1=1.2) == pytest.approx(spgr_signal(1.0, TR, 12))


# --- the inverse


@settings(max_examples=200, deadline=None)
@given(
    t10=st.floats(0.3, 4.5),
    flip_angle=st.floats(5, 60),
    repetition_time=st.floats(0.002, 0.02),
    b1=st.floats(0.7, 1.3),
    m0=st.floats(1, 1e5),
    peak=st.floats(0, 8),
)
def test_inverse_undoes_the_forward_model(t10, flip_angle, repetition_time, b1, m0, peak):
    true = rising(peak=peak)
    signal = signal_of(true, t10, flip_angle, repetition_time, b1, m0)

    found = convert(signal, t10, flip_angle, repetition_time, b1=b1)

    # what the rounding of a float32 signal amounts to in the concentration
    steepness = np.gradient(np.log(signal_of(np.linspace(0, peak + 1, 200), t10, flip_angle, repetition_time, b1)))
    rounding = 1e-6 * ((peak + 1) / 199) / steepness.min()
    assert np.abs(found.array - true).max() <= 2e-6 + rounding
    assert (found.excluded, found.missing, found.saturated, found.unusable) == (0, 0, 0, 0)


def test_a_constant_signal_holds_no_contrast_agent():
    found = convert(np.full((8, 5), 321.0))

    assert np.abs(found.array).max() < 1e-6


def test_baseline_frames_average_to_zero_concentration_with_noise():
    noisy = signal_of(np.zeros((8, 500))) * (1 + 0.01 * np.random.default_rng(1).standard_normal((8, 500)))

    assert abs(convert(noisy).array[BEFORE].mean()) < 1e-4


def test_signal_may_have_any_scale():
    signal = signal_of(rising())

    np.testing.assert_allclose(convert(signal * 7).array, convert(signal).array, atol=1e-6)


def test_maps_of_t10_and_b1_are_used_voxel_by_voxel():
    t10 = np.array([[0.9, 1.4], [2.0, 4.0]])
    b1 = np.array([[0.8, 0.9], [1.0, 1.2]])
    true = rising(voxels=4).reshape(-1, 2, 2)

    found = convert(signal_of(true, t10, b1=b1), t10, b1=b1)

    np.testing.assert_allclose(found.array, true, atol=2e-5)


def test_many_chunks_give_what_one_chunk_gives():
    true = np.concatenate([np.zeros((3, 10_000)), np.random.default_rng(2).uniform(0, 4, (5, 10_000))])
    signal = signal_of(true).astype(np.float32)

    whole = convert(signal).array

    np.testing.assert_allclose(whole, true, atol=1e-5)
    np.testing.assert_array_equal(whole[:, 4000:4200], convert(signal[:, 4000:4200]).array)


def test_result_can_take_the_place_of_the_signal():
    signal = signal_of(rising()).astype(np.float32)
    expected = convert(signal).array

    found = convert(signal, out=signal)

    assert found.array is signal
    np.testing.assert_array_equal(signal, expected)


def test_integers_are_converted_as_floats_are():
    signal = np.round(signal_of(rising())).astype(np.int16)

    found = concentration_from_signal(signal, BEFORE, 1.4, TR, FLIP_ANGLE, RELAXIVITY)

    assert found.array.dtype == np.float32
    np.testing.assert_allclose(found.array, convert(signal).array, atol=1e-6)


def test_transverse_decay_is_undone():
    true = rising(frames=50, peak=6)
    signal = signal_of(true) * np.exp(-0.002 * 7.0 * true)

    found = convert(signal, echo_time=0.002, transverse_relaxivity=7.0)

    np.testing.assert_allclose(found.array, true, atol=1e-4)
    assert convert(signal).array[-1, 0] < 5.5  # what neglecting it costs


def test_a_signal_beyond_the_highest_with_decay_has_no_answer():
    true = rising(peak=2)
    signal = signal_of(true)
    signal[-1] = 1.2 * np.max(signal_of(np.linspace(0, 50, 500)) * np.exp(-0.01 * 7.0 * np.linspace(0, 50, 500)))

    found = convert(signal, echo_time=0.01, transverse_relaxivity=7.0)

    assert np.isnan(found.array[-1]).all()
    assert found.excluded == 4


# --- samples and voxels without an answer


def test_samples_that_no_t1_explains_are_nan_and_counted():
    signal = signal_of(rising(voxels=4))
    signal[5, 0] = 0
    signal[6, 1] = -20
    signal[7, 2] = 1e6
    signal[8, 3] = 1e9  # far beyond: the logarithm is real again, the rate would be negative

    found = convert(signal)

    assert np.argwhere(np.isnan(found.array)).tolist() == [[5, 0], [6, 1], [7, 2], [8, 3]]
    assert found.excluded == 4
    assert "4 of 40 samples have a signal that no T1 explains." in found.notes


def test_missing_samples_are_counted_apart_and_touch_nobody_else():
    signal = signal_of(rising())
    signal[1, 0] = signal[5, 2] = np.nan

    found = convert(signal)

    assert np.argwhere(np.isnan(found.array)).tolist() == [[1, 0], [5, 2]]
    assert (found.missing, found.excluded) == (2, 0)
    np.testing.assert_allclose(found.array[3:, 1], rising()[3:, 1], atol=1e-5)


def test_a_spoilt_baseline_sample_takes_no_part_in_the_baseline():
    signal = signal_of(rising())
    signal[1, 0] = -32768
    signal[2, 1] = 0

    found = convert(signal)

    np.testing.assert_allclose(found.array[3:], rising()[3:], atol=1e-5)


@pytest.mark.parametrize("spoilt", [0.0, -1.4, np.nan, np.inf])
def test_voxels_without_t10_are_nan_and_counted(spoilt):
    t10 = np.array([1.4, spoilt, 1.4, 1.4])

    found = convert(signal_of(rising()), t10)

    assert np.isnan(found.array[:, 1]).all()
    assert np.isfinite(found.array[:, [0, 2, 3]]).all()
    assert found.unusable == 1
    assert found.excluded == 0


@pytest.mark.parametrize("spoilt", [0.0, -1.0, np.nan, 13.0])
def test_voxels_without_b1_are_nan_and_counted(spoilt):
    found = convert(signal_of(rising()), b1=np.array([1, 1, spoilt, 1]))

    assert np.isnan(found.array[:, 2]).all()
    assert found.unusable == 1


def test_voxels_without_baseline_signal_are_nan_and_counted():
    signal = signal_of(rising())
    signal[:, 0] = 0
    signal[BEFORE, 1] = np.nan

    found = convert(signal)

    assert np.isnan(found.array[:, :2]).all()
    assert found.unusable == 2
    assert found.notes == ("2 of 4 voxels have no usable T10, B1 factor or baseline signal.",)


def test_outside_the_mask_is_nan_and_not_counted():
    signal = signal_of(rising())
    signal[:, 3] = 0
    mask = np.array([True, True, False, False])

    found = convert(signal, mask=mask)

    assert np.isnan(found.array[:, 2:]).all()
    assert (found.voxels, found.unusable, found.notes) == (2, 0, ())


def test_samples_at_the_ceiling_of_their_format_are_left_out():
    signal = signal_of(rising(frames=20, peak=6))
    clipped = np.minimum(signal * 4095 / signal[-4], 4095)

    found = convert(clipped)

    assert found.saturated == 4 * 4
    assert np.isnan(found.array[-4:]).all()
    np.testing.assert_allclose(found.array[:-4], rising(frames=20, peak=6)[:-4], atol=1e-4)


# --- refusals


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"flip_angle": 0.0}, "The flip angle is 0 degrees"),
        ({"repetition_time": 5.0}, "check whether milliseconds were given as seconds"),
        ({"repetition_time": 0.0}, "The repetition time is 0 s"),
        ({"t10": 1400.0}, "T10 has a median of 1400 s; tissue has 0.1 to 5 s"),
        ({"t10": 0.0}, "The T10 is 0; it must be above zero."),
        ({"t10": float("nan")}, "The T10 is nan; it must be above zero."),
        ({"t10": np.ones(3)}, "The T10 map is shaped (3,) but the series (4,)"),
        ({"b1": np.ones(5)}, "The B1 factor map is shaped (5,) but the series (4,)"),
        ({"mask": np.ones(5, bool)}, "The mask is shaped (5,) but the series (4,)"),
        ({"mask": np.zeros(4, bool)}, "The mask is empty"),
        ({"t10": np.zeros(4)}, "None of the 4 voxels has both a T10 and a baseline signal above zero"),
        ({"b1": np.zeros(4)}, "None of the 4 voxels has a T10, a B1 factor and a baseline signal above zero"),
        ({"b1": np.zeros(4)}, "check that these are the right images, T10 map, B1 map and mask."),
        ({"echo_time": 2.0}, "The echo time is 2 s"),
        ({"transverse_relaxivity": -1.0}, "The transverse relaxivity is -1"),
        ({"out": np.zeros((10, 4))}, "The output must be float32 shaped (10, 4)"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(given, sentence):
    with pytest.raises(InputError) as refusal:
        convert(signal_of(rising()), **given)

    assert sentence in str(refusal.value)


def test_a_relaxivity_in_another_unit_is_refused():
    with pytest.raises(InputError, match=r"The relaxivity is 0\.0045; it must be given in 1/\(mM s\)"):
        concentration_from_signal(np.ones((5, 2)), BEFORE, 1.4, TR, FLIP_ANGLE, 0.0045)


def test_a_baseline_without_frames_is_refused():
    with pytest.raises(InputError, match="The baseline 4:4 holds none of the 10 frames"):
        concentration_from_signal(signal_of(rising()), slice(4, 4), 1.4, TR, FLIP_ANGLE, RELAXIVITY)


def test_one_frame_is_refused():
    with pytest.raises(InputError, match="this signal has a single one"):
        convert(np.ones((1, 4)))


@pytest.mark.parametrize("value", [0.0, -5.0, np.nan])
def test_images_without_any_signal_are_refused(value):
    with pytest.raises(InputError, match="None of the 4 voxels has both a T10 and a baseline signal above zero"):
        convert(np.full((10, 4), value))


# --- progress


def test_progress_ends_at_one_and_can_cancel():
    signal = signal_of(rising(voxels=20_000))
    told = []

    convert(signal, progress=lambda fraction, what: told.append((fraction, what)))

    assert told[-1] == (1.0, "signal to concentration")
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    with pytest.raises(Cancelled):
        convert(signal, progress=lambda fraction, what: False)
