"""What `fit` promises beside the minimum: errors, delay, choice of model, gaps, masks, progress, bad input."""

import threading

import numpy as np
import pytest

from PerfusionRatioLib import kinetics
from PerfusionRatioLib.errors import Cancelled, InputError
from PerfusionRatioLib.kinetics import CHOICES, Flag
from PerfusionRatioLib.kinetics.selection import corrected_akaike
from Testing.Library.kinetic_curves import EVEN, PHYSICAL, UNEVEN, bolus, model_curve

TYPICAL = {
    "tofts": (0.15, 0.3),
    "extended-tofts": (0.1, 0.3, 0.05),
    "patlak": (0.01, 0.05),
    "2cum": (25, 0.02, 0.04),
    "2cxm": (20, 0.1, 0.05, 0.2),
}


def one_curve(model="extended-tofts", physical=None, times=EVEN, delay=0.0):
    return model_curve(model, TYPICAL[model] if physical is None else physical, times, bolus(times), delay)


def noisy(curve, count, noise, seed=0):
    return curve[:, None] + noise * np.random.default_rng(seed).normal(size=(len(curve), count))


class TestStandardErrors:
    @pytest.mark.parametrize("model", TYPICAL)
    def test_they_are_the_spread_of_repeated_fits(self, model):
        noise = 0.003 if model in ("2cum", "2cxm") else 0.01
        maps = kinetics.fit(noisy(one_curve(model), 1500, noise), EVEN, bolus(EVEN), model=model, standard_errors=True)
        assert set(maps.standard_errors) == set(maps.names)
        for name in PHYSICAL[model]:
            values, errors = getattr(maps, name), maps.standard_errors[name]
            assert np.std(values) == pytest.approx(np.median(errors), rel=0.2), name

    def test_the_delay_has_one_too(self):
        data = noisy(one_curve(delay=4.0), 600, 0.01)
        maps = kinetics.fit(data, EVEN, bolus(EVEN), delay="voxel", standard_errors=True)
        assert np.std(maps.delay) == pytest.approx(np.median(maps.standard_errors["delay"]), rel=0.3)
        assert np.std(maps.ktrans) == pytest.approx(np.median(maps.standard_errors["ktrans"]), rel=0.3)

    def test_a_leak_of_zero_has_an_error_but_no_rate(self):
        data = noisy(0.05 * bolus(EVEN), 200, 0.01)
        maps = kinetics.fit(data, EVEN, bolus(EVEN), standard_errors=True)
        held = maps.flags & Flag.KTRANS_AT_ZERO > 0
        assert held.sum() > 20
        assert np.all(np.isfinite(maps.standard_errors["ktrans"][held]))
        assert np.all(np.isfinite(maps.standard_errors["vp"][held]))
        assert np.all(np.isnan(maps.standard_errors["kep"][held]))

    @pytest.mark.parametrize("model", [*TYPICAL, "auto"])
    def test_missing_samples_are_no_measurements(self, model):
        """A saturated peak leaves the plasma volume badly known; the error must say so."""
        curve = one_curve("extended-tofts" if model == "auto" else model)
        data = noisy(curve, 500, 0.003 if model in ("2cum", "2cxm") else 0.01)
        data[np.argsort(bolus(EVEN))[-3:]] = np.nan
        maps = kinetics.fit(data, EVEN, bolus(EVEN), model=model, standard_errors=True)
        whole = kinetics.fit(noisy(curve, 500, 0.01), EVEN, bolus(EVEN), model=model, standard_errors=True)
        assert set(maps.standard_errors) == set(whole.standard_errors)
        for name in ("ktrans", "vp") if model != "tofts" else ("ktrans",):
            spread = 0.7413 * np.subtract(*np.nanpercentile(getattr(maps, name), [75, 25]))
            assert spread == pytest.approx(np.nanmedian(maps.standard_errors[name]), rel=0.25), name

    def test_a_flow_beyond_the_range_has_no_error_but_the_others_have(self):
        data = noisy(one_curve(), 100, 0.005)
        maps = kinetics.fit(data, EVEN, bolus(EVEN), model="2cxm", standard_errors=True)
        held = maps.flags & Flag.RATE_AT_LIMIT > 0
        assert held.sum() > 30
        assert np.all(np.isnan(maps.standard_errors["fp"][held]))
        assert np.std(maps.ktrans[held]) == pytest.approx(np.median(maps.standard_errors["ktrans"][held]), rel=0.3)

    def test_they_are_absent_unless_asked_for(self):
        assert kinetics.fit(noisy(one_curve(), 3, 0.01), EVEN, bolus(EVEN)).standard_errors == {}


class TestGoodnessOfFit:
    def test_residual_deviation_is_that_of_the_noise(self):
        maps = kinetics.fit(noisy(one_curve(), 2000, 0.02), EVEN, bolus(EVEN))
        assert np.sqrt(np.mean(maps.residual_sd.astype(float) ** 2)) == pytest.approx(0.02, rel=0.02)

    def test_r2_and_aicc_follow_their_definitions(self):
        data = noisy(one_curve(), 5, 0.02).astype(np.float32)
        maps = kinetics.fit(data, EVEN, bolus(EVEN))
        rss = maps.residual_sd.astype(float) ** 2 * 57
        np.testing.assert_allclose(maps.r2, 1 - rss / ((data - data.mean(0)) ** 2).sum(0), rtol=1e-5)
        np.testing.assert_allclose(maps.aicc, 60 * np.log(rss / 60) + 8 + 2 * 4 * 5 / 55, rtol=1e-5)

    def test_r2_takes_an_infinite_sample_for_missing_and_has_none_for_a_constant(self):
        data = noisy(one_curve(), 3, 0.05)
        data[20, 0], data[:, 1] = np.inf, 0.7
        missing = data.copy()
        missing[20, 0] = np.nan
        infinite, absent = (kinetics.fit(d, EVEN, bolus(EVEN)).r2 for d in (data, missing))
        assert infinite[0] == absent[0] < 1
        assert np.isnan(infinite[1])

    def test_akaike_needs_more_samples_than_unknowns(self):
        assert np.isnan(corrected_akaike(np.array([1.0]), 4, 2)[0])


class TestDelay:
    @pytest.mark.parametrize("times", [EVEN, UNEVEN], ids=["even", "uneven"])
    @pytest.mark.parametrize("model", TYPICAL)
    def test_a_known_delay_of_the_voxel_is_found(self, model, times):
        delays = np.array([-6.0, 0.0, 2.3, 9.0])
        data = np.stack([one_curve(model, times=times, delay=delay) for delay in delays], axis=1)
        maps = kinetics.fit(data, times, bolus(times), model=model, delay="voxel")
        np.testing.assert_allclose(maps.delay, delays, atol=0.15)
        name = "fp" if "fp" in PHYSICAL[model] else "ktrans"
        truth = TYPICAL[model][PHYSICAL[model].index(name)]
        np.testing.assert_allclose(getattr(maps, name), truth, rtol=0.06)

    def test_without_it_the_same_curve_is_misread(self):
        data = one_curve(delay=5.0)[:, None]
        blind = kinetics.fit(data, EVEN, bolus(EVEN))
        aware = kinetics.fit(data, EVEN, bolus(EVEN), delay="voxel")
        assert abs(blind.ktrans[0] / 0.1 - 1) > 0.05 > abs(aware.ktrans[0] / 0.1 - 1)

    def test_one_delay_for_all_is_found(self):
        data = noisy(one_curve(delay=6.3), 500, 0.02)
        maps = kinetics.fit(data, EVEN, bolus(EVEN), delay="global")
        assert maps.delay[0] == pytest.approx(6.3, abs=0.1)
        assert np.all(maps.delay == maps.delay[0])

    def test_a_delay_outside_the_range_is_flagged(self):
        data = one_curve(delay=12.0)[:, None]
        maps = kinetics.fit(data, EVEN, bolus(EVEN), delay="voxel", delay_range=(0.0, 6.0))
        assert maps.flags[0] & Flag.DELAY_AT_LIMIT
        assert maps.delay[0] == pytest.approx(6.0, abs=1e-3)

    @pytest.mark.parametrize("delay", ["voxel", "global"])
    def test_a_curve_that_does_not_rise_has_no_delay(self, delay):
        data = np.column_stack([one_curve(delay=3.0), np.full(60, -0.2)])
        maps = kinetics.fit(data, EVEN, bolus(EVEN), delay=delay)
        assert np.isfinite(maps.delay[0]) and np.isnan(maps.delay[1])


@pytest.mark.parametrize("model", TYPICAL)
def test_a_curve_that_does_not_rise_has_a_leak_of_zero(model):
    maps = kinetics.fit(np.full((60, 1), -0.2), EVEN, bolus(EVEN), model=model)
    assert maps.flags[0] & Flag.NO_INFORMATION and maps.flags[0] & Flag.KTRANS_AT_ZERO
    assert maps.ktrans[0] == 0 and (maps.vp is None or maps.vp[0] == 0)


class TestChoiceOfModel:
    PHYSICAL = ((0.0, 0.2, 0.0), (0.0, 0.2, 0.05), (0.003, 100.0, 0.03), (0.1, 0.2, 0.03))

    def test_the_simplest_adequate_model_is_chosen(self):
        kinds = [noisy(one_curve(physical=p), 200, 0.01, seed) for seed, p in enumerate(self.PHYSICAL)]
        maps = kinetics.fit(np.stack(kinds, axis=1), EVEN, bolus(EVEN), model="auto")
        for kind in range(4):
            chosen = np.bincount(maps.model_index[kind], minlength=len(CHOICES))
            assert chosen.argmax() == kind
            assert chosen[kind] > 0.75 * 200

    def test_it_reports_in_the_terms_of_extended_tofts(self):
        kinds = [noisy(one_curve(physical=p), 50, 0.002, seed) for seed, p in enumerate(self.PHYSICAL)]
        maps = kinetics.fit(np.stack(kinds, axis=1), EVEN, bolus(EVEN), model="auto", standard_errors=True)
        assert maps.model == "auto"
        np.testing.assert_allclose(np.median(maps.ktrans, 1), [0, 0, 0.003, 0.1], atol=2e-4)
        np.testing.assert_allclose(np.median(maps.vp, 1), [0, 0.05, 0.03, 0.03], atol=1e-3)
        patlak = maps.model_index == 2
        assert np.all(np.isnan(maps.kep[patlak])) and np.all(np.isfinite(maps.standard_errors["ktrans"][patlak]))


class TestMissingSamples:
    def test_one_voxel_s_gaps_touch_no_other(self):
        data = noisy(one_curve(), 40, 0.01).astype(np.float32)
        whole = kinetics.fit(data, EVEN, bolus(EVEN))
        data[[3, 9, 30], 7] = np.nan
        data[:, 8] = np.nan
        holed = kinetics.fit(data, EVEN, bolus(EVEN))
        others = np.setdiff1d(np.arange(40), [7, 8])
        np.testing.assert_array_equal(holed.ktrans[others], whole.ktrans[others])
        assert holed.flags[7] & Flag.INCOMPLETE
        assert holed.flags[8] == Flag.NOT_FITTED and np.isnan(holed.ktrans[8])

    def test_it_is_the_minimum_over_the_valid_samples(self):
        """Leaving frames out of all voxels is the same as a fit whose curves are only compared at the others."""
        data = noisy(one_curve(), 20, 0.01).astype(np.float32)
        data[40:44] = np.nan
        maps = kinetics.fit(data, EVEN, bolus(EVEN))
        valid = np.isfinite(data[:, 0])
        for voxel in range(3):
            rss = float(maps.residual_sd[voxel]) ** 2 * (valid.sum() - 3)
            p = (float(maps.ktrans[voxel]), float(maps.ve[voxel]), float(maps.vp[voxel]))
            fitted = one_curve(physical=p)
            assert ((data[:, voxel] - fitted)[valid] ** 2).sum() == pytest.approx(rss, rel=1e-3)
            for factor in np.concatenate([1 + 0.02 * np.eye(3), 1 - 0.02 * np.eye(3)]):
                worse = one_curve(physical=tuple(np.array(p) * factor))
                assert ((data[:, voxel] - worse)[valid] ** 2).sum() > rss

    def test_clean_curves_with_gaps_give_back_their_parameters(self):
        data = np.repeat(one_curve()[:, None], 30, axis=1)
        data[np.random.default_rng(0).random(data.shape) < 0.1] = np.nan
        maps = kinetics.fit(data, EVEN, bolus(EVEN))
        np.testing.assert_allclose(maps.ktrans, 0.1, rtol=1e-3)
        np.testing.assert_allclose(maps.vp, 0.05, rtol=1e-3)

    def test_too_few_valid_samples_are_not_fitted(self):
        data = np.repeat(one_curve()[:, None], 2, axis=1)
        data[4:, 0] = np.inf
        maps = kinetics.fit(data, EVEN, bolus(EVEN))
        assert maps.flags[0] == Flag.NOT_FITTED and np.isfinite(maps.ktrans[1])


class TestShapes:
    def test_maps_have_the_voxels_shape_and_nan_outside_the_mask(self):
        data = noisy(one_curve(), 24, 0.01).reshape(60, 2, 3, 4)
        mask = np.zeros((2, 3, 4), bool)
        mask[1, 1:, :2] = True
        maps = kinetics.fit(data, EVEN, bolus(EVEN), mask=mask)
        assert maps.ktrans.shape == (2, 3, 4) and maps.ktrans.dtype == np.float32
        np.testing.assert_array_equal(np.isfinite(maps.ktrans), mask)
        assert maps.counts["fitted"] == 4 and maps.counts["not_fitted"] == 20

    def test_masked_and_unmasked_voxels_agree(self):
        data = noisy(one_curve(), 5000, 0.01)
        mask = np.arange(5000) % 3 == 0
        part = kinetics.fit(data, EVEN, bolus(EVEN), mask=mask)
        whole = kinetics.fit(data, EVEN, bolus(EVEN))
        np.testing.assert_allclose(part.ktrans[mask], whole.ktrans[mask], rtol=1e-4)

    def test_one_thread_and_two_give_the_same(self):
        data = noisy(one_curve(), 20_000, 0.01)
        one, two = (kinetics.fit(data, EVEN, bolus(EVEN), threads=threads) for threads in (1, 2))
        np.testing.assert_array_equal(one.ktrans, two.ktrans)

    def test_a_curve_of_zeros_carries_no_information(self):
        maps = kinetics.fit(np.zeros((60, 1)), EVEN, bolus(EVEN), standard_errors=True)
        assert maps.flags[0] & Flag.NO_INFORMATION
        assert maps.ktrans[0] == 0 and maps.vp[0] == 0 and np.isnan(maps.ve[0])


class TestProgress:
    def test_it_rises_to_one(self):
        seen = []
        kinetics.fit(
            noisy(one_curve(), 30_000, 0.01),
            EVEN,
            bolus(EVEN),
            progress=lambda fraction, what: seen.append((fraction, what)),
        )
        fractions = [fraction for fraction, _ in seen]
        assert fractions == sorted(fractions) and fractions[0] == 0 and fractions[-1] == 1

    def test_it_can_stop_the_fit_and_leaves_no_thread_behind(self):
        before = threading.active_count()
        with pytest.raises(Cancelled):
            kinetics.fit(noisy(one_curve(), 30_000, 0.01), EVEN, bolus(EVEN), progress=lambda *_: False)
        assert threading.active_count() == before


class TestBadInput:
    def test_each_is_said_in_one_sentence(self):
        data, aif = noisy(one_curve(), 4, 0.01), bolus(EVEN)
        broken = aif.copy()
        broken[3] = np.nan
        cases = [
            (dict(model="brix"), "no model called 'brix'"),
            (dict(delay="some"), "choose none, global or voxel"),
            (dict(delay="voxel", delay_range=(5.0, 5.0)), "the shorter first"),
            (dict(delay="voxel", delay_range=(0.0, np.inf)), "the shorter first"),
            (dict(threads=0), "give one or more"),
            (dict(aif=aif[:-1]), "59 samples for 60 frames"),
            (dict(aif=broken), "not numbers"),
            (dict(aif=-aif), "does not rise above zero"),
            (dict(mask=np.zeros(4, bool)), "mask is empty"),
            (dict(mask=np.ones(5, bool)), r"mask is shaped \(5,\)"),
            (dict(times=EVEN[::-1]), "go back"),
            (dict(times=EVEN * 1000), "check whether milliseconds"),
            (dict(times=EVEN / 60), "check whether minutes"),
            (dict(concentration=data[:, 0]), "shaped"),
        ]
        for changed, sentence in cases:
            with pytest.raises(InputError, match=sentence):
                kinetics.fit(**(dict(concentration=data, times=EVEN, aif=aif) | changed))

    def test_fewer_frames_than_the_model_needs(self):
        with pytest.raises(InputError, match="it needs 5 frames, not 4"):
            kinetics.fit(np.ones((4, 2)), np.arange(4) * 10.0, np.ones(4))
