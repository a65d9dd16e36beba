"""What is doubtful in a patient's ratios beyond the noise of voxels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from PerfusionRatioLib.ratio.doubts import drift_response, spilt_shares, unmixed
from PerfusionRatioLib.ratio.leakage import unbounded_leakage
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


def shares(spill: float, filled) -> np.ndarray:
    return spilt_shares(spill, None if filled is None else np.array(filled), 2000, np.random.default_rng(0))


@given(st.lists(st.floats(0.3, 1), min_size=1))
def test_any_share_up_to_what_the_median_voxel_lacks_is_as_likely(filled):
    found, lacking = shares(0.0, filled), 1 - np.median(filled)
    assert found.min() >= 0 and found.max() <= lacking
    assert found.mean() == pytest.approx(lacking / 2, rel=0.05)


@pytest.mark.parametrize("filled", [None, [1.0, 1.0]])
def test_where_the_lesion_fills_its_voxels_the_outline_may_still_be_wrong_to_either_side(filled):
    found = shares(0.02, filled)
    assert found.mean() == pytest.approx(0, abs=0.002)
    assert found.std() == pytest.approx(0.02, rel=0.05)


def test_no_share_leaves_nothing_of_the_lesion():
    assert shares(1.0, [0.01]).max() < 1


@given(st.floats(0, 300), st.floats(0, 0.7))
def test_what_was_mixed_with_normal_brain_is_unmixed(ratio, share):
    assert unmixed((1 - share) * ratio + share, share) == pytest.approx(ratio, rel=1e-9, abs=1e-9)
