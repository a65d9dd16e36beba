"""The panel of the comparison: cut-offs, and the chart of the ratios."""

import numpy as np
import pytest
import vtk
from PySide6 import QtGui

from PerfusionRatioLib.ratio.criteria import PRESETS
from PerfusionRatioScene.plots import VISIT_COLOURS
from Testing.Library.comparison_example import example


@pytest.fixture
def ui(user, panel, host):
    """Of the comparison, unfolded."""
    panel.ui.tryFrame.visible = False
    user.comparison.ui.comparisonButton.collapsed = False
    host.pump()
    return user.comparison.ui


def criteria(panel) -> tuple:
    return panel.parameters.ktrans_threshold, panel.parameters.vp_threshold, panel.parameters.rule


def test_a_published_cut_off_sets_thresholds_and_rule_and_says_where_it_is_from(user, panel, ui):
    assert ui.presetComboBox.toolTip == PRESETS["protocol"].origin
    user.choose(ui.presetComboBox, "Hatzoglou 2016 (rVp 2.1)")
    assert criteria(panel) == (1.5, 2.1, "rvp")
    assert ui.vpThresholdSpinBox.value == 2.1 and ui.ruleComboBox.currentText == "rVp alone"
    assert ui.presetComboBox.toolTip == PRESETS["hatzoglou-vp"].origin


def test_another_threshold_is_no_published_one_and_comes_back_to_it(user, panel, ui):
    user.type_in(ui.ktransThresholdSpinBox, "2")
    assert ui.presetComboBox.currentText == "Set below"
    user.choose(ui.presetComboBox, "This protocol (rKtrans or rVp, 1.5)")
    assert criteria(panel) == (1.5, 1.5, "either")


def test_the_rows_of_the_chart_are_named_and_drawn_in_the_colours_of_the_visits(panel, ui, host):
    from PerfusionRatioPanels.plot import show_chart
    from PerfusionRatioScene.interval_chart import show_intervals

    view = ui.intervalsView
    chart = show_intervals(host.scene, example())
    show_chart(view, chart, "PerfusionRatioIntervals")
    axis = view.chart().GetAxis(vtk.vtkAxis.LEFT)
    names = [axis.GetTickLabels().GetValue(n) for n in range(axis.GetTickLabels().GetNumberOfValues())]
    assert names == ["rKtrans, before", "rKtrans, follow-up", "rVp, before", "rVp, follow-up"]
    assert [axis.GetTickPositions().GetValue(n) for n in range(4)] == [0, -1, -2, -3]
    view.resize(420, view.height)
    rows = {name: rows_of_colour(view, VISIT_COLOURS[name]) for name in ("pre", "follow_up")}
    assert rows["pre"][0] < rows["follow_up"][0] < rows["pre"][-1] < rows["follow_up"][-1]


def rows_of_colour(view, colour) -> np.ndarray:
    """Which rows of pixels hold a colour, from above."""
    image = view.grab().toImage().convertToFormat(QtGui.QImage.Format.Format_RGB888)
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = lines[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)
    near = np.abs(pixels - 255 * np.array(colour)).max(axis=-1) < 30
    return np.flatnonzero(near.any(axis=1))
