"""Parameter maps as they are seen over the anatomy: colours, range, and a legend with units."""

import numpy as np
import slicer

from .colours import colour_node

TITLES = {"ktrans": "Ktrans (1/min)", "vp": "vp (fraction)", "ve": "ve (fraction)", "kep": "kep (1/min)"}
RAMP_OF = {"ktrans": "ktrans", "kep": "ktrans", "vp": "vp", "ve": "vp"}
LEGEND_SIZE, LEGEND_PLACE = (0.08, 0.25), (0.98, 0.04)
"""Shares of a view: in its lower right corner, clear of the head."""
LEGEND_FONT = 12
"""Points."""
ROOM_BELOW = 1e-6
"""Maps begin at 0: below that there is no value, and nothing is drawn."""


def show_as_map(node, parameter: str, top: float) -> None:
    """Show a volume node as a map of ``parameter`` from 0 to ``top``; voxels without a value are transparent."""
    display = node.GetDisplayNode()
    with slicer.util.NodeModify(display):
        display.SetAndObserveColorNodeID(colour_node(node.GetScene(), RAMP_OF[parameter]).GetID())
        display.AutoWindowLevelOff()
        display.SetWindowLevelMinMax(0.0, top)
        display.AutoThresholdOff()
        display.SetThreshold(-ROOM_BELOW, 1e9)
        display.ApplyThresholdOn()
        display.InterpolateOff()  # between a voxel with a value and one without there is no third
    _legend(node, parameter, top)


def _legend(node, parameter: str, top: float) -> None:
    logic = slicer.modules.colors.logic()
    legend = logic.GetColorLegendDisplayNode(node) or logic.AddDefaultColorLegendDisplayNode(node)
    legend.SetTitleText(TITLES[parameter])
    digits = next(n for n in range(1, 7) if np.isclose(round(top / 2, n), top / 2) or n == 6)
    legend.SetLabelFormat(f"%.{digits}f")
    legend.SetNumberOfLabels(3)
    legend.GetTitleTextProperty().SetFontSize(LEGEND_FONT)
    legend.GetLabelTextProperty().SetFontSize(LEGEND_FONT)
    legend.SetSize(*LEGEND_SIZE)
    legend.SetPosition(*LEGEND_PLACE)
