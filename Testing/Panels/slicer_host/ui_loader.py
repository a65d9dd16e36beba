"""Loading of ``.ui`` files, strictly: what Slicer's own widgets have not, raises."""

from xml.etree import ElementTree

from PySide6 import QtCore, QtUiTools, QtWidgets

from . import facts
from .fact_class import CLASSES
from .pythonqt import qt_class, wrapped
from .ui_values import value_of

OF_SLICER = ("ctk", "qMRML", "qSlicer")
OF_LAYOUTS = {"leftMargin", "topMargin", "rightMargin", "bottomMargin", "margin", "spacing"}
OF_LAYOUTS |= {"horizontalSpacing", "verticalSpacing"}
OF_FILES = {("QLabel", "buddy")}
"""What is no property of the class, but something that loaders of .ui files do."""


LOADED: list = []
"""What was loaded: in Slicer it lives on when Python lets go of it; here, until the host is closed."""


class UiError(ValueError):
    """A .ui file asks for something that does not exist in Slicer."""


class QUiLoader:
    """``qt.QUiLoader``: makes widgets with PythonQt's manners."""

    def load(self, file, parent=None):
        """The widget that an open QFile describes.

        Raises:
            UiError: a class, a property, a signal or a slot that Slicer's widgets have not.
        """
        tree = ElementTree.fromstring(bytes(file.readAll()).decode())
        later = [one for widget in tree.iter("widget") for one in _checked(widget)]
        for layout in tree.iter("layout"):
            _check_layout(layout)
        connections = list(tree.iter("connection"))
        for element in tree.findall("connections"):
            tree.remove(element)
        maker = _Maker()
        buffer = QtCore.QBuffer()
        buffer.setData(ElementTree.tostring(tree))
        root = maker.load(buffer, parent)
        if maker.error is not None:
            raise maker.error
        for name, key, value in later:
            setattr(maker.made[name], key, value)
        for connection in connections:
            _connect(connection, maker.made)
        LOADED.append(root)
        return root


class _Maker(QtUiTools.QUiLoader):
    """Makes our classes."""

    def __init__(self):
        super().__init__()
        self.made: dict = {}
        self.error: Exception | None = None

    def createWidget(self, kind, parent=None, name=""):
        try:
            widget = class_of(kind)(parent) if parent is not None else class_of(kind)()
        except Exception as error:  # Qt would go on without the widget
            self.error = error
            raise
        return self._named(widget, name)

    def createLayout(self, kind, parent=None, name=""):
        made = wrapped(getattr(QtWidgets, kind))
        return self._named(made(parent) if isinstance(parent, QtWidgets.QWidget) else made(), name)

    def createAction(self, parent=None, name=""):
        return self._named(wrapped(qt_class("QAction"))(parent), name)

    def _named(self, thing, name: str):
        thing.setObjectName(name)
        self.made[name] = thing
        return thing


def class_of(name: str):
    """The class that a .ui file means.

    Raises:
        UiError: there is no such class, or the host does not have it.
    """
    if name in CLASSES:
        return CLASSES[name]
    found = getattr(QtWidgets, name, None)
    if isinstance(found, type) and issubclass(found, QtWidgets.QWidget) and not name.startswith(OF_SLICER):
        return wrapped(found)
    raise UiError(f"There is no widget class {name} in Slicer, or the test host does not have it.")


def _checked(element) -> list[tuple]:
    """Check a widget's properties, and take out those that Qt does not know: they are set when all widgets are made."""
    kind, name = element.get("class"), element.get("name")
    meta, later = class_of(kind)._QT.staticMetaObject, []
    of_facts = facts.properties(kind)
    for one in element.findall("property"):
        key = one.get("name")
        if key in of_facts:
            later.append((name, key, value_of(one, of_facts[key]["type"], CLASSES[kind])))
            element.remove(one)
        elif meta.indexOfProperty(key) < 0 and one.get("stdset") != "0" and (kind, key) not in OF_FILES:
            raise UiError(f"{name} is a {kind}, which has no property '{key}'.")
    return later


def _check_layout(element) -> None:
    meta = getattr(QtWidgets, element.get("class")).staticMetaObject
    for one in element.findall("property"):
        key = one.get("name")
        if key not in OF_LAYOUTS and meta.indexOfProperty(key) < 0:
            raise UiError(f"{element.get('name')} is a {element.get('class')}, which has no property '{key}'.")


def _connect(element, made: dict) -> None:
    sender, signal, receiver, slot = (element.findtext(one) for one in ("sender", "signal", "receiver", "slot"))
    for name in (sender, receiver):
        if name not in made:
            raise UiError(f"A connection names the widget {name}, which the file does not have.")
    if not QtCore.QMetaObject.checkConnectArgs(signal, slot):
        raise UiError(f"The signal {signal} of {sender} does not fit the slot {slot} of {receiver}.")
    try:
        made[sender].connect(signal, made[receiver], slot)
    except AttributeError as error:
        raise UiError(f"A connection from {sender} to {receiver} cannot be made: {error}") from error
