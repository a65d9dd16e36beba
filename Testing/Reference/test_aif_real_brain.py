"""The automatic arterial input on a real brain (GE 3 T, one coronal slice, frames 15.84 s apart), against the artery
that was drawn by hand in the same images."""

import numpy as np
import pytest
import SimpleITK as sitk

from PerfusionRatioLib.aif.automatic import detect_aif
from PerfusionRatioLib.aif.region import aif_from_mask
from PerfusionRatioLib.signal.spoiled_gradient_echo import concentration_from_signal

HAEMATOCRIT = 0.42
TIMES = np.arange(64) * 15.84


def array(path):
    image = sitk.ReadImage(str(path))
    return sitk.GetArrayFromImage(image).astype(np.float32)


@pytest.fixture(scope="module")
def brain(reference_data):
    """Blood concentrations, the artery drawn by hand, and the brain mask."""
    folder = reference_data("rocketship_p19_brain_dce") / "bbb_p19_downsample_x3y3"
    signal = array(folder / "Dynamic_t1w.nii")
    signal[signal == -32768] = np.nan
    t10 = array(folder / "processed/T1_map_t1_fa_fit_fa10.nii").reshape(signal.shape[1:]) / 1000
    t10[t10 <= 0] = np.nan
    concentration = concentration_from_signal(signal, slice(0, 3), t10, 0.00829, 15.0, 3.6).array
    drawn, mask = (array(folder / f"processed/T1_{name}_roi.nii") > 0 for name in ("AIF", "brain"))
    return concentration, drawn, mask


@pytest.mark.parametrize("masked", [False, True])
def test_it_finds_the_artery_that_was_drawn_by_hand(brain, masked):
    concentration, drawn, mask = brain
    found = detect_aif(concentration, TIMES, HAEMATOCRIT, mask=mask if masked else None)
    by_hand = aif_from_mask(concentration, drawn, TIMES, HAEMATOCRIT)
    places = np.argwhere(found.mask)
    distance = np.linalg.norm(places[:, None] - np.argwhere(drawn), axis=-1).min(axis=1)
    assert distance.max() < 2  # voxels
    assert found.plasma_concentration.max() == pytest.approx(by_hand.plasma_concentration.max(), rel=0.2)
    area = np.trapezoid(found.plasma_concentration, TIMES)
    assert area == pytest.approx(np.trapezoid(by_hand.plasma_concentration, TIMES), rel=0.1)
    assert found.quality.verdict == "acceptable"
