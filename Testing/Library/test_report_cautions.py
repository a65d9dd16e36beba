"""What a report adds to a reading: when it holds, and only then."""

from dataclasses import replace

import pytest

from PerfusionRatioLib.comparison.cautions import cautions
from PerfusionRatioLib.comparison.result import T10Shift
from PerfusionRatioLib.ratio.change import change_of
from PerfusionRatioLib.ratio.criteria import Criteria
from PerfusionRatioLib.ratio.measurement import RatioFlag, Sensitivity
from PerfusionRatioLib.ratio.reading import read_pair
from PerfusionRatioLib.ratio.verdict import judge
from PerfusionRatioLib.reporting import words
from PerfusionRatioLib.reporting.border import across_threshold
from PerfusionRatioLib.reporting.explanation import how_to_read
from PerfusionRatioLib.reporting.lesion_section import lesion_section
from PerfusionRatioLib.reporting.ratio_table import measured_ratios, undetermined
from Testing.Library.comparison_example import compared, example, near_zero

CRITERIA = Criteria()


@pytest.fixture(scope="module")
def comparison():
    return example()


def scaled(item, ratio):
    """The same measurement with another ratio and an interval of a tenth either way."""
    share = ratio / item.ratio
    return replace(item, ratio=ratio, ci_low=0.9 * ratio, ci_high=1.1 * ratio, draws=item.draws * share)


def lesion_with(comparison, criteria=CRITERIA, **ratios):
    """A lesion with given ratios; ``pre=(rKtrans, rVp, highest parts)`` by visit."""
    lesion, at = comparison.lesions[0], {}
    for name, at_visit in lesion.visits:
        ktrans, vp, highest = ratios[name]
        items = tuple(
            scaled(
                item, highest if item.statistic in ("p90", "hot_spot") else {"ktrans": ktrans}.get(item.parameter, vp)
            )
            for item in at_visit.ratios.measurements
        )
        found = replace(at_visit.ratios, measurements=items)
        at[name] = replace(at_visit, ratios=found, verdict=judge(found, criteria))
    return replace(compared(lesion.name, at["pre"], at["follow_up"], criteria), t10_shift=None)


def with_noisy_ktrans(lesion):
    """The same with a part of high Ktrans, but none of high vp, at follow-up."""
    items = tuple(
        scaled(item, {"ktrans": 6.0, "vp": 1.1}[item.parameter])
        if item.statistic in ("p90", "hot_spot") and item.parameter in ("ktrans", "vp")
        else item
        for item in lesion.follow_up.ratios.measurements
    )
    return replace(
        lesion, follow_up=replace(lesion.follow_up, ratios=replace(lesion.follow_up.ratios, measurements=items))
    )


def test_nothing_is_added_where_both_ratios_say_the_same(comparison):
    lesion = lesion_with(comparison, pre=(3, 3, 4), follow_up=(1, 1, 1.2))
    assert cautions(lesion, CRITERIA) == ()


@pytest.mark.parametrize(("in_lesion", "told"), [(0.47, True), (0.9, False)])
def test_a_lesion_that_is_bright_without_contrast_agent_is_told(comparison, in_lesion, told):
    shift = T10Shift((1.4, in_lesion), (1.1, 1.1), 0.0, "")
    lesion = replace(lesion_with(comparison, pre=(3, 3, 4), follow_up=(1, 1, 1.2)), t10_shift=shift)
    found = cautions(lesion, CRITERIA)
    assert len(found) == told
    if told:
        assert "bright without contrast agent (T1 0.47 s at follow-up, 1.10 s in normal brain)" in found[0]


@pytest.mark.parametrize(
    ("in_lesion", "label"),
    [
        ((1.4, 0.47), "Enhancing part, ml (at follow-up bright without contrast agent too)"),
        ((0.5, 0.47), "Enhancing part, ml (before radiosurgery and at follow-up bright without contrast agent too)"),
        ((1.4, 1.4), "Enhancing part, ml"),
    ],
)
def test_what_is_called_enhancing_says_at_which_visit_it_was_bright_before(comparison, in_lesion, label):
    lesion = replace(comparison.lesions[0], t10_shift=T10Shift(in_lesion, (1.1, 1.1), 0.0, ""))
    assert label in [row.name for row in lesion_section(comparison, lesion, 1).sizes]


def test_leakage_alone_is_told_with_the_reading_by_blood_volume(comparison):
    lesion = lesion_with(comparison, pre=(3, 3, 4), follow_up=(3, 1, 4))
    (found,) = cautions(lesion, CRITERIA)
    by_volume = replace(CRITERIA, rule="rvp")
    other = read_pair(*(judge(at_visit.ratios, by_volume) for _, at_visit in lesion.visits))
    assert "absent at follow-up, and the reading would be: Favours radiation necrosis" in found
    assert found.endswith(other.sentence) and other.sentence != lesion.reading.sentence


def test_leakage_is_told_where_blood_volume_does_not_decide(comparison):
    lesion = lesion_with(comparison, pre=(3, 3, 4), follow_up=(3, 1.5, 4))  # 1.35 to 1.65
    (found,) = cautions(lesion, CRITERIA)
    assert "by rVp alone hyperperfusion is indeterminate at follow-up" in found
    assert found.endswith("Indeterminate: perfusion is indeterminate at follow-up.")


@pytest.mark.parametrize("exchanged", [(3, 3), (1, 1.02), (1, 3)], ids=["nothing", "within", "a rise"])
def test_a_change_that_depends_on_the_arterial_input_is_told(comparison, exchanged):
    """A fall to a third, with the inputs exchanged a fall as well, no change, and a rise."""
    lesion = lesion_with(comparison, pre=(3, 9, 9), follow_up=(3, 3, 4))
    pre, follow_up = (at_visit.ratios.of("vp") for _, at_visit in lesion.visits)
    before, now = (9, 3) if exchanged == (3, 3) else exchanged
    swapped = (lesion.changes[0], change_of(scaled(pre, before), scaled(follow_up, now), CRITERIA))
    found = [one for one in cautions(replace(lesion, swapped=swapped), CRITERIA) if "exchanged" in one]
    assert len(found) == (exchanged != (3, 3))
    if found:
        told = "beyond" if swapped[1].beyond_error else "within"
        assert f"exchanged {swapped[1].told}, {told} measurement error: this change depends" in found[0]


@pytest.mark.parametrize("rule", ["rktrans", "rvp", "both"])
def test_another_rule_is_not_held_against_blood_volume(comparison, rule):
    criteria = Criteria(rule=rule)
    lesion = lesion_with(comparison, criteria, pre=(3, 3, 4), follow_up=(3, 1, 1.2))
    assert not any("Leakage" in sentence for sentence in cautions(lesion, criteria))


def test_a_perfused_part_of_a_lesion_read_as_absent_is_told(comparison):
    lesion = lesion_with(comparison, pre=(3, 3, 4), follow_up=(1, 1, 1.4))  # up to 1.54
    (found,) = cautions(lesion, CRITERIA)
    assert "may reach the threshold at follow-up, so a focal recurrence is not excluded" in found
    assert cautions(with_noisy_ktrans(lesion), CRITERIA) == ()
    hyperperfused = lesion_with(comparison, pre=(3, 3, 4), follow_up=(3, 3, 4))
    assert cautions(hyperperfused, CRITERIA) == ()


@pytest.mark.parametrize(("moved", "told"), [((1.2, 1.7), True), ((1.1, 1.4), False), ((float("nan"), 1.2), False)])
def test_a_border_that_matters_is_told(comparison, moved, told):
    at_visit = lesion_with(comparison, pre=(1.3, 1, 1), follow_up=(1, 1, 1)).pre
    at_visit = replace(at_visit, ratios=replace(at_visit.ratios, sensitivity=(Sensitivity("ktrans", *moved),)))
    found = across_threshold(at_visit, CRITERIA)
    assert len(found) == told
    assert not told or "This takes rKtrans across the threshold of 1.5" in found[0]
    assert across_threshold(at_visit, Criteria(rule="rvp")) == []


def test_the_explanation_names_where_the_threshold_comes_from():
    told = " ".join(how_to_read(CRITERIA))
    assert CRITERIA.origin in told and "rKtrans 1.5 and rVp 1.5" in told and "do not transfer" in told
    assert "rKtrans" not in how_to_read(Criteria(vp=2.1, rule="rvp"))[2]


def test_what_the_data_does_not_determine_is_one_sentence(comparison):
    lesion = comparison.lesions[0]

    def without(at_visit):
        items = tuple(
            replace(item, flags=(RatioFlag.NOT_DETERMINED,)) if item.parameter == "kep" else item
            for item in at_visit.ratios.measurements
        )
        return replace(at_visit, ratios=replace(at_visit.ratios, measurements=items))

    both = replace(lesion, pre=without(lesion.pre), follow_up=without(lesion.follow_up))
    assert undetermined(measured_ratios(both)) == ("kep",)
    assert undetermined(measured_ratios(replace(both, pre=lesion.pre))) == ()
    section = lesion_section(comparison, both, 1)
    assert section.undetermined.startswith("No ratio of kep can be given: the data does not determine both")
    assert {group.name for group in section.further.groups} >= {"rve"}
    assert "rkep" not in {group.name for group in section.further.groups}


def test_why_a_ratio_cannot_be_compared_is_told_and_that_it_cannot_with_exchanged_inputs(comparison):
    lesion = comparison.lesions[0]
    items = tuple(near_zero(item) if item.parameter == "ktrans" else item for item in lesion.pre.ratios.measurements)
    pre = replace(lesion.pre, ratios=replace(lesion.pre.ratios, measurements=items))
    section = lesion_section(comparison, compared(lesion.name, pre, lesion.follow_up, CRITERIA), 1)
    assert section.changes[0] == (
        "rKtrans cannot be compared between the visits: before radiosurgery its value in the reference cannot be told "
        "from zero."
    )
    assert section.swapped[0] == section.changes[0]
    assert section.swapped[1].startswith("rVp changed by")


def test_a_fall_to_near_nothing_is_told_in_words(comparison):
    item = comparison.lesions[0].pre.ratios.of("vp")
    change = change_of(scaled(item, 300.0), scaled(item, 0.5), CRITERIA)
    assert change.sentence.startswith("rVp fell from 300 to near zero: beyond the noise of the scans")
    assert change.sentence.endswith("whether it exceeds the variation from scan to scan is not known.")


def test_negative_numbers_have_one_sign():
    assert (
        words.minus("changed by -12% (-20% to +3%), 10-20, follow-up")
        == "changed by −12% (−20% to +3%), 10-20, follow-up"
    )
