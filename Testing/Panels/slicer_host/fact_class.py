"""Classes of Slicer and CTK, held to the facts: what they declare, and nothing else, can be used from Python."""

import inspect

from . import facts
from .errors import StrictError
from .pythonqt import accepts, refuse

EMPTY = {"bool": False, "int": 0, "double": 0.0, "QString": "", "QStringList": ()}
CLASSES: dict[str, type] = {}
"""The classes that the host has, by name."""


class FactProperty:
    """A property that the facts list.

    The class may have ``_get_<name>`` and ``_set_<name>`` for it; without them a value is only kept.
    """

    def __init__(self, name: str, type_name: str, readonly: bool):
        self.name, self.type_name, self.readonly = name, type_name, readonly

    def __get__(self, thing, owner=None):
        if thing is None:
            return self
        getter = getattr(type(thing), f"_get_{self.name}", None)
        if getter is not None:
            return getter(thing)
        value = (thing._values or {}).get(self.name, type(thing)._DEFAULTS.get(self.name, EMPTY.get(self.type_name)))
        return tuple(value) if isinstance(value, list) else value

    def __set__(self, thing, value):
        if self.readonly:
            raise StrictError(f"Property '{self.name}' of {thing.className()} cannot be written.")
        if self.type_name == "QStringList":
            self._check_texts(thing, value)
        elif not accepts(self.type_name, value):
            refuse(thing, self.name, self.type_name, value)
        if thing._values is None:
            thing._values = {}
        thing._values[self.name] = value
        setter = getattr(type(thing), f"_set_{self.name}", None)
        if setter is not None:
            setter(thing, value)

    def _check_texts(self, thing, value) -> None:
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
            refuse(thing, self.name, self.type_name, value)


def from_facts(cls):
    """Make a class what the facts say of the class of that name.

    Raises:
        TypeError: the class offers something that the real one does not have.
    """
    name = cls.__name__
    assert facts.known(name), f"There are no facts about {name}: add it to trim_facts.py."
    for key, fact in facts.properties(name).items():
        setattr(cls, key, FactProperty(key, fact["type"], fact["readonly"]))
    for key, number in facts.enums(name).items():
        setattr(cls, key, number)
    for key, member in list(vars(cls).items()):
        if inspect.isfunction(member) and not key.startswith("_") and not _allowed(cls, name, key):
            raise TypeError(f"{name}.{key} does not exist in Slicer.")
    cls._host_class = True
    cls._emitted = frozenset(_texts_in(cls)) & frozenset(facts.signatures(name, "signals"))
    CLASSES[name] = cls
    return cls


def _texts_in(cls):
    """Texts in the code of a class and its ancestors; signatures of the signals that it emits are among them."""
    codes = [one.__code__ for kind in cls.__mro__ for one in vars(kind).values() if inspect.isfunction(one)]
    while codes:
        for one in codes.pop().co_consts:
            if inspect.iscode(one):
                codes.append(one)
            elif isinstance(one, str):
                yield one
            elif isinstance(one, tuple):
                yield from (text for text in one if isinstance(text, str))


def _allowed(cls, name: str, key: str) -> bool:
    """A slot or an invokable, or what Qt's own class has and the host overrides."""
    return key in facts.methods(name) or hasattr(getattr(cls, "_QT", object), key)
