"""Concentrations in arteries, worked out again with the T10 of blood."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from PerfusionRatioLib.acquisition import Acquisition, Known
from PerfusionRatioLib.aif.region import aif_from_mask
from PerfusionRatioLib.signal import blood as blood_module
from PerfusionRatioLib.signal.blood import BloodConversion, KeptCurves, usual_blood_t10
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


@pytest.mark.parametrize(
    ("field", "expected"), [(None, 1.65), (3.0, 1.65), (2.89, 1.65), (1.5, 1.48), (1.0, 1.48), (7.0, 2.09)]
)
def test_the_usual_value_follows_the_field(field, expected):
    known = Acquisition(field_strength=None if field is None else Known(field, "test"))
    assert usual_blood_t10(known) == expected


FLASH = {"repetition_time": 0.0085, "flip_angle": 10}
BOLUS = np.array([0, 0, 0, 2.0, 5.8, 3.0, 1.5])


def blood_of(tissue_t10, artery=None, b1=1.0):
    """Four voxels of blood through the conversion for tissue and then for blood."""
    signal = spgr_signal(1 / 1.65 + 4.5 * BOLUS, **FLASH, m0=900, b1=b1).astype(np.float32)
    signal = np.repeat(signal[:, None], 4, axis=1).reshape(-1, 1, 1, 4)
    conversion = BloodConversion(tissue_t10, 1.65, **FLASH, relaxivity=4.5, b1=b1)
    where = np.ones((1, 1, 4), bool)
    kept = conversion.signal_to_keep(signal, signal[:3].mean(axis=0), where, artery)
    tissue = concentration_from_signal(signal, slice(0, 3), tissue_t10, **FLASH, relaxivity=4.5, b1=b1).array
    conversion = replace(conversion, kept=conversion.of_signal(kept, slice(0, 3), None))
    return conversion, tissue, conversion(tissue[:, 0, 0], np.argwhere(where))


@pytest.mark.parametrize("b1", [1.0, 0.9])
def test_what_the_t10_of_tissue_loses_is_worked_out_from_the_signal(b1):
    t10 = np.array([[[0.8, 1.0, 0, np.nan]]], np.float32)
    conversion, tissue, blood = blood_of(t10, b1=b1)
    assert np.isnan(tissue[4]).sum() >= 2
    np.testing.assert_allclose(blood, np.repeat(BOLUS[:, None], 4, axis=1), rtol=5e-3, atol=5e-3)
    assert len(conversion.kept.index) >= 2


def test_only_what_would_be_lost_is_kept():
    conversion, tissue, blood = blood_of(2.5)
    assert np.isfinite(tissue).all()
    assert len(conversion.kept.index) == 0
    np.testing.assert_allclose(blood[4], 5.8, rtol=5e-3)


def test_the_drawn_artery_comes_before_what_enhances_more(monkeypatch):
    monkeypatch.setattr(blood_module, "_MOST_KEPT", 1)
    artery = np.array([[[False, False, True, False]]])
    conversion, _, blood = blood_of(np.zeros((1, 1, 4), np.float32) + np.array([1.0, 0.9, 0, 0.8], np.float32), artery)
    assert conversion.kept.index.tolist() == [[0, 0, 2]]
    np.testing.assert_allclose(blood[:, 2], BOLUS, rtol=5e-3, atol=5e-3)


def test_saturated_samples_stay_missing():
    conversion = BloodConversion(1.4, 1.65, **FLASH, relaxivity=4.5)
    signal = spgr_signal(1 / 1.65 + 4.5 * BOLUS, **FLASH, m0=900).astype(np.float32)[:, None]
    kept = conversion.of_signal(KeptCurves(np.array([[0, 0, 0]]), signal), slice(0, 3), float(signal.max()))
    assert np.isnan(kept.curves[:, 0]).tolist() == [False, False, False, False, True, False, False]


@pytest.mark.parametrize("t10", [1.4, np.array([[[0.8, 1.0, 0, np.nan]]], np.float32)])
def test_a_region_there_gives_the_arterial_input(t10):
    """Of tissue's 1.4 s, or of such a map, nothing is left at the peak."""
    conversion, tissue, _ = blood_of(t10)
    aif = aif_from_mask(tissue, np.ones((1, 1, 4), bool), 5.0 * np.arange(7), 0.0, as_blood=conversion)
    assert np.isnan(tissue[4]).all()
    np.testing.assert_allclose(aif.plasma_concentration, BOLUS, rtol=5e-3, atol=5e-3)
    assert aif.mask.sum() == 4
