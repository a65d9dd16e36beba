"""A chart shown in a plot view of a panel."""

import slicer

from PerfusionRatioScene.interval_chart import name_rows, rows_named

HEIGHT = 260
"""Pixels, of a chart of curves."""
ROW_HEIGHT, ROOM = 24, 90
"""Pixels of each row of a chart of rows, and of its title and axis."""


def show_chart(view, chart, tag: str) -> None:
    """Show ``chart`` (None: nothing) in a qMRMLPlotView, which gets a view node with the singleton tag ``tag``."""
    view.visible = chart is not None
    rows = rows_named(chart) if chart is not None else []
    view.setFixedHeight(ROOM + ROW_HEIGHT * len(rows) if rows else HEIGHT)
    if chart is None:
        return
    scene = chart.GetScene()
    node = scene.GetSingletonNode(tag, "vtkMRMLPlotViewNode")
    if node is None:
        node = slicer.vtkMRMLPlotViewNode()
        node.SetSingletonTag(tag)
        node.SetLayoutName(tag)
        node = scene.AddNode(node)
    node.SetDoPropagatePlotChartSelection(False)  # or every chart that is chosen elsewhere would be shown here
    if node.GetPlotChartNodeID() != chart.GetID():
        node.SetPlotChartNodeID(chart.GetID())
    view.setMRMLPlotViewNode(node)
    if rows:
        name_rows(view.chart(), rows)
