"""Values of properties as a ``.ui`` file writes them."""

from PySide6 import QtCore, QtGui

from .pythonqt import qt_class


def value_of(element, type_name: str, owner):
    """The value of a ``<property>`` of a class of Slicer or CTK.

    Raises:
        ValueError: the host cannot read a value of that kind.
    """
    value = element[0]
    text = (value.text or "").strip()
    if value.tag in READERS:
        return READERS[value.tag](value, text)
    if value.tag in ("enum", "set"):
        return _enum(text, type_name, owner)
    raise ValueError(f"The test host cannot read a property of kind <{value.tag}> ({element.get('name')}).")


def _colour(value, text) -> QtGui.QColor:
    return QtGui.QColor(*(int(value.findtext(one)) for one in ("red", "green", "blue")))


def _size(value, text) -> QtCore.QSize:
    return QtCore.QSize(int(value.findtext("width")), int(value.findtext("height")))


READERS = {
    "bool": lambda value, text: text == "true",
    "number": lambda value, text: int(text),
    "double": lambda value, text: float(text),
    "string": lambda value, text: value.text or "",
    "cstring": lambda value, text: text,
    "stringlist": lambda value, text: [one.text or "" for one in value.findall("string")],
    "color": _colour,
    "size": _size,
    "iconset": lambda value, text: QtGui.QIcon(text),
}


def _enum(text: str, type_name: str, owner):
    """Enumerators, as values: those of Qt by their class, those of the class itself by its facts."""
    values = [_enumerator(one.strip(), owner) for one in text.split("|") if one.strip()]
    result = values[0] if values else 0
    for one in values[1:]:
        result = result | one
    return result


def _enumerator(text: str, owner):
    scope, _, name = text.rpartition("::")
    if hasattr(owner, name):
        return getattr(owner, name)
    scope = qt_class(scope.partition("::")[0])
    if scope is None or not hasattr(scope, name):
        raise ValueError(f"There is no enumerator {text}.")
    return getattr(scope, name)
