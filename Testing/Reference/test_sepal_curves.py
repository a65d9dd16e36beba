"""Real curves of a stroke patient (SEPAL), from signal to Patlak: vp 0.0139 and PS 0.000187 per minute."""

import numpy as np
import pytest

from PerfusionRatioLib.aif.region import aif_from_mask
from PerfusionRatioLib.kinetics import fit
from PerfusionRatioLib.signal.baseline import find_baseline
from PerfusionRatioLib.signal.spoiled_gradient_echo import concentration_from_signal

TIMES = 39.6 * (np.arange(32) + 0.5)
HAEMATOCRIT = 0.395
LEFT_OUT = 7  # first frames, in which a vein is no artery, are not fitted there


@pytest.fixture(scope="module")
def measured(reference_data):
    """What a file of the set holds, by name."""
    folder = reference_data("sepal") / "DCE_ROI_data"
    return lambda name: np.load(folder / f"{name}.npy")


@pytest.fixture(scope="module")
def concentration_of(measured):
    """mM of "tissue" or "vif", shaped (t, 1, 1, 1)."""

    def convert(what):
        return concentration_from_signal(
            measured(f"signal_{what}").astype(np.float32).reshape(-1, 1, 1, 1),
            slice(0, 3),
            float(measured(f"t1_{what}")),
            repetition_time=0.0034,
            flip_angle=15.0,
            relaxivity=5.0,
            b1=float(measured(f"k_{what}")),
            echo_time=0.0017,
            transverse_relaxivity=7.1,
        )

    return convert


def test_patlak_from_the_signal_agrees_with_the_other_program(concentration_of):
    tissue = concentration_of("tissue").array
    aif = aif_from_mask(concentration_of("vif").array, np.ones((1, 1, 1), bool), TIMES, HAEMATOCRIT)
    tissue[:LEFT_OUT] = np.nan

    maps = fit(tissue, TIMES, aif.plasma_concentration, model="patlak")

    assert maps.vp.item() == pytest.approx(0.0139, rel=0.01)
    assert maps.ktrans.item() == pytest.approx(0.000187, rel=0.01)


def test_every_sample_has_a_concentration(concentration_of):
    for what in ("tissue", "vif"):
        converted = concentration_of(what)
        assert np.isfinite(converted.array).all()
        assert converted.notes == ()
        assert abs(converted.array[:3].mean()) < 1e-3


def test_the_bolus_is_found_where_it_is_seen(measured):
    found = find_baseline(measured("signal_vif").reshape(-1, 1), TIMES)

    assert (found.start, found.stop) == (1, 4)  # the fifth sample is twice the first four
