"""Whether images are of one patient, and visits two."""

import pytest

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.series import Identity
from PerfusionRatioLib.study import check_different_series, check_same_patient, check_same_visit

PRE = Identity("P-17", "20260101", "1.2.1", "1.2.1.4", "DCE")
FOLLOW_UP = Identity("P-17", "20260901", "1.2.2", "1.2.2.4", "DCE")
STRANGER = Identity("P-99", "20260901", "1.2.9", "1.2.9.4", "DCE of Smith")
UNKNOWN = Identity()


def test_two_visits_of_one_patient_need_no_word():
    assert check_same_patient(PRE, FOLLOW_UP) == ()
    assert check_same_patient(PRE, Identity("P-17 ", "", "1.2.2", "1.2.2.4")) == ()


def test_two_patients_are_refused_by_their_ids_alone():
    with pytest.raises(InputError) as refusal:
        check_same_patient(PRE, STRANGER)
    assert str(refusal.value) == (
        "The visits are of different patients (P-17 before radiosurgery, P-99 at follow-up): name two visits of one "
        "patient, or set same_patient = true in [patient] when both IDs are of one."
    )


def test_two_ids_of_one_patient_are_noted_without_them():
    (note,) = check_same_patient(PRE, STRANGER, declared=True)
    assert note == "The patient IDs of the visits differ; they were declared to be of one patient."


@pytest.mark.parametrize(
    ("pre", "follow_up", "which"),
    [
        (UNKNOWN, FOLLOW_UP, "the visit before radiosurgery"),
        (PRE, UNKNOWN, "the follow-up"),
        (UNKNOWN, UNKNOWN, "either visit"),
    ],
)
@pytest.mark.parametrize("declared", [False, True])
def test_a_patient_that_is_not_known_is_told(pre, follow_up, which, declared):
    assert check_same_patient(pre, follow_up, declared) == (
        f"Not checked that both visits are of one patient: the files of {which} have no patient ID.",
    )


@pytest.mark.parametrize("declared", [False, True])
def test_one_series_for_both_visits_is_refused(declared):
    with pytest.raises(InputError, match=r"^The dynamic series of both visits is the very same series"):
        check_same_patient(PRE, PRE, declared)
    with pytest.raises(InputError, match=r"^The post-contrast T1 of both visits is the very same series"):
        check_different_series(PRE, PRE, "post-contrast T1")
    check_different_series(UNKNOWN, UNKNOWN, "post-contrast T1")


def test_two_series_of_one_study_are_told():
    (note,) = check_same_patient(PRE, Identity("P-17", "20260101", "1.2.1", "1.2.1.7"))
    assert note == "Both visits carry the same study UID: check that they are two examinations."


def test_images_of_one_visit_need_no_word():
    assert check_same_visit("pre", PRE, Identity("P-17", "20260101", "1.2.1", "1.2.1.9")) == ()
    assert check_same_visit("pre", PRE, UNKNOWN) == ()
    assert check_same_visit("pre", UNKNOWN, UNKNOWN) == ()


def test_a_post_contrast_t1_of_another_patient_is_refused_unless_declared():
    with pytest.raises(InputError, match=r"^\[pre\] t1_post is of another patient \(P-99\) than \[pre\] dce \(P-17\)"):
        check_same_visit("pre", PRE, STRANGER)
    told = check_same_visit("pre", PRE, STRANGER, declared=True)
    assert told[0] == "The patient IDs of [pre] t1_post and dce differ; they were declared to be of one patient."
    assert not any("P-" in note for note in told)


def test_a_post_contrast_t1_of_another_day_or_study_is_told():
    assert check_same_visit("pre", PRE, FOLLOW_UP) == (
        "[pre] t1_post has the study date 20260901, dce 20260101: check that they belong together.",
    )
    assert check_same_visit("pre", PRE, Identity("P-17", "20260101", "1.2.8", "1.2.8.1")) == (
        "[pre] t1_post is of another study than dce: check that they belong together.",
    )


def test_one_series_in_two_places_of_a_visit_is_refused():
    with pytest.raises(InputError, match=r"^\[follow_up\] t1_post is the same series as \[follow_up\] dce"):
        check_same_visit("follow_up", FOLLOW_UP, FOLLOW_UP)
