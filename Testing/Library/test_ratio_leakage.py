"""Voxels in which hardly anything leaks: exact, not lifted by bounds, with honest standard errors."""

import numpy as np
import pytest
from scipy.integrate import cumulative_trapezoid

from PerfusionRatioLib.kinetics import fit
from PerfusionRatioLib.ratio.frame_noise import error_factors
from PerfusionRatioLib.ratio.leakage import ENOUGH, leverage, noise_profile, unbounded_leakage
from Testing.Library.ratio_example import PLASMA, TIMES, VITAL, curve, leaking

FIRST_PASS = 0.4 * PLASMA.max() < PLASMA
WHITE = 0.0005, 0.015
"""Ktrans (1/min) and vp of white matter."""


def noisy(one: np.ndarray, voxels: int, deviation: np.ndarray | float, seed: int = 0) -> np.ndarray:
    """``voxels`` times a curve, with noise of a standard ``deviation`` in mM for each frame."""
    random = np.random.default_rng(seed)
    return one[:, None] + np.reshape(deviation, (-1, 1)) * random.standard_normal((len(one), voxels))


def test_curves_without_noise_give_their_parameters_whatever_their_sign_and_offset():
    ktrans, vp, offset = np.random.default_rng(1).uniform(-0.02, 0.02, (3, 50))
    curves = np.stack([leaking(*pair) for pair in zip(ktrans, vp, strict=True)], axis=1) + offset
    found = unbounded_leakage(curves, TIMES, PLASMA)
    np.testing.assert_allclose(found.ktrans, ktrans, atol=1e-12)
    np.testing.assert_allclose(found.vp, vp, atol=1e-12)
    assert found.ktrans_error.max() < 1e-12


def test_missing_samples_are_left_out_of_their_own_voxel():
    random = np.random.default_rng(2)
    curves = np.repeat(leaking(0.003, 0.02)[:, None], 40, axis=1) + 0.1
    curves[random.random(curves.shape) < 0.3] = np.nan
    curves[3, :] = np.inf
    curves[:, 0] = np.nan
    curves[4:, 1] = np.nan
    found = unbounded_leakage(curves, TIMES, PLASMA)
    np.testing.assert_allclose(found.ktrans[2:], 0.003, atol=1e-12)
    np.testing.assert_allclose(found.vp[2:], 0.02, atol=1e-12)
    for values in (found.ktrans, found.vp, found.ktrans_error, found.vp_error):
        assert np.isnan(values[:2]).all()


def test_a_model_without_plasma_has_no_vp():
    integral = cumulative_trapezoid(PLASMA, TIMES / 60, initial=0)
    found = unbounded_leakage(0.01 * integral[:, None] - 0.2, TIMES, PLASMA, has_plasma=False)
    assert found.ktrans[0] == pytest.approx(0.01)
    assert np.isnan(found.vp[0])
    assert np.isnan(found.vp_error[0])


def test_without_contrast_agent_in_the_artery_there_is_no_answer():
    found = unbounded_leakage(np.ones((60, 2)), TIMES, np.zeros(60))
    assert np.isnan(found.ktrans).all()
    assert np.isnan(found.ktrans_error).all()


def test_noise_does_not_lift_the_ktrans_of_white_matter_but_a_bound_does():
    curves = noisy(leaking(*WHITE), 4000, 0.05)
    found = unbounded_leakage(curves, TIMES, PLASMA)
    for values, true in ((found.ktrans, WHITE[0]), (found.vp, WHITE[1])):
        assert abs(values.mean() - true) < 3 * values.std() / np.sqrt(values.size)
    bounded = fit(curves.astype(np.float32), TIMES, PLASMA, "extended-tofts", threads=1)
    assert bounded.ktrans.mean() > 1.5 * WHITE[0]


@pytest.mark.parametrize("first_pass", [1.0, 1.3], ids=["alike in all frames", "larger in the first pass"])
@pytest.mark.parametrize("has_plasma", [True, False])
def test_standard_errors_are_as_large_as_the_spread(first_pass, has_plasma):
    deviation = np.where(FIRST_PASS, 0.05 * first_pass, 0.05)
    found = unbounded_leakage(noisy(leaking(*WHITE), 5000, deviation), TIMES, PLASMA, has_plasma)
    assert np.sqrt(np.mean(found.ktrans_error**2)) == pytest.approx(found.ktrans.std(), rel=0.05)
    if has_plasma:
        assert np.sqrt(np.mean(found.vp_error**2)) == pytest.approx(found.vp.std(), rel=0.05)


def test_standard_errors_of_incomplete_voxels_are_as_large_as_their_spread():
    curves = noisy(leaking(*WHITE), 4000, 0.05)
    curves[::2] = np.nan
    found = unbounded_leakage(curves, TIMES, PLASMA)
    assert np.sqrt(np.mean(found.ktrans_error**2)) == pytest.approx(found.ktrans.std(), rel=0.05)


def test_frames_that_pull_at_the_fit_are_those_that_nothing_else_determines():
    design = np.array([[1.0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3], [0, 0, 4]])
    np.testing.assert_allclose(leverage(design), [0.5, 0.5, 1, 9 / 25, 16 / 25])


def test_the_noise_profile_tells_the_noise_of_the_frames_and_not_their_misfit():
    deviation = np.where(FIRST_PASS, 3.0, 1.0)
    residual, free = noisy(np.zeros(60), 3000, deviation), np.zeros(60)
    true = deviation**2 / np.mean(deviation**2)
    np.testing.assert_allclose(noise_profile(residual, np.ones(3000), free), true, rtol=0.15)
    misfit = 5 * np.sin(np.arange(60))[:, None]
    np.testing.assert_allclose(noise_profile(residual + misfit, np.ones(3000), free), true, rtol=0.15)


def test_the_noise_of_a_frame_that_pulls_at_the_fit_is_not_taken_for_small():
    design = np.column_stack([np.ones(60), np.where(np.arange(60) == 9, 1.0, 0.05) * (-1.0) ** np.arange(60)])
    curves = noisy(np.zeros(60), 4000, 1.0)
    residual = curves - design @ np.linalg.pinv(design) @ curves
    assert residual[9].std() < 0.5
    np.testing.assert_allclose(noise_profile(residual, np.ones(4000), leverage(design)), 1, rtol=0.15)


def test_few_voxels_and_voxels_without_noise_have_frames_alike():
    few, free = noisy(np.zeros(60), ENOUGH - 1, np.where(FIRST_PASS, 3.0, 1.0)), np.zeros(60)
    np.testing.assert_array_equal(noise_profile(few, np.ones(ENOUGH - 1), free), np.ones(60))
    np.testing.assert_array_equal(noise_profile(np.zeros((60, 50)), np.zeros(50), free), np.ones(60))


def fitted(curves: np.ndarray, model: str = "extended-tofts"):
    return fit(curves.astype(np.float32), TIMES, PLASMA, model, standard_errors=True, threads=1)


def test_noise_alike_in_all_frames_leaves_the_errors_of_a_fit_as_they_are():
    curves = noisy(curve(VITAL), 2000, 0.02)
    factors = error_factors(curves, TIMES, PLASMA, fitted(curves))
    assert set(factors) == {"ktrans", "kep", "vp"}
    assert factors == pytest.approx(dict.fromkeys(factors, 1.0), abs=0.03)


def test_noise_larger_in_the_first_pass_widens_the_errors_of_a_fit_to_the_spread():
    curves = noisy(curve(VITAL), 2000, np.where(FIRST_PASS, 0.026, 0.02))
    maps = fitted(curves)
    factors = error_factors(curves, TIMES, PLASMA, maps)
    for name in ("ktrans", "vp", "kep"):
        told = factors[name] * np.median(maps.standard_errors[name])
        assert told == pytest.approx(getattr(maps, name).std(), rel=0.07)
    assert factors["vp"] > 1.1


def test_a_model_without_kep_and_voxels_that_are_incomplete_have_no_factors():
    curves = noisy(leaking(*WHITE), 30, 0.02)
    assert error_factors(curves, TIMES, PLASMA, fitted(curves, "patlak")) == {}
    for voxel in range(curves.shape[1]):
        curves[voxel, voxel] = np.nan
    assert error_factors(curves, TIMES, PLASMA, fitted(curves)) == {}


def test_a_frame_that_is_missing_everywhere_leaves_the_others_to_tell():
    curves = noisy(leaking(*WHITE), 200, 0.02)
    curves[60:] *= 1.5
    complete = error_factors(curves, TIMES, PLASMA, fitted(curves))
    curves[5] = np.nan
    found = error_factors(curves, TIMES, PLASMA, fitted(curves))
    assert found == pytest.approx(complete, rel=0.05)
