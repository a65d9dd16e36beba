"""Validation: statistics against known answers, what the grid shows, what a protocol may expect, and the command."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from PerfusionRatioLib.cli import main
from PerfusionRatioLib.cli.validate_text import percent
from PerfusionRatioLib.errors import Cancelled, InputError
from PerfusionRatioLib.export.json_text import jsonable
from PerfusionRatioLib.phantom.reference_objects import GaussianBolus, tissue_concentration
from PerfusionRatioLib.validation import (
    QUICK,
    Protocol,
    ReferenceGrid,
    agreement,
    concordance,
    expected_errors,
    read_protocol,
    validate,
)

NUMBERS = st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=30)


class TestConcordance:
    def test_identity_is_one_and_its_mirror_minus_one(self):
        values = np.array([-2.0, -1.0, 1.0, 2.0])
        assert concordance(values, values) == pytest.approx(1)
        assert concordance(values, -values) == pytest.approx(-1)

    def test_an_offset_counts_although_the_correlation_is_perfect(self):
        # Variances 1.25, offset 1: 2 · 1.25 / (1.25 + 1.25 + 1).
        assert concordance([1, 2, 3, 4], [2, 3, 4, 5]) == pytest.approx(2.5 / 3.5)

    def test_a_slope_counts_although_the_correlation_is_perfect(self):
        # About a mean of zero, y = 2 x gives 2 · 2 / (1 + 4).
        assert concordance([-1, 0, 1], [-2, 0, 2]) == pytest.approx(0.8)

    def test_nothing_varies(self):
        assert concordance([1, 1], [2, 2]) is None
        assert concordance([], []) is None

    @given(NUMBERS, st.integers(0, 1000))
    def test_symmetric_and_never_above_pearson(self, values, seed):
        first = np.array(values)
        second = first + np.random.default_rng(seed).normal(size=first.size)
        value = concordance(first, second)
        assert value == pytest.approx(concordance(second, first), abs=1e-12)
        if min(first.std(), second.std()) > 1e-3:
            assert abs(value) <= abs(np.corrcoef(first, second)[0, 1]) + 1e-9


class TestAgreement:
    def test_known_answers(self):
        result = agreement(np.array([1.1, 2.0, 2.7, 4.4]), np.array([1.0, 2.0, 3.0, 4.0]))
        assert (result.cases, result.failed) == (4, 0)
        assert result.median_bias == pytest.approx(0.05)
        assert result.mean_bias == pytest.approx(0.05)
        assert result.median_relative_bias == pytest.approx(0.05)
        assert result.mean_relative_bias == pytest.approx((0.1 + 0 - 0.1 + 0.1) / 4)
        assert result.rmse == pytest.approx(np.sqrt((0.01 + 0.09 + 0.16) / 4))

    def test_failed_fits_are_counted_and_left_out(self):
        result = agreement(np.array([1.0, np.nan, 3.0, np.inf]), np.array([1.0, 2.0, 3.0, 4.0]))
        assert (result.cases, result.failed, result.rmse, result.concordance) == (2, 2, 0, 1)

    def test_true_zeros_have_no_relative_bias(self):
        assert agreement(np.array([1.0, 3.0]), np.array([0.0, 2.0])).mean_relative_bias == pytest.approx(0.5)
        assert agreement(np.array([1.0]), np.array([0.0])).median_relative_bias is None

    def test_one_truth_for_all_has_no_concordance(self):
        assert agreement(np.array([1.0, 2.0]), 1.5).concordance is None

    def test_no_answer_at_all(self):
        result = agreement(np.array([np.nan]), np.array([1.0]))
        assert (result.cases, result.failed, result.mean_bias, result.rmse) == (0, 1, None, None)

    def test_estimates_at_a_limit_are_counted_and_left_out_of_means_but_not_of_medians(self):
        limited = np.array([False, False, True])
        result = agreement(np.array([1.5, 2.5, 1e6]), np.array([1.0, 2.0, 4.0]), limited)
        assert (result.cases, result.at_limit, result.mean_bias, result.rmse) == (3, 1, 0.5, 0.5)
        assert result.mean_relative_bias == pytest.approx((0.5 + 0.25) / 2)
        assert agreement(np.array([1.0, 9.0, 1e6]), 1.0, limited).median_bias == 8

    def test_all_at_a_limit_have_no_mean(self):
        result = agreement(np.array([3.0]), np.array([1.0]), np.array([True]))
        assert (result.mean_bias, result.mean_relative_bias, result.rmse, result.median_bias) == (None, None, None, 2)

    def test_an_estimate_that_is_no_number_is_failed_rather_than_at_a_limit(self):
        result = agreement(np.array([np.nan, 1.0]), 1.0, np.array([True, False]))
        assert (result.cases, result.failed, result.at_limit) == (1, 1, 0)


def one_case(**changes) -> ReferenceGrid:
    case = ReferenceGrid(
        ktrans=(0.05,), vp=(0.05,), ve=(0.3,), delays=(0.0,), snrs=(20.0,), intervals=(3.0,), voxels=4000
    )
    return replace(case, **changes)


NOISE_FREE = ReferenceGrid(
    ktrans=(0.01, 0.1), vp=(0.03, 0.06), ve=(0.2, 0.4), fp=(40.0,), delays=(0.0, 5.0), snrs=(np.inf,),
    intervals=(1.0,), duration=240.0,
)  # fmt: skip


class TestGrid:
    def test_noise_has_the_signal_to_noise_ratio_that_is_told(self):
        """Patlak is a linear regression: its spread follows from the noise alone."""
        grid, bolus = one_case(), GaussianBolus()
        times = grid.times(3.0)
        peak = tissue_concentration("patlak", {"ktrans": 0.05, "vp": 0.05}, bolus, times).max()
        fine = np.arange(0, times[-1] + 0.01, 0.01)
        integral = np.interp(times, fine, np.cumsum(bolus(fine)) * 0.01 / 60)
        columns = np.column_stack([integral, bolus(times)])
        spread = peak / 20 * np.sqrt(np.diag(np.linalg.inv(columns.T @ columns)))
        result = validate(grid, ("patlak",))
        for parameter, expected in zip(("ktrans", "vp"), spread, strict=True):
            errors = result.select(parameter=parameter, fit_delay="none")[0].agreement
            assert errors.rmse == pytest.approx(expected, rel=0.05)

    @pytest.mark.parametrize("model", ["tofts", "extended-tofts", "patlak", "2cum", "2cxm"])
    def test_without_noise_the_truth_is_found_and_the_delay_with_it(self, model):
        result = validate(NOISE_FREE, (model,))
        for errors in result.select(fit_delay="none", delay=0.0):
            assert errors.agreement.failed == 0
            assert abs(errors.agreement.median_relative_bias) < 0.01, errors
            assert errors.agreement.concordance is None or errors.agreement.concordance > 0.99, errors
        for delay in NOISE_FREE.delays:
            found = {e.parameter: e.agreement for e in result.select(fit_delay="voxel", delay=delay)}
            assert abs(found["delay"].median_bias) < 0.15
            assert abs(found["ktrans"].median_relative_bias) < 0.03
            assert found["ktrans"].concordance > 0.99

    def test_a_delay_of_five_seconds_biases_the_delay_blind_fit_only(self):
        """At SNR 20, over the whole range of Ktrans, vp and ve."""
        grid = replace(ReferenceGrid(), snrs=(20.0,), intervals=(1.5,), delays=(5.0,), voxels=300)
        result = validate(grid, ("extended-tofts", "patlak"))
        for model in ("extended-tofts", "patlak"):
            at = {"model": model, "delay": 5.0, "parameter": "ktrans"}
            aware = result.select(**at, fit_delay="voxel")[0].agreement
            blind = result.select(**at, fit_delay="none")[0].agreement
            assert abs(aware.median_relative_bias) < 0.05
            assert abs(blind.median_relative_bias) > 0.05
            assert aware.concordance > blind.concordance

    @pytest.mark.parametrize("model", ["2cum", "2cxm"])
    def test_means_of_models_with_a_flow_are_of_the_order_of_the_truth(self, model):
        """Among these some meet a limit, and among those are flows of many thousands."""
        grid = replace(QUICK, intervals=(5.0,), delays=(0.0,), snrs=(20.0,))
        errors = validate(grid, (model,)).select(fit_delay="none")
        assert all(0 < e.agreement.at_limit < e.agreement.cases / 2 for e in errors)
        largest = max(abs(e.agreement.mean_relative_bias) for e in errors)
        assert largest < 10, errors

    def test_models_without_a_flow_have_nothing_at_a_limit(self):
        assert not any(e.agreement.at_limit for e in validate(one_case(voxels=50), ("extended-tofts",)).pooled)

    def test_every_parameter_is_reported_under_every_condition(self):
        grid = replace(QUICK, voxels=20, ktrans=(0.05,), vp=(0.02,))
        result = validate(grid, ("extended-tofts",))
        conditions = {errors.condition for errors in result.pooled}
        assert len(conditions) == len(grid.intervals) * len(grid.snrs) * len(grid.delays) * 2
        for condition in conditions:
            names = [errors.parameter for errors in result.pooled if errors.condition == condition]
            assert names == ["ktrans", "vp", "ve", "kep"] + ["delay"] * (condition.fit_delay == "voxel")
        noisy = result.select(snr=20.0)
        assert all(e.agreement.cases + e.agreement.failed >= grid.voxels for e in noisy)

    def test_a_seed_gives_the_same_numbers_and_another_gives_others(self):
        grid = one_case(voxels=50)
        first = validate(grid, ("patlak",))
        assert jsonable(first) == jsonable(validate(grid, ("patlak",)))
        assert first.pooled != validate(replace(grid, seed=1), ("patlak",)).pooled

    def test_progress_rises_to_the_end_and_can_cancel(self):
        seen = []
        validate(one_case(voxels=5), ("patlak",), lambda fraction, what: seen.append((fraction, what)))
        fractions = [fraction for fraction, _ in seen]
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1
        assert "patlak" in seen[0][1]
        with pytest.raises(Cancelled):
            validate(one_case(voxels=5), ("patlak",), lambda fraction, what: False)


class TestReadProtocol:
    def test_units(self):
        protocol = read_protocol("5, 15, 5, 60, 1.4")
        assert protocol == Protocol(repetition_time=0.005, flip_angle=15, interval=5, frames=60, t10=1.4)
        assert str(protocol) == "TR 5 ms, flip angle 15 degrees, 60 frames of 5 s, T10 1.4 s"

    @pytest.mark.parametrize(
        "text, sentence",
        [
            ("5,15,5,60", r"five values, TR \(ms\),FA \(degrees\),dt \(s\),frames,T10 \(s\), .*'5,15,5,60' has 4\."),
            ("", "'' has 1"),
            ("5,15,fast,60,1.4", "The time between frames in the protocol is 'fast', which is not a number."),
            ("0.005,15,5,60,1.4", "The TR in the protocol is 0.005 ms; expected is 1 to 100: was it given in seconds?"),
            ("5,0,5,60,1.4", "The flip angle in the protocol is 0 degrees; expected is 1 to 90"),
            ("5,15,5000,60,1.4", "time between frames in the protocol is 5000 s; .*milliseconds or minutes"),
            (
                "5,15,5,60,1400",
                "T10 in the protocol is 1400 s; expected is 0.1 to 6: was it given in milliseconds?",
            ),
            ("5,15,5,60.5,1.4", "The number of frames in the protocol is 60.5; it must be a whole number."),
            ("5,15,5,2,1.4", "The number of frames in the protocol is 2; expected is 10 to 2000."),
            ("5,15,5,nan,1.4", "The number of frames in the protocol is nan"),
            ("5,15,5,12,1.4", "lasts 55 s, and the bolus arrives after 30 s .* at least 60 s must follow"),
            ("5,15,60,100,1.4", "would last 99 minutes"),
        ],
    )
    def test_each_mistake_has_its_sentence(self, text, sentence):
        with pytest.raises(InputError, match=sentence):
            read_protocol(text)

    @given(st.text(alphabet="0123456789.,-e naif", max_size=30))
    def test_any_text_is_a_protocol_or_refused(self, text):
        try:
            protocol = read_protocol(text)
        except InputError:
            return
        assert protocol.times[-1] >= protocol.arrival_time + 60


PROTOCOL = Protocol(repetition_time=0.005, flip_angle=15, interval=3, frames=90, t10=1.4)


@pytest.fixture(scope="module")
def at_twenty():
    return expected_errors(PROTOCOL, snr=20, voxels=500, draws=200)


class TestExpectedErrors:
    def test_without_noise_tissues_and_ratios_are_right(self):
        result = expected_errors(PROTOCOL, snr=1e5, voxels=20, draws=20)
        # The baseline that is found may hold a frame at the foot of the bolus, which costs up to 1e-4 of Ktrans.
        for errors in result.tissues:
            assert abs(errors.bias) < max(0.02 * errors.true, 1e-4)
            assert errors.high - errors.low < 0.05 * errors.true
        for ratio in result.ratios:
            assert ratio.median == pytest.approx(ratio.true, rel=0.03 if ratio.ratio == "rvp" else 0.1)
            assert ratio.reference_zero == 0

    def test_every_tissue_and_ratio_is_there(self, at_twenty):
        tissues = ["recurrent metastasis", "radiation necrosis", "grey matter", "white matter"]
        assert [(e.parameter, e.tissue) for e in at_twenty.tissues] == [
            (p, t) for p in ("ktrans", "vp") for t in tissues
        ]
        ratios = [(r.ratio, r.lesion) for r in at_twenty.ratios]
        assert ratios == [(r, t) for r in ("rktrans", "rvp") for t in tissues[:2]]
        assert at_twenty.ratios[0].true == pytest.approx(200)
        assert (at_twenty.ratios[0].lesion_voxels, at_twenty.ratios[0].reference_voxels) == (100, 300)

    def test_noise_widens_the_spread_and_more_in_voxels_than_in_ratios(self, at_twenty):
        better = expected_errors(PROTOCOL, snr=100, voxels=500, draws=200)
        for noisy, clean in zip(at_twenty.tissues, better.tissues, strict=True):
            assert noisy.high - noisy.low > 2 * (clean.high - clean.low)
        voxel, ratio = at_twenty.tissues[4], at_twenty.ratios[2]
        assert (voxel.parameter, ratio.ratio) == ("vp", "rvp")
        assert (ratio.high - ratio.low) / ratio.true < (voxel.high - voxel.low) / voxel.true

    def test_the_spread_covers_its_truth_where_there_is_signal(self, at_twenty):
        lesion = at_twenty.tissues[0]
        assert lesion.low < lesion.true < lesion.high

    def test_the_uptake_of_white_matter_drowns_in_noise(self, at_twenty):
        white = at_twenty.tissues[3]
        assert (white.tissue, white.low) == ("white matter", 0)
        assert white.high > 2 * white.true

    def test_a_reference_of_zero_has_no_ratio(self):
        """At this noise half of the voxels of white matter may show no uptake at all."""
        result = expected_errors(read_protocol("5,15,5,60,1.4"), snr=3, model="patlak", voxels=500, draws=200)
        ratio = result.ratios[0]
        assert ratio.reference_zero > 0.025
        assert ratio.high is None

    def test_a_model_without_plasma_has_no_vp(self):
        result = expected_errors(PROTOCOL, model="tofts", voxels=50, draws=20)
        assert {e.parameter for e in result.tissues} == {"ktrans"}

    def test_delay_is_met_by_the_delay_aware_fit(self):
        blind = expected_errors(PROTOCOL, snr=50, delay=5, voxels=200, draws=20).tissues[0]
        aware = expected_errors(PROTOCOL, snr=50, delay=5, fit_delay="voxel", voxels=200, draws=20).tissues[0]
        assert abs(aware.bias) < 0.05 * aware.true < abs(blind.bias)

    def test_a_seed_gives_the_same_numbers(self, at_twenty):
        again = expected_errors(PROTOCOL, snr=20, voxels=500, draws=200)
        assert jsonable(again) == jsonable(at_twenty)

    def test_an_impossible_signal_to_noise_ratio_is_refused(self):
        with pytest.raises(InputError, match="The signal-to-noise ratio is 0; a protocol needs one above 1"):
            expected_errors(PROTOCOL, snr=0)


class TestCommand:
    def test_grid_as_tables(self, capsys):
        assert main(["validate", "--quick", "--model", "extended-tofts"]) == 0
        text = capsys.readouterr().out
        assert "SNR is the peak of" in text
        assert "Ktrans with an arterial delay of 5 s and SNR 20: median bias" in text
        assert "delay-aware" in text
        assert "delay-blind" in text
        heading = next(line for line in text.splitlines() if line.startswith("parameter"))
        for column in ("median bias", "mean bias", "RMSE", "concordance", "failed", "at a limit"):
            assert column in heading
        rows = [line for line in text.splitlines() if line.startswith(("Ktrans (min⁻¹)  ", "vp  ", "ve  "))]
        assert {len(row) for row in rows} == {len(heading)}

    def test_grid_as_json(self, capsys):
        assert main(["validate", "--quick", "--model", "patlak", "--json"]) == 0
        result = json.loads(capsys.readouterr().out)
        assert set(result) == {"grid", "pooled", "by_ktrans"}
        row = result["pooled"][0]
        assert set(row) == {"model", "condition", "parameter", "agreement", "ktrans"}
        assert set(row["condition"]) == {"interval", "snr", "delay", "fit_delay"}
        assert set(row["agreement"]) == {
            "cases", "failed", "at_limit", "median_bias", "mean_bias", "median_relative_bias", "mean_relative_bias",
            "rmse", "concordance",
        }  # fmt: skip
        assert {row["condition"]["snr"] for row in result["pooled"]} == {None, 20}

    def test_protocol_in_words(self, capsys):
        assert main(["validate", "--protocol", "5,15,5,60,1.4", "--snr", "30", "--quick"]) == 0
        text = capsys.readouterr().out
        assert "TR 5 ms, flip angle 15 degrees, 60 frames of 5 s, T10 1.4 s" in text
        assert "SNR 30: baseline signal of the tissue over the standard deviation of the noise" in text
        assert "True curves: extended Tofts with vp." in text
        assert "Radiation necrosis: a Ktrans of 0.03 min⁻¹ is measured" in text
        assert "rVp  recurrent metastasis / white matter" in text

    def test_protocol_as_json(self, capsys):
        assert main(["validate", "--protocol", "5,15,5,60,1.4", "--quick", "--json"]) == 0
        result = json.loads(capsys.readouterr().out)
        assert {"protocol", "snr", "model", "tissues", "ratios", "baseline_frames", "notes"} <= set(result)
        assert result["protocol"]["repetition_time"] == 0.005
        assert {"true", "median", "low", "high", "hyperperfused", "reference_zero"} <= set(result["ratios"][0])

    @pytest.mark.parametrize(
        ("error", "words"), [(0.5, "+50.0%"), (-1.0, "-100.0%"), (10, "+1000.0%"), (24, "×25"), (None, "-")]
    )
    def test_errors_of_more_than_a_thousand_per_cent_are_factors(self, error, words):
        assert percent(error) == words

    def test_an_unbounded_ratio_in_words(self, capsys):
        assert main(["validate", "--protocol", "5,15,5,60,1.4", "--snr", "3", "--quick", "--model", "patlak"]) == 0
        text = capsys.readouterr().out
        assert "unbounded" in text
        assert "has no reliable upper limit, as the white matter reads zero in" in text

    @pytest.mark.parametrize(
        "arguments, sentence",
        [
            (["--protocol", "5,15,5,60"], "A protocol has five values"),
            (["--protocol", "5,15,5,60,1400"], "was it given in milliseconds?"),
            (["--snr", "20"], "--snr belongs to --protocol"),
            (["--true-delay", "2"], "--true-delay belongs to --protocol"),
            (["--protocol", "5,15,5,60,1.4", "--model", "patlak", "--model", "tofts"], "give --model once"),
            (["--protocol", "5,15,5,60,1.4", "--relaxivity", "-1"], "The relaxivity is -1; it must be given in"),
            (["--protocol", "5,15,5,60,1.4", "--snr", "-3"], "The signal-to-noise ratio is -3"),
            (
                ["--protocol", "5,15,5,60,1.4", "--true-delay", "nan"],
                "The true delay is nan s; it must lie between 0 and",
            ),
            (["--protocol", "5,15,5,60,1.4", "--true-delay", "1000"], "The true delay is 1000 s; it must lie between"),
            (["--model", "fick"], "invalid choice: 'fick'"),
            (["--seed", "-1"], "--seed"),
        ],
    )
    def test_bad_input_is_one_line_and_exit_code_two(self, arguments, sentence, capsys):
        assert main(["validate", *arguments]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.count("\n") == 1
        assert sentence in captured.err
