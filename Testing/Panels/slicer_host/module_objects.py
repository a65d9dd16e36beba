"""What Slicer makes around the Python classes of a module."""

import slicer

from .mrml_widget import qMRMLWidget


class qSlicerScriptedLoadableModule:
    """The module as the application sees it; its metadata are attributes.

    Args:
        path: the file of the module.
    """

    def __init__(self, path):
        self.path, self.name, self.widget = str(path), path.stem, None
        self.title = self.helpText = self.acknowledgementText = ""
        self.categories, self.dependencies, self.contributors = [], [], []
        self.hidden, self.icon = False, None

    def widgetRepresentation(self):
        """What holds the panel."""
        return self.widget.parent if self.widget is not None else None

    def logic(self):
        """Scripted modules have their logic in their widget."""
        return getattr(self.widget, "logic", None)


class qSlicerScriptedLoadableModuleWidget(qMRMLWidget):
    """The frame of a module's panel."""


slicer.qSlicerScriptedLoadableModule = qSlicerScriptedLoadableModule
slicer.qSlicerScriptedLoadableModuleWidget = qSlicerScriptedLoadableModuleWidget
