"""Lesions from which contrast agent returns within a minute, where a straight line knows nothing of their Ktrans."""

import pytest

from PerfusionRatioLib.ratio.measure import measure_ratios
from Testing.Library.ratio_example import NORMAL, PLASMA, example

TISSUES = [
    pytest.param({"ktrans": 0.3, "ve": 0.2, "vp": 0.05}, id="leaks a lot"),
    pytest.param({"ktrans": 0.08, "ve": 0.06, "vp": 0.02}, id="little room"),
]


@pytest.mark.parametrize("noise", [0.003, 0.03])
@pytest.mark.parametrize("lesion", TISSUES)
def test_ktrans_is_found_where_what_leaked_returns_within_a_minute(lesion, noise):
    case = example(lesion, noise=noise)
    found = measure_ratios(case.prepared, PLASMA, case.lesion, case.reference).of("ktrans")

    assert found.lesion_value == pytest.approx(lesion["ktrans"], rel=0.05)
    assert found.ci_low < 1.02 * lesion["ktrans"] / NORMAL["ktrans"]
    assert found.ci_high > lesion["ktrans"] / NORMAL["ktrans"]


def test_ktrans_of_a_faint_lesion_is_not_too_low_in_noise():
    """Most voxels are not sure on their own; their mean curve tells kep for all."""
    lesion = {"ktrans": 0.01, "ve": 0.05, "vp": 0.02}
    case = example(lesion, noise=0.02)
    found = measure_ratios(case.prepared, PLASMA, case.lesion, case.reference).of("ktrans")

    assert found.lesion_value == pytest.approx(lesion["ktrans"], rel=0.2)
