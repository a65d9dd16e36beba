"""What a reader of a reading must know: each sentence when it holds, and only then."""

from dataclasses import replace

import numpy as np
import pytest

from PerfusionRatioLib.comparison.cautions import assumed_t10_caution
from PerfusionRatioLib.comparison.remarks import remarks, sensitivity_sentence
from PerfusionRatioLib.comparison.result import Comparison, T10Shift
from PerfusionRatioLib.ratio.criteria import Criteria
from PerfusionRatioLib.ratio.measurement import Sensitivity
from PerfusionRatioLib.ratio.verdict import judge
from Testing.Library.comparison_example import compared, example, near_zero

BY_VOLUME = Criteria(rule="rvp")
OUTLINE = "the reading depends on the outline"


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return example()


def with_ratio(ratios, parameter: str, value: float, *border: float):
    """The same with another median, an interval of a tenth either way, and the median of other outlines."""
    items = tuple(
        replace(item, ratio=value, ci_low=0.9 * value, ci_high=1.1 * value, draws=item.draws * value / item.ratio)
        if (item.parameter, item.statistic) == (parameter, "median")
        else item
        for item in ratios.measurements
    )
    moved = (Sensitivity(parameter, *border),) if border else ()
    others = tuple(item for item in ratios.sensitivity if item.parameter != parameter)
    return replace(ratios, measurements=items, sensitivity=(*others, *moved))


def with_lesion(comparison: Comparison, criteria: Criteria = BY_VOLUME, **changed) -> Comparison:
    """A comparison whose lesion has other ratios; ``pre=[(parameter, median, eroded, dilated)]`` by visit."""
    (lesion,), at = comparison.lesions, {}
    for name, at_visit in lesion.visits:
        ratios = at_visit.ratios
        for one in changed.get(name, ()):
            ratios = with_ratio(ratios, *one)
        at[name] = replace(at_visit, ratios=ratios, verdict=judge(ratios, criteria))
    made = compared(lesion.name, at["pre"], at["follow_up"], criteria)
    return replace(comparison, lesions=(made,), criteria=criteria)


def told(comparison: Comparison, words: str) -> list[str]:
    return [sentence for sentence in remarks(comparison) if words in sentence]


def test_lesions_come_before_visits_and_every_sentence_stands_once(comparison):
    noted = replace(comparison, notes=("A note.", "A note."))
    found = remarks(noted)
    assert found.count("A note.") == 1
    assert len(set(found)) == len(found)
    of_lesion = [sentence.startswith("right frontal") for sentence in found]
    assert of_lesion == sorted(of_lesion, reverse=True) and any(of_lesion)


def test_each_change_is_told(comparison):
    (lesion,) = comparison.lesions
    for change in lesion.changes:
        assert f"{lesion.name}: {change.sentence}" in remarks(comparison)


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("pre", "right frontal: Not marked before radiosurgery: it is new, or was left out."),
        ("follow_up", "right frontal: Not marked at follow-up: it has vanished, or was left out."),
        (None, None),
    ],
)
def test_a_lesion_that_was_marked_at_one_visit_is_told(comparison, missing, sentence):
    made = comparison if missing is None else example(missing=(missing, "right frontal"))
    found = told(made, "marked")
    assert found == ([] if sentence is None else [sentence])
    assert sentence is None or remarks(made)[0] == sentence


def test_notes_of_a_visit_are_left_to_the_visit(comparison):
    prepared = replace(comparison.pre.visit.prepared, notes=("A frame is missing.",))
    pre = replace(comparison.pre, visit=replace(comparison.pre.visit, prepared=prepared))
    assert remarks(replace(comparison, pre=pre)) == remarks(comparison)


def test_a_shift_of_t10_and_notes_of_a_lesion_are_told_with_its_name(comparison):
    (lesion,) = comparison.lesions
    pre = replace(lesion.pre, notes=("Partly outside.",))
    changed = replace(lesion, pre=pre, notes=("It moved.",), t10_shift=T10Shift((1, 1), (1, 1), 0.0, "T10 changed."))
    found = remarks(replace(comparison, lesions=(changed,)))
    expected = ("right frontal: T10 changed.", "right frontal: It moved.")
    assert {*expected, "right frontal, before radiosurgery: Partly outside."} <= set(found)


def test_arterial_inputs_that_are_not_good_or_differ_are_told(comparison):
    aif = comparison.follow_up.visit.aif
    doubtful = replace(aif, quality=replace(aif.quality, verdict="acceptable", sentence="It is wide."))
    follow_up = replace(comparison.follow_up, visit=replace(comparison.follow_up.visit, aif=doubtful))
    differing = replace(comparison.aif, agree=False, sentence="They differ.")
    found = remarks(replace(comparison, follow_up=follow_up, aif=differing))
    assert "At follow-up: the arterial input is acceptable: It is wide." in found
    assert "They differ." in found
    assert "They differ." not in remarks(replace(comparison, aif=replace(differing, agree=True)))


def test_a_reading_that_depends_on_the_outline_is_told_with_the_numbers(comparison):
    made = with_lesion(comparison, pre=[("vp", 3.62, 1.49, 2.84)], follow_up=[("vp", 3.0, 3.0, 3.0)])
    assert told(made, OUTLINE) == [
        "right frontal, before radiosurgery: rVp 3.62, 1.49 with a layer of voxels less, 2.84 with one more: the "
        "reading depends on the outline."
    ]


@pytest.mark.parametrize(
    ("border", "why"),
    [
        ((3.0, 2.84), "no outline takes it below the threshold"),
        ((1.6, 2.84), "below the threshold lies a part of the interval only, not the ratio"),
        ((np.nan, 2.84), "nothing is left with a layer less"),
    ],
)
def test_an_outline_that_takes_no_ratio_across_its_threshold_is_not_told(comparison, border, why):
    made = with_lesion(comparison, pre=[("vp", 3.62, *border)], follow_up=[("vp", 3.0, 3.0, 3.0)])
    assert told(made, OUTLINE) == [], why


def test_a_ratio_that_does_not_decide_may_cross_its_threshold(comparison):
    """Under "either", rKtrans far above its threshold decides whatever rVp is."""
    pre = [("ktrans", 12.0, 11.0, 13.0), ("vp", 3.62, 1.0, 2.84)]
    follow_up = [("ktrans", 12.0, 12.0, 12.0), ("vp", 3.0, 3.0, 3.0)]
    assert told(with_lesion(comparison, Criteria(), pre=pre, follow_up=follow_up), OUTLINE) == []
    assert len(told(with_lesion(comparison, BY_VOLUME, pre=pre, follow_up=follow_up), OUTLINE)) == 1


def test_the_reading_of_a_lesion_marked_once_depends_on_no_outline():
    def crossing(visit, ratios):
        return with_ratio(ratios, "vp", 3.62, 1.0, 2.84)

    made = replace(example(missing=("pre", "right frontal"), changed=crossing), criteria=BY_VOLUME)
    assert told(made, OUTLINE) == []


def test_other_outlines_are_told_as_numbers(comparison):
    ratios = with_ratio(comparison.lesions[0].pre.ratios, "vp", 3.62, 1.49, 2.84)
    (item,) = (one for one in ratios.sensitivity if one.parameter == "vp")
    assert sensitivity_sentence(item, ratios) == ("rVp 3.62, 1.49 with a layer of voxels less, 2.84 with one more.")
    gone = replace(item, eroded=np.nan)
    assert sensitivity_sentence(gone, ratios) == "rVp 3.62, none with a layer of voxels less, 2.84 with one more."


@pytest.mark.parametrize("kind", ["without a limit", "not a number", "missing"])
def test_of_a_ratio_that_may_not_be_printed_other_outlines_are_not_either(comparison, kind):
    ratios = comparison.lesions[0].pre.ratios
    (item,) = (one for one in ratios.sensitivity if one.parameter == "ktrans")
    becomes = {
        "without a limit": lambda one: (near_zero(one),),
        "not a number": lambda one: (replace(one, ratio=np.nan),),
        "missing": lambda one: (),
    }[kind]
    items = [
        new for one in ratios.measurements for new in (becomes(one) if one.parameter == item.parameter else (one,))
    ]
    assert sensitivity_sentence(item, replace(ratios, measurements=tuple(items))) == ""


def caution(comparison: Comparison, **factors: float) -> tuple[str, ...]:
    (lesion,) = comparison.lesions
    return assumed_t10_caution(lesion.visits, factors, comparison.criteria, lesion.reading)


def test_a_ratio_between_the_threshold_and_the_factor_times_it_is_told_where_t10_was_assumed(comparison):
    made = with_lesion(comparison, pre=[("vp", 4.0)], follow_up=[("vp", 2.0)])
    (found,) = caution(made, follow_up=1.8)
    assert found == (
        "With the T10 usual for enhancing tissue and white matter, in place of the one assumed, rVp 1.11 (1.00 to "
        "1.22) lies below 1.5 at follow-up, and the reading would be: Favours radiation necrosis: this lesion showed "
        "hyperperfusion before treatment, and shows none now."
    )
    assert caution(made) == caution(made, pre=1.8) == ()


def test_an_assumed_t10_is_told_of_both_visits(comparison):
    made = with_lesion(comparison, pre=[("vp", 2.6)], follow_up=[("vp", 2.0)])
    (found,) = caution(made, pre=1.8, follow_up=1.8)
    assert "lies on both sides of 1.5 before radiosurgery; rVp 1.11" in found
    assert "the reading would be: Indeterminate: perfusion is indeterminate before treatment." in found


def test_a_verdict_that_another_ratio_decides_is_not_doubted(comparison):
    made = with_lesion(comparison, Criteria(), pre=[("ktrans", 12.0)], follow_up=[("ktrans", 12.0), ("vp", 2.0)])
    assert caution(made, pre=1.8, follow_up=1.8) == ()
    absent = with_lesion(comparison, pre=[("vp", 1.0)], follow_up=[("vp", 1.2)])
    assert caution(absent, pre=1.8, follow_up=1.8) == ()
