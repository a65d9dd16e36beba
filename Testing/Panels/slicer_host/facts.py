"""What Slicer's and CTK's own widget classes have, as Qt's moc lists it (``facts.json``)."""

import json
from functools import cache
from pathlib import Path

from PySide6 import QtCore

FACTS = json.loads(Path(__file__).with_name("facts.json").read_text(encoding="utf-8"))


def known(name: str) -> bool:
    """Whether there are facts about a class."""
    return name in FACTS and not name.startswith("_")


def chain(name: str) -> list[dict]:
    """The facts of a class and of its ancestors, as far as they are Slicer's or CTK's."""
    found = []
    while known(name):
        found.append(FACTS[name])
        name = FACTS[name]["base"]
    return found


@cache
def properties(name: str) -> dict[str, dict]:
    """Type and whether it can be written, by the name of the property; those of ancestors too."""
    return {key: value for fact in reversed(chain(name)) for key, value in fact["properties"].items()}


@cache
def signatures(name: str, kind: str) -> tuple[str, ...]:
    """The normal signatures of the "signals", "slots" or "invokables" of a class and its ancestors."""
    return tuple(dict.fromkeys(one for fact in chain(name) for one in fact[kind]))


@cache
def methods(name: str) -> frozenset[str]:
    """Names of what can be called from Python: slots and invokables."""
    both = (*signatures(name, "slots"), *signatures(name, "invokables"))
    return frozenset(one.partition("(")[0] for one in both)


@cache
def enums(name: str) -> dict[str, int]:
    """Values of enumerations, numbered in the order they are listed."""
    found = {}
    for fact in chain(name):
        for names in fact["enums"].values():
            found.update({one: number for number, one in enumerate(names)})
    return found


def normal(signature: str) -> str:
    """A signature as Qt compares it."""
    text = QtCore.QMetaObject.normalizedSignature(signature)
    return text if isinstance(text, str) else bytes(text).decode()
