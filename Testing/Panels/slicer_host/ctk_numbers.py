"""CTK's widgets for numbers: slider with a box, spin box, range."""

from PySide6 import QtCore, QtGui

from .fact_class import from_facts
from .qt_module import qt

STEPS = 1000
"""Places of the handle of a slider."""


def _box(owner, changed):
    box = qt.QDoubleSpinBox(owner)
    box.keyboardTracking = False
    box.connect("valueChanged(double)", changed)
    return box


class Numbers(qt.QWidget):
    """What these widgets share: properties that belong to their spin boxes."""

    _boxes: tuple = ()

    def _of_boxes(self, name: str, value) -> None:
        for box in self._boxes:
            blocked = box.blockSignals(True)
            setattr(box, name, value)
            box.blockSignals(blocked)
        self._shown()

    def _shown(self) -> None:
        """Bring the rest of the widget in line with the boxes."""

    def _set_decimals(self, value) -> None:
        self._of_boxes("decimals", value)

    def _set_prefix(self, value) -> None:
        self._of_boxes("prefix", value)

    def _set_suffix(self, value) -> None:
        self._of_boxes("suffix", value)

    def _set_minimum(self, value) -> None:
        self._of_boxes("minimum", value)

    def _set_maximum(self, value) -> None:
        self._of_boxes("maximum", value)

    def _set_singleStep(self, value) -> None:
        self._of_boxes("singleStep", value)

    def _get_minimum(self) -> float:
        return self._boxes[0].minimum

    def _get_maximum(self) -> float:
        return self._boxes[0].maximum

    def _get_decimals(self) -> int:
        return self._boxes[0].decimals

    def setDecimals(self, decimals: int) -> None:
        """Digits after the point."""
        self.decimals = decimals


@from_facts
class ctkDoubleSpinBox(Numbers):
    """A spin box."""

    _DEFAULTS = {"singleStep": 1.0, "frame": True}

    def __init__(self, *parent):
        super().__init__(*parent)
        layout = qt.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._boxes = (_box(self, self._changed),)
        layout.addWidget(self._boxes[0])

    def _changed(self, value: float) -> None:
        self._emit("valueChanged(double)", value)
        self._emit("valueChanged(QString)", self._boxes[0].text)
        self._emit("editingFinished()")

    def _get_value(self) -> float:
        return self._boxes[0].value

    def _set_value(self, value) -> None:
        self._boxes[0].value = value

    def setValue(self, value: float) -> None:
        """Set the number."""
        self.value = value

    setValueIfDifferent = setValue


@from_facts
class ctkSliderWidget(Numbers):
    """A slider and a spin box that follow each other."""

    _DEFAULTS = {"singleStep": 1.0, "pageStep": 10.0, "tracking": True, "spinBoxVisible": True}
    _slider = None

    def __init__(self, *parent):
        super().__init__(*parent)
        layout = qt.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._slider = qt.QSlider(QtCore.Qt.Orientation.Horizontal, self)
        self._slider.maximum = STEPS
        self._boxes = (_box(self, self._changed),)
        layout.addWidget(self._slider)
        layout.addWidget(self._boxes[0])
        self._slider.connect("valueChanged(int)", self._dragged)

    def _changed(self, value: float) -> None:
        self._shown()
        self._emit("valueIsChanging(double)", value)
        self._emit("valueChanged(double)", value)

    def _dragged(self, place: int) -> None:
        self._boxes[0].value = self.minimum + place / STEPS * (self.maximum - self.minimum)

    def _shown(self) -> None:
        width = self.maximum - self.minimum
        self._slider.blockSignals(True)
        self._slider.value = round((self.value - self.minimum) / width * STEPS) if width else 0
        self._slider.blockSignals(False)

    def _get_value(self) -> float:
        return self._boxes[0].value

    def _set_value(self, value) -> None:
        self._boxes[0].value = value
        self._shown()

    def _set_spinBoxVisible(self, visible) -> None:
        self._boxes[0].visible = bool(visible)

    def setSpinBoxVisible(self, visible: bool) -> None:
        """Show the box or not."""
        self.spinBoxVisible = visible

    def setValue(self, value: float) -> None:
        """Set the number."""
        self.value = value

    def reset(self) -> None:
        """Back to zero, or to what is nearest to it."""
        self.value = min(max(0.0, self.minimum), self.maximum)


@from_facts
class qMRMLSliderWidget(ctkSliderWidget):
    """A slider whose unit belongs to the scene."""

    _scene = None

    def setMRMLScene(self, scene) -> None:
        """Set the scene."""
        self._scene = scene

    def mrmlScene(self):
        """The scene."""
        return self._scene


class _Span(qt.QWidget):
    """What lies between two numbers, as a bar with two handles."""

    def sizeHint(self) -> QtCore.QSize:
        """Room for the handles."""
        return QtCore.QSize(80, 20)

    def paintEvent(self, event) -> None:
        """Draw the bar and the handles."""
        owner, painter = self.parent(), QtGui.QPainter(self)
        width = (owner.maximum - owner.minimum) or 1.0
        ends = [6 + (one.value - owner.minimum) / width * (self.width - 12) for one in owner._boxes]
        middle = self.height / 2
        painter.fillRect(QtCore.QRectF(4, middle - 2, self.width - 8, 4), QtGui.QColor("#c4c8cc"))
        painter.fillRect(QtCore.QRectF(ends[0], middle - 2, ends[1] - ends[0], 4), QtGui.QColor("#3a7ebf"))
        painter.setBrush(QtGui.QColor("#ffffff"))
        for end in ends:
            painter.drawRoundedRect(QtCore.QRectF(end - 4, middle - 7, 8, 14), 2, 2)
        painter.end()


@from_facts
class ctkRangeWidget(Numbers):
    """Two numbers, the second not below the first."""

    _DEFAULTS = {"singleStep": 1.0, "tracking": True}
    _span = None

    def __init__(self, *parent):
        super().__init__(*parent)
        layout = qt.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._boxes = (_box(self, self._low_changed), _box(self, self._high_changed))
        self._span = _Span(self)
        layout.addWidget(self._boxes[0])
        layout.addWidget(self._span, 1)
        layout.addWidget(self._boxes[1])

    def _shown(self) -> None:
        self._span.update()

    def _low_changed(self, value: float) -> None:
        self._boxes[1].value = max(self._boxes[1].value, value)
        self._emit("minimumValueChanged(double)", value)
        self._both()

    def _high_changed(self, value: float) -> None:
        self._boxes[0].value = min(self._boxes[0].value, value)
        self._emit("maximumValueChanged(double)", value)
        self._both()

    def _both(self) -> None:
        self._shown()
        self._emit("valuesChanged(double,double)", self.minimumValue, self.maximumValue)

    def _get_minimumValue(self) -> float:
        return self._boxes[0].value

    def _get_maximumValue(self) -> float:
        return self._boxes[1].value

    def setMinimumValue(self, value: float) -> None:
        """Set the first number."""
        self._boxes[0].value = value

    def setMaximumValue(self, value: float) -> None:
        """Set the second number."""
        self._boxes[1].value = value

    _set_minimumValue, _set_maximumValue = setMinimumValue, setMaximumValue

    def setValues(self, low: float, high: float) -> None:
        """Set both numbers."""
        self._boxes[1].value = high
        self._boxes[0].value = low

    def setRange(self, low: float, high: float) -> None:
        """Set the limits of both numbers."""
        self.minimum, self.maximum = low, high
        self._emit("rangeChanged(double,double)", low, high)
