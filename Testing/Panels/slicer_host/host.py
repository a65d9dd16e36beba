"""The host: a scene, an application and the modules ``qt`` and ``ctk``, in which a module of ours can live."""

import contextlib
import importlib.util
import sys
import time
import traceback
from pathlib import Path
from types import ModuleType, SimpleNamespace

import slicer
import slicer.util
from PySide6 import QtCore, QtWidgets

from . import dialogs, observing, parameter_nodes, scripted_module, segment_effects, translation
from .fact_class import CLASSES
from .qt_module import application, qt
from .slicer_application import SlicerApplication
from .ui_loader import LOADED, QUiLoader
from .views import qSlicerLayoutManager

SCENE_HOST = Path(__file__).parents[2] / "Scene" / "host.py"
MORE_LOGICS = {"markups": "vtkSlicerMarkupsLogic", "colors": "vtkSlicerColorLogic"}


def _scene_host_class():
    """``SceneHost`` of the tests in Testing/Scene; by its path, as ``host`` is a common name."""
    name = "perfusion_ratio_scene_host"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, SCENE_HOST)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name].SceneHost


class Host:
    """One run of the application.

    Attributes:
        scene: the vtkMRMLScene, also ``slicer.mrmlScene``.
        answers: what dialogs of files are answered with (``answers.paths``), and what was asked (``answers.asked``).
        messages: what message boxes have said: pairs of kind and text.
        errors: what slots and observers have raised, as text; the fixture fails on any that a test has not taken out.
    """

    def __init__(self, folder: Path):
        application()
        self.folder = folder
        self.answers, self.messages, self.errors = dialogs.Answers(), [], []
        dialogs.ANSWERS.paths, dialogs.ANSWERS.asked = self.answers.paths, self.answers.asked
        segment_effects.EFFECTS.clear()
        self._scene_host = _scene_host_class()(folder)
        self.scene = self._scene_host.scene
        self._add_markups()
        layouts = qSlicerLayoutManager()
        self.application = slicer.app = SlicerApplication(self._scene_host, layouts)
        layouts.setMRMLScene(self.scene)
        self._record_messages()
        self._hook, sys.excepthook = sys.excepthook, self._record_error

    def _add_markups(self) -> None:
        logic = slicer.vtkSlicerMarkupsLogic()
        logic.SetMRMLApplicationLogic(self._scene_host.application)
        logic.SetMRMLScene(self.scene)
        self._scene_host.application.SetModuleLogic("Markups", logic)
        slicer.modules.markups = SimpleNamespace(logic=lambda: logic)

    # the module

    def load_module(self, path: Path):
        """Load the file of a scripted module as Slicer does at its start: its class is made, and startup is completed.

        Returns:
            The module (as imported).
        """
        spec = importlib.util.spec_from_file_location(path.stem, path)
        sys.modules[path.stem] = made = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
        parent = slicer.qSlicerScriptedLoadableModule(path)
        getattr(made, path.stem)(parent)
        setattr(slicer.modules, path.stem.lower(), parent)
        self.application.emit("startupCompleted()")
        return made

    def open_module(self, path: Path):
        """Load a module, and open its panel as Slicer does when the module is chosen first.

        Returns:
            The widget of the module; its ``parent`` is what can be grabbed.
        """
        made = self.load_module(path)
        parent = slicer.qSlicerScriptedLoadableModuleWidget()
        parent.setLayout(qt.QVBoxLayout())
        parent.setMRMLScene(self.scene)
        widget = getattr(made, f"{path.stem}Widget")(parent)
        slicer.modules.__dict__[path.stem.lower()].widget = widget
        setattr(slicer.modules, f"{path.stem}Widget", widget)
        widget.setup()
        parent.resize(480, 900)
        parent.show()
        self.pump()
        if hasattr(widget, "enter"):
            widget.enter()
        return widget

    # time

    def pump(self, until=0.0, timeout: float = 30.0, what: str = "") -> None:
        """Run the event loop for some seconds, or until a condition holds.

        Args:
            until: seconds, or a function without arguments.
            timeout: seconds after which a condition that does not hold raises.
            what: what is waited for, in words.

        Raises:
            TimeoutError: with what was waited for.
        """
        condition = until if callable(until) else None
        end = time.monotonic() + (timeout if condition else until)
        self._turn()
        while not (condition and condition()) and time.monotonic() < end:
            time.sleep(0.002)
            self._turn()
        if condition and not condition():
            raise TimeoutError(f"Waited {timeout:g} s for {what or getattr(condition, '__name__', 'a condition')}.")

    def _turn(self) -> None:
        QtWidgets.QApplication.processEvents()
        QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete.value)

    # pictures

    def grab(self, widget, path: Path) -> None:
        """Write what a widget shows as PNG, in twice the resolution."""
        self.pump()
        shown = widget.isVisible()
        widget.show()
        widget.ensurePolished()
        self.pump()
        assert widget.grab().save(str(path)), f"{path} could not be written."
        widget.setVisible(shown)

    # the scene

    def save(self, path: Path) -> None:
        """Save the scene as a bundle, between the events of saving."""
        self.scene.StartState(self.scene.SaveState)
        self._scene_host.save(path)
        self.scene.EndState(self.scene.SaveState)

    def reopen(self, path: Path) -> None:
        """Close the scene and open a bundle; the scene tells closing and importing itself."""
        self._scene_host.reopen(path)
        self.pump()

    def close_scene(self) -> None:
        """Close the scene, as the menu does: singletons stay."""
        self.scene.Clear(False)
        self.pump()

    # what happened

    def _record_messages(self) -> None:
        def shown(level, text, testing_value, *_given, **_named):
            self.messages.append((level, text))
            return qt.QMessageBox.StandardButton.Ok if testing_value is True else testing_value

        slicer.util._messageDisplay = lambda level, text, value, *given, **named: shown(_name(level), text, value)
        slicer.util.messageBox = lambda text, *given, **named: shown("message", text, True)

    def _record_error(self, kind, error, trace) -> None:
        text = "".join(traceback.format_exception(kind, error, trace))
        self.errors.append(text)
        sys.stderr.write(text)

    def close(self) -> None:
        """Leave nothing behind: widgets, timers, nodes."""
        sys.excepthook = self._hook
        for name in [one for one in vars(slicer.modules) if one.endswith("Widget")]:
            with contextlib.suppress(Exception):
                getattr(slicer.modules, name).cleanup()
        for widget in QtWidgets.QApplication.topLevelWidgets():
            widget.close()
            widget.deleteLater()
        self._turn()
        LOADED.clear()
        for one in list(observing.ALL):
            one.clear()
        self.application.layoutManager().layoutLogic().SetMRMLScene(None)  # or it makes the nodes anew as they go
        self._scene_host.close()


def _name(level: int) -> str:
    import logging

    return logging.getLevelName(level).lower()


def _modules() -> dict[str, ModuleType]:
    """What can be imported in Slicer and is not in the wheel."""
    qt.QUiLoader, qt.QFileDialog = QUiLoader, dialogs.QFileDialog
    ctk = ModuleType("ctk", "CTK, as Python in Slicer sees it.")
    for name, kind in CLASSES.items():
        setattr(ctk if name.startswith("ctk") else slicer, name, kind)
    made = {
        "qt": qt,
        "ctk": ctk,
        "slicer.ScriptedLoadableModule": scripted_module.module(),
        "slicer.parameterNodeWrapper": parameter_nodes.module(),
        "slicer.i18n": translation.module(),
        **segment_effects.modules(),
    }
    return made


def make_importable() -> None:
    """Let ``import qt``, ``ctk``, ``slicer.parameterNodeWrapper`` and the like work; again does nothing."""
    if "qt" in sys.modules:
        return
    for name, made in _modules().items():
        sys.modules[name] = made
        if name.startswith("slicer."):
            setattr(slicer, name.partition(".")[2], made)


def install(folder: Path) -> Host:
    """Make the modules of Slicer importable, and start an application.

    Args:
        folder: where the application keeps its files.
    """
    make_importable()
    return Host(folder)
