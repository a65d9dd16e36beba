"""Watching VTK objects from widgets that may be gone before them."""

import weakref

import shiboken6
import vtk

ALL: weakref.WeakSet = weakref.WeakSet()
"""All that exist, so that the host can end them."""


class Observations:
    """The observers of one widget.

    Args:
        widget: whose methods are called, as long as it exists.
    """

    def __init__(self, widget):
        self._widget, self._tags, self._methods = widget, [], {}
        ALL.add(self)

    def add(self, thing, event, method) -> None:
        """Call ``method()`` on an event of a VTK object; None is no object."""
        if thing is not None:
            key = object()
            self._methods[key] = method
            self._tags.append((thing, thing.AddObserver(event, _Observer(self, key))))

    def follow(self, thing, method) -> None:
        """Call ``method()`` whenever an object is modified."""
        self.add(thing, vtk.vtkCommand.ModifiedEvent, method)

    def clear(self) -> None:
        """Watch nothing."""
        for thing, tag in self._tags:
            thing.RemoveObserver(tag)
        self._tags.clear()
        self._methods.clear()

    def _call(self, key) -> None:
        if key in self._methods and shiboken6.isValid(self._widget):
            self._methods[key]()


class _Observer:
    """What VTK calls. It does not keep the widget.

    It is no function: VTK objects tell of their own end in the midst of a garbage collection, and Python crashes when a
    function is called that has been collected already.
    """

    __slots__ = ("_key", "_owner")

    def __init__(self, owner: Observations, key):
        self._owner, self._key = weakref.ref(owner), key

    def __call__(self, caller, event) -> None:
        owner = getattr(self, "_owner", lambda: None)()
        if owner is not None:
            owner._call(self._key)
