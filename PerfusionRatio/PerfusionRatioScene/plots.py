"""Curves as MRML plots: a table, a series and a chart each."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .tables import set_curves

TIME = "time_s"
"""The column of the times."""


@dataclass(frozen=True)
class Curve:
    """One line of a chart: times in seconds and values, both shaped (t,), and a colour from 0 to 1.

    It may be dashed, or be points without a line.
    """

    times: np.ndarray
    values: np.ndarray
    colour: tuple[float, float, float]
    dashed: bool = False
    marker: bool = False


VISIT_COLOURS = {"pre": (0.12, 0.47, 0.71), "follow_up": (0.85, 0.37, 0.01)}
"""Blue and orange: apart for every kind of sight."""


def show_curves(scene, name: str, axis: str, curves: Mapping[str, Curve], chart=None):
    """A chart of ``curves``, by the names of their lines; ``chart`` is filled anew where it is given.

    Args:
        scene: where the nodes go.
        name: of the chart.
        axis: what the values are, with their unit.
        curves: lines.
        chart: a vtkMRMLPlotChartNode made by this function before.

    Returns:
        The vtkMRMLPlotChartNode.
    """
    chart = chart or scene.AddNewNodeByClass("vtkMRMLPlotChartNode", name)
    series = {node.GetName(): node for node in _series_of(chart)}
    for line, node in series.items():
        if line not in curves:
            _remove(scene, chart, node)
    for line, curve in curves.items():
        _show_line(series.get(line) or _new_line(scene, chart, line), curve)
    chart.SetTitle(name)
    chart.SetXAxisTitle("Time (s)")
    chart.SetYAxisTitle(axis)
    chart.SetLegendVisibility(len(curves) > 1)
    return chart


def _series_of(chart) -> list:
    return [chart.GetNthPlotSeriesNode(n) for n in range(chart.GetNumberOfPlotSeriesNodes())]


def _new_line(scene, chart, name: str):
    node = scene.AddNewNodeByClass("vtkMRMLPlotSeriesNode", name)
    table = scene.AddNewNodeByClass("vtkMRMLTableNode", f"{chart.GetName()}, {name}")
    node.SetAndObserveTableNodeID(table.GetID())
    node.SetPlotType(node.PlotTypeScatter)
    node.SetXColumnName(TIME)
    node.SetYColumnName("value")
    node.SetLineWidth(2)
    chart.AddAndObservePlotSeriesNodeID(node.GetID())
    return node


def _show_line(node, curve: Curve) -> None:
    set_curves(node.GetTableNode(), **{TIME: curve.times, "value": curve.values})
    node.SetColor(*curve.colour)
    line = node.LineStyleDash if curve.dashed else node.LineStyleSolid
    node.SetLineStyle(node.LineStyleNone if curve.marker else line)
    node.SetMarkerStyle(node.MarkerStyleCircle if curve.marker else node.MarkerStyleNone)


def _remove(scene, chart, node) -> None:
    chart.RemovePlotSeriesNodeID(node.GetID())
    scene.RemoveNode(node.GetTableNode())
    scene.RemoveNode(node)
