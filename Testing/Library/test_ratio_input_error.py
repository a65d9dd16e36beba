"""What frames that miss the bolus, noise, and a wrong late level of the arterial input do to a ratio."""

import numpy as np
import pytest

from PerfusionRatioLib.phantom.bolus import Bolus
from PerfusionRatioLib.ratio.input_error import TRIALS, InputErrors, Kinetics, input_errors, input_noise
from PerfusionRatioLib.ratio.smooth_input import smooth_input

BOLUS = Bolus(arrival=31.0, peak=6.0, width=12.0)
LESION, NORMAL = Kinetics(0.08, 0.05, 0.27), Kinetics(0.004, 0.02)


def every(interval: float) -> np.ndarray:
    return np.arange(0, 300.0, interval)


def errors(interval: float, late_level: float = 0.0, noise: float = 0.0, lesion: Kinetics = LESION) -> InputErrors:
    times, random = every(interval), np.random.default_rng(0)
    plasma = BOLUS.arterial(times) + noise * random.standard_normal(len(times))
    return input_errors(times, plasma, lesion, NORMAL, late_level, random)


def relative(found: InputErrors) -> np.ndarray:
    """Root mean square errors of (Ktrans, vp) of lesion and reference, relative: shaped (4,)."""
    pairs = ((found.lesion, LESION), (found.reference, NORMAL))
    return np.array(
        [np.sqrt(np.mean(one[name] ** 2)) / getattr(true, name) for one, true in pairs for name in ("ktrans", "vp")]
    )


@pytest.mark.parametrize("interval", [1.0, 3.0, 5.0, 10.0])
def test_a_smooth_input_passes_through_its_samples(interval):
    times = every(interval)
    plasma = BOLUS.arterial(times)
    np.testing.assert_allclose(smooth_input(times, plasma)(times), plasma, atol=1e-9)


@pytest.mark.parametrize("interval", [2.0, 3.0, 5.0, 7.0])
def test_a_smooth_input_is_nearer_to_the_bolus_than_straight_lines_are(interval):
    times, between = every(interval), np.arange(20, 80, 0.25)
    plasma, true = BOLUS.arterial(times), BOLUS.arterial(between)
    smooth = np.abs(smooth_input(times, plasma)(between) - true).max()
    assert smooth < 0.5 * np.abs(np.interp(between, times, plasma) - true).max()


def test_a_smooth_input_is_never_negative_and_takes_any_curve():
    times = every(5.0)
    curves = [
        np.random.default_rng(0).normal(0, 0.1, len(times)),
        np.linspace(0, 1, len(times)),
        np.where(times > 290, 1.0, 0.0),
        np.where(times < 5, 1.0, 0.0),
    ]
    for curve in curves:
        values = smooth_input(times, curve)(np.arange(0, 295, 0.5))
        assert np.isfinite(values).all()
        assert values.min() >= 0


def test_frames_close_together_and_a_known_input_leave_no_error():
    assert relative(errors(1.0)).max() < 0.001


def test_errors_grow_with_the_interval_between_frames():
    grown = np.stack([relative(errors(interval)) for interval in (1.0, 3.0, 5.0, 7.0, 10.0)])
    assert (np.diff(grown, axis=0) > 0).all()
    assert 0.002 < grown[2, 0] < 0.02


def test_noise_and_a_doubtful_late_level_add_to_the_errors():
    plain, noisy, late = (relative(errors(3.0, *more)) for more in ((), (0.0, 0.1), (0.05,)))
    assert (noisy > plain).all()
    assert (late > 3 * plain).all()
    assert late[2] == pytest.approx(0.05, rel=0.6)  # a late level of x too much makes an uptake of x too little


@pytest.mark.parametrize("model", ["tofts", "2cxm", "auto"])
def test_the_misfit_of_a_model_is_not_among_the_errors(model):
    """Tofts' model has no plasma, which the lesion has: its Ktrans is wrong with any input."""
    times = every(3.0)
    plasma = BOLUS.arterial(times)
    found, own = (
        input_errors(times, plasma, LESION, NORMAL, 0.05, np.random.default_rng(0), name)
        for name in (model, "extended-tofts")
    )
    assert abs(found.lesion["ktrans"].mean()) < 0.02 * LESION.ktrans
    assert 0.3 < found.lesion["ktrans"].std() / own.lesion["ktrans"].std() < 2
    assert (found.lesion["vp"] == 0).all() == (model == "tofts")


def test_errors_of_lesion_and_reference_belong_together():
    found = errors(3.0, 0.05)
    assert all(values.shape == (TRIALS,) for one in (found.lesion, found.reference) for values in one.values())
    assert np.corrcoef(found.lesion["ktrans"], found.reference["ktrans"])[0, 1] > 0.8


def test_a_lesion_without_exchange_is_fitted_as_the_reference_is():
    found = errors(5.0, 0.05, lesion=NORMAL)
    for name in ("ktrans", "vp"):
        np.testing.assert_allclose(found.lesion[name], found.reference[name])


@pytest.mark.parametrize("times", [np.arange(2000.0), np.append(np.arange(0, 800, 2.0), np.arange(800, 40000, 20.0))])
def test_the_noise_of_an_input_is_told_by_its_slow_frames(times):
    random = np.random.default_rng(1)
    slow = np.exp(-times / 2000)
    assert input_noise(times, slow) < 1e-5
    noise = 0.2 * random.standard_normal(len(times))
    assert input_noise(times, slow + noise) == pytest.approx(0.2, rel=0.05)
    assert input_noise(np.arange(5.0), np.array([0, 5.0, 3, 2, 1])) == 0


@pytest.mark.parametrize(
    "times",
    [
        np.append(np.arange(0, 80, 2.0), np.arange(80, 280, 20.0)),
        np.arange(0, 180, 1.5),
        np.arange(0, 240, 3.0),
    ],
    ids=["frames that grow longer", "a late bolus", "a bolus in the second half"],
)
def test_a_bolus_is_no_noise(times):
    arrival = 20.0 if np.ptp(np.diff(times)) else times[-1] / 2 + 20
    plasma = Bolus(arrival=arrival, peak=6.0, width=10.0).arterial(times)
    assert input_noise(times, plasma) < 0.005
