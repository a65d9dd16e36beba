"""From ratios to words: what one visit says, what both say together, and which change is more than error."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.ratio.change import change_of
from PerfusionRatioLib.ratio.criteria import CHOSEN, PRESETS, REPEATABILITY_FACTOR, Criteria, chosen_criteria, preset
from PerfusionRatioLib.ratio.measurement import RatioFlag, RatioMeasurement, Ratios, RegionCurves
from PerfusionRatioLib.ratio.reading import Conclusion, read_pair
from PerfusionRatioLib.ratio.verdict import WHY_NOT, Perfusion, Verdict, judge, judge_each

HYPER, ABSENT, OPEN, NONE = Perfusion
LIMITS = {HYPER: (1.6, 2.0, 2.5), ABSENT: (0.5, 1.0, 1.4), OPEN: (1.2, 1.6, 2.0), NONE: (1.6, 2.0, 2.5)}
"""Lower limit, ratio and upper limit that say so against 1.5."""


def ratio(parameter: str, low: float, value: float, high: float, *flags: RatioFlag, draws=()) -> RatioMeasurement:
    interval = (0.9, 1.1)
    return RatioMeasurement(
        parameter, "median", value, 1.0, interval, interval, value, low, high, 50, 100, flags, np.array(draws, float)
    )


def ratios(*measurements: RatioMeasurement) -> Ratios:
    return Ratios(measurements, (), 1.0, RegionCurves(*3 * (np.zeros(1),)))


def saying(ktrans: Perfusion, vp: Perfusion) -> Ratios:
    """Ratios whose intervals say so against 1.5."""
    sides = {"ktrans": ktrans, "vp": vp}
    flags = {name: (RatioFlag.FEW_LESION_VOXELS,) if side == NONE else () for name, side in sides.items()}
    return ratios(*(ratio(name, *LIMITS[side], *flags[name]) for name, side in sides.items()))


def expected(ktrans: Perfusion, vp: Perfusion, rule: str) -> Perfusion:
    """The rules as they are written down."""
    if rule in ("rktrans", "rvp"):
        return ktrans if rule == "rktrans" else vp
    both = {ktrans, vp}
    if rule == "either" and HYPER in both:
        return HYPER
    if rule == "both" and ABSENT in both:
        return ABSENT
    if len(both) == 1:
        return ktrans
    return OPEN if OPEN in both else NONE


@pytest.mark.parametrize("rule", ["either", "both", "rktrans", "rvp"])
@pytest.mark.parametrize(("ktrans", "vp"), list(product(Perfusion, Perfusion)))
def test_a_visit_is_judged_by_the_rule(ktrans, vp, rule):
    assert judge(saying(ktrans, vp), Criteria(rule=rule)).perfusion == expected(ktrans, vp, rule)


TABLE = {
    (HYPER, HYPER): (Conclusion.RECURRENCE, "Favours recurrent metastasis"),
    (HYPER, ABSENT): (Conclusion.NECROSIS, "this lesion showed hyperperfusion before treatment"),
    (ABSENT, HYPER): (Conclusion.RECURRENCE, "new hyperperfusion"),
    (ABSENT, ABSENT): (Conclusion.UNRELIABLE, "its absence now does not speak against recurrence"),
}


@pytest.mark.parametrize("rule", ["either", "both", "rktrans", "rvp"])
@pytest.mark.parametrize(("pre", "now"), list(product(Perfusion, Perfusion)))
def test_both_visits_are_read_by_the_table(pre, now, rule):
    reading = read_pair(*(judge(saying(one, one), Criteria(rule=rule)) for one in (pre, now)))
    if (pre, now) in TABLE:
        conclusion, words = TABLE[pre, now]
        assert reading.conclusion == conclusion
        assert words in reading.sentence
    else:
        assert reading.conclusion == Conclusion.INDETERMINATE
        for perfusion, when in ((pre, "before treatment"), (now, "at follow-up")):
            assert (f"{perfusion} {when}" in reading.sentence) == (perfusion in (OPEN, NONE))
    assert reading.why.startswith("Before: r")
    assert "Now: r" in reading.why


def test_a_lesion_marked_at_one_visit_is_indeterminate_and_the_reading_says_why():
    verdict = Verdict(HYPER, "rKtrans 3 lies at or above 1.5.")
    new, vanished = read_pair(None, verdict), read_pair(verdict, None)
    assert new.conclusion == vanished.conclusion == Conclusion.INDETERMINATE
    assert "was not marked before treatment" in new.sentence
    assert "was not marked at follow-up" in vanished.sentence
    assert (new.why, vanished.why) == ("Now: " + verdict.why, "Before: " + verdict.why)


@pytest.mark.parametrize(
    ("low", "high", "side"), [(1.5, 3, HYPER), (1.4999, 3, OPEN), (0.2, 1.5, OPEN), (0.2, 1.4999, ABSENT)]
)
def test_a_ratio_counts_only_when_its_whole_interval_lies_on_one_side(low, high, side):
    told = judge(ratios(ratio("vp", low, 1.45, high)), Criteria(rule="rvp"))
    assert told.perfusion == side


def test_why_tells_each_ratio_its_interval_and_the_threshold():
    told = judge(saying(HYPER, OPEN), Criteria(ktrans=1.55, vp=1.5))
    assert told.why == (
        "rKtrans 2.00 (1.60 to 2.50) lies at or above 1.55; rVp 1.60 (1.20 to 2.00) lies on both sides of 1.5."
    )
    assert "lies below 1.5" in judge(saying(ABSENT, ABSENT), Criteria()).why


def test_a_large_ratio_is_told_without_an_exponent():
    assert judge(ratios(ratio("vp", 900.4, 1234.5, 12345.6)), Criteria(rule="rvp")).why.startswith(
        "rVp 1234 (900 to 12346) lies"
    )


def test_each_ratio_says_what_it_says_by_itself():
    each = judge_each(saying(HYPER, ABSENT), Criteria())
    assert {name: verdict.perfusion for name, verdict in each.items()} == {"ktrans": HYPER, "vp": ABSENT}
    assert each["vp"].why == "rVp 1.00 (0.50 to 1.40) lies below 1.5"
    assert list(judge_each(saying(HYPER, ABSENT), Criteria(rule="rvp"))) == ["vp"]


@pytest.mark.parametrize("flag", list(RatioFlag))
def test_every_flag_leaves_a_ratio_without_a_verdict_and_is_told(flag):
    told = judge(ratios(ratio("vp", 1.6, 2, 3, flag)), Criteria(rule="rvp"))
    assert told.perfusion == NONE
    assert told.why == f"rVp cannot be judged ({WHY_NOT[flag]})."


def test_a_ratio_that_is_missing_or_not_a_number_leaves_no_verdict():
    assert judge(ratios(), Criteria(rule="rvp")).why == "rVp is not among the model's parameters."
    nothing = judge(ratios(ratio("vp", np.nan, np.nan, np.nan)), Criteria(rule="rvp"))
    assert nothing.perfusion == NONE
    assert nothing.why == "rVp cannot be judged (the reference is not above zero)."


def test_presets_are_published_cut_offs_with_their_origin():
    assert preset("protocol") == Criteria()
    vp, ktrans = preset("hatzoglou-vp"), preset("hatzoglou-ktrans")
    assert (vp.rule, vp.vp, ktrans.rule, ktrans.ktrans) == ("rvp", 2.1, "rktrans", 3.6)
    assert all(preset(name).origin == PRESETS[name].origin for name in PRESETS)
    with pytest.raises(InputError, match="no preset 'hatzoglou'; choose one of protocol, hatzoglou-vp"):
        preset("hatzoglou")


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ((1.5, 1.5, "either"), "protocol"),
        ((1.5, 2.1, "rvp"), "hatzoglou-vp"),
        ((7.0, 2.1, "rvp"), "hatzoglou-vp"),
        ((3.6, 1.5, "rktrans"), "hatzoglou-ktrans"),
        ((1.5, 1.5, "both"), None),
        ((1.5, 1.5, "rvp"), None),
        ((1.5, 1.6, "either"), None),
        ((1.5, 2.1, "either"), None),
        ((3.6, 2.1, "either"), None),
    ],
)
def test_criteria_chosen_one_by_one_have_the_origin_of_the_preset_that_they_are(values, name):
    chosen = chosen_criteria(*values)
    assert (chosen.ktrans, chosen.vp, chosen.rule) == values
    assert chosen.origin == (CHOSEN if name is None else PRESETS[name].origin)
    assert chosen_criteria(*values, otherwise="study file").origin == ("study file" if name is None else chosen.origin)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_known_by_its_values(name):
    known = preset(name)
    assert chosen_criteria(known.ktrans, known.vp, known.rule) == known


def test_criteria_chosen_one_by_one_must_mean_something():
    with pytest.raises(InputError, match="The threshold of rvp is 0"):
        chosen_criteria(1.5, 0, "either")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"rule": "any"}, "There is no rule 'any'; choose one of either, both, rktrans, rvp"),
        ({"ktrans": 0}, "The threshold of rktrans is 0; give a ratio above 0"),
        ({"vp": -1.5}, "The threshold of rvp is -1.5"),
        ({"vp": float("nan")}, "The threshold of rvp is nan"),
        ({"ktrans": float("inf")}, "The threshold of rktrans is inf"),
        ({"variation": {"vp": 14}}, "The coefficient of variation of vp is 14; give a fraction below 1"),
        ({"variation": {"ktrans": 0}}, "The coefficient of variation of ktrans is 0"),
    ],
)
def test_criteria_that_mean_nothing_are_refused(values, sentence):
    with pytest.raises(InputError, match=sentence):
        Criteria(**values)


def test_repeatability_is_known_for_ktrans_and_for_vp_when_given():
    assert Criteria().repeatability("ktrans") == pytest.approx(0.471, abs=1e-3)
    assert Criteria().repeatability("vp") is None
    assert Criteria(variation={"vp": 0.01}).repeatability("vp") == pytest.approx(REPEATABILITY_FACTOR * 0.01, rel=0.02)


def test_an_unchanged_ratio_moves_beyond_its_repeatability_once_in_twenty():
    """Two measurements with errors in proportion to the truth, of the coefficient of variation given."""
    variation, limit = 0.3, Criteria(variation={"ktrans": 0.3}).repeatability("ktrans")
    spread = np.sqrt(np.log1p(variation**2))
    first, second = np.exp(spread * np.random.default_rng(0).standard_normal((2, 100_000)))
    assert np.std(first) / np.mean(first) == pytest.approx(variation, rel=0.01)
    assert np.mean(second / first > 1 + limit) == pytest.approx(0.025, rel=0.05)
    assert np.mean(second / first < 1 / (1 + limit)) == pytest.approx(0.025, rel=0.05)


def drawn(value: float, spread: float, seed: int, parameter: str = "ktrans") -> RatioMeasurement:
    """A ratio with a relative standard error of ``spread``."""
    draws = value * (1 + spread * np.random.default_rng(seed).standard_normal(1000))
    low, high = np.quantile(draws, (0.025, 0.975))
    return ratio(parameter, low, value, high, draws=draws)


@pytest.mark.parametrize(
    ("follow_up", "spread", "beyond"),
    [
        (2.0, 0.02, False),
        (2.85, 0.02, False),
        (3.0, 0.02, True),
        (1.15, 0.02, True),
        (1.33, 0.02, True),
        (1.4, 0.02, False),
        (3.0, 0.2, False),
        (6.0, 0.2, True),
    ],
)
def test_a_change_is_beyond_error_when_both_its_interval_and_repeatability_say_so(follow_up, spread, beyond):
    change = change_of(drawn(2.0, spread, 0), drawn(follow_up, spread, 1), Criteria())
    assert change.relative == pytest.approx(follow_up / 2 - 1)
    assert change.ci_low < change.relative < change.ci_high
    assert change.beyond_error == beyond
    side = "beyond" if beyond else "within"
    assert f": {side} measurement error" in change.sentence
    assert change.sentence.endswith("(repeatability: -32% to +47%).")
    assert ("as its interval includes 0%" in change.sentence) == (spread == 0.2 and not beyond)
    assert change.sentence.startswith(f"rKtrans changed by {follow_up / 2 - 1:+.0%} (")


@pytest.mark.parametrize(("one", "other", "beyond"), [(3.0, 1.95, True), (3.0, 2.2, False)])
def test_a_fall_is_judged_as_the_rise_that_takes_it_back(one, other, beyond):
    ways = [change_of(drawn(a, 0.01, 0), drawn(b, 0.01, 1), Criteria()) for a, b in ((one, other), (other, one))]
    assert [change.beyond_error for change in ways] == [beyond, beyond]


SIDE = st.tuples(
    st.one_of(st.just(0.0), st.floats(0.05, 500)),
    st.floats(0, 0.6),
    st.floats(0, 0.1),
    st.floats(0, 0.1),
    st.integers(0, 3),
)
"""A ratio, the relative error of its draws, which share of these is 0 and which infinite, and their seed."""


def measured_with(value: float, spread: float, nothing: float, endless: float, seed: int, parameter: str):
    chance = np.random.default_rng(seed)
    draws = value * np.exp(spread * chance.standard_normal(400))
    fate = chance.uniform(size=400)
    draws[fate < nothing], draws[fate > 1 - endless] = 0.0, np.inf
    return ratio(parameter, 0.0, value, np.inf, draws=draws)


@given(SIDE, SIDE, st.sampled_from(["ktrans", "vp"]))
def test_it_does_not_matter_which_visit_came_first(one, other, parameter):
    sides = [measured_with(*side, parameter) for side in (one, other)]
    there, back = change_of(*sides, Criteria()), change_of(*sides[::-1], Criteria())
    assert there.beyond_error == back.beyond_error
    assert there.repeatability == back.repeatability


def test_the_interval_of_a_change_is_that_of_two_independent_errors():
    change = change_of(drawn(2.0, 0.05, 0), drawn(2.0, 0.05, 1), Criteria())
    assert change.ci_high - change.ci_low == pytest.approx(2 * 1.96 * 0.05 * np.sqrt(2), rel=0.1)


def test_without_a_repeatability_the_interval_alone_decides():
    change = change_of(drawn(2.0, 0.02, 0, "vp"), drawn(2.3, 0.02, 1, "vp"), Criteria())
    assert change.beyond_error
    assert change.repeatability is None
    assert "judged by its own interval, as no repeatability is known" in change.sentence


def test_the_same_measurement_twice_has_not_changed():
    once = drawn(2.0, 0.05, 0)
    change = change_of(once, once, Criteria())
    assert change.relative == 0
    assert change.ci_low < 0 < change.ci_high
    assert not change.beyond_error


def test_a_ratio_that_cannot_be_judged_cannot_be_compared():
    unknown = ratio("ktrans", 3.0, np.nan, np.inf, RatioFlag.REFERENCE_NEAR_ZERO)
    pairs = {"before radiosurgery": (unknown, drawn(2, 0.1, 0)), "at follow-up": (drawn(2, 0.1, 0), unknown)}
    for when, pair in pairs.items():
        change = change_of(*pair, Criteria())
        assert np.isnan([change.relative, change.ci_low, change.ci_high]).all()
        assert change.beyond_error is None
        assert change.told == "rKtrans cannot be compared between the visits"
        assert change.sentence == f"{change.told}: {when} {WHY_NOT[RatioFlag.REFERENCE_NEAR_ZERO]}."


def test_draws_without_a_limit_leave_the_change_without_one():
    follow_up = ratio("ktrans", 1.5, 2.0, 90.0, draws=np.where(np.arange(1000) < 50, np.inf, 2.0))
    change = change_of(drawn(2.0, 0.05, 0), follow_up, Criteria())
    assert change.ci_high == np.inf
    assert "to no limit)" in change.sentence
    assert not change.beyond_error


def test_a_change_from_zero_is_told_without_a_percentage():
    nothing = ratio("ktrans", 0.0, 0.0, 0.4, draws=np.maximum(np.random.default_rng(0).normal(-0.1, 0.2, 1000), 0))
    risen = change_of(nothing, drawn(90.0, 0.1, 1), Criteria())
    assert (risen.relative, risen.ci_high, risen.beyond_error) == (np.inf, np.inf, True)
    assert risen.sentence == "rKtrans rose from 0 to 90.0: beyond measurement error (repeatability: -32% to +47%)."
    still = change_of(nothing, nothing, Criteria())
    assert (still.relative, still.beyond_error) == (0.0, False)
    fallen = change_of(drawn(90.0, 0.1, 1), nothing, Criteria())
    assert (fallen.relative, fallen.beyond_error) == (-1.0, True)
