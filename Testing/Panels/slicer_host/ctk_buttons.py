"""CTK's buttons, check boxes and combo box."""

from PySide6 import QtCore, QtGui, QtWidgets

from .fact_class import from_facts
from .qt_module import qt

HEADER = 24
"""Height of the line that is clicked, in pixels."""


@from_facts
class ctkCollapsibleButton(qt.QAbstractButton):
    """A part of a panel that can be folded away: a line to click on, and what is below it."""

    _DEFAULTS = {"collapsedHeight": 10}
    _hidden: list = []

    def __init__(self, *given):
        texts = [one for one in given if isinstance(one, str)]
        super().__init__(*(one for one in given if not isinstance(one, str)))
        self.text = texts[0] if texts else ""
        self.checkable, self.checked = True, True
        self.setContentsMargins(0, HEADER, 0, 0)
        QtWidgets.QWidget.setSizePolicy(
            self, QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Preferred
        )
        self._hidden = []
        self.connect("toggled(bool)", self._show)

    def _get_collapsed(self) -> bool:
        return not self.checked

    def _set_collapsed(self, collapsed: bool) -> None:
        self.checked = not collapsed

    def _show(self, expanded: bool) -> None:
        parts = [one for one in self.children() if isinstance(one, QtWidgets.QWidget)]
        if expanded:
            for one in self._hidden:
                one.setVisible(True)
            self._hidden = []
        else:
            self._hidden = [one for one in parts if not one.isHidden()]
            for one in self._hidden:
                one.setVisible(False)
        self.setMaximumHeight(0xFFFFFF if expanded else HEADER + 2)
        self._emit("contentsCollapsed(bool)", not expanded)

    def hitButton(self, place) -> bool:
        """Only the line is the button."""
        return place.y() < HEADER

    def paintEvent(self, event) -> None:
        """The line with its arrow, and a frame around the contents."""
        painter = QtGui.QPainter(self)
        palette = self.palette
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.setPen(QtGui.QPen(QtGui.QColor("#c4c8cc")))
        if self.checked:
            painter.drawRoundedRect(QtCore.QRectF(self.rect).adjusted(0.5, HEADER / 2, -0.5, -0.5), 3, 3)
        line = QtCore.QRectF(0.5, 0.5, self.width - 1, HEADER - 2)
        painter.setBrush(QtGui.QColor("#dfe5ec"))
        painter.drawRoundedRect(line, 3, 3)
        painter.setBrush(palette.color(QtGui.QPalette.ColorRole.WindowText))
        painter.setPen(QtCore.Qt.PenStyle.NoPen)
        painter.drawPolygon(QtGui.QPolygonF([QtCore.QPointF(x, y) for x, y in _arrow(self.checked)]))
        painter.setPen(palette.color(QtGui.QPalette.ColorRole.WindowText))
        flags = QtCore.Qt.AlignmentFlag.AlignVCenter.value | QtCore.Qt.TextFlag.TextShowMnemonic.value
        painter.drawText(line.adjusted(24, 0, -4, 0), flags, self.text)
        painter.end()


def _arrow(down: bool) -> list[tuple[float, float]]:
    middle = HEADER / 2 - 0.5
    if down:
        return [(8, middle - 3), (16, middle - 3), (12, middle + 3)]
    return [(9, middle - 4), (15, middle), (9, middle + 4)]


@from_facts
class ctkPushButton(qt.QPushButton):
    """A push button with a say in where text and icon stand."""


@from_facts
class ctkCheckablePushButton(ctkPushButton):
    """A push button with a check box in it."""

    _DEFAULTS = {"checkState": QtCore.Qt.CheckState.Unchecked, "checkBoxUserCheckable": True}

    def _set_checkState(self, state) -> None:
        self._emit("checkStateChanged(Qt::CheckState)", state)
        self._emit("checkBoxToggled(bool)", QtCore.Qt.CheckState(state) == QtCore.Qt.CheckState.Checked)
        self.update()

    def paintEvent(self, event) -> None:
        """The button, and the box in it."""
        super().paintEvent(event)
        option, painter = QtWidgets.QStyleOptionButton(), QtGui.QPainter(self)
        option.rect = QtCore.QRect(6, (self.height - 14) // 2, 14, 14)
        state = QtWidgets.QStyle.StateFlag
        on = QtCore.Qt.CheckState(self.checkState) == QtCore.Qt.CheckState.Checked
        option.state = state.State_Enabled | (state.State_On if on else state.State_Off)
        self.style().drawPrimitive(QtWidgets.QStyle.PrimitiveElement.PE_IndicatorCheckBox, option, painter)
        painter.end()


@from_facts
class ctkMenuButton(qt.QPushButton):
    """A push button with a part that opens a menu."""


@from_facts
class ctkCheckBox(qt.QCheckBox):
    """A check box with an icon."""


@from_facts
class ctkComboBox(qt.QComboBox):
    """A combo box that shows a text while nothing is chosen."""

    def _set_defaultText(self, text: str) -> None:
        self.setPlaceholderText(text)

    def setCurrentUserDataAsString(self, text: str) -> None:
        """Choose the entry with this text as its data."""
        self.setCurrentIndex(self.findData(text))

    _set_currentUserDataAsString = setCurrentUserDataAsString

    def _get_currentUserDataAsString(self) -> str:
        return str(self.currentData or "")


@from_facts
class ctkMessageBox(qt.QMessageBox):
    """A message box that can be told not to come again."""

    _DEFAULTS = {"dontShowAgainVisible": False}
