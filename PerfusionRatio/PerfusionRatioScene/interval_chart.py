"""The ratios of a comparison as a chart: a row for each, its interval, its value, the thresholds."""

from dataclasses import dataclass

import numpy as np
import vtk

from PerfusionRatioLib.comparison.result import Comparison
from PerfusionRatioLib.ratio.measurement import RatioMeasurement
from PerfusionRatioLib.reporting import words
from PerfusionRatioLib.reporting.forest import Axis, axis_for, whisker

from .plots import VISIT_COLOURS, Curve, show_curves

ROWS = "PerfusionRatio.Rows"
"""Attribute of a chart: what its rows are, a line each; the first row is at 0, the next at -1, and so on."""
GREY, PALE = (0.25, 0.25, 0.25), (0.6, 0.6, 0.6)


@dataclass(frozen=True)
class Row:
    """One ratio at one visit: None where it was not measured."""

    lesion: str
    visit: str
    parameter: str
    measured: RatioMeasurement | None

    def label(self, several: bool) -> str:
        """Such as "rKtrans, before", with the lesion where there are several."""
        what = f"{words.ratio_name(self.parameter)}, {words.SHORT_VISITS[self.visit].lower()}"
        return f"{self.lesion}: {what}" if several else what


def show_intervals(scene, comparison: Comparison, chart=None):
    """Every ratio in a row of its own, on one logarithmic axis with the thresholds and the ratio of normal brain.

    Args:
        scene: where the nodes go.
        comparison: of both visits.
        chart: a chart made by this function before, filled anew.

    Returns:
        The vtkMRMLPlotChartNode; its attribute ``ROWS`` names the rows.
    """
    rows = rows_of(comparison)
    thresholds = sorted({comparison.criteria.threshold(name) for name in comparison.criteria.parameters})
    axis = axis_for([row.measured for row in rows if row.measured is not None], thresholds)
    lines = _upright_lines(thresholds, len(rows)) | _measured(rows, axis)
    chart = show_curves(scene, "Ratios and their 95% intervals", "", lines, chart)
    several = len(comparison.lesions) > 1
    chart.SetAttribute(ROWS, "\n".join(row.label(several) for row in rows))
    chart.SetLegendVisibility(False)  # the rows say it
    chart.SetGridVisibility(False)
    chart.SetYAxisRangeAuto(False)
    chart.SetYAxisRange(0.5 - len(rows), 0.5)
    chart.SetXAxisRangeAuto(False)
    chart.SetXAxisRange(axis.low, axis.high)
    told = " and ".join(f"{one:g}" for one in thresholds)
    chart.SetXAxisTitle(f"Ratio to normal brain (dashed: threshold {told})")
    chart.SetXAxisLogScale(True)
    return chart


def rows_named(chart) -> list[str]:
    """What the rows of a vtkMRMLPlotChartNode are; none of a chart that has no rows."""
    return (chart.GetAttribute(ROWS) or "").splitlines()


def name_rows(drawn, rows: list[str]) -> None:
    """Write what the rows are where a vtkChartXY, in which the chart is drawn, has the numbers of its left axis."""
    places, names = vtk.vtkDoubleArray(), vtk.vtkStringArray()
    for number, row in enumerate(rows):
        places.InsertNextValue(-number)
        names.InsertNextValue(row)
    drawn.GetAxis(vtk.vtkAxis.LEFT).SetCustomTickPositions(places, names)


def rows_of(comparison: Comparison) -> list[Row]:
    """The rows from above."""
    return [
        Row(lesion.name, visit, parameter, found.ratios.of(parameter))
        for lesion in comparison.lesions
        for parameter in ("ktrans", "vp")
        for visit, found in lesion.visits
    ]


def _upright_lines(thresholds: list[float], rows: int) -> dict[str, Curve]:
    ends = np.array([0.5 - rows, 0.5])
    lines = {"Normal brain (ratio 1)": Curve(np.ones(2), ends, PALE)}
    for threshold in thresholds:
        lines[f"Threshold {threshold:g}"] = Curve(np.full(2, threshold), ends, GREY, dashed=True)
    return lines


def _measured(rows: list[Row], axis: Axis) -> dict[str, Curve]:
    """A line for each interval, and the ratios of a visit as points; what lies beyond the axis lies at its end."""
    lines: dict[str, Curve] = {}
    points: dict[str, list[tuple[float, float]]] = {}
    for number, row in enumerate(rows):
        drawn = None if row.measured is None else whisker(row.measured, axis)
        if drawn is None:
            continue
        high = axis.high if drawn.open_right else row.measured.ci_high
        ends = np.clip((row.measured.ci_low, high), axis.low, axis.high)
        lines[f"{row.label(several=True)}: interval"] = Curve(ends, np.full(2, -number), VISIT_COLOURS[row.visit])
        if drawn.dot is not None:
            value = min(max(row.measured.ratio, axis.low), axis.high)
            points.setdefault(row.visit, []).append((value, -number))
    for visit, found in points.items():
        name = f"Ratios, {words.VISITS[visit].lower()}"
        lines[name] = Curve(*np.array(found, float).T, VISIT_COLOURS[visit], marker=True)
    return lines
