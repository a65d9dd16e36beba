"""The arterial input of a region, and the type all arterial inputs share."""

import numpy as np
import pytest

from PerfusionRatioLib.aif.arterial_input import ArterialInput
from PerfusionRatioLib.aif.population import parker
from PerfusionRatioLib.aif.region import aif_from_mask
from PerfusionRatioLib.errors import InputError, NoAnswerError
from PerfusionRatioLib.series import Grid

TIMES = np.arange(0, 200, 2.0)
SHAPE = (4, 5, 6)


@pytest.fixture
def a_mask():
    mask = np.zeros(SHAPE, bool)
    mask[1, 2, 1:5] = True
    return mask


@pytest.fixture
def blood():
    """An artery of four voxels in tissue that does not enhance."""
    concentration = np.zeros((TIMES.size, *SHAPE), np.float32)
    concentration[:, 1, 2, 1:5] = parker(TIMES, 20, 0).plasma_concentration[:, None]
    return concentration


def test_the_mean_blood_curve_becomes_plasma(blood, a_mask):
    blood[:, 1, 2, 1] *= 0.9
    blood[:, 1, 2, 2] *= 1.1

    aif = aif_from_mask(blood, a_mask, TIMES, 0.42)

    np.testing.assert_allclose(aif.plasma_concentration, parker(TIMES, 20, 0.42).plasma_concentration, rtol=1e-5)
    np.testing.assert_allclose(aif.blood_concentration, parker(TIMES, 20, 0).plasma_concentration, rtol=1e-5)
    assert (aif.origin, aif.notes) == ("region", ())
    assert aif.mask.tolist() == a_mask.tolist()
    assert aif.quality.voxels == 4
    assert aif.arrival_time == pytest.approx(22, abs=4)


def test_every_voxel_is_listed_with_its_place(blood, a_mask):
    grid = Grid(SHAPE[::-1], spacing=(2.0, 3.0, 4.0), origin=(10.0, 0.0, 0.0))

    aif = aif_from_mask(blood, a_mask, TIMES, 0.42, grid)

    assert [voxel.index for voxel in aif.voxels] == [(1, 2, 1), (1, 2, 2), (1, 2, 3), (1, 2, 4)]
    assert aif.voxels[0].position == (12.0, 6.0, 4.0)
    assert aif.voxels[0].peak == pytest.approx(aif.quality.peak, rel=1e-5)
    assert aif.voxels[0].reason == "Inside the region that was drawn."


def test_voxels_with_a_missing_sample_are_left_out_and_counted(blood, a_mask):
    blood[7, 1, 2, 4] = np.nan

    aif = aif_from_mask(blood, a_mask, TIMES, 0.42)

    assert aif.mask.sum() == len(aif.voxels) == 3
    assert aif.notes == (
        "1 of 4 voxels of the arterial mask were left out: they lack a sample (saturated, or brighter than their T10 "
        "explains).",
    )
    assert np.isfinite(aif.plasma_concentration).all()


def test_partial_volume_is_counted(blood, a_mask):
    blood[:, 1, 2, 1] *= 0.2

    aif = aif_from_mask(blood, a_mask, TIMES, 0.42)

    assert aif.notes == ("1 of 4 arterial voxels reach less than half of the peak: likely partial volume.",)


@pytest.mark.parametrize(
    ("mask", "given", "sentence"),
    [
        (np.zeros(SHAPE, bool), {}, "The arterial mask is empty: draw it over an artery."),
        (np.ones((2, 2, 2), bool), {}, "The arterial mask is shaped (2, 2, 2) but the series (4, 5, 6)"),
        (np.ones(SHAPE, bool), {"times": TIMES[:-1]}, "There are 99 times for 100 frames"),
        (np.ones(SHAPE, bool), {"haematocrit": 1.0}, "The haematocrit is 1; it must be a fraction"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(blood, mask, given, sentence):
    arguments = {"times": TIMES, "haematocrit": 0.42} | given
    with pytest.raises(InputError) as refusal:
        aif_from_mask(blood, mask, **arguments)

    assert sentence in str(refusal.value)


def test_a_region_without_a_complete_curve_has_no_answer(blood, a_mask):
    blood[3] = np.nan

    with pytest.raises(NoAnswerError, match="None of the 4 voxels of the arterial mask has a concentration in every"):
        aif_from_mask(blood, a_mask, TIMES, 0.42)


def test_voxels_without_any_concentration_are_told_from_saturated_ones(blood, a_mask):
    blood[:, 1, 2, 1:3] = np.nan
    blood[12, 1, 2, 3:5] = np.nan

    with pytest.raises(NoAnswerError) as refusal:
        aif_from_mask(blood, a_mask, TIMES, 0.42)
    assert "2 have no concentration at all (T10, B1 or baseline missing there" in str(refusal.value)
    assert "2 lack a sample (saturated, or brighter than their T10 explains)" in str(refusal.value)
    assert "--blood-t10" in str(refusal.value)

    blood[12, 1, 2, 3] = 1.0
    notes = aif_from_mask(blood, a_mask, TIMES, 0.42).notes
    assert [note.split(" voxels")[0] for note in notes] == ["2 of 4", "1 of 4"]


def test_an_arterial_input_needs_one_concentration_a_time():
    with pytest.raises(InputError, match=r"The arterial input \(a test\) has 3 concentrations for 100 times"):
        ArterialInput(TIMES, np.zeros(3), 0.42, "a test")


def test_an_arterial_input_must_be_numbers():
    plasma = np.zeros(TIMES.size)
    plasma[4:6] = np.nan

    with pytest.raises(InputError, match=r"has 2 of 100 concentrations that are not numbers"):
        ArterialInput(TIMES, plasma, 0.42, "a test")
