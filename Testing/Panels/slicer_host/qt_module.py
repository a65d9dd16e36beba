"""The module ``qt``: PySide6's classes under one name, with PythonQt's manners, made when they are first asked for."""

import types

from PySide6 import QtCore, QtGui, QtWidgets

from .pythonqt import qt_class, wrapped


class QtModule(types.ModuleType):
    """``qt.QLabel`` is QLabel with PythonQt's manners; what is no QObject (QSize, QColor, Qt) is PySide6's own."""

    def __getattr__(self, name: str):
        found = qt_class(name)
        if found is None or name.startswith("_"):
            raise AttributeError(f"module 'qt' has no attribute '{name}'")
        if isinstance(found, type) and issubclass(found, QtCore.QObject):
            found = wrapped(found)
        setattr(self, name, found)
        return found


qt = QtModule("qt", "Qt, as Python in Slicer sees it.")


def application() -> QtWidgets.QApplication:
    """The one application of the process."""
    found = QtWidgets.QApplication.instance()
    if found is None:
        found = QtWidgets.QApplication(["PerfusionRatio tests"])
        found.setStyle("Fusion")
        found.setFont(QtGui.QFont("DejaVu Sans", 9))
        found.setPalette(_light())
    return found


def _light() -> QtGui.QPalette:
    """Slicer's light look, whatever the machine's is."""
    role, palette = QtGui.QPalette.ColorRole, QtGui.QPalette()
    colours = {
        role.Window: "#f0f0f0",
        role.Base: "#ffffff",
        role.AlternateBase: "#f5f7fa",
        role.Button: "#f0f0f0",
        role.Text: "#202020",
        role.WindowText: "#202020",
        role.ButtonText: "#202020",
        role.Highlight: "#3a7ebf",
        role.HighlightedText: "#ffffff",
        role.ToolTipBase: "#ffffe1",
        role.ToolTipText: "#202020",
    }
    for key, colour in colours.items():
        palette.setColor(key, QtGui.QColor(colour))
    for key in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QtGui.QPalette.ColorGroup.Disabled, key, QtGui.QColor("#a0a0a0"))
    return palette
