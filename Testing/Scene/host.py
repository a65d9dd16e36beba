"""A scene with the logics that surround it in Slicer, without the application: what the tests of MRML code run in."""

from pathlib import Path
from types import SimpleNamespace

import slicer
import vtk

LOGICS = {
    "volumes": slicer.vtkSlicerVolumesLogic,
    "subjecthierarchy": slicer.vtkSlicerSubjectHierarchyModuleLogic,
    "segmentations": slicer.vtkSlicerSegmentationsModuleLogic,
    "tables": slicer.vtkSlicerTablesLogic,
    "plots": slicer.vtkSlicerPlotsLogic,
    "sequences": slicer.vtkSlicerSequencesLogic,
}
"""By the name of the module; colours are set up with the application's own logic."""


class SceneHost:
    """A scene, the application's logic and those of modules, wired as the application does it.

    ``slicer.mrmlScene`` and ``slicer.modules`` are set, as code in Slicer expects; the last host made owns them.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        output = vtk.vtkOutputWindow()
        output.SetDisplayModeToAlwaysStdErr()
        vtk.vtkOutputWindow.SetInstance(output)
        self.scene = slicer.vtkMRMLScene()
        self.scene.SetRootDirectory(str(folder))
        crosshair = slicer.vtkMRMLCrosshairNode()
        crosshair.SetCrosshairName("default")
        self.scene.AddNode(crosshair)
        self.application = slicer.vtkSlicerApplicationLogic()
        self.application.SetTemporaryPath(str(folder))
        self.colours = slicer.vtkSlicerColorLogic()
        self.application.SetColorLogic(self.colours)
        self.application.SetMRMLScene(self.scene)
        self._attach(self.colours)
        self.application.SetSliceLogics(vtk.vtkCollection())
        self.application.SetViewLogics(vtk.vtkCollection())
        self._file_access()
        self.logics = {"colors": self.colours}
        for name, kind in LOGICS.items():
            self.logics[name] = kind()
            self._attach(self.logics[name])
        for name, logic in self.logics.items():
            self.application.SetModuleLogic(name.capitalize(), logic)
        slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(self.scene, True)
        slicer.mrmlScene = self.scene
        modules = {name: SimpleNamespace(logic=lambda logic=logic: logic) for name, logic in self.logics.items()}
        slicer.modules = SimpleNamespace(**modules)

    def _attach(self, logic) -> None:
        logic.SetMRMLApplicationLogic(self.application)
        logic.SetMRMLScene(self.scene)

    def _file_access(self) -> None:
        """What a scene needs to read a bundle: a cache folder, and the logic that moves files."""
        self._remote = slicer.vtkMRMLRemoteIOLogic()
        self._attach(self._remote)
        cache = self.folder / "cache"
        cache.mkdir(exist_ok=True)
        (cache / ".slicer-cache").touch()
        self._remote.GetCacheManager().SetRemoteCacheDirectory(str(cache))
        self._data = slicer.vtkDataIOManagerLogic()
        self._attach(self._data)
        self._data.SetAndObserveDataIOManager(self._remote.GetDataIOManager())
        self._remote.AddDataIOToScene()

    def save(self, path: Path) -> None:
        """Write the scene as a bundle, as the application's save dialog does."""
        nodes = self.scene.GetNodesByClass("vtkMRMLStorableNode")
        nodes.UnRegister(None)
        for number in range(nodes.GetNumberOfItems()):
            node = nodes.GetItemAsObject(number)
            if node.GetSaveWithScene() and not node.GetHideFromEditors():
                node.AddDefaultStorageNode()
        messages = slicer.vtkMRMLMessageCollection()
        assert self.scene.WriteToMRB(str(path), None, messages), messages.GetAllMessagesAsString()

    def reopen(self, path: Path) -> None:
        """Close the scene and read a bundle."""
        self.scene.Clear(False)
        messages = slicer.vtkMRMLMessageCollection()
        assert self.scene.ReadFromMRB(str(path), True, messages), messages.GetAllMessagesAsString()

    def close(self) -> None:
        """Empty the scene."""
        self.scene.Clear(True)
