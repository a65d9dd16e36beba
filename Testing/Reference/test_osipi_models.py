"""Every case of OSIPI's reference tables within its owners' tolerance; the delay is fitted in every voxel."""

import pytest

from Testing.Reference.osipi_cases import model_cases

ROWS = {"tofts": 25, "extended-tofts": 15, "patlak": 9, "2cum": 27, "2cxm": 24}


@pytest.mark.parametrize("delayed", [False, True], ids=["", "delayed"])
@pytest.mark.parametrize("model", ROWS)
def test_every_case_is_within_its_tolerance(reference_data, model, delayed):
    cases = model_cases(reference_data("osipi"), model, delayed)

    assert len({case.label for case in cases}) == ROWS[model]
    assert all(("delay" in {case.quantity for case in cases}) == delayed for case in cases)
    assert {f"{case.label} {case.quantity}": case.worst for case in cases if not case.worst <= 1} == {}
