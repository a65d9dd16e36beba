"""One visit from series to maps: what goes in, what comes out, and what is told about it."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from PerfusionRatioLib.acquisition import Acquisition, Known
from PerfusionRatioLib.aif.arterial_input import ArterialInput
from PerfusionRatioLib.alignment import motion
from PerfusionRatioLib.alignment.motion import FrameMotion, MotionCorrected
from PerfusionRatioLib.errors import Cancelled, InputError
from PerfusionRatioLib.kinetics import MODELS
from PerfusionRatioLib.phantom.tissues import Label
from PerfusionRatioLib.series import DceSeries
from PerfusionRatioLib.visit import Visit, find_arterial_input, fit_prepared, fit_visit
from PerfusionRatioLib.visit_preparation import prepare_visit
from PerfusionRatioLib.visit_settings import Model, VisitSettings

pytestmark = pytest.mark.usefixtures("quick_coil")

STILL = VisitSettings(motion=False)


@pytest.fixture(scope="module")
def head(small_head):
    return small_head


@pytest.fixture(scope="module")
def true_aif(head):
    return ArterialInput(head.series.times.value, head.truth.aif, head.truth.haematocrit, "truth")


@pytest.fixture(scope="module")
def visit(head, true_aif) -> Visit:
    """The head fitted with its true T10, brain and arterial input."""
    return fit_visit(head.series, STILL, t10=head.truth.t10, mask=head.truth.brain, aif=true_aif)


def test_the_lesion_has_its_true_parameters(visit, head):
    lesion = (head.truth.labels == Label.LESION) & head.truth.pure
    for name, tolerance in (("ktrans", 0.1), ("vp", 0.1)):
        fitted = np.median(getattr(visit.maps, name)[lesion])
        assert fitted == pytest.approx(np.median(getattr(head.truth, name)[lesion]), rel=tolerance)


def test_maps_lie_on_the_series_and_are_nan_outside_the_mask(visit, head):
    assert visit.maps.ktrans.shape == head.series.grid.shape
    assert visit.maps.ktrans.dtype == np.float32
    assert np.isnan(visit.maps.ktrans[~head.truth.brain]).all()
    assert np.isfinite(visit.maps.ktrans[head.truth.brain]).all()


def test_the_series_is_left_as_it_was(head, true_aif):
    before = head.series.signal.copy()
    fit_visit(head.series, STILL, mask=head.truth.brain, aif=true_aif)
    np.testing.assert_array_equal(head.series.signal, before)


def test_the_same_visit_twice_is_the_same(visit, head, true_aif):
    again = fit_visit(head.series, STILL, t10=head.truth.t10, mask=head.truth.brain, aif=true_aif)
    np.testing.assert_array_equal(again.maps.ktrans, visit.maps.ktrans)


def test_concentrations_give_the_maps_that_their_signal_gives(visit, head, true_aif):
    concentration = replace(head.series, signal=visit.prepared.concentration, acquisition=Acquisition())
    settings = replace(STILL, content="concentration")
    again = fit_visit(concentration, settings, mask=head.truth.brain, aif=true_aif)
    np.testing.assert_array_equal(again.maps.ktrans, visit.maps.ktrans)
    assert again.prepared.baseline is None


def test_concentrations_without_a_mask_are_fitted_where_they_are(visit, head, true_aif):
    inside = np.where(head.truth.brain, visit.prepared.concentration, np.nan)
    inside[:, 0, 0, 0] = 0
    settings = replace(STILL, content="concentration")
    prepared = prepare_visit(replace(head.series, signal=inside), settings)
    np.testing.assert_array_equal(prepared.mask, head.truth.brain)


def test_an_artery_outside_the_mask_is_converted_too(head):
    artery = np.zeros(head.series.grid.shape, bool)
    artery[tuple(np.argwhere(head.truth.labels == Label.SINUS)[0])] = True
    lesion = head.truth.labels == Label.LESION
    visit = fit_visit(head.series, STILL, mask=lesion, aif=artery)
    curve = visit.prepared.as_blood(visit.prepared.concentration[:, artery], np.argwhere(artery))[:, 0]
    np.testing.assert_allclose(visit.aif.plasma_concentration, curve / (1 - 0.42), rtol=1e-5)


def test_saturated_samples_are_known_though_the_head_moves(small_moving_head):
    """Interpolation hides the ceiling of the format, so it must be looked for before."""
    series = small_moving_head.series
    clipped = np.minimum(np.round(series.signal * 4095 / np.percentile(series.signal, 99.9)), 4095).astype(np.float32)
    still, moving = (prepare_visit(replace(series, signal=clipped), VisitSettings(motion=motion)) for motion in (0, 1))
    assert moving.excluded["series_samples_saturated"] == np.count_nonzero(clipped == 4095)
    assert still.excluded["series_samples_saturated"] <= np.count_nonzero(clipped == 4095)
    stays = next(n for n, frame in enumerate(moving.motion) if not frame.corrected)
    assert np.isnan(moving.concentration[stays][clipped[stays] == 4095]).all()


def test_arteries_have_the_t10_of_blood_unless_a_map_tells_theirs(head):
    """One value for tissue would nearly double the peak of the artery."""
    prepared = prepare_visit(head.series, STILL, mask=head.truth.brain)
    found = find_arterial_input(prepared)
    raw = find_arterial_input(replace(prepared, as_blood=None))
    assert prepared.parameters["blood_t10"] == Known(1.65, "usual at the scanner's field")
    assert found.quality.peak == pytest.approx(head.truth.aif.max(), rel=0.3)
    assert raw.quality.peak > 1.3 * found.quality.peak
    assert prepare_visit(head.series, STILL, t10=head.truth.t10, mask=head.truth.brain).as_blood is None
    told = prepare_visit(head.series, replace(STILL, blood_t10=1.5), t10=head.truth.t10, mask=head.truth.brain)
    assert told.parameters["blood_t10"] == Known(1.5, "given")


@pytest.mark.parametrize("given", ["mask of the artery", "nothing"])
@pytest.mark.parametrize("missing", ["zero", "not a number", "short"])
def test_arteries_where_the_t10_of_tissue_fails_are_converted_with_that_of_blood(head, given, missing):
    vessels = np.isin(head.truth.labels, (Label.ARTERY, Label.SINUS))
    wrong = head.truth.t10.copy()
    wrong[vessels] = {"zero": 0, "not a number": np.nan, "short": 0.5}[missing]
    artery = head.truth.labels == Label.ARTERY if given == "mask of the artery" else None
    settings = replace(STILL, blood_t10=1.65)
    found, expected = (
        find_arterial_input(prepare_visit(head.series, settings, t10=t10, mask=head.truth.brain, artery=artery), artery)
        for t10 in (wrong, head.truth.t10)
    )
    assert found.quality.peak == pytest.approx(expected.quality.peak, rel=0.05)
    assert found.mask.sum() == pytest.approx(expected.mask.sum(), rel=0.2)


def test_a_t10_map_that_does_not_fit_blood_is_told(head):
    artery = head.truth.labels == Label.ARTERY

    def notes(t10_of_artery, settings):
        t10 = np.where(artery, np.float32(t10_of_artery), head.truth.t10)
        prepared = prepare_visit(head.series, settings, t10=t10, mask=head.truth.brain, artery=artery)
        return [note for note in find_arterial_input(prepared, artery).notes if "The T10 map has" in note]

    (note,) = notes(1.0, STILL)
    assert "1.00 s in the artery" in note
    assert "too high with it; give the T10 of blood with --blood-t10" in note
    assert "too low with it" in notes(2.6, STILL)[0]
    assert notes(1.0, replace(STILL, blood_t10=1.65)) == notes(1.65, STILL) == []


@pytest.mark.parametrize(("field", "told"), [(None, False), (2.89, False), (1.5, True), (7.0, True)])
def test_the_default_t10_at_another_field_is_told(head, field, told):
    known = None if field is None else Known(field, "test")
    series = replace(head.series, acquisition=replace(head.series.acquisition, field_strength=known))
    for settings, expected in ((STILL, told), (replace(STILL, t10=1.2), False)):
        notes = prepare_visit(series, settings, mask=head.truth.brain).notes
        assert any("is one of tissue at 3 T" in note for note in notes) == expected


@pytest.mark.parametrize("given", ["mask of the artery", "nothing"])
def test_the_baseline_ends_before_the_bolus_of_an_artery_outside_the_mask(head, given):
    """Tissue that is reached later would take the first rise of the artery for baseline."""
    artery = head.truth.labels == Label.ARTERY
    late = head.truth.labels == Label.LESION
    signal = head.series.signal.copy()
    signal[3:, late] = head.series.signal[:-3, late]
    series = replace(head.series, signal=signal)
    prepared = prepare_visit(series, STILL, mask=late, artery=artery if given == "mask of the artery" else None)
    whole = prepare_visit(head.series, STILL, mask=head.truth.brain)
    assert prepared.baseline.frames == whole.baseline.frames
    assert np.abs(np.median(prepared.concentration[prepared.baseline.frames][:, artery])) < 0.05


@pytest.mark.parametrize("name", ["parker", "georgiou"])
def test_a_population_arrives_when_the_bolus_does(head, name):
    prepared = prepare_visit(head.series, replace(STILL, aif=name), mask=head.truth.brain)
    aif = find_arterial_input(prepared)
    assert aif.arrival_time == pytest.approx(prepared.baseline.arrival_time)
    before = aif.times < prepared.baseline.arrival_time
    assert before.sum() > 3
    assert np.abs(aif.plasma_concentration[before]).max() < 0.05 * aif.plasma_concentration.max()


def test_a_baseline_that_is_given_is_used(head, true_aif):
    settings = replace(STILL, baseline=(2, 6), origins={"baseline": "command line"})
    prepared = prepare_visit(head.series, settings, mask=head.truth.brain)
    assert prepared.parameters["baseline"] == Known((2, 6), "command line")
    quiet = prepared.concentration[2:6, head.truth.brain].mean(axis=0)
    assert np.abs(np.median(quiet)) < 1e-3


def test_every_parameter_is_known_with_its_origin(head):
    settings = VisitSettings(motion=False, relaxivity=4.5, t10=1.2, origins={"relaxivity": "command line"})
    parameters = prepare_visit(head.series, settings, mask=head.truth.brain).parameters
    assert parameters["relaxivity"] == Known(4.5, "command line")
    assert parameters["t10"] == Known(1.2, "given")
    assert parameters["haematocrit"] == Known(0.42, "default")
    assert parameters["repetition_time"] == head.series.acquisition.repetition_time
    assert parameters["times"].origin == head.series.times.origin
    assert parameters["mask"] == Known("mask", "given")
    assert all(known.origin for known in parameters.values())


def test_an_arterial_input_that_was_given_is_not_called_automatic(visit, head, true_aif):
    assert visit.prepared.parameters["aif"] == Known("curve", "given")
    told = replace(visit.prepared, settings=replace(STILL, origins={"aif": "study file"}))
    artery = np.zeros(head.series.grid.shape, bool)
    artery[np.unravel_index(np.nanargmax(visit.prepared.concentration.max(axis=0)), artery.shape)] = True
    where = (head.truth.labels == Label.LESION) & visit.prepared.mask
    assert fit_prepared(told, artery, where=where).prepared.parameters["aif"] == Known("region", "study file")
    population = replace(visit.prepared, settings=replace(STILL, aif="parker"))
    assert fit_prepared(population, where=where).prepared.parameters["aif"] == Known("parker", "given")


def test_what_nobody_gave_is_told(head):
    notes = prepare_visit(head.series, STILL, mask=head.truth.brain).notes
    assert (
        "Assumed, since not given: haematocrit 0.42, relaxivity 4.5 1/(mM s), T10 1.4 s, T10 of blood 1.65 s." in notes
    )
    told = replace(STILL, blood_t10=1.65, origins=dict.fromkeys(("haematocrit", "relaxivity", "t10"), "command line"))
    assert not any("Assumed" in note for note in prepare_visit(head.series, told, mask=head.truth.brain).notes)


def test_voxels_without_t10_are_counted_and_touch_nobody_else(visit, head, true_aif):
    t10 = head.truth.t10.copy()
    lost = np.argwhere(head.truth.brain)[:7]
    t10[tuple(lost.T)] = [0, -1, np.nan, np.inf, 0, 0, 0]
    some = fit_visit(head.series, STILL, t10=t10, mask=head.truth.brain, aif=true_aif)
    assert some.prepared.excluded["mask_voxels_without_concentration"] == 7
    assert any(note.startswith("7 of ") for note in some.notes)
    assert np.isnan(some.maps.ktrans[tuple(lost.T)]).all()
    others = np.isfinite(some.maps.ktrans)
    np.testing.assert_allclose(some.maps.ktrans[others], visit.maps.ktrans[others], rtol=1e-3, atol=1e-6)


def test_progress_runs_once_from_start_to_end(head, true_aif):
    seen = []
    fit_visit(
        head.series, STILL, mask=head.truth.brain, aif=true_aif, progress=lambda fraction, _: seen.append(fraction)
    )
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, 1)


@pytest.mark.parametrize("moment", [0.0, 0.5, 0.75])
def test_it_stops_when_asked(head, true_aif, moment):
    with pytest.raises(Cancelled):
        fit_visit(head.series, STILL, mask=head.truth.brain, aif=true_aif, progress=lambda done, _: done < moment)


def test_aligned_frames_are_converted_in_place(head, monkeypatch):
    """What keeps the peak memory of a visit at twice the series; measured by Testing/Benchmarks/bench_visit.py."""
    aligned = head.series.signal.copy()
    still = FrameMotion((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 0.0, False)

    def correct(series, progress=None):
        frames = (still,) * len(aligned)
        return MotionCorrected(
            replace(series, signal=aligned), frames, (), 1, False, 0, ("One frame was left as it is.",)
        )

    monkeypatch.setattr(motion, "correct_motion", correct)
    prepared = prepare_visit(head.series, VisitSettings(), mask=head.truth.brain)
    assert prepared.concentration is aligned
    assert prepared.motion == (still,) * len(aligned)
    assert prepared.parameters["reference_frame"].value == 1
    assert "One frame was left as it is." in prepared.notes


def test_motion_is_undone_where_it_is_asked_for(small_moving_head):
    truth, series = small_moving_head.truth, small_moving_head.series
    aif = ArterialInput(series.times.value, truth.aif, truth.haematocrit, "truth")

    def noise(settings):
        visit = fit_visit(series, settings, t10=truth.t10, mask=truth.brain, aif=aif)
        return np.median(visit.maps.residual_sd[truth.brain])

    assert noise(VisitSettings()) < 0.8 * noise(STILL)


def broken(head, **changes) -> DceSeries:
    return replace(head.series, **changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mask": np.zeros((24, 72, 64), bool)}, "The mask is empty"),
        ({"mask": np.ones((24, 72, 63), bool)}, r"The mask is shaped \(24, 72, 63\) but the series \(24, 72, 64\)"),
        ({"t10": np.zeros((24, 72, 64), np.float32)}, "T10"),
        ({"t10": np.full((24, 72, 64), np.nan, np.float32)}, "T10"),
        ({"t10": np.full((24, 72, 64), 1400, np.float32)}, "milliseconds"),
        ({"t10": np.full((24, 72, 64), 0.0014, np.float32)}, r"median of 0\.0014 s .* tissue has 0\.1 to 5 s"),
        ({"t10": np.ones((24, 72, 63), np.float32)}, r"T10 map is shaped \(24, 72, 63\)"),
    ],
)
def test_what_cannot_be_used_is_refused(head, true_aif, changes, sentence):
    given = {"mask": head.truth.brain, "aif": true_aif} | changes
    with pytest.raises(InputError, match=sentence):
        fit_visit(head.series, STILL, **given)


def test_t10_missing_in_the_whole_mask_only_is_refused(head, true_aif):
    t10 = np.where(head.truth.brain, np.nan, head.truth.t10)
    with pytest.raises(InputError, match=r"None of the \d+ voxels"):
        fit_visit(head.series, STILL, t10=t10, mask=head.truth.brain, aif=true_aif)


def test_a_t10_map_is_judged_by_its_median_in_tissue(head):
    """The limit is 0.1 s, whatever the map holds in air."""

    def prepared(tissue, air):
        t10 = np.where(head.truth.brain, np.float32(tissue), np.float32(air))
        return prepare_visit(head.series, STILL, t10=t10, mask=head.truth.brain)

    with pytest.raises(InputError, match=r"median of 0\.09 s in the voxels to fit"):
        prepared(tissue=0.09, air=1.4)
    assert prepared(tissue=0.11, air=0.001).concentration.shape == head.series.signal.shape


def test_a_series_without_tr_asks_for_it(head):
    series = broken(head, acquisition=replace(head.series.acquisition, repetition_time=None))
    with pytest.raises(InputError, match="repetition time is not in the files and was not given: add --tr"):
        fit_visit(series, STILL)


def test_a_series_without_times_asks_for_them(head):
    with pytest.raises(InputError, match="give the seconds between frames"):
        fit_visit(broken(head, times=None), STILL)


def test_concentrations_that_are_zero_are_refused(head):
    series = broken(head, signal=np.zeros_like(head.series.signal))
    with pytest.raises(InputError, match="The concentrations are zero everywhere"):
        fit_visit(series, replace(STILL, content="concentration"))


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"aif": "vein"}, "There is no aif called 'vein'; choose one of auto, parker, georgiou"),
        ({"mask": "head"}, "There is no mask called 'head'; choose one of brain, all"),
        ({"delay": "some"}, "There is no delay called 'some'"),
        ({"content": "phase"}, "There is no content called 'phase'"),
        ({"t10": 1400}, "T10 is 1400 s; tissue has 0.1 to 5 s"),
        ({"t10": 0}, "T10 is 0 s"),
        ({"t10": 0.0014}, "T10 is 0.0014 s; tissue has 0.1 to 5 s: check whether seconds were given as milliseconds"),
        ({"t10": float("nan")}, "T10 is nan s"),
        ({"blood_t10": 1650}, "T10 of blood is 1650 s; blood has 1 to 3 s"),
        ({"model": "fick"}, "There is no model called 'fick'; choose one of tofts"),
        ({"haematocrit": 42}, "The haematocrit is 42"),
        ({"haematocrit": -0.1}, "The haematocrit is -0.1"),
        ({"relaxivity": -4.5}, "The relaxivity is -4.5"),
        ({"relaxivity": float("nan")}, "The relaxivity is nan"),
        ({"baseline": (6, 6)}, "The baseline 6:6 holds no frame"),
        ({"baseline": (-1, 6)}, "The baseline -1:6"),
    ],
)
def test_a_choice_that_there_is_not_is_refused(choice, sentence):
    with pytest.raises(InputError, match=sentence):
        VisitSettings(**choice)


def test_every_model_of_the_fit_can_be_chosen():
    assert {*get_args(Model)} == {*MODELS, "auto"} - {"plasma"}
