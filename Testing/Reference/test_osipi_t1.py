"""Every case of OSIPI's reference tables within its owners' tolerance."""

from Testing.Reference.osipi_cases import t1_cases


def test_every_case_is_within_its_tolerance(reference_data):
    cases = t1_cases(reference_data("osipi"))

    assert len(cases) == 221
    assert {f"{case.table}: {case.label}": case.worst for case in cases if not case.worst <= 1} == {}
