"""``slicer.app``."""

from pathlib import Path
from types import SimpleNamespace

import slicer

from .calling import call
from .errors import StrictError
from .facts import normal, signatures
from .qt_module import application, qt


class SlicerApplication:
    """What code asks of the application.

    Args:
        scene_host: the scene and its logics.
        layout_manager: of the views.
    """

    applicationName = "Slicer"
    majorVersion, minorVersion = 5, 13
    revision = "0"

    def __init__(self, scene_host, layout_manager):
        self._host, self._layouts = scene_host, layout_manager
        self._slots: dict = {}
        self._modules = _ModuleManager()
        self.temporaryPath = str(scene_host.folder)
        self.cachePath = str(scene_host.folder / "cache")
        self._settings = qt.QSettings(str(scene_host.folder / "Slicer.ini"), qt.QSettings.Format.IniFormat)

    def __getattr__(self, name: str):
        raise StrictError(f"slicer.app.{name} does not exist in Slicer, or the test host does not have it.")

    def connect(self, signal: str, slot) -> bool:
        """Connect a signal of the application, such as ``startupCompleted()``."""
        signature = normal(signal)
        if signature not in signatures("qSlicerApplication", "signals"):
            raise AttributeError(f"slicer.app has no signal {signature}.")
        self._slots.setdefault(signature, []).append(slot)
        return True

    def disconnect(self, signal: str, slot) -> bool:
        """Undo ``connect``."""
        listed = self._slots.get(normal(signal), [])
        if slot in listed:
            listed.remove(slot)
            return True
        return False

    def emit(self, signal: str, *values) -> None:
        """For the host: emit a signal."""
        for slot in list(self._slots.get(signal, [])):
            call(slot, values)

    def processEvents(self) -> None:
        """Let Qt do what waits."""
        application().processEvents()

    def applicationLogic(self):
        """The vtkSlicerApplicationLogic."""
        return self._host.application

    def mrmlScene(self):
        """The scene."""
        return self._host.scene

    def layoutManager(self):
        """The layout and its views."""
        return self._layouts

    def moduleManager(self):
        """Who knows the modules."""
        return self._modules

    def moduleLogic(self, name: str):
        """The logic of a module."""
        return self._modules.module(name).logic()

    def coreIOManager(self):
        """Who writes files."""
        return _Files(self._host)

    ioManager = coreIOManager

    def settings(self):
        """Settings, in a file of the test."""
        return self._settings

    userSettings = revisionUserSettings = settings

    def testingEnabled(self) -> bool:
        """A run of tests: nothing waits for a user."""
        return True

    def topLevelWidgets(self) -> list:
        """There is no main window."""
        return []

    def pauseRender(self) -> None:
        """Nothing is rendered."""

    resumeRender = pauseRender

    def setOverrideCursor(self, cursor) -> None:
        """Another cursor."""
        application().setOverrideCursor(cursor)

    def restoreOverrideCursor(self) -> None:
        """The usual cursor."""
        application().restoreOverrideCursor()

    def moduleDocumentationUrl(self, name: str) -> str:
        """Where a module's documentation is."""
        return f"https://slicer.readthedocs.io/modules/{name.lower()}"


class _ModuleManager:
    """Modules are what ``slicer.modules`` has."""

    def module(self, name: str):
        return getattr(slicer.modules, name.lower(), None)

    def connect(self, signal: str, slot) -> bool:
        """Modules are not unloaded."""
        return True

    disconnect = connect

    def factoryManager(self):
        return SimpleNamespace(loadedModuleNames=lambda: tuple(vars(slicer.modules)))


class _Files:
    """Writing of scenes (.mrb) and of single nodes."""

    def __init__(self, scene_host):
        self._host = scene_host

    def fileWriterFileType(self, node) -> str:
        return "NodeFile"

    def saveNodes(self, kind: str, properties: dict, messages) -> bool:
        path = properties["fileName"]
        if kind == "SceneFile":
            assert path.endswith(".mrb"), "The test host saves scenes as .mrb."
            self._host.save(Path(path))
            return True
        node = self._host.scene.GetNodeByID(properties["nodeID"])
        node.AddDefaultStorageNode()
        node.GetStorageNode().SetFileName(path)
        return bool(node.GetStorageNode().WriteData(node))
