"""Visits of a study read from DICOM, and whether they may be compared; messages name keys, not options."""

import datetime
from pathlib import Path

import numpy as np
import pytest

from PerfusionRatioLib.errors import InputError, NoAnswerError
from PerfusionRatioLib.export.images import write_labels, write_map
from PerfusionRatioLib.reading import read_dce
from PerfusionRatioLib.series import Grid
from PerfusionRatioLib.study import (
    check_visits,
    in_keys,
    read_lesion,
    read_region,
    read_study,
    read_study_visit,
    told_in_keys,
)
from Testing.Library.dicom_files import ramp, write_series


def of(patient: str, date: str, uid: str, **others):
    """An edit that makes images those of a patient, day and series."""

    def edit(dataset, *_):
        dataset.PatientID, dataset.StudyDate = patient, date
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = f"1.2.{date}", f"1.2.{date}.{uid}"
        for name, value in others.items():
            setattr(dataset, name, value)

    return edit


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two visits of one patient as DICOM: a dynamic series and a post-contrast T1 each."""
    for visit, date in (("pre", "20260115"), ("follow_up", "20260901")):
        write_series(tmp_path / visit / "dce", edit=of("P-17", date, "4"))
        write_series(tmp_path / visit / "t1", ramp(frames=1), edit=of("P-17", date, "9", SeriesDescription="T1 post"))
    return tmp_path


@pytest.fixture
def visits(folder):
    """``visits(pre=..., follow_up=..., patient=...)`` reads both, with lines added to their sections."""

    def read(pre: str = "", follow_up: str = "", patient: str = ""):
        marks = '[[lesion]]\nname = "a"\npre = { seed = [0, 0, 0] }'
        sections = [f"[patient]\n{patient}"]
        for visit, lines in (("pre", pre), ("follow_up", follow_up)):
            files = {"dce": f"{visit}/dce", "t1_post": f"{visit}/t1"}
            usual = [f'{key} = "{path}"' for key, path in files.items() if f"{key} =" not in lines]
            sections.append("\n".join([f"[{visit}]", *usual, lines]))
        (folder / "study.toml").write_text("\n".join([*sections, marks]))
        study = read_study(folder / "study.toml")
        return study, *(read_study_visit(study, visit) for visit in ("pre", "follow_up"))

    return read


def refused(visits, sentence: str, **lines: str) -> None:
    with pytest.raises(InputError) as refusal:
        study, pre, follow_up = visits(**lines)
        check_visits(study.patient, pre, follow_up)
    assert sentence in str(refusal.value)
    assert "--" not in str(refusal.value)


def test_visits_within_the_windows_are_compared_without_a_word(visits):
    study, pre, follow_up = visits(patient="srs_date = 2026-01-20\nresection_date = 2026-09-02")
    assert (pre.date, follow_up.date) == (datetime.date(2026, 1, 15), datetime.date(2026, 9, 1))
    assert (pre.notes, follow_up.notes) == ((), ())
    assert check_visits(study.patient, pre, follow_up) == ()
    np.testing.assert_array_equal(pre.series.signal, ramp())
    np.testing.assert_array_equal(pre.t1_post.array, ramp(frames=1)[0])


def test_given_numbers_replace_those_of_the_files_and_are_told(visits, folder):
    _, pre, _ = visits(pre="tr = 0.006\ntimes = 4")
    assert pre.series.acquisition.repetition_time.value == 0.006
    assert pre.series.acquisition.repetition_time.origin == "study file"
    assert pre.series.times.value[1] == 4
    assert any("0.006 s (study file) is used instead of 0.005 s" in note for note in pre.series.notes)


def test_a_given_date_replaces_that_of_the_files(visits):
    _, pre, _ = visits(pre="date = 2026-01-01")
    assert pre.date == datetime.date(2026, 1, 1)
    assert pre.notes == (
        "The date 2026-01-01 given for the visit before radiosurgery is used instead of 2026-01-15 in its files.",
    )


def test_visits_of_two_patients_are_refused_unless_declared_one(visits, folder):
    write_series(folder / "follow_up" / "dce", edit=of("P-99", "20260901", "4"))
    write_series(folder / "follow_up" / "t1", ramp(frames=1), edit=of("P-99", "20260901", "9"))
    refused(visits, "The visits are of different patients (P-17 before radiosurgery, P-99 at follow-up)")
    study, pre, follow_up = visits(patient="same_patient = true")
    assert "declared to be of one patient" in check_visits(study.patient, pre, follow_up)[0]


def test_swapped_visits_are_refused(visits):
    exchanged = {a: f'dce = "{b}/dce"\nt1_post = "{b}/t1"' for a, b in (("pre", "follow_up"), ("follow_up", "pre"))}
    refused(visits, "seem to be swapped", **exchanged)


def test_a_copy_of_the_other_visit_is_refused(visits, folder):
    write_series(folder / "follow_up" / "dce", edit=of("P-17", "20260115", "4"))
    refused(visits, "The dynamic series of both visits is the very same series", follow_up="date = 2026-09-01")


def test_a_copy_of_the_other_post_contrast_t1_is_refused(visits, folder):
    write_series(folder / "follow_up" / "t1", ramp(frames=1), edit=of("P-17", "20260115", "9"))
    refused(visits, "The post-contrast T1 of both visits is the very same series")


def test_follow_up_before_radiosurgery_is_refused(visits):
    refused(visits, "The follow-up (2026-09-01) is earlier than radiosurgery", patient="srs_date = 2026-09-02")


def test_a_post_contrast_t1_of_another_patient_is_refused(visits, folder):
    write_series(folder / "pre" / "t1", ramp(frames=1), edit=of("P-99", "20260115", "9"))
    refused(visits, "[pre] t1_post is of another patient (P-99) than [pre] dce (P-17)")


def test_a_choice_among_series_is_asked_for_by_its_key(visits, folder):
    for uid in ("4", "5"):
        write_series(folder / "both" / uid, edit=of("P-17", "20260115", uid, SeriesNumber=uid))
    refused(visits, "choose one with [pre] series (its number", pre='dce = "both"')
    refused(visits, "choose one with [pre] t1_post_series (its number", pre='t1_post = "both"')
    _, pre, _ = visits(pre='dce = "both"\nseries = 5')
    assert pre.series.identity.series_uid == "1.2.20260115.5"


def test_missing_times_are_asked_for_by_their_key(visits, folder):
    def timeless(dataset, t, k):
        of("P-17", "20260115", "4")(dataset)
        del dataset.TriggerTime

    write_series(folder / "pre" / "dce", edit=timeless)
    refused(visits, "[pre] times", pre="baseline = [1, 3]")


def test_maps_and_masks_are_read_onto_the_series(visits, folder):
    grid = read_dce(folder / "pre" / "dce").grid
    write_map(folder / "t10.nii.gz", np.full(grid.shape, 1300.0), grid)
    write_labels(folder / "mask.nii.gz", np.ones(grid.shape), grid)
    _, pre, follow_up = visits(pre='t10 = "t10.nii.gz"\nt10_unit = "ms"\nmask = "mask.nii.gz"\naif = "mask.nii.gz"')
    np.testing.assert_allclose(pre.inputs.t10, 1.3, rtol=1e-6)
    assert pre.inputs.mask.all() and pre.inputs.aif.dtype == bool
    assert follow_up.inputs.t10 is None


def test_a_map_of_another_geometry_is_resampled_when_said(visits, folder):
    far = Grid((40, 40, 40), (4.0, 4.0, 4.0), (-100.0, -60.0, -30.0))
    write_map(folder / "t10.nii.gz", np.full(far.shape, 1.3), far)
    refused(visits, "resample it with [pre] resample = true.", pre='t10 = "t10.nii.gz"')
    _, pre, _ = visits(pre='t10 = "t10.nii.gz"\nresample = true')
    np.testing.assert_allclose(pre.inputs.t10, 1.3, rtol=1e-6)
    assert any("The T10 map was resampled" in note for note in pre.series.notes)


def test_a_t10_map_in_milliseconds_is_told_by_its_key(visits, folder):
    grid = read_dce(folder / "pre" / "dce").grid
    write_map(folder / "t10.nii.gz", np.full(grid.shape, 1300.0), grid)
    refused(visits, 'so add [pre] t10_unit = "ms".', pre='t10 = "t10.nii.gz"')


def test_a_baseline_beyond_the_series_is_told_with_the_visit(visits):
    refused(visits, "[follow_up]: The baseline 1:400", follow_up="baseline = [1, 400]")


def test_a_mask_is_read_on_the_image_it_was_drawn_on(tmp_path):
    grids = {"t1": Grid((8, 8, 8), (2.0, 2.0, 2.0)), "dce": Grid((4, 4, 4), (4.0, 4.0, 4.0), (1.0, 1.0, 1.0))}
    for name, grid in grids.items():
        inside = np.arange(np.prod(grid.shape)).reshape(grid.shape) % 3 == 0
        write_labels(tmp_path / "mask.nii.gz", inside, grid)
        found, placed = read_region(tmp_path / "mask.nii.gz", grids)
        assert found == name
        np.testing.assert_array_equal(placed.array, inside)
    other = Grid((16, 16, 16))
    write_labels(tmp_path / "mask.nii.gz", np.ones(other.shape), other)
    for read in (read_region, read_lesion):
        with pytest.raises(InputError, match=r"mask.nii.gz is not on the grid of the post-contrast T1 \("):
            read(tmp_path / "mask.nii.gz", grids)
    found, placed = read_region(tmp_path / "mask.nii.gz", grids, resample=True)
    assert found == "t1" and placed.array.all()


@pytest.mark.parametrize(
    ("option", "key"),
    [
        ("add --tr.", "add [pre] tr."),
        ("give it with --vfa-tr", "give it with [pre] vfa_tr"),
        ("with --motion off.", "with [fit] motion = false."),
        ("with --blood-t10.", "with [fit] blood_t10."),
        ("with --baseline START:STOP.", "with [pre] baseline = [START, STOP]."),
        ("(read with --input concentration).", "(read with perfusion-ratio fit --input concentration)."),
        ("a file in /data/--tr/x and --other", "a file in /data/--tr/x and --other"),
    ],
)
def test_options_are_told_as_keys(option, key):
    assert in_keys(option, "pre") == key


@pytest.mark.parametrize("kind", [InputError, NoAnswerError])
def test_an_error_keeps_its_kind_and_names_the_visit(kind):
    with pytest.raises(kind, match=r"^\[follow_up\]: No brain was found; give \[x\]\.$"), told_in_keys("follow_up"):
        raise kind("No brain was found; give [x].")
