"""`fit` finds the global least-squares minimum within the bounds: against SciPy from many starts, and a fine grid."""

import numpy as np
import pytest

from PerfusionRatioLib import kinetics
from PerfusionRatioLib.kinetics import Flag
from PerfusionRatioLib.kinetics.convolution import exponential_convolution
from PerfusionRatioLib.kinetics.models import exponentials_from_exchange
from Testing.Library.kinetic_curves import (
    EVEN,
    LIMITS,
    PHYSICAL,
    UNEVEN,
    USUAL,
    best_of_many_starts,
    bolus,
    convolved,
    model_curve,
)

TIMINGS = {"even": EVEN, "uneven": UNEVEN}


def curves(model, physical, times, noise=0.0, seed=0, delay=0.0):
    clean = np.stack([model_curve(model, p, times, bolus(times), delay) for p in physical], axis=1)
    return clean + noise * np.random.default_rng(seed).normal(size=clean.shape)


def drawn(model, count, seed=0):
    low, high = map(np.array, USUAL[model])
    return np.random.default_rng(seed).uniform(low, high, (count, len(low)))


def residual_energy(maps, frames, degrees):
    return maps.residual_sd.astype(float) ** 2 * (frames - degrees)


@pytest.mark.parametrize("timing", TIMINGS)
@pytest.mark.parametrize("model", PHYSICAL)
def test_noise_free_curves_give_back_their_parameters(model, timing):
    times = TIMINGS[timing]
    physical = drawn(model, 30)
    maps = kinetics.fit(curves(model, physical, times), times, bolus(times), model=model)
    # Single-precision data limit what flow and exchange can be told apart by.
    tolerance = {"2cxm": 2e-3, "2cum": 2e-4}.get(model, 2e-4)
    for name, expected in zip(PHYSICAL[model], physical.T, strict=True):
        scale = np.abs(USUAL[model][1][PHYSICAL[model].index(name)])
        np.testing.assert_allclose(getattr(maps, name), expected, rtol=tolerance, atol=tolerance * scale, err_msg=name)


@pytest.mark.parametrize("timing", TIMINGS)
@pytest.mark.parametrize("noise", [0.01, 0.1])
@pytest.mark.parametrize("model", ["tofts", "extended-tofts", "patlak", "2cum"])
def test_no_start_of_scipy_finds_a_smaller_residual(model, noise, timing):
    times, aif = TIMINGS[timing], bolus(TIMINGS[timing])
    physical = drawn(model, 3, seed=1)
    data = curves(model, physical, times, noise, seed=2)
    maps = kinetics.fit(data, times, aif, model=model)
    ours = residual_energy(maps, len(times), kinetics.MODELS[model].degrees)
    low, high = LIMITS[model]
    for voxel, truth in enumerate(physical):
        starts = [truth, *drawn(model, 2, seed=voxel)]
        found, theirs = best_of_many_starts(
            lambda p: fast_curve(model, p, times, aif), data[:, voxel], low, high, starts, USUAL[model][1]
        )
        assert ours[voxel] <= theirs * (1 + 1e-4)
        if ours[voxel] > theirs * (1 - 1e-4):
            ve_unknown = found[0] < 1e-4
            for name, value, scale in zip(PHYSICAL[model], found, USUAL[model][1], strict=True):
                if not (name == "ve" and ve_unknown) and noise < 0.05:
                    assert getattr(maps, name)[voxel] == pytest.approx(value, rel=5e-3, abs=5e-4 * scale), name


def test_no_start_of_scipy_beats_the_exchange_model():
    times, aif = EVEN, bolus(EVEN)
    physical = drawn("2cxm", 3, seed=12)
    data = curves("2cxm", physical, times, 0.02, seed=4)
    ours = residual_energy(kinetics.fit(data, times, aif, model="2cxm"), len(times), 4)
    low, high = LIMITS["2cxm"]
    for voxel, truth in enumerate(physical):
        starts = [truth, *drawn("2cxm", 2, seed=voxel)]
        _, theirs = best_of_many_starts(
            lambda p: fast_curve("2cxm", p, times, aif), data[:, voxel], low, high, starts, USUAL["2cxm"][1]
        )
        assert ours[voxel] <= theirs * (1 + 1e-3)


def test_the_exchange_model_holds_ve_at_one_and_is_best_there():
    times, aif = EVEN, bolus(EVEN)
    physical = np.array([[30, 0.05, 0.05, 3.0], [15, 0.02, 0.03, 2.0]])
    data = curves("2cxm", physical, times, 0.005, seed=5)
    maps = kinetics.fit(data, times, aif, model="2cxm")
    assert np.all(maps.flags & Flag.VE_AT_ONE)
    np.testing.assert_allclose(maps.ve, 1.0, rtol=1e-4)
    ours = residual_energy(maps, len(times), 4)
    low, high = LIMITS["2cxm"]
    for voxel, truth in enumerate(physical):
        start = np.append(truth[:3], 0.99)
        _, theirs = best_of_many_starts(
            lambda p: fast_curve("2cxm", p, times, aif),
            data[:, voxel],
            low,
            high,
            [start, *drawn("2cxm", 2)],
            USUAL["2cxm"][1],
        )
        assert ours[voxel] <= theirs * (1 + 1e-3)


@pytest.mark.parametrize("model", ["tofts", "extended-tofts"])
def test_no_point_of_a_fine_grid_is_better(model):
    """For each rate of a fine grid the best weights are found by trying every face of their bounds."""
    times, aif = UNEVEN, bolus(UNEVEN)
    data = np.random.default_rng(6).normal(0.1, 0.3, (60, 400)).astype(np.float32).astype(float)
    data[:, :200] += np.tile(curves(model, drawn(model, 20), times), (1, 10))
    maps = kinetics.fit(data, times, aif, model=model)
    ours = residual_energy(maps, 60, kinetics.MODELS[model].degrees)
    best = np.full(400, np.inf)
    for rate in np.geomspace(*kinetics.MODELS[model].rates, 400):
        shape = exponential_convolution(rate, times / 60, aif)[:, 0]
        second = aif if model == "extended-tofts" else None
        best = np.minimum(best, best_on_faces(data, shape, second, rate))
    assert np.all(ours <= best * (1 + 1e-5))
    assert np.all(ours >= best * (1 - 2e-3))


def best_on_faces(data, first, second, cap):
    """Smallest residual energy of data ≈ a·first + b·second with 0 ≤ a ≤ cap, b ≥ 0, by enumeration."""
    candidates = [np.zeros((2, data.shape[1]))]
    for fixed in (None, 0.0, cap):
        for free in (True, False) if second is not None else (False,):
            columns = ([first] if fixed is None else []) + ([second] if free else [])
            rest = data - (0 if fixed is None else fixed * first[:, None])
            if columns:
                solved = np.linalg.lstsq(np.stack(columns, 1), rest, rcond=None)[0]
            weight = solved[0] if fixed is None else np.full(data.shape[1], fixed)
            other = solved[-1] if free else np.zeros(data.shape[1])
            candidates.append(np.stack([weight, other]))
    best = np.full(data.shape[1], np.inf)
    for weight, other in candidates:
        feasible = (weight >= 0) & (weight <= cap * (1 + 1e-12)) & (other >= 0)
        left = data - weight * first[:, None] - (0 if second is None else other * second[:, None])
        best = np.where(feasible, np.minimum(best, (left**2).sum(0)), best)
    return best


class TestFaces:
    """Truth on a face of the bounds, and noise that pushes against it."""

    def test_without_plasma_extended_tofts_is_tofts(self):
        physical = np.array([[0.1, 0.3, 0.0], [0.2, 0.5, 0.0]])
        data = curves("extended-tofts", physical, EVEN, 0.02, seed=7)
        data = np.concatenate([data - 0.05 * bolus(EVEN)[:, None], data], axis=1)
        extended = kinetics.fit(data, EVEN, bolus(EVEN))
        tofts = kinetics.fit(data, EVEN, bolus(EVEN), model="tofts")
        held = extended.flags & Flag.VP_AT_ZERO > 0
        assert held[:2].all()
        np.testing.assert_allclose(extended.ktrans[held], tofts.ktrans[held], rtol=1e-4)
        np.testing.assert_allclose(extended.kep[held], tofts.kep[held], rtol=1e-4)

    def test_without_leakage_only_plasma_is_left(self):
        aif = bolus(EVEN)
        data = 0.05 * aif[:, None] - 0.01 * np.cumsum(aif)[:, None] / aif.sum()
        maps = kinetics.fit(data, EVEN, aif)
        assert maps.flags[0] & Flag.KTRANS_AT_ZERO
        assert maps.ktrans[0] == 0
        assert np.isnan(maps.kep[0]) and np.isnan(maps.ve[0])
        assert maps.vp[0] == pytest.approx(data[:, 0] @ aif / (aif @ aif), rel=1e-5)

    def test_with_ve_at_one_the_rate_is_optimised_again(self):
        physical = np.array([[0.1, 1.5, 0.02], [0.3, 1.2, 0.05], [0.05, 3.0, 0.0]])
        data = curves("extended-tofts", physical, EVEN)
        maps = kinetics.fit(data, EVEN, bolus(EVEN))
        assert np.all(maps.flags & Flag.VE_AT_ONE)
        np.testing.assert_allclose(maps.ve, 1, rtol=1e-6)
        np.testing.assert_allclose(maps.ktrans, maps.kep, rtol=1e-6)
        ours = residual_energy(maps, 60, 3)
        for voxel in range(3):
            found = best_of_many_starts(
                lambda p: p[0] * convolved(p[0], EVEN, bolus(EVEN), parts=3) + p[1] * bolus(EVEN),
                data[:, voxel],
                [1e-3, 0],
                [3, 1],
                [[0.1, 0.02], [0.3, 0.0]],
                [0.3, 0.05],
            )
            assert ours[voxel] == pytest.approx(found[1], rel=1e-3)
            assert maps.ktrans[voxel] == pytest.approx(found[0][0], rel=1e-3)

    def test_a_rate_beyond_the_range_is_held_at_its_end_and_flagged(self):
        data = curves("extended-tofts", [[2.0, 0.1, 0.0]], EVEN)
        maps = kinetics.fit(data, EVEN, bolus(EVEN))
        assert maps.flags[0] & Flag.RATE_AT_LIMIT
        assert maps.kep[0] == pytest.approx(10, rel=1e-4)


def test_residuals_of_clean_curves_do_not_drown_in_rounding():
    """‖y‖² − ‖fit‖² in single precision would leave some 1e-4 of the signal; the residual itself leaves 1e-7."""
    physical = drawn("extended-tofts", 50, seed=8)
    data = curves("extended-tofts", physical, EVEN)
    maps = kinetics.fit(data.astype(np.float32), EVEN, bolus(EVEN))
    assert np.all(maps.residual_sd < 2e-6 * np.abs(data).max(0))


def fast_curve(model, p, times, aif):
    """The same curve as `model_curve`, cheap enough to be called by an optimiser a few thousand times.

    The library's convolution is used; that it is exact is shown in `test_kinetics_convolution`.
    """
    t = times / 60
    if model == "patlak":
        return p[0] * exponential_convolution(0.0, t, aif)[:, 0] + p[1] * aif
    if model == "2cum":
        fp, ps, vp = p[0] / 100, p[1], p[2]
        fast, slow = exponential_convolution([(fp + ps) / vp, 0.0], t, aif).T
        return fp * fp / (fp + ps) * fast + fp * ps / (fp + ps) * slow
    if model == "2cxm":
        first, k, second, m = exponentials_from_exchange(p[0] / 100, p[1], p[2], p[3])
        rates = np.clip([k, m], *kinetics.MODELS["2cxm"].rates)
        return exponential_convolution(rates, t, aif) @ [first, second]
    curve = p[0] * exponential_convolution(p[0] / p[1], t, aif)[:, 0]
    return curve + p[2] * aif if model == "extended-tofts" else curve
