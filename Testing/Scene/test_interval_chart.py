"""The chart of the ratios: a row for each, its interval, its value, the thresholds."""

from dataclasses import replace

import numpy as np
import pytest
import slicer

from PerfusionRatioLib.phantom.lesions import Lesion
from PerfusionRatioLib.ratio.criteria import Criteria
from PerfusionRatioScene.interval_chart import ROWS, show_intervals
from Testing.Library.comparison_example import example, near_zero

TWO = {
    "pre": (Lesion(volume=4.0), Lesion(site="left frontal", volume=5.0)),
    "follow_up": (Lesion(volume=8.0, core=0.3, seed=1), Lesion(site="left frontal", volume=5.0)),
}


@pytest.fixture(scope="module")
def comparison():
    return example()


def lines(chart) -> dict[str, tuple[np.ndarray, np.ndarray, object]]:
    """Ratios, heights and the series, by the names of the lines."""
    found = {}
    for number in range(chart.GetNumberOfPlotSeriesNodes()):
        series = chart.GetNthPlotSeriesNode(number)
        columns = (series.GetXColumnName(), series.GetYColumnName())
        found[series.GetName()] = (
            *(slicer.util.arrayFromTableColumn(series.GetTableNode(), column) for column in columns),
            series,
        )
    return found


def test_every_ratio_has_a_row_with_its_interval_and_its_value(scene, comparison):
    chart = show_intervals(scene, comparison)
    rows = chart.GetAttribute(ROWS).splitlines()
    assert rows == ["rKtrans, before", "rKtrans, follow-up", "rVp, before", "rVp, follow-up"]
    (lesion,) = comparison.lesions
    found = lines(chart)
    for visit, told, heights in (("pre", "before", (0, -2)), ("follow_up", "follow-up", (-1, -3))):
        measured = [dict(lesion.visits)[visit].ratios.of(name) for name in ("ktrans", "vp")]
        for item, name, height in zip(measured, ("rKtrans", "rVp"), heights, strict=True):
            ends, place, _ = found[f"{lesion.name}: {name}, {told}: interval"]
            np.testing.assert_allclose(ends, (item.ci_low, item.ci_high), rtol=1e-9)
            assert (place == height).all()
        values, places, series = found[f"Ratios, {told if visit == 'follow_up' else 'before radiosurgery'}"]
        np.testing.assert_allclose(values, [item.ratio for item in measured], rtol=1e-9)
        assert tuple(places) == heights
        assert (series.GetLineStyle(), series.GetMarkerStyle()) == (series.LineStyleNone, series.MarkerStyleCircle)


def test_the_thresholds_and_normal_brain_stand_across_all_rows(scene, comparison):
    chart = show_intervals(scene, replace(comparison, criteria=Criteria(3.6, 2.1)))
    found = lines(chart)
    for name, ratio in (("Threshold 3.6", 3.6), ("Threshold 2.1", 2.1), ("Normal brain (ratio 1)", 1.0)):
        ratios, heights, _ = found[name]
        assert (ratios == ratio).all() and tuple(heights) == tuple(chart.GetYAxisRange())
    assert "2.1 and 3.6" in chart.GetXAxisTitle()
    low, high = chart.GetXAxisRange()
    assert low < 1 < 3.6 < high


def test_a_threshold_that_the_rule_does_not_look_at_is_left_out(scene, comparison):
    chart = show_intervals(scene, replace(comparison, criteria=Criteria(3.6, 2.1, "rvp")))
    assert "Threshold 2.1" in lines(chart) and "Threshold 3.6" not in lines(chart)


def test_a_ratio_without_an_upper_limit_reaches_the_end_of_the_axis_and_has_no_value(scene):
    def changed(visit, ratios):
        items = [near_zero(item) if item.parameter == "ktrans" else item for item in ratios.measurements]
        return replace(ratios, measurements=tuple(items))

    chart = show_intervals(scene, example(changed=changed))
    found = lines(chart)
    ends, _, _ = found["right frontal: rKtrans, before: interval"]
    np.testing.assert_allclose(ends, (4.1234, chart.GetXAxisRange()[1]), rtol=1e-9)
    assert tuple(found["Ratios, before radiosurgery"][1]) == (-2,)  # that of vp alone


def test_a_ratio_that_was_not_measured_leaves_its_row_empty(scene):
    def changed(visit, ratios):
        kept = [item for item in ratios.measurements if (visit, item.parameter) != ("pre", "vp")]
        return replace(ratios, measurements=tuple(kept))

    chart = show_intervals(scene, example(changed=changed))
    assert len(chart.GetAttribute(ROWS).splitlines()) == 4
    assert "right frontal: rVp, before: interval" not in lines(chart)


def test_rows_of_several_lesions_name_them_and_nothing_is_left_of_them(scene, comparison):
    two = example(("right frontal", "left frontal"), TWO)
    chart = show_intervals(scene, two)
    assert chart.GetAttribute(ROWS).splitlines()[4] == "left frontal: rKtrans, before"
    assert show_intervals(scene, comparison, chart) is chart
    assert len(chart.GetAttribute(ROWS).splitlines()) == 4
    assert not [name for name in lines(chart) if "left frontal" in name]
    assert scene.GetNumberOfNodesByClass("vtkMRMLPlotSeriesNode") == chart.GetNumberOfPlotSeriesNodes()


def test_the_rows_survive_the_scene(host, comparison, tmp_path):
    chart = show_intervals(host.scene, comparison)
    rows, name = chart.GetAttribute(ROWS), chart.GetName()
    host.save(tmp_path / "scene.mrb")
    host.reopen(tmp_path / "scene.mrb")
    assert host.scene.GetFirstNodeByName(name).GetAttribute(ROWS) == rows
