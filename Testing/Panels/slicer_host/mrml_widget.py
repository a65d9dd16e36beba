"""qMRMLWidget, the top of every panel, and what knows a scene."""

from .fact_class import from_facts
from .qt_module import qt


class SceneWidget(qt.QWidget):
    """A widget that is told the scene."""

    _scene = None

    def _scene_changed(self, scene) -> None:
        """What a widget does when it is told a scene."""

    def _take_scene(self, scene) -> None:
        if scene is not self._scene:
            self._scene = scene
            self._scene_changed(scene)
            if self._is_fact_signal("mrmlSceneChanged(vtkMRMLScene*)"):
                self._emit("mrmlSceneChanged(vtkMRMLScene*)", scene)


@from_facts
class qMRMLWidget(SceneWidget):
    """Hands its scene on to whoever is connected."""

    def setMRMLScene(self, scene) -> None:
        """Set the scene."""
        self._take_scene(scene)

    def mrmlScene(self):
        """The scene."""
        return self._scene


@from_facts
class qSlicerWidget(SceneWidget):
    """As qMRMLWidget, of the application."""

    def setMRMLScene(self, scene) -> None:
        """Set the scene."""
        self._take_scene(scene)
