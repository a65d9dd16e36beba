"""Binding of widgets to parameters by their dynamic property ``SlicerParameterName``."""

import vtk

from .qt_module import qt

CONNECTORS = {
    "QCheckBox": ("toggled(bool)", "checked"),
    "QLineEdit": ("textChanged(QString)", "text"),
    "QSpinBox": ("valueChanged(int)", "value"),
    "QDoubleSpinBox": ("valueChanged(double)", "value"),
    "QSlider": ("valueChanged(int)", "value"),
    "ctkSliderWidget": ("valueChanged(double)", "value"),
    "ctkDoubleSpinBox": ("valueChanged(double)", "value"),
    "ctkPathLineEdit": ("currentPathChanged(QString)", "currentPath"),
    "QComboBox": ("currentTextChanged(QString)", "currentText"),
}
"""Signal and property, by the exact class of the widget, as Slicer has it."""


class GuiBinding:
    """What a parameter node wrapper has for widgets."""

    _bound: dict = {}
    _widgets: dict = {}
    _observer = None
    _busy = False

    def connectGui(self, gui) -> int:
        """Bind the widgets below one, or those of ``childWidgetVariables``, that name a parameter."""
        widgets = gui.findChildren(qt.QWidget) if hasattr(gui, "isWidgetType") else vars(gui).values()
        named = {one.property("SlicerParameterName"): one for one in widgets}
        named.pop(None, None)
        return self.connectParametersToGui(named)

    def connectParametersToGui(self, mapping: dict) -> int:
        """Bind widgets by the names of their parameters."""
        tag = max(self._bound, default=0) + 1
        self._bound = {**self._bound, tag: [self._bind(name, widget) for name, widget in mapping.items()]}
        self._widgets = {**self._widgets, tag: mapping}
        if self._observer is None:
            self._observer = self._node.AddObserver(vtk.vtkCommand.ModifiedEvent, self._show)
        self._show()
        return tag

    def disconnectGui(self, tag: int) -> None:
        """Undo ``connectGui``."""
        self._widgets.pop(tag, None)
        for undo in self._bound.pop(tag, []):
            undo()

    def _bind(self, name: str, widget):
        kind = widget.className()
        self.dataType(name)

        def changed(*_):
            if not self._busy:
                self.setValue(name, _read(widget, self.dataType(name)))

        if kind == "qMRMLNodeComboBox":
            widget.nodeTypes = [self.dataType(name).__name__]
            signal = "currentNodeChanged(vtkMRMLNode*)"
        elif kind in CONNECTORS:
            signal = CONNECTORS[kind][0]
        else:
            raise ValueError(f"There is no way to bind a {kind} to the parameter '{name}'.")
        widget.connect(signal, changed)
        return lambda: widget.disconnect(signal, changed)

    def _show(self, *_event) -> None:
        if self._busy:
            return
        self._busy = True
        try:
            for name, widget in [one for mapping in self._widgets.values() for one in mapping.items()]:
                _write(widget, self.getValue(name))
        finally:
            self._busy = False


def _read(widget, kind: type):
    if widget.className() == "qMRMLNodeComboBox":
        return widget.currentNode()
    value = getattr(widget, CONNECTORS[widget.className()][1])
    return kind[value] if hasattr(kind, "__members__") else value


def _write(widget, value) -> None:
    if widget.className() == "qMRMLNodeComboBox":
        widget.setCurrentNode(value)
    else:
        setattr(widget, CONNECTORS[widget.className()][1], getattr(value, "name", value))
