"""How PythonQt calls a Python function from a signal."""

import sys
import types

import shiboken6
from PySide6 import QtCore


def fitting(function, values: tuple) -> tuple:
    """As many of a signal's values as a function takes, from the first on; callables of other kinds get all of them."""
    bound = isinstance(function, types.MethodType)
    plain = function.__func__ if bound else function
    code = getattr(plain, "__code__", None)
    if code is None or code.co_flags & 0x04:  # *args
        return values
    return values[: code.co_argcount - bound]


def call(function, values: tuple) -> None:
    """Call a slot. What it raises is told to ``sys.excepthook`` and goes no further: Qt carries on."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, QtCore.QObject) and not shiboken6.isValid(owner):
        return
    try:
        function(*fitting(function, values))
    except Exception:
        sys.excepthook(*sys.exc_info())
