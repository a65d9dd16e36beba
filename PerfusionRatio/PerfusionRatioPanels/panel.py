"""What all panels have in common."""

from collections.abc import Iterator
from contextlib import contextmanager

import slicer


class Panel:
    """A collapsible part of the module, made from its ``.ui`` file.

    Args:
        module: what the panel asks for parameters, session and worker, and tells messages to (``ModulePanel``).
    """

    UI = ""
    """Name of the file in Resources/UI, without its ending."""

    def __init__(self, module):
        self.module = module
        self.widget = slicer.util.loadUI(module.resource_path(f"UI/{self.UI}.ui"))
        self.ui = slicer.util.childWidgetVariables(self.widget)
        self._refreshing = False
        self.set_up()

    def set_up(self) -> None:
        """Fill lists and connect signals, once."""

    def refresh(self) -> None:
        """Show the truth: what the parameters, the nodes and the session hold now."""

    def stop(self) -> None:
        """Follow nothing any more: the widget is about to go."""

    @property
    def parameters(self):
        """Of both visits."""
        return self.module.parameters

    @property
    def visit(self):
        """The parameters of the visit that is edited."""
        return self.module.visit

    @contextmanager
    def showing(self) -> Iterator[None]:
        """While values are put into widgets, what they signal is not the user's doing."""
        was, self._refreshing = self._refreshing, True
        try:
            yield
        finally:
            self._refreshing = was

    def by_user(self, change):
        """A slot that makes ``change(value)`` only when the user did it, and lets every panel show the truth."""

        def slot(*values):
            if self._refreshing or self.parameters is None:
                return
            change(*values)
            self.module.refresh()

        return slot


def enable(button, reason: str, tooltip: str) -> None:
    """Let a button work, or say in its tooltip why it cannot."""
    button.enabled = not reason
    button.toolTip = reason or tooltip


def choose(combo, value: str) -> None:
    """Choose the entry of a combo box that has ``value`` as its data."""
    combo.setCurrentIndex(max(combo.findData(value), 0))


def fill(combo, entries: dict[str, str]) -> None:
    """Put entries into a combo box: what is shown, by the value it stands for."""
    for value, text in entries.items():
        combo.addItem(text, value)
