"""Bolus arrival and baseline: found in noise, with inflow, slow injection and motion, or refused in words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from PerfusionRatioLib.errors import InputError, NoAnswerError
from PerfusionRatioLib.signal.arrival import arrival_time
from PerfusionRatioLib.signal.baseline import find_baseline, given_baseline
from PerfusionRatioLib.signal.spoiled_gradient_echo import spgr_signal

VOXELS = 8000


def a_bolus(times, arrival, rise=6.0):
    """Blood concentration: a first pass that peaks two rise times after arrival, then a plateau."""
    since = np.maximum(times - arrival, 0) / rise
    return 6 * since**2 * np.exp(2 - 2 * since) + 1 - np.exp(-since)


def a_series(times, arrival, snr=20.0, rise=6.0, inflow=0.0, moved=0.0, seed=1):
    """Signal of arteries (0.5%), later veins (1%), a leaky lesion (2%), brain and cerebrospinal fluid or air."""
    random = np.random.default_rng(seed)
    kind = random.choice(5, VOXELS, p=[0.005, 0.01, 0.02, 0.6, 0.365])
    concentration = np.zeros((len(times), VOXELS))
    concentration[:, kind == 0] = 0.8 * a_bolus(times, arrival, rise)[:, None]
    concentration[:, kind == 1] = 0.8 * a_bolus(times, arrival + 5, rise)[:, None]
    leak = np.cumsum(a_bolus(times, arrival + 2, rise)) * np.median(np.diff(times)) / 60
    concentration[:, kind == 2] = 0.3 * leak[:, None]
    concentration[:, kind == 3] = 0.02 * a_bolus(times, arrival + 3, rise)[:, None]
    t10 = np.array([1.6, 1.6, 1.4, 1.2, 4.0])[kind]
    m0 = np.where(kind == 4, random.uniform(0, 300, VOXELS), random.uniform(3000, 5000, VOXELS))
    signal = spgr_signal(1 / t10 + 4.5 * concentration, 0.005, 15, m0)
    signal[0] *= 1 + inflow * (kind < 2)
    for frame in random.choice(len(times), len(times) // 10, replace=False):
        signal[frame] *= 1 + moved * random.standard_normal(VOXELS) * (random.random(VOXELS) < 0.3)
    noise = np.median(signal[1, kind == 3]) / snr
    return np.abs(signal + noise * random.standard_normal(signal.shape)).astype(np.float32)


# --- onset of one curve


@settings(max_examples=60, deadline=None)
@given(onset=st.floats(12, 80), spacing=st.sampled_from([1.0, 2.0, 5.0]), height=st.floats(0.1, 1000))
def test_onset_of_a_ramp_is_found_below_the_frame(onset, spacing, height):
    times = np.arange(0, 200, spacing)
    curve = height * np.clip((times - onset) / 40, 0, 1) + 3

    assert arrival_time(times, curve) == pytest.approx(onset, abs=0.15 * spacing)


def test_onset_does_not_depend_on_offset_or_scale():
    times = np.arange(0, 200, 3.0)
    curve = a_bolus(times, 31.0)

    assert arrival_time(times, 250 + 1000 * curve) == pytest.approx(arrival_time(times, curve), abs=1e-6)


def test_onset_of_a_jump_lies_between_its_frames():
    times = np.arange(0, 60, 4.0)

    assert 16 <= arrival_time(times, (times > 18) * 1.0) <= 20


def test_onset_ignores_the_frames_it_is_told_to():
    times = np.arange(0, 100, 2.0)
    curve = a_bolus(times, 30.0)
    curve[0] = 50

    assert arrival_time(times, curve, first=1) == pytest.approx(30, abs=1.5)


@pytest.mark.parametrize("curve", [np.zeros(10), np.linspace(3, 0, 10)])
def test_a_curve_that_does_not_rise_has_no_onset(curve):
    with pytest.raises(NoAnswerError, match="does not rise"):
        arrival_time(np.arange(10.0), curve)


# --- the baseline of a series


@pytest.mark.parametrize(
    "troubles",
    [
        {},
        {"snr": 8.0},
        {"inflow": 0.5},
        {"rise": 18.0},
        {"moved": 0.15},
        {"snr": 10.0, "inflow": 0.3, "rise": 12.0, "moved": 0.1},
    ],
    ids=["clean", "noise", "inflow", "slow injection", "motion", "all of them"],
)
@pytest.mark.parametrize(("spacing", "frames"), [(1.5, 120), (5.0, 60), (15.84, 40)])
@pytest.mark.parametrize("arrival_frame", [4.3, 8.6])
def test_the_baseline_ends_where_the_bolus_arrives(spacing, frames, arrival_frame, troubles):
    times = np.arange(frames) * spacing
    arrival = arrival_frame * spacing

    found = find_baseline(a_series(times, arrival, **troubles), times)

    last = int(np.searchsorted(times, arrival, side="right"))
    # one frame more may hold the foot of the bolus while nothing of it is above the noise
    assert found.stop in (last, last + 1) if spacing < 2 else found.stop == last
    assert found.arrival_time == pytest.approx(arrival, abs=max(0.6 * spacing, 1.0))
    assert (found.start, found.origin) == (1, "detected")
    assert found.frames == slice(1, found.stop)


def test_a_short_baseline_keeps_its_first_frame():
    times = np.arange(40) * 15.84

    found = find_baseline(a_series(times, 2.5 * 15.84), times)

    assert (found.start, found.stop) == (0, 3)


def test_skip_is_obeyed():
    times = np.arange(60) * 5.0

    found = find_baseline(a_series(times, 43.0), times, skip=3)

    assert (found.start, found.stop) == (3, 9)


def test_only_the_mask_is_looked_at():
    times = np.arange(60) * 5.0
    early, late = a_series(times, 23.0), a_series(times, 43.0)
    both = np.concatenate([early, late], axis=1)
    mask = np.arange(2 * VOXELS) >= VOXELS

    assert find_baseline(both, times, mask).stop == 9
    assert find_baseline(both, times).stop == 5


@pytest.mark.parametrize("value", [np.nan, -32768.0, 0.0])
def test_spoilt_samples_are_passed_over(value):
    times = np.arange(60) * 5.0
    series = a_series(times, 43.0)
    series[np.random.default_rng(0).integers(0, 60, 300), np.random.default_rng(1).integers(0, VOXELS, 300)] = value

    assert find_baseline(series, times).stop == 9


def test_the_shape_of_the_image_does_not_matter():
    times = np.arange(60) * 5.0
    series = a_series(times, 43.0)

    assert find_baseline(series.reshape(60, 20, 20, 20), times) == find_baseline(series, times)


def test_a_series_without_bolus_is_told():
    noise = 1000 + 30 * np.random.default_rng(5).standard_normal((60, VOXELS))

    with pytest.raises(NoAnswerError, match=r"No voxel enhances clearly above its noise.*--baseline START:STOP"):
        find_baseline(noise, np.arange(60) * 5.0)


@pytest.mark.parametrize("value", [0.0, -7.0, np.nan])
def test_a_series_without_signal_is_told(value):
    with pytest.raises(NoAnswerError, match="No voxel enhances"):
        find_baseline(np.full((60, 50), value), np.arange(60) * 5.0)


def test_a_bolus_that_came_before_the_series_is_told():
    times = np.arange(60) * 5.0

    with pytest.raises(NoAnswerError):
        find_baseline(a_series(times, -60.0), times)


@pytest.mark.parametrize(
    ("times", "given", "sentence"),
    [
        (np.arange(50), {}, "There are 50 times for 60 frames"),
        (np.arange(60), {"skip": 58}, "58 frames cannot be skipped in a series of 60"),
        (np.arange(60), {"skip": -1}, "-1 frames cannot be skipped"),
        (np.arange(60), {"mask": np.zeros(VOXELS, bool)}, "The mask is empty"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(times, given, sentence):
    with pytest.raises(InputError) as refusal:
        find_baseline(np.ones((60, VOXELS)), times, **given)

    assert sentence in str(refusal.value)


# --- a baseline that is given


def test_a_given_baseline_is_taken_as_it_is():
    baseline = given_baseline(2, 7, np.arange(60) * 5.0)

    assert baseline.frames == slice(2, 7)
    assert (baseline.arrival_time, baseline.origin) == (35.0, "given")


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (5, 5), (6, 5), (0, 60), (70, 80)])
def test_a_given_baseline_must_fit_the_series(start, stop):
    with pytest.raises(InputError, match=f"The baseline {start}:{stop} does not fit a series of 60 frames"):
        given_baseline(start, stop, np.arange(60) * 5.0)
