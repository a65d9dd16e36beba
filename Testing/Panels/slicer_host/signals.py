"""Connecting by signature: signals of Qt through Qt, signals of Slicer's and CTK's classes in Python."""

from PySide6 import QtCore

from . import facts
from .calling import call
from .errors import NotInHostError, StrictError


class Signals:
    """What a wrapped class has for signals and slots.

    Attributes:
        _emitted: signals of Slicer's or CTK's class that the host's class emits.
    """

    _emitted: frozenset = frozenset()

    def connect(self, signal: str, *receiver) -> bool:
        """``connect("clicked(bool)", function)`` or ``connect("clicked(bool)", object, "slot()")``."""
        signature, slot = self._signal(signal), _slot(receiver)
        if self._connections is None:
            self._connections = {}
        listed = self._connections.setdefault(signature, [])
        through = None
        if not self._is_fact_signal(signature):

            def through(*values):
                call(slot, values)

            QtCore.QObject.connect(self, QtCore.SIGNAL(signature), through)
        listed.append((slot, through))
        return True

    def disconnect(self, signal: str, *receiver) -> bool:
        """Undo ``connect``; says whether there was something to undo."""
        signature = self._signal(signal)
        listed = (self._connections or {}).get(signature, [])
        wanted = _slot(receiver) if receiver else None
        for slot, through in list(listed):
            if wanted is None or slot == wanted:
                listed.remove((slot, through))
                if through is not None:
                    QtCore.QObject.disconnect(self, QtCore.SIGNAL(signature), through)
                if wanted is not None:
                    return True
        return wanted is None

    def _emit(self, signal: str, *values) -> None:
        """Emit a signal of Slicer's or CTK's class."""
        signature = facts.normal(signal)
        assert self._is_fact_signal(signature), f"{self.className()} has no signal {signature} to emit."
        if not self.signalsBlocked():
            for slot, _ in list((self._connections or {}).get(signature, [])):
                call(slot, values)

    def _is_fact_signal(self, signature: str) -> bool:
        return signature in facts.signatures(self.className(), "signals")

    def _fact_signal(self, name: str) -> str | None:
        """The signature of a signal of Slicer's or CTK's class, by its bare name."""
        signatures = facts.signatures(self.className(), "signals")
        return next((one for one in signatures if one.partition("(")[0] == name), None)

    def _signal(self, signal: str) -> str:
        """The normal form of a signal's signature.

        Raises:
            StrictError: the class has no such signal.
            NotInHostError: it has, but the host's never emits it.
        """
        signature = facts.normal(signal)
        if self._QT.staticMetaObject.indexOfSignal(signature) >= 0 or signature in self._emitted:
            return signature
        if self._is_fact_signal(signature):
            raise NotInHostError(f"{self.className()} has the signal {signature}; the test host never emits it.")
        raise StrictError(f"{self.className()} has no signal {signature}; it has {', '.join(self._all_signals())}.")

    def _all_signals(self) -> list[str]:
        meta, kind = self._QT.staticMetaObject, QtCore.QMetaMethod.MethodType.Signal
        methods = (meta.method(number) for number in range(meta.methodCount()))
        of_qt = [bytes(one.methodSignature()).decode() for one in methods if one.methodType() == kind]
        return [*facts.signatures(self.className(), "signals"), *of_qt]


class FactSignal:
    """``widget.currentNodeChanged``: a signal of Slicer's or CTK's class as an attribute."""

    def __init__(self, thing, signature: str):
        self._thing, self._signature = thing, signature

    def connect(self, function) -> None:
        """Connect a function."""
        self._thing.connect(self._signature, function)

    def disconnect(self, function) -> None:
        """Disconnect a function."""
        self._thing.disconnect(self._signature, function)

    def __call__(self, *values) -> None:
        self._thing._emit(self._signature, *values)

    emit = __call__


def _slot(receiver: tuple):
    """The function that is meant by what follows the signal in ``connect``."""
    if len(receiver) == 1 and callable(receiver[0]):
        return receiver[0]
    if len(receiver) == 2 and isinstance(receiver[1], str):
        return slot_of(*receiver)
    raise TypeError(f"connect() takes a function, or an object and the signature of its slot; it got {receiver!r}.")


def slot_of(thing, slot: str):
    """The method of an object that a slot's signature means; it gets as many values as the slot has.

    Raises:
        StrictError: the class has no such slot.
    """
    signature = facts.normal(slot)
    of_qt = thing._QT.staticMetaObject.indexOfMethod(signature) >= 0
    if not of_qt and signature not in facts.signatures(thing.className(), "slots"):
        raise StrictError(f"{thing.className()} has no slot {signature}.")
    name, _, rest = signature.partition("(")
    count = 0 if rest == ")" else rest.count(",") + 1
    return _Slot(thing, name, count)


class _Slot:
    """A slot of an object, by name, so that two of them can be compared."""

    def __init__(self, thing, name: str, count: int):
        self._key, self._count = (thing, name), count

    def __call__(self, *values):
        thing, name = self._key
        return getattr(thing, name)(*values[: self._count])

    def __eq__(self, other):
        return isinstance(other, _Slot) and self._key == other._key

    __hash__ = None
