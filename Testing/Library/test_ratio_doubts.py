"""What is doubtful in a patient's ratios beyond the noise of voxels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from PerfusionRatioLib.ratio.doubts import NONE, PATIENT, drift_response, spilt_share
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


@given(st.floats(0, 0.5), st.lists(st.floats(0.5, 1), min_size=1))
def test_the_share_is_never_less_than_that_of_all_nor_than_what_the_median_voxel_lacks(spill, filled):
    share = spilt_share(spill, np.array(filled))
    assert share >= spill
    assert share >= 1 - np.median(filled) - 1e-12
    assert share <= spill + 1 - np.median(filled) + 1e-12


def test_where_the_filling_is_not_known_the_share_is_that_of_all():
    assert spilt_share(0.02, None) == 0.02
    assert spilt_share(0.02, np.ones(7)) == 0.02


def test_a_patient_is_doubtful_in_every_way_and_a_simulation_in_none():
    assert all(value > 0 for value in vars(PATIENT).values())
    assert not any(vars(NONE).values())
