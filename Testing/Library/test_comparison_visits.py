"""Two visits of a small digital patient compared in memory, and what can go wrong with marks, masks and references.

The patient is made, and both visits are fitted, once; most tests compare again with the same fits.
"""

from dataclasses import dataclass, replace
from html import unescape

import numpy as np
import pytest

from PerfusionRatioLib.aif.arterial_input import ArterialInput
from PerfusionRatioLib.alignment import carrying
from PerfusionRatioLib.comparison import compare, fitted_visit
from PerfusionRatioLib.comparison.exchanged_input import at_visit
from PerfusionRatioLib.comparison.fitted_visit import FittedVisit, fit_compared_visit
from PerfusionRatioLib.comparison.inputs import ComparedVisit, DrawnMask, LesionMark, MarkedLesion
from PerfusionRatioLib.comparison.lesion_at_visit import measure_lesion_at_visit
from PerfusionRatioLib.comparison.outlining import outlined_before_the_fit
from PerfusionRatioLib.comparison.result import Comparison
from PerfusionRatioLib.comparison.t10_shift import assumed_t10_factor
from PerfusionRatioLib.errors import Cancelled, InputError, NoAnswerError
from PerfusionRatioLib.export.comparison_folder import comparison_account
from PerfusionRatioLib.export.ratio_table import ratio_text
from PerfusionRatioLib.phantom.bolus import Bolus
from PerfusionRatioLib.phantom.patient import DigitalPatient, PatientVisit, Scale, make_patient
from PerfusionRatioLib.ratio import input_error, measure
from PerfusionRatioLib.ratio.criteria import Criteria
from PerfusionRatioLib.ratio.reading import Conclusion
from PerfusionRatioLib.reporting.report import report_html
from PerfusionRatioLib.series import Grid
from PerfusionRatioLib.signal.flip_angles import t1_from_flip_angles
from PerfusionRatioLib.visit_reading import VisitInputs
from PerfusionRatioLib.visit_settings import VisitSettings

pytestmark = pytest.mark.usefixtures("quick_coil")

SCALE = Scale(dce=(56, 63, 24), t1=3.0, anatomy=2.0, frames=40, interval=6.0)
LPS = np.array([-1, -1, 1])
"""From RAS."""
EXPECTED = {"recurrence": Conclusion.RECURRENCE, "necrosis": Conclusion.NECROSIS}


@dataclass(frozen=True)
class Case:
    """A comparison with everything it was made from."""

    patient: DigitalPatient
    visits: dict[str, ComparedVisit]
    lesions: tuple[MarkedLesion, ...]
    fitted: dict[str, FittedVisit]
    comparison: Comparison
    told: list[tuple[float, str]]


def as_compared(visit: PatientVisit) -> ComparedVisit:
    images, series = visit.flip_angle_images, visit.series
    angles, times = (
        [image.acquisition.require(name) for image in images] for name in ("flip_angle", "repetition_time")
    )
    t10 = t1_from_flip_angles(np.stack([image.array for image in images]), angles, times).t10
    phantom = visit.phantom
    settings = VisitSettings(motion=False, relaxivity=phantom.relaxivity, haematocrit=phantom.haematocrit)
    return ComparedVisit(series, visit.post_contrast.volume, settings, VisitInputs(t10=t10), date=visit.date)


@pytest.fixture(scope="module")
def case():
    patient = make_patient("two-lesions", 0, SCALE, snr=300.0, motion=None)
    visits = {visit.name: as_compared(visit) for visit in patient.visits}
    lesions = tuple(
        MarkedLesion(course.name, *(LesionMark(visit.seeds[number] * LPS) for visit in patient.visits))
        for number, course in enumerate(patient.scenario.lesions)
    )
    fitted, told = {}, []

    def kept(name, given, progress=None):
        fitted[name] = fit_compared_visit(name, given, progress)
        return fitted[name]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(compare, "fit_compared_visit", kept)
        comparison = compare.compare_visits(
            *visits.values(), lesions, notes=("known before",), progress=lambda *step: told.append(step)
        )
    return Case(patient, visits, lesions, fitted, comparison, told)


@pytest.fixture
def again(case, monkeypatch):
    """Compare other lesions, or visits with other references, by the same fits and in few draws; by references given,
    if not told otherwise, which are found at once."""
    monkeypatch.setattr(measure, "DRAWS", 200)
    monkeypatch.setattr(input_error, "TRIALS", 6)
    monkeypatch.setattr(
        compare, "fit_compared_visit", lambda name, given, progress=None: replace(case.fitted[name], given=given)
    )
    monkeypatch.setattr(compare, "_between", lambda fitted, progress: case.comparison.between)
    first = case.comparison.lesions[0]

    def compared(*lesions, references=None, **options) -> Comparison:
        references = references or {name: {"reference": DrawnMask(one.reference, "dce")} for name, one in first.visits}
        visits = [replace(case.visits[name], **references.get(name, {})) for name in compare.VISITS]
        return compare.compare_visits(*visits, lesions or case.lesions[:1], **options)

    return compared


def dice(one: np.ndarray, other: np.ndarray) -> float:
    return 2 * np.count_nonzero(one & other) / (np.count_nonzero(one) + np.count_nonzero(other))


def ball(grid: Grid, centre: np.ndarray, radius: float) -> np.ndarray:
    """The voxels within ``radius`` mm of an LPS position."""
    k, j, i = np.indices(grid.shape)
    return np.linalg.norm(grid.positions(np.stack([i, j, k], axis=-1)) - centre, axis=-1) <= radius


def drawn_in(visit: str, name: str, mask: np.ndarray, image: str = "t1") -> MarkedLesion:
    mark = LesionMark(mask=DrawnMask(mask, image))
    return MarkedLesion(name, mark, None) if visit == "pre" else MarkedLesion(name, None, mark)


def test_every_lesion_gets_the_reading_of_its_scenario(case):
    for lesion, course in zip(case.comparison.lesions, case.patient.scenario.lesions, strict=True):
        assert (lesion.name, lesion.status) == (course.name, "both")
        assert lesion.reading.conclusion == EXPECTED[course.reading]
        assert lesion.notes == ()


def test_what_was_measured_is_the_lesion_and_white_matter(case):
    for number, lesion in enumerate(case.comparison.lesions):
        for (_, found), visit in zip(lesion.visits, case.patient.visits, strict=True):
            assert dice(found.region, visit.lesions[number]) > 0.7
            assert visit.truth.fractions["white"][found.reference].mean() > 0.9
            assert not (found.region & found.reference).any()
            assert found.reference_origin == "mirrored"
            assert found.inside == 1
            truth = np.median(visit.truth.vp[visit.lesions[number]]) / np.median(visit.truth.vp[found.reference])
            assert found.ratios.of("vp").ratio == pytest.approx(truth, rel=0.1)


def test_intervals_know_how_far_the_lesion_fills_its_voxels(case):
    found = case.comparison.lesions[0].pre
    visit = case.fitted["pre"].result.visit
    plasma, delay = visit.plasma_reaching(visit.aif.plasma_concentration)
    regions = (visit.prepared, plasma, found.region, found.reference)
    known, whole = (
        measure.measure_ratios(*regions, filled=filled, delay=delay).of("vp") for filled in (found.filled, None)
    )
    assert found.ratios.of("vp") == known
    assert np.median(found.filled[found.region]) < 1
    assert known.ci_high - known.ci_low > whole.ci_high - whole.ci_low


def test_the_visits_keep_their_dates_and_what_was_known_before(case):
    assert [visit.name for visit in case.comparison.visits] == ["pre", "follow_up"]
    assert [visit.date for visit in case.comparison.visits] == [visit.date for visit in case.patient.visits]
    assert case.comparison.notes[0] == "known before"


def test_the_visits_are_aligned(case):
    pre, follow_up = case.patient.visits
    places = np.random.default_rng(0).uniform(-50, 50, (20, 3))
    moved = case.comparison.between.transform.moved(pre.t1_pose.moved(places))
    assert np.linalg.norm(moved - follow_up.t1_pose.moved(places), axis=1).mean() < 1.0


def test_the_change_is_judged_and_judged_again_with_the_inputs_exchanged(case):
    recurrence, necrosis = case.comparison.lesions
    for lesion in (recurrence, necrosis):
        own, exchanged = (
            {change.parameter: change for change in changes} for changes in (lesion.changes, lesion.swapped)
        )
        assert set(own) == set(exchanged) == {"ktrans", "vp"}
        assert exchanged["vp"].relative == pytest.approx(own["vp"].relative, abs=0.3)
        assert exchanged["vp"].relative != own["vp"].relative
    fallen = next(change for change in necrosis.changes if change.parameter == "vp")
    assert fallen.relative < -0.5
    assert fallen.beyond_error


def test_t10_is_compared_where_it_was_mapped_at_both_visits(case, again):
    recurrence, necrosis = case.comparison.lesions
    assert "T10 changed between the visits" in necrosis.t10_shift.sentence
    assert necrosis.t10_shift.lesion[1] < 0.6 * necrosis.t10_shift.lesion[0]
    assert recurrence.t10_shift.reference == pytest.approx((0.92, 0.92), abs=0.05)
    references = {
        name: {"inputs": VisitInputs(), "reference": DrawnMask(found.reference, "dce")}
        for name, found in recurrence.visits
    }
    without = again(references=references)
    assert without.lesions[0].t10_shift is None
    (note,) = (note for note in without.notes if "T10 was assumed" in note)
    factor = assumed_t10_factor(case.visits["pre"].series.acquisition)
    assert note.startswith("Before radiosurgery and at follow-up T10 was assumed to be 1.4 s everywhere")
    assert f"ratios are read {factor:.1f} times too high" in note
    assert not any("T10 was assumed" in note for note in case.comparison.notes)


def test_a_t10_that_was_assumed_at_one_visit_is_told_of_that_visit_and_not_of_concentrations(case, again):
    found = case.comparison.lesions[0].follow_up
    mapped = {"reference": DrawnMask(found.reference, "dce"), "inputs": VisitInputs()}
    (note,) = (note for note in again(references={"follow_up": mapped}).notes if "assumed" in note)
    assert note.startswith("At follow-up T10 was assumed")
    concentration = mapped | {"settings": replace(case.visits["follow_up"].settings, content="concentration")}
    compared = again(references={"follow_up": concentration})
    assert not any("assumed" in note for note in (*compared.notes, *compared.lesions[0].notes))
    with_map = {**concentration, "inputs": case.visits["follow_up"].inputs}
    assert again(references={"follow_up": with_map}).lesions[0].t10_shift is None


def test_a_lesion_that_would_be_judged_otherwise_with_the_usual_t10_says_so(case, again):
    references = {
        name: {"reference": DrawnMask(found.reference, "dce"), "inputs": VisitInputs()}
        for name, found in case.comparison.lesions[0].visits
    }
    above = case.comparison.lesions[0].pre.ratios.of("vp").ci_low
    criteria = Criteria(vp=0.9 * above, rule="rvp")
    (lesion,) = again(references=references, criteria=criteria).lesions
    assert lesion.notes[0].startswith("With the T10 usual for enhancing tissue and white matter")
    assert again(criteria=criteria).lesions[0].notes == ()


def test_progress_goes_from_0_to_1_and_never_back(case):
    fractions = [fraction for fraction, _ in case.told]
    assert fractions == sorted(fractions)
    assert fractions[0] < 0.01
    assert fractions[-1] == 1
    names = [lesion.name for lesion in case.lesions]
    said = {what for _, what in case.told}
    assert {"aligning the visits", f"outlining {names[0]}"} <= said
    assert any(names[1] in what and "measuring" in what for what in said)
    assert any(what.startswith("before radiosurgery: ") for what in said)
    assert any(what.startswith("at follow-up: ") for what in said)


@pytest.mark.parametrize("allowed", [0, 1, 2, 3, 5])
def test_the_work_can_be_stopped_at_any_call(again, allowed):
    calls = []

    def stop(fraction, what):
        calls.append(what)
        return len(calls) <= allowed

    with pytest.raises(Cancelled):
        again(progress=stop)
    assert len(calls) == allowed + 1


def test_a_fit_can_be_stopped(case):
    with pytest.raises(Cancelled):
        compare.compare_visits(*case.visits.values(), case.lesions, progress=lambda *_: False)


def test_the_rule_and_the_threshold_decide(again):
    (lesion,) = again(criteria=Criteria(vp=500.0, rule="rvp")).lesions
    assert lesion.reading.conclusion == Conclusion.UNRELIABLE
    assert "rKtrans" not in lesion.reading.why


def test_a_mask_on_the_t1_is_the_lesion_itself(case, again):
    first = case.comparison.lesions[0]
    marks = [LesionMark(mask=DrawnMask(found.segmentation.mask)) for _, found in first.visits]
    (lesion,) = again(MarkedLesion("drawn", *marks)).lesions
    for (_, drawn), (_, seeded) in zip(lesion.visits, first.visits, strict=True):
        np.testing.assert_array_equal(drawn.region, seeded.region)
        assert not drawn.segmentation.core.any()
        assert drawn.ratios.of("vp").ratio == pytest.approx(seeded.ratios.of("vp").ratio, rel=1e-3)


def test_a_mask_on_the_series_is_brought_to_the_t1_and_back(case, again):
    first = case.comparison.lesions[0]
    marks = [LesionMark(mask=DrawnMask(found.region, "dce")) for _, found in first.visits]
    (lesion,) = again(MarkedLesion("drawn", *marks)).lesions
    for (_, drawn), (_, seeded) in zip(lesion.visits, first.visits, strict=True):
        assert dice(drawn.region, seeded.region) > 0.85
        assert dice(drawn.segmentation.mask, seeded.segmentation.mask) > 0.75


def test_the_core_is_left_out_when_it_is_not_to_be_measured(case, again):
    cores = [lesion.pre.segmentation.core.sum() for lesion in case.comparison.lesions]
    hollow = replace(case.lesions[int(np.argmax(cores))], follow_up=None)
    assert max(cores) > 20
    whole, rim = (again(hollow, include_core=choice).lesions[0].pre for choice in (True, False))
    assert rim.region.sum() < whole.region.sum()
    assert rim.ratios.enhancing == ()
    assert whole.ratios.enhancing != ()


def test_a_reference_given_on_the_series_is_taken_without_vessels_and_lesions(case, again):
    given = case.comparison.lesions[0].pre.reference | case.comparison.lesions[0].pre.region
    references = {name: {"reference": DrawnMask(given, "dce")} for name in ("pre",)}
    lesion = case.lesions[0]
    found = again(replace(lesion, follow_up=None), references=references).lesions[0].pre
    assert found.reference_origin == "given"
    np.testing.assert_array_equal(found.reference, case.comparison.lesions[0].pre.reference)
    (note,) = (note for note in found.notes if "reference given" in note)
    taken = np.count_nonzero(given & ~found.reference)
    assert note == f"{taken} of {given.sum()} voxels of the reference given hold a lesion or vessel, or no fit."


@pytest.mark.parametrize("image", ["t1", "dce"])
def test_how_masks_were_read_stands_with_the_lesion_and_once(case, again, image):
    known = case.comparison.lesions[0].pre
    mask = known.segmentation.mask if image == "t1" else known.region
    drawn = MarkedLesion("drawn", LesionMark(mask=DrawnMask(mask, image, notes=("The lesion was resampled.",))), None)
    reference = DrawnMask(known.reference, "dce", notes=("The reference was resampled.",))
    compared = again(drawn, references={"pre": {"reference": reference}})
    notes = compared.lesions[0].pre.notes
    assert notes[0] == "The lesion was resampled." and "The reference was resampled." in notes
    account = comparison_account(compared)["lesions"][0]["visits"]["pre"]["notes"]
    assert len(account) == len(set(account)) and account == notes


def test_a_lesion_that_is_all_core_cannot_be_measured_without_it(case, again):
    mask = case.comparison.lesions[0].pre.segmentation.mask
    lesion = MarkedLesion("dead", LesionMark(mask=DrawnMask(mask, "t1", mask)), None)
    with pytest.raises(NoAnswerError, match=r"^Lesion 'dead', before radiosurgery: All of the lesion is outlined as"):
        again(lesion, include_core=False)


def test_what_is_fitted_is_not_taken_for_the_brain(case):
    """A mask that holds the lesion and what lies opposite only."""
    given, known = case.visits["pre"], case.comparison.lesions[0].pre
    mask = known.region | known.reference
    visit = fit_compared_visit("pre", replace(given, inputs=replace(given.inputs, mask=mask)))
    assert visit.result.alignment.verdict == "good"
    everywhere = fit_compared_visit(
        "pre", replace(given, t1_post=None, settings=replace(given.settings, mask="all", aif="parker"))
    )
    brain = case.fitted["pre"].result.visit.prepared.mask
    assert np.count_nonzero(everywhere.result.visit.prepared.mask) > 1.3 * np.count_nonzero(brain)
    assert np.count_nonzero(everywhere.brain) == pytest.approx(np.count_nonzero(brain), rel=0.15)


@pytest.mark.parametrize("content", ["signal", "concentration"])
def test_a_mask_of_the_brain_is_taken_for_it(case, content):
    given, known = case.visits["pre"], case.fitted["pre"].result.visit
    mask = known.prepared.mask.copy()
    mask[:2] = False  # not the brain that would be found
    if content == "concentration":
        given = replace(given, series=replace(given.series, signal=known.prepared.concentration))
    settings = replace(given.settings, content=content)
    inputs = VisitInputs(mask=mask, aif=known.aif)
    visit = fit_compared_visit("pre", replace(given, t1_post=None, settings=settings, inputs=inputs))
    np.testing.assert_array_equal(visit.brain, mask)


def test_a_reference_given_on_the_t1_is_carried_to_the_series(case, again):
    found = case.comparison.lesions[0].pre
    grid = case.fitted["pre"].result.grid
    middle = grid.positions(np.argwhere(found.reference).mean(axis=0)[::-1])
    mask = ball(case.visits["pre"].t1_post.grid, case.fitted["pre"].result.alignment.transform.moved(middle), 12.0)
    lesion = again(
        replace(case.lesions[0], follow_up=None), references={"pre": {"reference": DrawnMask(mask)}}
    ).lesions[0]
    places = grid.positions(np.argwhere(lesion.pre.reference)[:, ::-1])
    assert lesion.pre.reference_origin == "given"
    assert np.linalg.norm(places - middle, axis=1).max() < 13


def test_a_reference_is_moved_where_it_is_asked_for(case, again):
    centre = case.fitted["pre"].result.alignment.transform.moved(
        case.fitted["pre"].result.grid.positions(
            np.argwhere(case.comparison.lesions[1].pre.reference).mean(axis=0)[::-1]
        )
    )
    found = (
        again(replace(case.lesions[0], follow_up=None), references={"pre": {"reference_centre": centre}}).lesions[0].pre
    )
    assert found.reference_origin == "moved"
    apart = np.argwhere(found.reference).mean(axis=0) - np.argwhere(case.comparison.lesions[1].pre.reference).mean(
        axis=0
    )
    assert np.linalg.norm(apart[::-1] * case.fitted["pre"].result.grid.spacing) < 15


@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        (lambda found: DrawnMask(found.region, "dce"), "The reference given holds no fitted voxel outside of lesions"),
        (lambda found: DrawnMask(found.region[1:], "dce"), "The reference is shaped .* but its image"),
        (lambda found: DrawnMask(found.region, "t1"), "The reference is shaped .* but its image"),
    ],
    ids=["in the lesion", "of another shape", "on the other image"],
)
def test_a_reference_that_cannot_be_used_is_told_with_lesion_and_visit(case, again, reference, sentence):
    references = {"pre": {"reference": reference(case.comparison.lesions[0].pre)}}
    with pytest.raises((InputError, NoAnswerError), match=f"Lesion 'left frontal', before radiosurgery: {sentence}"):
        again(case.lesions[0], references=references)


@pytest.mark.parametrize("alone", [False, True])
def test_a_lesion_without_normal_brain_is_left_out_and_told(case, again, monkeypatch, alone):
    first, second = case.lesions
    there, measured = case.comparison.lesions[1].follow_up.segmentation.mask, compare.measure_lesion_at_visit

    def refusing(visit, segmentation, *given):
        if visit.result.name == "follow_up" and (segmentation.mask & there).sum() > there.sum() / 2:
            raise NoAnswerError("No white matter is left: give the reference by a mask.")
        return measured(visit, segmentation, *given)

    monkeypatch.setattr(compare, "measure_lesion_at_visit", refusing)
    sentence = f"Lesion '{second.name}', at follow-up: No white matter is left: give the reference by a mask."
    if alone:
        with pytest.raises(NoAnswerError, match=sentence):
            again(second)
        return
    compared = again(first, second)
    assert [lesion.name for lesion in compared.lesions] == [first.name]
    assert f"{sentence} This lesion was left out of the comparison." in compared.notes
    assert compared.left_out == ((second.name, sentence),)
    assert f"{second.name}: Not measured: see below." in ratio_text(compared)
    assert comparison_account(compared)["left_out"] == [{"name": second.name, "reason": sentence}]
    assert f"<b>{second.name}</b><span>Not measured. {sentence}" in unescape(report_html(compared))


def test_a_lesion_of_one_visit_is_new_or_vanished(case, again):
    lesion = case.lesions[0]
    new, vanished = replace(lesion, name="new", pre=None), replace(lesion, name="gone", follow_up=None)
    compared = again(new, vanished)
    assert [one.status for one in compared.lesions] == ["new", "vanished"]
    for one in compared.lesions:
        assert one.reading.conclusion == Conclusion.INDETERMINATE
        assert (one.changes, one.swapped, one.t10_shift, len(one.visits)) == ((), (), None, 1)
    assert compared.lesions[0].pre is None
    assert compared.lesions[1].follow_up is None
    assert compared.notes == (
        "'gone' (before radiosurgery only) and 'new' (at follow-up only) lie at the same place: give them one name if "
        "they are one lesion.",
    )


def test_marks_of_two_lesions_under_one_name_are_noticed(case, again):
    first, second = case.lesions
    (lesion,) = again(MarkedLesion("mixed up", first.pre, second.follow_up)).lesions
    (note,) = lesion.notes
    apart = np.linalg.norm(case.patient.pre.seeds[0] - case.patient.pre.seeds[1])
    assert "check that both marks are of one lesion" in note
    assert float(note.split("lies ")[1].split(" mm")[0]) == pytest.approx(apart, rel=0.35)


def test_a_lesion_outside_of_the_series_is_told_with_its_visit(case, again):
    grid = case.visits["follow_up"].t1_post.grid
    outside = ball(
        grid, grid.positions(np.array(grid.size) // 2) * (1, 1, 0) + (0, 0, grid.corners()[:, 2].min() + 6), 5.0
    )
    with pytest.raises(
        InputError, match="Lesion 'low', at follow-up: The lesion lies outside the dynamic series at follow-up"
    ):
        again(drawn_in("follow_up", "low", outside))


def test_of_a_lesion_at_the_edge_of_the_series_the_part_inside_is_measured(case, again):
    series, t1 = case.fitted["pre"].result.grid, case.visits["pre"].t1_post.grid
    face = series.positions(np.array([series.size[0] / 2, series.size[1] / 2 - 8, -0.5]))
    cut = ball(t1, case.fitted["pre"].result.alignment.transform.moved(face), 12.0)
    found = again(drawn_in("pre", "cut", cut)).lesions[0].pre
    assert found.inside == pytest.approx(0.5, abs=0.1)
    assert f"Only {found.inside:.0%} of the lesion lies within the series: the rest was not measured." in found.notes
    assert found.region[:2].any()


def test_a_lesion_over_the_midline_has_its_reference_on_the_side_that_holds_less_of_it(case, again):
    t1 = case.visits["pre"].t1_post.grid
    middle = case.patient.pre.t1_pose.moved(np.array([2.0, 0.0, 25.0]))
    found = (
        again(drawn_in("pre", "callosal", ball(t1, middle, 11.0)), references={"pre": {}, "follow_up": {}})
        .lesions[0]
        .pre
    )
    assert any("the lesion lies on both sides of the brain" in note for note in found.notes)
    assert found.reference.any()


def test_the_seed_of_one_lesion_keeps_another_that_touches_it_from_taking_it(case, again):
    whole = case.comparison.lesions[0].pre.segmentation
    places = whole.grid.positions(np.argwhere(whole.enhancing)[:, ::-1])
    from_right = places[np.argsort(places[:, 0])]
    ends = {name: from_right[int(share * len(places))] for name, share in (("a", 0.15), ("b", 0.85))}
    parts = again(*(MarkedLesion(name, LesionMark(seed), None) for name, seed in ends.items()))
    first, second = (lesion.pre.segmentation.mask for lesion in parts.lesions)
    assert not (first & second).any()
    assert dice(first | second, whole.mask) > 0.85


def test_lesions_drawn_over_each_other_share_nothing_and_say_so(case, again):
    t1 = case.visits["pre"].t1_post.grid
    middle = case.lesions[0].pre.seeds
    first, second = (ball(t1, middle + np.array([way * 8.0, 0, 0]), 10.0) for way in (-1, 1))
    compared = again(drawn_in("pre", "a", first), drawn_in("pre", "b", second)).lesions
    one, other = (lesion.pre.segmentation for lesion in compared)
    np.testing.assert_array_equal(one.mask, first)
    np.testing.assert_array_equal(other.mask, second & ~first)
    assert f"{np.count_nonzero(first & second)} voxels that lie in 'a' too were left to it." in other.notes
    with pytest.raises(InputError, match="'a' and 'b' are mostly the same before radiosurgery"):
        again(drawn_in("pre", "a", first), drawn_in("pre", "b", first))


def test_a_lesion_drawn_beside_one_with_a_seed_keeps_it_out(case, again):
    whole = case.comparison.lesions[0].pre.segmentation
    places = whole.grid.positions(np.argwhere(whole.enhancing)[:, ::-1])
    right = places[places[:, 0].argmin()]
    half = whole.mask.copy()
    half &= whole.grid.positions(np.moveaxis(np.indices(half.shape)[::-1], 0, -1))[..., 0] > places[:, 0].mean() - 2
    drawn, seeded = again(drawn_in("pre", "drawn", half), MarkedLesion("seeded", LesionMark(right), None)).lesions
    assert not (drawn.pre.segmentation.mask & seeded.pre.segmentation.mask).any()


def test_a_core_given_with_a_mask_is_a_core(case, again):
    t1 = case.visits["pre"].t1_post.grid
    middle = case.lesions[0].pre.seeds
    mask, core = ball(t1, middle, 12.0), ball(t1, middle, 7.0)
    lesion = MarkedLesion("ring", LesionMark(mask=DrawnMask(mask, "t1", core)), None)
    found = again(lesion).lesions[0].pre
    assert found.size.core_ml == pytest.approx(np.count_nonzero(core) * t1.voxel_volume / 1000)
    assert found.ratios.enhancing
    without = again(lesion, include_core=False)
    assert not without.include_core
    assert without.lesions[0].pre.region.sum() < found.region.sum()
    plain = again(drawn_in("pre", "plain", mask)).lesions[0].pre
    assert any("does not tell a necrotic core" in note for note in plain.segmentation.notes)


def test_a_t1_the_wrong_way_round_is_told(case, monkeypatch):
    """What is fitted stays; every alignment is made anew."""
    flipped = case.visits["follow_up"].t1_post
    flipped = replace(flipped, array=np.ascontiguousarray(flipped.array[:, :, ::-1]))
    visits = [case.visits["pre"], replace(case.visits["follow_up"], t1_post=flipped)]
    known = {id(case.visits[name].series): case.fitted[name].result.visit for name in compare.VISITS}
    monkeypatch.setattr(fitted_visit, "fit_visit", lambda series, *_, **__: known[id(series)])
    monkeypatch.setattr(measure, "DRAWS", 200)
    regions = [LesionMark(mask=DrawnMask(one.region, "dce")) for _, one in case.comparison.lesions[0].visits]
    notes = compare.compare_visits(*visits, [MarkedLesion("left", *regions)]).notes
    for what in ("The post-contrast T1 at follow-up and its series are", "The visits are"):
        (note,) = (one for one in notes if one.startswith(what))
        assert "aligned with a poor result" in note
        assert "wrong way round" in note or "mirror" in note
    assert not any(note.startswith("The post-contrast T1 before radiosurgery") for note in notes)


@pytest.mark.parametrize("visit", ["pre", "follow_up"])
@pytest.mark.parametrize(
    ("seed", "sentence"),
    [((0, -88, 80), "outside"), ((400, 0, 0), "outside"), ("white", "does not enhance|not enhancing|enhance")],
    ids=["in the air", "outside of the image", "in white matter"],
)
def test_a_seed_that_is_not_in_a_lesion_is_told_with_lesion_and_visit(case, again, visit, seed, sentence):
    if seed == "white":
        found = getattr(case.comparison.lesions[0], visit)
        result = case.fitted[visit].result
        seed = result.alignment.transform.moved(result.grid.positions(np.argwhere(found.reference)[0][::-1]))
    mark = LesionMark(np.array(seed, float))
    lesion = MarkedLesion("left", *(mark if name == visit else None for name in compare.VISITS))
    when = "before radiosurgery" if visit == "pre" else "at follow-up"
    with pytest.raises((InputError, NoAnswerError), match=f"^Lesion 'left', {when}: .*({sentence})"):
        again(lesion)


def test_a_model_without_plasma_is_told_not_to_suit_normal_brain(case, again):
    tofts = {name: {"settings": replace(case.visits[name].settings, model="tofts")} for name in compare.VISITS}
    assert any("The Tofts model has no vp" in note for note in again(references=tofts).notes)
    assert not any("Tofts" in note for note in case.comparison.notes)


def test_lesions_that_are_not_told_apart_or_not_marked_are_refused_at_once(case):
    lesion = case.lesions[0]
    for lesions, sentence in (
        ((), "No lesion is marked: give a seed point for one at least"),
        ((lesion, lesion), "Two lesions are called 'left frontal': give each a name of its own"),
        ((MarkedLesion("a", None, None),), "The lesion 'a' is marked at no visit"),
    ):
        with pytest.raises(InputError, match=sentence):
            compare.compare_visits(*case.visits.values(), lesions)


def test_marks_are_checked_before_anything_is_fitted(case, monkeypatch):
    def fitted(*_):
        raise AssertionError("a visit was fitted")

    monkeypatch.setattr(compare, "fit_compared_visit", fitted)
    lesion = case.lesions[0]
    far, much = LesionMark(np.array([999.0, 0, 0])), LesionMark(lesion.pre.seeds, amount=7.0)
    dull = LesionMark(lesion.follow_up.seeds * (-1, 1, 1))  # in white matter opposite
    for wrong, sentence in (
        ((replace(lesion, follow_up=far),), "^Lesion 'left frontal', at follow-up: The seed at R -999.0"),
        ((replace(lesion, pre=much),), "^Lesion 'left frontal', before radiosurgery: The amount is 7"),
        ((lesion, replace(lesion, name="twin")), "'left frontal' and 'twin' are marked at the same place"),
        ((replace(lesion, follow_up=dull),), "^Lesion 'left frontal', at follow-up: .* enhance"),
    ):
        with pytest.raises((InputError, NoAnswerError), match=sentence):
            compare.compare_visits(*case.visits.values(), wrong)


def test_a_seed_beside_the_series_is_told_before_the_fit_where_there_is_no_t1(case, monkeypatch):
    monkeypatch.setattr(compare, "fit_compared_visit", None)
    lesion = replace(case.lesions[0], pre=LesionMark(np.array([999.0, 0, 0])))
    without = [replace(visit, t1_post=None) for visit in case.visits.values()]
    with pytest.raises(InputError, match=r"^Lesion 'left frontal', before radiosurgery: The seed at R -999.0"):
        compare.compare_visits(*without, (lesion,))


def test_lesions_that_need_no_fit_are_outlined_once_and_as_they_would_be_after_it(again, monkeypatch):
    def outlined_twice(*_):
        raise AssertionError("a lesion was outlined twice")

    with monkeypatch.context() as patched:
        patched.setattr(compare, "outlined_lesions", outlined_twice)
        before = again().lesions[0]
    monkeypatch.setattr(compare, "outlined_before_the_fit", lambda *_: None)
    for (_, early), (_, late) in zip(before.visits, again().lesions[0].visits, strict=True):
        np.testing.assert_array_equal(early.segmentation.mask, late.segmentation.mask)
        np.testing.assert_array_equal(early.segmentation.core, late.segmentation.core)


def test_masks_and_visits_without_a_t1_wait_for_the_fit(case):
    given, mask = case.visits["pre"], case.comparison.lesions[0].pre.segmentation.mask
    found = outlined_before_the_fit("pre", given, case.lesions, None)
    assert list(found) == [lesion.name for lesion in case.lesions]
    assert outlined_before_the_fit("pre", replace(given, t1_post=None), case.lesions, None) is None
    assert outlined_before_the_fit("pre", given, (case.lesions[1], drawn_in("pre", "drawn", mask)), None) is None


def test_an_error_of_a_fit_names_its_visit(case):
    series = case.visits["follow_up"].series
    wrong = replace(case.visits["follow_up"], series=replace(series, times=None))
    fitted = {"pre": case.fitted["pre"]}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            compare, "fit_compared_visit", lambda name, *a: fitted.get(name) or fit_compared_visit(name, *a)
        )
        with pytest.raises(InputError, match=r"^The visit at follow-up: The files do not say when"):
            compare.compare_visits(case.visits["pre"], wrong, case.lesions)


def test_fitted_visits_serve_again(case, monkeypatch):
    """Other marks need no other fit."""
    monkeypatch.setattr(measure, "DRAWS", 200)
    monkeypatch.setattr(input_error, "TRIALS", 6)
    found = compare.compare_fitted(*(case.fitted[name] for name in compare.VISITS), case.lesions)
    for lesion, first in zip(found.lesions, case.comparison.lesions, strict=True):
        assert lesion.reading.conclusion == first.reading.conclusion


def test_two_lesions_marked_by_one_point_are_refused(case, again):
    with pytest.raises(InputError, match="'left frontal' and 'twin' are marked at the same place before radiosurgery"):
        again(case.lesions[0], replace(case.lesions[0], name="twin"))


def test_marks_and_masks_that_mean_nothing_are_refused():
    mask = np.ones((2, 2, 2), bool)
    for make, sentence in (
        (lambda: DrawnMask(mask, "ct"), "drawn on the T1 .* or on the series .*, not on 'ct'"),
        (lambda: DrawnMask(~mask), "The mask is empty"),
        (lambda: LesionMark(), "either by seed points or by a mask"),
        (lambda: LesionMark(np.zeros(3), mask=DrawnMask(mask)), "either by seed points or by a mask"),
    ):
        with pytest.raises(InputError, match=sentence):
            make()


def test_a_mask_of_another_shape_is_refused(case, again):
    with pytest.raises(
        InputError, match=r"Lesion 'drawn', before radiosurgery: The mask of the lesion is shaped \(2, 2, 2\)"
    ):
        again(drawn_in("pre", "drawn", np.ones((2, 2, 2), bool)))


def test_without_a_t1_the_last_frames_of_the_series_serve_for_it(case):
    fitted = fit_compared_visit("pre", replace(case.visits["pre"], t1_post=None))
    series = case.visits["pre"].series
    assert fitted.result.t1.grid == series.grid
    np.testing.assert_allclose(fitted.result.t1.array, series.signal[-8:].mean(axis=0), rtol=1e-5)
    np.testing.assert_array_equal(fitted.result.alignment.transform.matrix, np.eye(4))
    assert "There is no post-contrast T1" in fitted.result.alignment.sentence
    np.testing.assert_array_equal(fitted.brain, fitted.result.visit.prepared.mask)


def arterial(arrival: float, times: np.ndarray) -> ArterialInput:
    return ArterialInput(
        times, Bolus(arrival=arrival, width=12.0).arterial(times), 0.42, "file", None, arrival_time=arrival
    )


def test_an_input_in_its_own_place_stays_as_it_is():
    own = arterial(20.0, np.arange(0, 300, 2.0))
    np.testing.assert_allclose(at_visit(own, own), own.plasma_concentration, atol=1e-9)


@pytest.mark.parametrize("interval", [2.0, 5.0, 6.0])
def test_an_input_in_the_place_of_another_comes_when_that_one_did(interval):
    other, own = arterial(22.3, np.arange(0, 300, interval)), arterial(50.0, np.arange(0, 260, interval))
    moved = at_visit(other, own)
    assert moved.shape == own.times.shape
    np.testing.assert_allclose(moved, own.plasma_concentration, atol=0.05 * own.plasma_concentration.max())
    higher = replace(other, plasma_concentration=1.5 * other.plasma_concentration)
    np.testing.assert_allclose(at_visit(higher, own), 1.5 * moved, rtol=1e-3, atol=1e-3)


def test_where_the_series_of_an_input_ends_it_goes_on_as_the_other_does():
    other, own = arterial(20.0, np.arange(0, 180, 5.0)), arterial(30.0, np.arange(0, 360, 5.0))
    longer = arterial(20.0, np.arange(0, 400, 5.0))
    np.testing.assert_allclose(at_visit(other, own), at_visit(longer, own), rtol=0.03, atol=0.01)
    assert at_visit(other, own)[-1] == pytest.approx(own.plasma_concentration[-1], rel=0.03)


def test_a_lesion_of_which_no_voxel_of_the_series_holds_a_part_is_not_measured(case, monkeypatch):
    nothing = np.zeros(case.visits["pre"].series.grid.shape, np.float32)
    monkeypatch.setattr(carrying, "carried_fraction", lambda *_: nothing)
    found = case.comparison.lesions[0].pre
    given = replace(case.visits["pre"], reference=DrawnMask(found.reference, "dce"))
    others = np.zeros_like(found.segmentation.mask)
    with pytest.raises(InputError, match="The lesion holds no voxel of the series"):
        measure_lesion_at_visit(replace(case.fitted["pre"], given=given), found.segmentation, others, Criteria())
