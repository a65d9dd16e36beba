"""Whether two visits can be those of one patient in this order, said in words of the panel."""

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.series import Identity
from PerfusionRatioLib.study.dates import check_dates
from PerfusionRatioLib.study.identity import check_same_patient

from .parameters import VISITS, Parameters, visit_parameters
from .visit_inputs import date_from, date_of


def check_visits(parameters: Parameters, pre: Identity, follow_up: Identity) -> tuple[str, ...]:
    """Hold identities and dates of both visits against each other.

    Returns:
        Sentences on what was met or could not be checked.

    Raises:
        InputError: one series at both visits, two patients, dates that go back or are none.
    """
    if parameters.pre.series is parameters.follow_up.series:
        raise InputError("Both visits have the same dynamic series: choose that of each visit.")
    if differs(pre, follow_up) and not parameters.same_patient:
        raise InputError(
            f"The visits are of different patients ({pre.patient_id} before radiosurgery, {follow_up.patient_id} at "
            "follow-up): choose two visits of one patient, or tick that both IDs are of one."
        )
    dates = [date_of(visit_parameters(parameters, name)) for name in VISITS]
    radiosurgery = date_from(parameters.radiosurgery_date)
    _check_order(*dates)
    _check_radiosurgery(radiosurgery, *dates)
    told = check_dates(*dates, radiosurgery, None, histology=False)
    return (*check_same_patient(pre, follow_up, parameters.same_patient), *told)


def differs(pre: Identity, follow_up: Identity) -> bool:
    """Whether both visits tell a patient, and not the same."""
    ours, theirs = pre.patient_id.strip(), follow_up.patient_id.strip()
    return bool(ours and theirs and ours != theirs)


def _check_radiosurgery(radiosurgery, pre, follow_up) -> None:
    if radiosurgery is None:
        return
    if pre is not None and radiosurgery < pre:
        raise InputError(
            f"Radiosurgery ({radiosurgery}) is earlier than the visit before it ({pre}): choose a scan from before the "
            "treatment, or correct the dates."
        )
    if follow_up is not None and follow_up < radiosurgery:
        raise InputError(
            f"The follow-up ({follow_up}) is earlier than radiosurgery ({radiosurgery}): choose a scan from after the "
            "treatment, or correct the dates."
        )


def _check_order(pre, follow_up) -> None:
    if pre is None or follow_up is None or pre < follow_up:
        return
    if pre == follow_up:
        raise InputError(f"Both visits have the date {pre}: choose the images of each visit, or correct the dates.")
    raise InputError(
        f"The follow-up ({follow_up}) is earlier than the visit before radiosurgery ({pre}): the visits seem to be "
        "swapped. Choose the images of each visit again, or correct the dates."
    )
