"""PythonQt's manners over PySide6: properties are attributes, signals are connected by their signature.

``wrapped(QtWidgets.QLabel)`` is a subclass of QLabel with these manners; ``adopt`` gives objects that Qt has made the
same.
"""

from functools import cache

from PySide6 import QtCore, QtGui, QtWidgets

from . import facts
from .calling import call
from .errors import NotInHostError, StrictError
from .signals import FactSignal, Signals

METHODS_ALL_THE_SAME = {"sizeHint", "minimumSizeHint"}
"""Properties that are virtual methods too: C++ asks Python for them, so they stay methods (``widget.sizeHint()``)."""
GIVES_OBJECTS = [
    "layout",
    "parent",
    "parentWidget",
    "window",
    "children",
    "horizontalHeader",
    "verticalHeader",
    "header",
    "viewport",
    "lineEdit",
    "view",
    "completer",
    "button",
    "menu",
    "actions",
    "addAction",
    "defaultAction",
    "cellWidget",
    "itemWidget",
    "widget",
    "selectionModel",
    "model",
    "horizontalScrollBar",
    "verticalScrollBar",
    "tabBar",
    "findItem",
    "takeAt",
    "itemAt",
]
"""Methods that hand out objects which Qt itself may have made."""
ACCEPTED = {"bool": (bool, int, float), "int": (int, float), "double": (int, float), "QString": (str,)}
"""What PythonQt turns into the type of a property; it refuses None and NumPy's integers. Text only from text."""


def accepts(type_name: str, value) -> bool:
    """Whether a property of this type takes the value."""
    return type_name not in ACCEPTED or isinstance(value, ACCEPTED[type_name])


def refuse(thing, name: str, type_name: str, value) -> None:
    """Say that a property does not take a value."""
    raise StrictError(
        f"Property '{name}' of {type(thing).__name__} is of type {type_name} and does not accept {value!r} "
        f"({type(value).__name__})."
    )


class QtProperty:
    """A property of the meta-object, as an attribute."""

    def __init__(self, qt_class, meta_property):
        self.qt_class, self.name = qt_class, meta_property.name()
        self.type_name, self.writable = meta_property.typeName(), meta_property.isWritable()

    def __get__(self, thing, owner=None):
        if thing is None:
            return getattr(self.qt_class, self.name)
        return QtCore.QObject.property(thing, self.name)

    def __set__(self, thing, value):
        if not self.writable:
            raise StrictError(f"Property '{self.name}' of {type(thing).__name__} cannot be written.")
        if not accepts(self.type_name, value):
            refuse(thing, self.name, self.type_name, value)
        if not QtCore.QObject.setProperty(thing, self.name, value):
            refuse(thing, self.name, self.type_name, value)


class Name:
    """``name`` stands for ``objectName``, as in PythonQt."""

    def __get__(self, thing, owner=None):
        return self if thing is None else QtCore.QObject.property(thing, "objectName")

    def __set__(self, thing, value):
        QtCore.QObject.setObjectName(thing, value)


class Wrapped(type(QtCore.QObject)):
    """The class of wrapped classes: an object Qt has made is an instance of ``qt.QWidget`` too."""

    def __instancecheck__(cls, thing):
        if "_QT" in cls.__dict__:
            return isinstance(thing.raw if isinstance(thing, Foreign) else thing, cls._QT)
        return super().__instancecheck__(thing)

    def __subclasscheck__(cls, other):
        if "_QT" in cls.__dict__:
            return issubclass(other, cls._QT)
        return super().__subclasscheck__(other)


class Manners(Signals):
    """What every wrapped class has."""

    _values = None
    _connections = None
    _host_class = True
    _DEFAULTS: dict = {}

    def className(self) -> str:
        """The name of the class in C++."""
        return next(one.__name__ for one in type(self).__mro__ if one.__dict__.get("_host_class"))

    def delete(self) -> None:
        """Let go of the object."""
        self.deleteLater()

    def findChild(self, kind, name: str = ""):
        """The first child of a class (or of a class's name) with a name, or None."""
        return next(iter(self.findChildren(kind, name)), None)

    def findChildren(self, kind=QtCore.QObject, name: str = "") -> list:
        """Children of all generations, of a class (or of a class's name), with a name if one is given."""
        return [adopt(one) for one in _below(self) if _is_a(one, kind) and name in ("", QtCore.QObject.objectName(one))]

    def inherits(self, name: str) -> bool:
        """Whether the class is or comes from one of that name."""
        return any(one.__name__ == name for one in type(self).__mro__)

    def setProperty(self, name: str, value) -> bool:
        """Set a property; one that the class has not becomes a dynamic property."""
        if self._declared(name) is not None:
            setattr(self, name, value)
            return True
        return QtCore.QObject.setProperty(self, name, value)

    def property(self, name: str):
        """The value of a property, declared or dynamic; None if there is none."""
        return getattr(self, name) if self._declared(name) is not None else QtCore.QObject.property(self, name)

    def exec_(self, *given):
        """Qt 5's name."""
        return self.exec(*given)

    def _declared(self, name: str):
        """The descriptor of a property, or None."""
        found = _in_classes(type(self), name)
        return found if hasattr(found, "__set__") else None

    def _dynamic(self, name: str) -> bool:
        return name.encode() in [bytes(one) for one in QtCore.QObject.dynamicPropertyNames(self)]

    def __getattribute__(self, name: str):
        if name in ("connect", "disconnect"):  # PySide6 prefers its own, whatever a subclass says
            return object.__getattribute__(self, name)
        return super().__getattribute__(name)

    def __getattr__(self, name: str):
        if not name.startswith("_"):
            if self._dynamic(name):
                return QtCore.QObject.property(self, name)
            for child in QtCore.QObject.children(self):
                if QtCore.QObject.objectName(child) == name:
                    return adopt(child)
            if (signature := self._fact_signal(name)) is not None:
                return FactSignal(self, signature)
            if name in facts.methods(self.className()):
                raise NotInHostError(f"{self.className()}.{name} exists in Slicer; the test host does not have it yet.")
        raise StrictError(f"{self.className()} has no attribute named '{name}'.")

    def __setattr__(self, name: str, value) -> None:
        if "_host_class" not in type(self).__dict__ or self._is_state(
            name
        ):  # a class of the project may have what it likes
            super().__setattr__(name, value)
        elif (descriptor := self._declared(name)) is not None:
            descriptor.__set__(self, value)
        elif self._dynamic(name):
            QtCore.QObject.setProperty(self, name, value)
        elif not _named_child(
            value, name
        ):  # PySide6's loader of .ui files sets those; ``__getattr__`` finds them anyway
            raise StrictError(
                f"'{name}' does not exist on {self.className()}, and new attributes cannot be made on Qt's objects."
            )

    def _is_state(self, name: str) -> bool:
        """Whether it is a private attribute that a class of the host sets up."""
        return name.startswith("__") or (
            name.startswith("_") and any(name in one.__dict__ for one in type(self).__mro__)
        )


@cache
def wrapped(qt_class):
    """The subclass of a class of Qt that has PythonQt's manners."""
    meta = qt_class.staticMetaObject
    found = (meta.property(number) for number in range(meta.propertyCount()))
    body = {one.name(): QtProperty(qt_class, one) for one in found if one.name() not in METHODS_ALL_THE_SAME}
    for name in GIVES_OBJECTS:
        if hasattr(qt_class, name) and name not in body:
            body[name] = _adopting(getattr(qt_class, name))
    body |= {"_QT": qt_class, "_host_class": True, "name": Name(), "__module__": "qt", "__doc__": qt_class.__doc__}
    return Wrapped(qt_class.__name__, (Manners, qt_class), body)


def _named_child(value, name: str) -> bool:
    return isinstance(value, QtCore.QObject) and QtCore.QObject.objectName(value) == name


def _adopting(method):
    def adopting(self, *given):
        return adopt(method(self, *given))

    adopting.__name__ = method.__name__
    return adopting


def _below(thing):
    """Children of all generations, as PySide6 has them."""
    for child in QtCore.QObject.children(thing):
        yield child
        yield from _below(child)


def _is_a(thing, kind) -> bool:
    if isinstance(kind, str):
        return any(one.__name__ == kind for one in type(thing).__mro__)
    return isinstance(thing, kind)


class Foreign:
    """An object that Qt itself has made, such as the header of a table, with PythonQt's manners.

    Attributes:
        raw: the object of PySide6. (Its class cannot be changed: PySide6 would lose its memory.)
    """

    __slots__ = ("raw",)

    def __init__(self, raw):
        object.__setattr__(self, "raw", raw)

    def __getattr__(self, name: str):
        found = getattr(wrapped(type(self.raw)), name, None)
        if isinstance(_in_classes(wrapped(type(self.raw)), name), QtProperty):
            return QtCore.QObject.property(self.raw, name)
        if found is None:
            raise StrictError(f"{type(self.raw).__name__} has no attribute named '{name}'.")
        method = getattr(self.raw, name)
        return (lambda *given: adopt(method(*given))) if callable(method) else method

    def __setattr__(self, name: str, value) -> None:
        descriptor = _in_classes(wrapped(type(self.raw)), name)
        if not isinstance(descriptor, QtProperty):
            raise StrictError(f"{type(self.raw).__name__} has no property '{name}'.")
        descriptor.__set__(self.raw, value)

    def connect(self, signal: str, slot) -> bool:
        """Connect a signal by its signature."""
        signature = facts.normal(signal)
        if (
            type(self.raw).staticMetaObject.indexOfSignal(signature) < 0
        ):  # PySide6 ties metaObject() to its object's life
            raise StrictError(f"{type(self.raw).__name__} has no signal {signature}.")
        return bool(QtCore.QObject.connect(self.raw, QtCore.SIGNAL(signature), lambda *values: call(slot, values)))

    def className(self) -> str:
        """The name of the class in C++."""
        return type(self.raw).__name__

    def __eq__(self, other):
        return self.raw is getattr(other, "raw", other)

    def __hash__(self):
        return hash(self.raw)


def _in_classes(kind, name: str):
    """What a class or one of its ancestors has under a name, itself and not its value."""
    return next((one.__dict__[name] for one in kind.__mro__ if name in one.__dict__), None)


def adopt(thing):
    """The object with PythonQt's manners, if it has not got them; lists of objects too."""
    if isinstance(thing, list):
        return [adopt(one) for one in thing]
    made_by_qt = isinstance(thing, QtCore.QObject) and type(thing).__module__.startswith("PySide6")
    return Foreign(thing) if made_by_qt else thing


def qt_class(name: str):
    """A class of Qt by its name, or None."""
    for module in (QtWidgets, QtGui, QtCore):
        if hasattr(module, name):
            return getattr(module, name)
    return None
