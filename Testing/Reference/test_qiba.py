"""The QIBA reference object, from its DICOM files through the whole chain to the Ktrans and ve it was made with."""

import numpy as np
import pytest

from Testing.Reference.qiba import VE, fit_object, patches


@pytest.fixture(scope="module")
def visit(reference_data):
    return fit_object(reference_data("qiba_v6_dicom"))


def test_ktrans_is_right_wherever_ve_is_not_tiny(visit):
    wide = np.array(VE) >= 0.1
    assert np.abs(patches(visit).ktrans_error[:, wide]).max() < 0.02


def test_every_patch_is_right_to_half_a_per_cent(visit):
    found = patches(visit)
    assert np.abs(found.ktrans_error).max() < 0.005
    assert np.abs(found.ve_error).max() < 0.005


def test_the_baseline_ends_before_the_bolus_of_the_artery(visit):
    assert visit.prepared.baseline.arrival_time == pytest.approx(65, abs=1)
    assert visit.aif.plasma_concentration[visit.prepared.baseline.frames].max() < 0.1


def test_the_artery_is_the_blood_of_the_last_rows_and_nothing_was_left_out(visit):
    assert visit.aif.mask.sum() == 500
    assert visit.aif.plasma_concentration.max() == pytest.approx(9.65, abs=0.05)
    assert visit.maps.counts["fitted"] == 3000
