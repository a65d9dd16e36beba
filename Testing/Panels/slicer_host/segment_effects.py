"""Effects of the Segment Editor that are written in Python."""

import importlib.util
import sys
import types
from pathlib import Path

import slicer
from PySide6 import QtCore

from .calling import call
from .effect_parts import EffectEditing
from .fact_class import from_facts
from .qt_module import qt

EFFECTS: list = []
"""Those that are registered, in the host that was made last."""


@from_facts
class qSlicerSegmentEditorEffectFactory(qt.QObject):
    """Knows all effects, and tells when there is another."""

    _only: list = []

    @classmethod
    def instance(cls):
        """The one factory."""
        if not cls._only:
            cls._only.append(cls())
        return cls._only[0]

    def registerEffect(self, effect) -> bool:
        """Add an effect, unless there is one of its name."""
        if effect.name in [one.name for one in EFFECTS]:
            return False
        EFFECTS.append(effect)
        self._emit("effectRegistered(QString)", effect.name)
        return True

    def registeredEffects(self) -> tuple:
        """All."""
        return tuple(EFFECTS)


@from_facts
class qSlicerSegmentEditorAbstractEffect(qt.QObject):
    """Has the names of the ways in which a labelmap changes a segment."""


@from_facts
class qSlicerSegmentEditorScriptedEffect(EffectEditing):
    """Hands what the editor asks on to an object of a Python file."""

    _DEFAULTS = {"perSegment": True, "requireSegments": True}
    _source = ""
    _object = None

    def __init__(self, parent=None):
        super().__init__(parent)
        self._logic = slicer.vtkSlicerSegmentEditorLogic()
        self._logic.SetMRMLApplicationLogic(slicer.app.applicationLogic())
        self._logic.SetMRMLScene(slicer.mrmlScene)

    def setPythonSource(self, path: str) -> bool:
        """Take the class that is named as its file."""
        self._source = path
        self._object = getattr(_loaded(Path(path)), Path(path).stem)(self)
        return True

    def pythonSource(self) -> str:
        """The path of the file."""
        return self._source

    def self(self):
        """The Python object."""
        return self._object

    def _python(self, name: str, *given):
        """Call a method of the Python object, if it has it."""
        method = getattr(self._object, name, None)
        if method is not None:
            return call(method, given)
        return None

    def _clone(self):
        """Another one for another editor, as the object makes it."""
        return self._object.clone() if self._object is not None else None

    def helpText(self) -> str:
        """What the effect does."""
        return self._object.helpText() if self._object is not None else ""

    def updateGUIFromMRML(self) -> None:
        """Show the parameters."""
        self._python("updateGUIFromMRML")

    def updateMRMLFromGUI(self) -> None:
        """Keep the parameters."""
        self._python("updateMRMLFromGUI")

    def cleanup(self) -> None:
        """Before it is deleted."""
        self._python("cleanup")

    def _get_title(self) -> str:
        return (self._values or {}).get("title") or self.name


def _loaded(path: Path) -> types.ModuleType:
    name = f"SegmentEditorEffects.{path.parent.name}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    sys.modules[name] = made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


class AbstractScriptedSegmentEditorEffect:
    """What an effect in Python comes from."""

    def __init__(self, scriptedEffect):
        self.scriptedEffect = scriptedEffect

    def register(self) -> None:
        """Make the effect known to the editors."""
        qSlicerSegmentEditorEffectFactory.instance().registerEffect(self.scriptedEffect)

    def cleanup(self) -> None:
        """Before the effect is deleted."""

    def xyToRas(self, xy, viewWidget) -> list[float]:
        """A position on a slice as a position of the patient."""
        place = self.scriptedEffect.xyToRas(QtCore.QPoint(int(xy[0]), int(xy[1])), viewWidget)
        return [place.x(), place.y(), place.z()]


def modules() -> dict[str, types.ModuleType]:
    """What effects import."""
    base = types.ModuleType("SegmentEditorEffects", __doc__)
    base.AbstractScriptedSegmentEditorEffect = AbstractScriptedSegmentEditorEffect
    wrapped = types.ModuleType("qSlicerSegmentationsEditorEffectsPythonQt", __doc__)
    wrapped.qSlicerSegmentEditorScriptedEffect = qSlicerSegmentEditorScriptedEffect
    wrapped.qSlicerSegmentEditorEffectFactory = qSlicerSegmentEditorEffectFactory
    return {one.__name__: one for one in (base, wrapped)}
