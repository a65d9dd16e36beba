"""Watching VTK objects from widgets that may be gone before them."""

import shiboken6
import vtk


class Observations:
    """The observers of one widget.

    Args:
        widget: whose methods are called, as long as it exists.
    """

    def __init__(self, widget):
        self._widget, self._tags = widget, []

    def add(self, thing, event, method) -> None:
        """Call ``method()`` on an event of a VTK object; None is no object."""
        if thing is None:
            return

        def called(caller, name):
            if shiboken6.isValid(self._widget):
                method()

        self._tags.append((thing, thing.AddObserver(event, called)))

    def follow(self, thing, method) -> None:
        """Call ``method()`` whenever an object is modified."""
        self.add(thing, vtk.vtkCommand.ModifiedEvent, method)

    def clear(self) -> None:
        """Watch nothing."""
        for thing, tag in self._tags:
            thing.RemoveObserver(tag)
        self._tags.clear()
