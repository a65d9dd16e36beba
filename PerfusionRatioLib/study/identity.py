"""Whether images are of one patient, of one visit, and of two visits where two are meant."""

from ..errors import InputError
from ..series import Identity


def check_same_patient(pre: Identity, follow_up: Identity, declared: bool = False) -> tuple[str, ...]:
    """Refuse two visits of different patients, and one series for both visits.

    Args:
        pre: of the series before radiosurgery.
        follow_up: of the series at follow-up.
        declared: the user says that it is one patient, though the patient IDs differ.

    Returns:
        Sentences on what was met or could not be checked. They hold no patient ID: they are written into reports.

    Raises:
        InputError: different patient IDs that were not declared to be one patient's, or the very same series.
    """
    check_different_series(pre, follow_up, "dynamic series")
    notes = []
    ours, theirs = pre.patient_id.strip(), follow_up.patient_id.strip()
    if not (ours and theirs):
        which = "either visit" if not (ours or theirs) else "the follow-up" if ours else "the visit before radiosurgery"
        notes.append(f"Not checked that both visits are of one patient: the files of {which} have no patient ID.")
    elif ours != theirs:
        if not declared:
            raise InputError(
                f"The visits are of different patients ({ours} before radiosurgery, {theirs} at follow-up): name two "
                "visits of one patient, or set same_patient = true in [patient] when both IDs are of one."
            )
        notes.append("The patient IDs of the visits differ; they were declared to be of one patient.")
    if pre.study_uid and pre.study_uid == follow_up.study_uid:
        notes.append("Both visits carry the same study UID: check that they are two examinations.")
    return tuple(notes)


def check_different_series(pre: Identity, follow_up: Identity, what: str) -> None:
    """Refuse one series in the place of two.

    Args:
        pre: before radiosurgery.
        follow_up: at follow-up.
        what: the image is, such as "post-contrast T1".

    Raises:
        InputError: both are the same series.
    """
    if pre.series_uid and pre.series_uid == follow_up.series_uid:
        raise InputError(
            f"The {what} of both visits is the very same series: name that of the other visit in [pre] or [follow_up]."
        )


def check_same_visit(visit: str, dce: Identity, t1_post: Identity, declared: bool = False) -> tuple[str, ...]:
    """Refuse a post-contrast T1 of another patient than the dynamic series of its visit.

    Args:
        visit: its name, "pre" or "follow_up".
        dce: of the dynamic series.
        t1_post: of the post-contrast T1.
        declared: the user says that it is one patient, though the patient IDs differ.

    Returns:
        Sentences on what was met, without patient IDs.

    Raises:
        InputError: different patient IDs that were not declared to be one patient's, or one series for both.
    """
    if dce.series_uid and dce.series_uid == t1_post.series_uid:
        raise InputError(f"[{visit}] t1_post is the same series as [{visit}] dce: name the post-contrast T1, or none.")
    ours, theirs = dce.patient_id.strip(), t1_post.patient_id.strip()
    notes = []
    if ours and theirs and ours != theirs:
        if not declared:
            raise InputError(
                f"[{visit}] t1_post is of another patient ({theirs}) than [{visit}] dce ({ours}): name images of one "
                "patient, or set same_patient = true in [patient] when both IDs are of one."
            )
        notes.append(f"The patient IDs of [{visit}] t1_post and dce differ; they were declared to be of one patient.")
    days = [identity.study_date.strip() for identity in (dce, t1_post)]
    if all(days) and days[0] != days[1]:
        notes.append(f"[{visit}] t1_post has the study date {days[1]}, dce {days[0]}: check that they belong together.")
    elif dce.study_uid and t1_post.study_uid and dce.study_uid != t1_post.study_uid:
        notes.append(f"[{visit}] t1_post is of another study than dce: check that they belong together.")
    return tuple(notes)
