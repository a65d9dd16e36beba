"""What is doubtful in a patient's ratios beyond the noise of voxels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from PerfusionRatioLib.ratio.doubts import drift_response, mixed_share, spilt_shares, unmixed
from PerfusionRatioLib.ratio.leakage import unbounded_leakage
from PerfusionRatioLib.ratio.noisy_median import noisy_median
from Testing.Library.ratio_example import PLASMA, TIMES, leaking


@given(st.floats(-0.01, 0.01), st.floats(0, 0.002), st.floats(0.005, 0.1))
def test_a_curve_that_drifts_has_so_much_more_ktrans_and_vp(drift, ktrans, vp):
    still = leaking(ktrans, vp)
    ramp = (TIMES - TIMES[0]) / (TIMES[-1] - TIMES[0])
    found = unbounded_leakage(np.stack([still, still + drift * ramp], axis=1), TIMES, PLASMA)
    added = drift_response(TIMES, PLASMA, 0, True)
    assert np.diff(found.ktrans)[0] == pytest.approx(drift * added["ktrans"], abs=1e-9)
    assert np.diff(found.vp)[0] == pytest.approx(drift * added["vp"], abs=1e-9)


def test_a_drift_looks_like_leakage_whichever_frame_is_the_first_that_is_fitted():
    whole, later = (drift_response(TIMES, PLASMA, start, True)["ktrans"] for start in (0, 3))
    assert whole > 0
    assert later == pytest.approx(whole, rel=0.2)


def test_a_model_without_vp_has_a_drift_of_ktrans_only():
    assert set(drift_response(TIMES, PLASMA, 0, False)) == {"ktrans"}


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.floats(0, 10), st.floats(-10, 10))
def test_the_share_of_a_median_lies_between_those_of_its_voxels(filled, error, distance):
    share, lacking = mixed_share(np.array(filled), np.full(len(filled), error), distance), 1 - np.array(filled)
    assert lacking.min() <= share <= lacking.max()


def test_without_noise_a_median_shows_what_its_voxel_lacks_and_in_much_noise_what_all_lack():
    filled = np.array([1.0] * 6 + [0.8, 0.7, 0.6, 0.5])
    assert mixed_share(filled, np.zeros(10), 3.0) == 0
    assert mixed_share(filled, np.full(10, 1e-9), 3.0) == pytest.approx(0, abs=1e-5)
    for distance in (3.0, -3.0, 0.0):
        assert mixed_share(filled, np.full(10, 1e3), distance) == pytest.approx(1 - filled.mean(), rel=1e-3)


@pytest.mark.parametrize(("distance", "noise"), [(1.0, 0.0), (-0.7, 0.0), (1.0, 0.4), (-0.7, 1.0)])
def test_the_share_of_a_median_is_that_of_mixed_voxels_with_noise(distance, noise):
    random = np.random.default_rng(0)
    filled, errors = np.clip(random.normal(1.0, 0.2, 300), 0.5, 1), random.uniform(0.05, 0.2, 300)
    mixed = distance * (1 - filled) + errors * random.standard_normal((4000, 300))
    found = mixed_share(filled, errors, distance, noise)
    assert 0.02 < found < 1 - filled.mean()
    assert found == pytest.approx(noisy_median(mixed, noise * errors).mean() / distance, rel=0.02)


def shares(mixed: float, spill: float) -> np.ndarray:
    return spilt_shares(mixed, spill, 2000, np.random.default_rng(0))


@given(st.floats(0, 0.7))
def test_any_share_up_to_what_is_expected_is_as_likely(mixed):
    found = shares(mixed, 0.0)
    assert found.min() >= 0 and found.max() <= mixed
    assert found.mean() == pytest.approx(mixed / 2, rel=0.05)


def test_where_the_lesion_fills_its_voxels_the_outline_may_still_be_wrong_to_either_side():
    found = shares(0.0, 0.02)
    assert found.mean() == pytest.approx(0, abs=0.002)
    assert found.std() == pytest.approx(0.02, rel=0.05)


def test_no_share_leaves_nothing_of_the_lesion():
    assert shares(0.99, 1.0).max() < 1


@given(st.floats(0, 300), st.floats(0, 0.7))
def test_what_was_mixed_with_normal_brain_is_unmixed(ratio, share):
    assert unmixed((1 - share) * ratio + share, share) == pytest.approx(ratio, rel=1e-9, abs=1e-9)
