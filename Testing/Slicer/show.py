"""Open the module in a Slicer that was started with this script, and load a digital patient."""

import slicer

slicer.util.selectModule("PerfusionRatio")
slicer.modules.PerfusionRatioWidget.panel.try_it()
