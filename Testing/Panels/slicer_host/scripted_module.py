"""``slicer.ScriptedLoadableModule``: the four classes that a scripted module is made of."""

import types
import unittest
from pathlib import Path

import slicer

from .qt_module import qt


class ScriptedLoadableModule:
    """What Slicer knows of a module; ``parent`` has its metadata."""

    def __init__(self, parent):
        super().__init__()
        self.parent = parent
        self.moduleName = type(self).__name__
        parent.title, parent.helpText, parent.acknowledgementText = "", "", ""
        parent.categories, parent.dependencies, parent.contributors = [], [], []

    def resourcePath(self, filename: str) -> str:
        """The path of a file in the folder Resources."""
        return str(Path(self.parent.path).parent / "Resources" / filename)

    def getDefaultModuleDocumentationLink(self, docPage=None) -> str:
        """A link to the documentation, as HTML."""
        return f'<p>See <a href="{docPage or self.moduleName}">the documentation</a>.</p>'


class ScriptedLoadableModuleWidget:
    """The panel of a module; without a parent it makes one, and sets itself up."""

    def __init__(self, parent=None):
        super().__init__()
        self.moduleName = type(self).__name__.removesuffix("Widget")
        self.developerMode = False
        self.parent = parent or self._own_parent()
        self.layout = self.parent.layout()
        if parent is None:
            self.setup()
            self.parent.show()

    def _own_parent(self):
        made = slicer.qMRMLWidget()
        made.setLayout(qt.QVBoxLayout())
        made.setMRMLScene(slicer.mrmlScene)
        return made

    def resourcePath(self, filename: str) -> str:
        """The path of a file in the folder Resources."""
        return str(Path(slicer.util.modulePath(self.moduleName)).parent / "Resources" / filename)

    def setup(self) -> None:
        """Make the widgets."""

    def cleanup(self) -> None:
        """Slicer closes."""

    def onReload(self) -> None:
        """Slicer then loads the file of the module again."""


class ScriptedLoadableModuleLogic:
    """Where the parameter node of a module comes from."""

    def __init__(self, parent=None):
        super().__init__()
        self.moduleName = type(self).__name__.removesuffix("Logic")
        self.isSingletonParameterNode = True

    def getParameterNode(self):
        """The one vtkMRMLScriptedModuleNode of the module, made when there is none."""
        if self.isSingletonParameterNode:
            node = slicer.mrmlScene.GetSingletonNode(self.moduleName, "vtkMRMLScriptedModuleNode")
        else:
            node = next(iter(self.getAllParameterNodes()), None)
        if node is None:
            return slicer.mrmlScene.AddNode(self.createParameterNode())
        node.SetAttribute("ModuleName", self.moduleName)
        return node

    def getAllParameterNodes(self) -> list:
        """All of the module."""
        nodes = slicer.util.getNodesByClass("vtkMRMLScriptedModuleNode")
        return [one for one in nodes if one.GetAttribute("ModuleName") == self.moduleName]

    def createParameterNode(self):
        """A new one, not in the scene yet."""
        node = slicer.mrmlScene.CreateNodeByClass("vtkMRMLScriptedModuleNode")
        node.UnRegister(None)
        if self.isSingletonParameterNode:
            node.SetSingletonTag(self.moduleName)
        node.SetModuleName(self.moduleName)
        node.SetAttribute("ModuleName", self.moduleName)
        node.SetName(slicer.mrmlScene.GenerateUniqueName(self.moduleName))
        return node


class ScriptedLoadableModuleTest(unittest.TestCase):
    """A self test of a module."""

    def __init__(self, *given):
        super().__init__(*(given or ("runTest",)))
        self.messageDelay = 0

    def setUp(self) -> None:
        """An empty scene."""
        slicer.mrmlScene.Clear(0)

    def runTest(self) -> None:
        """What a module overrides."""

    def delayDisplay(self, message, requestedDelay=None, msec=None) -> None:
        """Tell how far the test is."""
        slicer.app.processEvents()


def module() -> types.ModuleType:
    """What ``slicer.ScriptedLoadableModule`` is."""
    made = types.ModuleType("slicer.ScriptedLoadableModule", __doc__)
    kinds = (
        ScriptedLoadableModule,
        ScriptedLoadableModuleWidget,
        ScriptedLoadableModuleLogic,
        ScriptedLoadableModuleTest,
    )
    for one in kinds:
        setattr(made, one.__name__, one)
    made.__all__ = [one.__name__ for one in kinds]
    return made
