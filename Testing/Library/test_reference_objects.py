"""Reference objects: closed forms, two independent numerical ways, limits of the models, and conservation of mass."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.phantom.bolus import Bolus
from PerfusionRatioLib.phantom.reference_objects import (
    MODEL_PARAMETERS,
    GaussianBolus,
    sample_plasma,
    spoiled_gradient_echo,
    tissue_concentration,
    with_gaussian_noise,
    with_rician_noise,
)

TIMES = np.arange(0.0, 300.0, 2.5)
TYPICAL = {
    "tofts": {"ktrans": 0.12, "ve": 0.3},
    "extended-tofts": {"ktrans": 0.12, "vp": 0.04, "ve": 0.3},
    "patlak": {"ktrans": 0.01, "vp": 0.04},
    "2cum": {"fp": 40.0, "ps": 0.08, "vp": 0.04},
    "2cxm": {"fp": 40.0, "ps": 0.15, "vp": 0.04, "ve": 0.25},
}
GAUSSIAN, GAMMA = GaussianBolus(), Bolus().arterial


def two_exponentials(times):
    """A continuous input with closed-form answers: 10 (exp(-t/100 s) − exp(-t/8 s)) from t = 0."""
    t = np.maximum(times, 0)
    return 10 * (np.exp(-t / 100) - np.exp(-t / 8))


def exponential_response(rate, times):
    """∫ two_exponentials(s) exp(−rate (t − s)) ds in closed form."""
    return sum(
        sign * 10 * (np.exp(-m * times) - np.exp(-rate * times)) / (rate - m) for sign, m in ((1, 1 / 100), (-1, 1 / 8))
    )


def by_convolution(model, values, plasma, times):
    """The impulse response of the textbook (Sourbron and Buckley 2013), convolved by adaptive quadrature."""
    if model in ("tofts", "extended-tofts"):
        kt = values["ktrans"] / 60
        terms, vascular = [(kt, kt / values["ve"])], values.get("vp", 0.0)
    elif model == "patlak":
        terms, vascular = [(values["ktrans"] / 60, 0.0)], values["vp"]
    else:
        flow, ps, vp = values["fp"] / 6000, values["ps"] / 60, values["vp"]
        vascular = 0.0
        if model == "2cum":
            extraction, rate = ps / (flow + ps), (flow + ps) / vp
            terms = [(flow * extraction, 0.0), (flow * (1 - extraction), rate)]
        else:
            ve = values["ve"]
            total, product = (flow + ps) / vp + ps / ve, flow * ps / (vp * ve)
            root = np.sqrt(total**2 - 4 * product)
            fast, slow = (total + root) / 2, (total - root) / 2
            # Weight of the slow exponential from the initial slope of the residue function: R'(0) = −Fp/vp.
            weight = (fast - flow / vp) / (fast - slow)
            terms = [(flow * weight, slow), (flow * (1 - weight), fast)]

    def at(t):
        def integrand(s):
            return plasma(np.array(s)) * sum(w * np.exp(-k * (t - s)) for w, k in terms)

        # Broken at the bolus and just before t, where the integrand is steepest.
        points = [p for p in (30, 38, 42, 46, 60, 80, t - 20, t - 3) if 0 < p < t]
        return vascular * plasma(np.array(t)) + quad(integrand, 0, t, points=points, limit=400, epsabs=1e-11)[0]

    return np.array([at(t) for t in times])


def by_differential_equation(values, plasma, times):
    """The two-compartment exchange model as its two balance equations, integrated by an adaptive Runge-Kutta."""
    flow, ps, vp, ve = values["fp"] / 6000, values["ps"] / 60, values["vp"], values["ve"]

    def balance(t, x):
        inside, outside = x
        exchange = ps * (inside - outside)
        return [(flow * (plasma(np.array(t)) - inside) - exchange) / vp, exchange / ve]

    solution = solve_ivp(balance, (0, times[-1]), [0, 0], "DOP853", times, rtol=1e-10, atol=1e-12, max_step=0.5)
    return vp * solution.y[0] + ve * solution.y[1]


class TestAgainstIndependentWays:
    @pytest.mark.parametrize("bolus", [GAUSSIAN, GAMMA], ids=["gaussian", "gamma"])
    @pytest.mark.parametrize("model", MODEL_PARAMETERS)
    def test_agrees_with_quadrature_of_the_textbook_impulse_response(self, model, bolus):
        times = np.array([10.0, 33.3, 41.7, 55.0, 120.0, 290.0])
        curve = tissue_concentration(model, TYPICAL[model], bolus, times)[:, 0]
        expected = by_convolution(model, TYPICAL[model], bolus, times)
        np.testing.assert_allclose(curve, expected, atol=1e-5 * expected.max())

    def test_exchange_model_agrees_with_a_runge_kutta_solution_of_its_balance_equations(self):
        times = np.linspace(0, 290, 59)
        curve = tissue_concentration("2cxm", TYPICAL["2cxm"], GAUSSIAN, times)[:, 0]
        expected = by_differential_equation(TYPICAL["2cxm"], GAUSSIAN, times)
        np.testing.assert_allclose(curve, expected, atol=1e-5 * expected.max())

    def test_tofts_has_its_closed_form_for_exponential_input(self):
        curve = tissue_concentration("extended-tofts", TYPICAL["extended-tofts"], two_exponentials, TIMES)[:, 0]
        expected = 0.04 * two_exponentials(TIMES) + 0.12 / 60 * exponential_response(0.12 / 60 / 0.3, TIMES)
        np.testing.assert_allclose(curve, expected, atol=1e-5 * expected.max())

    def test_uptake_model_has_its_closed_form_for_exponential_input(self):
        flow, ps, vp = 40 / 6000, 0.08 / 60, 0.04
        curve = tissue_concentration("2cum", TYPICAL["2cum"], two_exponentials, TIMES)[:, 0]
        extraction = ps / (flow + ps)
        integral = 10 * (100 * (1 - np.exp(-TIMES / 100)) - 8 * (1 - np.exp(-TIMES / 8)))
        expected = flow * extraction * integral
        expected += flow * (1 - extraction) * exponential_response((flow + ps) / vp, TIMES)
        np.testing.assert_allclose(curve, expected, atol=1e-5 * expected.max())

    @pytest.mark.parametrize("model", MODEL_PARAMETERS)
    def test_a_finer_grid_changes_nothing(self, model):
        coarse = tissue_concentration(model, TYPICAL[model], GAUSSIAN, TIMES)
        fine = tissue_concentration(model, TYPICAL[model], GAUSSIAN, TIMES, step=0.01)
        np.testing.assert_allclose(coarse, fine, atol=1e-5 * fine.max())


class TestLimits:
    """Each model is a limit of a richer one."""

    def test_extended_tofts_without_back_flux_is_patlak(self):
        patlak = tissue_concentration("patlak", {"ktrans": 0.05, "vp": 0.04}, GAUSSIAN, TIMES)
        tofts = {"ktrans": 0.05, "vp": 0.04, "ve": 1e7}
        np.testing.assert_allclose(tissue_concentration("extended-tofts", tofts, GAUSSIAN, TIMES), patlak, atol=1e-6)

    def test_extended_tofts_without_plasma_is_tofts(self):
        tofts = tissue_concentration("tofts", {"ktrans": 0.1, "ve": 0.2}, GAMMA, TIMES)
        extended = tissue_concentration("extended-tofts", {"ktrans": 0.1, "vp": 0.0, "ve": 0.2}, GAMMA, TIMES)
        np.testing.assert_allclose(extended, tofts, rtol=1e-12)

    def test_exchange_with_a_boundless_interstitium_is_uptake(self):
        uptake = tissue_concentration("2cum", TYPICAL["2cum"], GAUSSIAN, TIMES)
        exchange = tissue_concentration("2cxm", TYPICAL["2cum"] | {"ve": 1e7}, GAUSSIAN, TIMES)
        np.testing.assert_allclose(exchange, uptake, atol=1e-6)

    def test_without_exchange_only_the_plasma_volume_is_seen(self):
        flow = {"fp": 40.0, "ps": 0.0, "vp": 0.04}
        uptake = tissue_concentration("2cum", flow, two_exponentials, TIMES)[:, 0]
        exchange = tissue_concentration("2cxm", flow | {"ve": 0.2}, two_exponentials, TIMES)[:, 0]
        expected = 40 / 6000 * exponential_response(40 / 6000 / 0.04, TIMES)
        np.testing.assert_allclose(uptake, expected, atol=1e-6)
        np.testing.assert_allclose(exchange, expected, atol=1e-6)

    def test_with_boundless_exchange_plasma_and_interstitium_are_one_compartment(self):
        exchange = {"fp": 40.0, "ps": 1e6, "vp": 0.04, "ve": 0.26}
        one = tissue_concentration("tofts", {"ktrans": 0.40, "ve": 0.30}, GAUSSIAN, TIMES)
        np.testing.assert_allclose(tissue_concentration("2cxm", exchange, GAUSSIAN, TIMES), one, atol=1e-4)

    def test_with_boundless_flow_exchange_is_extended_tofts(self):
        exchange = {"fp": 1e8, "ps": 0.1, "vp": 0.04, "ve": 0.3}
        tofts = tissue_concentration("extended-tofts", {"ktrans": 0.1, "vp": 0.04, "ve": 0.3}, GAUSSIAN, TIMES)
        np.testing.assert_allclose(tissue_concentration("2cxm", exchange, GAUSSIAN, TIMES), tofts, atol=1e-4)

    def test_with_boundless_flow_uptake_is_patlak(self):
        patlak = tissue_concentration("patlak", {"ktrans": 0.1, "vp": 0.04}, GAUSSIAN, TIMES)
        uptake = {"fp": 1e8, "ps": 0.1, "vp": 0.04}
        np.testing.assert_allclose(tissue_concentration("2cum", uptake, GAUSSIAN, TIMES), patlak, atol=1e-4)


class TestMass:
    @pytest.mark.parametrize("model, volume", [("tofts", 0.3), ("extended-tofts", 0.34), ("2cxm", 0.29)])
    def test_area_of_tissue_over_area_of_plasma_is_the_volume_of_distribution(self, model, volume):
        times = np.arange(0, 2500, 0.5)
        bolus = GaussianBolus(washout=(1.0, 60.0, 15.0, 3.0))

        curve = tissue_concentration(model, TYPICAL[model], bolus, times, step=0.1)[:, 0]
        assert curve.sum() / bolus(times).sum() == pytest.approx(volume, rel=1e-5)

    def test_retained_uptake_is_ktrans_times_the_area_of_plasma(self):
        bolus = GaussianBolus(washout=(1.0, 60.0, 15.0, 3.0))
        area = quad(bolus, 0, 2500, points=[30, 42, 60, 90], limit=400)[0]
        end = np.array([2500.0])
        patlak = tissue_concentration("patlak", {"ktrans": 0.02, "vp": 0.05}, bolus, end, step=0.05)[0, 0]
        uptake = tissue_concentration("2cum", {"fp": 50.0, "ps": 0.08, "vp": 0.05}, bolus, end, step=0.05)[0, 0]
        assert patlak == pytest.approx(0.02 / 60 * area, rel=1e-5)
        assert uptake == pytest.approx(0.5 * 0.08 / 0.58 / 60 * area, rel=1e-5)

    @settings(max_examples=20, deadline=None)
    @given(scale=st.floats(0.01, 100), model=st.sampled_from(sorted(MODEL_PARAMETERS)))
    def test_tissue_is_proportional_to_the_dose(self, scale, model):
        times = np.array([0.0, 40.0, 90.0])
        once = tissue_concentration(model, TYPICAL[model], GAUSSIAN, times, step=0.1)
        more = tissue_concentration(model, TYPICAL[model], lambda t: scale * GAUSSIAN(t), times, step=0.1)
        np.testing.assert_allclose(more, scale * once, rtol=1e-9, atol=1e-12)


class TestDelayAndFrames:
    @pytest.mark.parametrize("model", MODEL_PARAMETERS)
    def test_delay_is_a_later_arrival_of_the_same_bolus(self, model):
        delayed = tissue_concentration(model, TYPICAL[model], GaussianBolus(30.0), TIMES, delay=7.3)
        later = tissue_concentration(model, TYPICAL[model], GaussianBolus(37.3), TIMES)
        np.testing.assert_allclose(delayed, later, atol=2e-6 * later.max())

    def test_each_case_has_its_own_delay_and_parameters(self):
        together = tissue_concentration(
            "tofts", {"ktrans": np.array([0.1, 0.2, 0.3]), "ve": 0.3}, GAMMA, TIMES, delay=[0.0, 5.0, 0.0]
        )
        alone = tissue_concentration("tofts", {"ktrans": 0.2, "ve": 0.3}, GAMMA, TIMES, delay=5.0)
        assert together.shape == (len(TIMES), 3)
        np.testing.assert_allclose(together[:, 1], alone[:, 0], atol=2e-6 * alone.max())

    def test_frames_of_some_duration_are_the_mean_of_many_moments(self):
        bolus, duration = GAUSSIAN, 5.0
        moments = np.add.outer(TIMES, (np.arange(50) + 0.5) / 50 * duration - duration / 2).ravel()
        many = tissue_concentration("2cxm", TYPICAL["2cxm"], bolus, moments)
        frames = tissue_concentration("2cxm", TYPICAL["2cxm"], bolus, TIMES, frame_duration=duration)
        np.testing.assert_allclose(frames[:, 0], many.reshape(len(TIMES), 50).mean(axis=1), atol=1e-4 * frames.max())
        means = bolus(moments).reshape(len(TIMES), 50).mean(axis=1)
        np.testing.assert_allclose(sample_plasma(bolus, TIMES, duration), means, atol=2e-3)

    @pytest.mark.parametrize("bolus", [GAUSSIAN, GAMMA], ids=["gaussian", "gamma"])
    def test_nothing_is_there_before_arrival(self, bolus):
        before, after = bolus(np.linspace(-50, 25, 50)), bolus(np.linspace(35, 300, 500))
        assert before.max() < 1e-3 * after.max()
        assert after.max() / 20 < after[-1] < after.max() / 3
        assert np.all(after > 0)

    def test_irregular_times_give_the_same_curve(self):
        irregular = np.array([0.0, 1.0, 31.0, 40.4, 41.1, 97.0])
        dense = np.union1d(irregular, TIMES)
        curve = tissue_concentration("2cum", TYPICAL["2cum"], GAMMA, irregular)
        same = tissue_concentration("2cum", TYPICAL["2cum"], GAMMA, dense)
        np.testing.assert_allclose(curve, same[np.isin(dense, irregular)], atol=2e-6 * curve.max())


PROTOCOL = {"repetition_time": 0.005, "flip_angle": 15.0, "t10": 1.4, "relaxivity": 4.5}


class TestSignalAndNoise:
    def test_signal_has_its_known_values(self):
        ernst = np.rad2deg(np.arccos(np.exp(-0.005 / 1.4)))
        at_ernst = spoiled_gradient_echo(np.zeros(1), **PROTOCOL | {"flip_angle": ernst})
        # At the Ernst angle the signal is M0 tan(α/2).
        assert at_ernst[0] == pytest.approx(np.tan(np.deg2rad(ernst) / 2), rel=1e-12)
        right_angle = spoiled_gradient_echo(np.array([0.2]), **PROTOCOL | {"flip_angle": 90.0})
        assert right_angle[0] == pytest.approx(1 - np.exp(-0.005 * (1 / 1.4 + 4.5 * 0.2)), rel=1e-12)

    def test_signal_saturates_at_the_full_magnetisation(self):
        assert spoiled_gradient_echo(np.array([1e6]), **PROTOCOL)[0] == pytest.approx(np.sin(np.deg2rad(15)))

    def test_gaussian_noise_has_the_asked_spread(self):
        noisy = with_gaussian_noise(np.full(200_000, 3.0), 0.5, np.random.default_rng(0))
        assert noisy.mean() == pytest.approx(3.0, abs=0.005)
        assert noisy.std() == pytest.approx(0.5, rel=0.01)

    def test_rician_noise_without_signal_is_rayleigh_and_with_much_signal_gaussian(self):
        generator = np.random.default_rng(0)
        rayleigh = with_rician_noise(np.zeros(200_000), 2.0, generator)
        assert rayleigh.mean() == pytest.approx(2 * np.sqrt(np.pi / 2), rel=0.01)
        strong = with_rician_noise(np.full(200_000, 100.0), 2.0, generator)
        assert strong.mean() == pytest.approx(100 + 2**2 / (2 * 100), abs=0.02)
        assert strong.std() == pytest.approx(2.0, rel=0.01)

    def test_one_seed_gives_one_noise(self):
        first, second = (with_rician_noise(np.ones(5), 0.1, np.random.default_rng(4)) for _ in range(2))
        np.testing.assert_array_equal(first, second)


class TestBadInput:
    def test_unknown_model(self):
        with pytest.raises(InputError, match="no reference object for the model 'fick'; take tofts"):
            tissue_concentration("fick", {}, GAMMA, TIMES)

    def test_missing_and_unused_parameters(self):
        with pytest.raises(InputError, match=r"The model tofts takes ktrans, ve; given were ktrans, vp\."):
            tissue_concentration("tofts", {"ktrans": 0.1, "vp": 0.1}, GAMMA, TIMES)
