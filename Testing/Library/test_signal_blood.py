"""Concentrations in arteries, worked out again with the T10 of blood."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from PerfusionRatioLib.acquisition import Acquisition, Known
from PerfusionRatioLib.signal.blood import BloodConversion, usual_blood_t10
from PerfusionRatioLib.signal.spoiled_gradient_echo import concentration_from_signal, spgr_signal

INDEX = np.array([[0, 0, 0], [0, 0, 1]])


@given(st.floats(0.7, 2.5), st.floats(0.7, 2.5), st.floats(5, 30), st.floats(0.8, 1.2))
def test_it_is_the_conversion_with_the_blood_s_t10(tissue, blood, flip_angle, b1):
    truth = np.repeat(np.array([0, 0, 0, 0.5, 2.0, 1.0, 0.4])[:, None], 2, axis=1)
    signal = spgr_signal(1 / blood + 4.5 * truth, 0.005, flip_angle, b1=b1)
    wrong = concentration_from_signal(signal, slice(0, 3), tissue, 0.005, flip_angle, 4.5, b1=b1).array
    right = BloodConversion(tissue, blood, 0.005, flip_angle, 4.5, b1)(wrong, INDEX)
    known = np.isfinite(wrong)
    np.testing.assert_allclose(right[known], truth[known], rtol=2e-3, atol=2e-3)


def test_maps_are_looked_up_voxel_by_voxel():
    t10 = np.array([[[1.0, 1.4]]])
    both = BloodConversion(t10, 1.65, 0.005, 15, 4.5)(np.full((1, 2), 3.0), INDEX)
    for voxel, value in enumerate((1.0, 1.4)):
        alone = BloodConversion(value, 1.65, 0.005, 15, 4.5)(np.full((1, 1), 3.0), INDEX[:1])
        assert both[0, voxel] == pytest.approx(alone[0, 0])


def test_a_tissue_t10_doubles_the_peak_of_an_artery():
    """The reason for all this: 3.5 mM in blood read with 1.4 s."""
    signal = spgr_signal(1 / 1.65 + 4.5 * np.array([0, 0, 0, 3.5])[:, None], 0.005, 15)
    wrong = concentration_from_signal(signal, slice(0, 3), 1.4, 0.005, 15, 4.5).array
    assert wrong[-1, 0] > 1.5 * 3.5


@pytest.mark.parametrize(("field", "expected"), [(None, 1.65), (3.0, 1.65), (2.89, 1.65), (1.5, 1.48), (1.0, 1.48)])
def test_the_usual_value_follows_the_field(field, expected):
    known = Acquisition(field_strength=None if field is None else Known(field, "test"))
    assert usual_blood_t10(known) == expected
