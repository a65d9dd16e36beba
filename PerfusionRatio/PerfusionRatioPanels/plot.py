"""A chart shown in a plot view of a panel."""

import slicer

HEIGHT = 260
"""Pixels."""


def show_chart(view, chart, tag: str) -> None:
    """Show ``chart`` (None: nothing) in a qMRMLPlotView, which gets a view node with the singleton tag ``tag``."""
    view.visible = chart is not None
    view.setFixedHeight(HEIGHT)
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
