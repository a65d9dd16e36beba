"""Somebody in front of the module, with a mouse and a keyboard; every press of a button of the mouse is counted."""

from types import SimpleNamespace

import numpy as np
import slicer
import vtk
from PySide6 import QtCore, QtTest, QtWidgets

LEFT, NO_KEY = QtCore.Qt.MouseButton.LeftButton, QtCore.Qt.KeyboardModifier.NoModifier
LONGEST = 240.0
"""Seconds that the longest work may take."""

SHORTEST = 0.15
"""Seconds between two clicks."""


class User:
    """Clicks, types, waits and reads.

    Attributes:
        clicks: what was clicked so far, in words.
    """

    def __init__(self, host, panel):
        self.host, self.panel = host, panel
        self.images, self.input, self.maps, self.lesions, self.comparison = panel.panels
        self.clicks: list[str] = []

    def click(self, button, wait: bool = True) -> None:
        """Click a button, and wait until nothing is being computed."""
        assert button.enabled, f"'{button.text}' cannot be clicked: {button.toolTip}"
        assert button.isVisible(), f"'{button.text}' cannot be seen."
        self.clicks.append(f"'{button.text}'")
        box = isinstance(button, QtWidgets.QCheckBox)  # beside its words nothing can be clicked
        place = QtCore.QPoint(8, button.height // 2) if box else button.rect.center()
        QtTest.QTest.mouseClick(button, LEFT, NO_KEY, place)
        self.host.pump()
        if wait:
            self.wait()

    def wait(self) -> None:
        """Let the work go on until it has ended."""
        self.host.pump(lambda: not self.panel.worker.busy, LONGEST, "the computation")
        self.host.pump(SHORTEST)

    def choose(self, combo, text: str) -> None:
        """Choose an entry of a combo box with the keyboard."""
        index = combo.findText(text)
        assert index >= 0, f"There is no '{text}'; there are {[combo.itemText(n) for n in range(combo.count)]}."
        combo.setFocus()
        key = QtCore.Qt.Key.Key_Down if index > combo.currentIndex else QtCore.Qt.Key.Key_Up
        for _ in range(abs(index - combo.currentIndex)):
            QtTest.QTest.keyClick(combo, key)
        self.host.pump()

    def type_in(self, edit, text: str) -> None:
        """Replace what a line or a spin box holds, and press Return."""
        edit.setFocus()
        edit.selectAll()
        QtTest.QTest.keyClicks(edit, text)
        QtTest.QTest.keyClick(edit, QtCore.Qt.Key.Key_Return)
        self.host.pump()

    def click_in_slice(self, place, keys: str = "") -> None:
        """Click at a place (RAS) in the axial view, which is moved there first, as a user scrolls."""
        view = slicer.app.layoutManager().sliceWidget("Red")
        node = view.mrmlSliceNode()
        node.SetDimensions(400, 400, 1)
        view.sliceLogic().FitSliceToAll()
        node.JumpSliceByOffsetting(*place)
        inverse = vtk.vtkMatrix4x4()
        vtk.vtkMatrix4x4.Invert(node.GetXYToRAS(), inverse)
        pixel = np.round(inverse.MultiplyPoint((*place, 1.0))[:2]).astype(int)
        self.clicks.append("a slice" + (f" with {keys}" if keys else ""))
        self._interact(view, pixel, keys)
        self.host.pump()

    def _interact(self, view, pixel, keys: str) -> None:
        interactor = SimpleNamespace(
            GetEventPosition=lambda: tuple(pixel),
            GetShiftKey=lambda: int("shift" in keys),
            GetControlKey=lambda: int("ctrl" in keys),
            GetAltKey=lambda: 0,
        )
        effect = self.lesions.ui.segmentEditor.activeEffect()
        assert effect is not None, "No effect is active: the click would do nothing."
        effect.self().processInteractionEvents(interactor, vtk.vtkCommand.LeftButtonPressEvent, view)

    def outline(self, seed) -> None:
        """Add a lesion, click in it, apply."""
        self.click(self.lesions.ui.addLesionButton)
        self.click_in_slice(seed)
        self.click(self.effect_button("EnhancingLesionApply"))

    def effect_button(self, name: str):
        """A button among the options of the effect."""
        return self.lesions.widget.findChild(QtWidgets.QPushButton, name)

    def message(self) -> str:
        """What the panel says, if it can be seen."""
        label = self.panel.ui.messageLabel
        return label.text if label.isVisible() else ""
