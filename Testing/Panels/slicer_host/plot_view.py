"""qMRMLPlotView: draws the chart of its view node; curves, axes, titles, legend."""

import numpy as np
import slicer
import vtk
from PySide6 import QtCore, QtGui

from .fact_class import from_facts
from .mrml_widget import SceneWidget, qMRMLWidget
from .observing import Observations
from .plot_data import Chart, Series, chart_of, log_ticks, ticks
from .qt_module import qt

INK, GRID = QtGui.QColor("#303030"), QtGui.QColor("#e2e5e9")


class _ChartPainter:
    """One drawing of a chart into a rectangle."""

    def __init__(self, painter: QtGui.QPainter, chart: Chart, area: QtCore.QRectF, rows: list[tuple[float, str]]):
        self._painter, self._chart, self._rows = painter, chart, rows
        top = 30 if chart.title else 10
        bottom = 44 if chart.x_title else 26
        metrics = QtGui.QFontMetricsF(painter.font())
        self._left = max((metrics.horizontalAdvance(name) + 14 for _, name in rows), default=50)
        self._box = area.adjusted(self._left + (16 if chart.y_title else 0), top, -14, -bottom)
        self._area = area

    def draw(self) -> None:
        """Everything."""
        self._axes()
        self._painter.save()
        self._painter.setClipRect(self._box)
        for series in self._chart.series:
            self._series(series)
        self._painter.restore()
        self._titles()
        if self._chart.legend:
            self._legend()

    def _x(self, value):
        low, high = self._chart.x_range
        return self._box.left() + (value - low) / (high - low) * self._box.width()

    def _y(self, value):
        low, high = self._chart.y_range
        return self._box.bottom() - (value - low) / (high - low) * self._box.height()

    def _axes(self) -> None:
        painter, box, flag = self._painter, self._box, QtCore.Qt.AlignmentFlag
        for value, text in self._x_ticks():
            self._line(GRID, self._x(value), box.top(), self._x(value), box.bottom())
            place = QtCore.QRectF(self._x(value) - 40, box.bottom() + 3, 80, 16)
            painter.drawText(place, flag.AlignHCenter | flag.AlignTop, text)
        for value, text in self._rows or self._y_ticks():
            self._line(GRID, box.left(), self._y(value), box.right(), self._y(value))
            place = QtCore.QRectF(box.left() - self._left - 4, self._y(value) - 8, self._left, 16)
            painter.drawText(place, flag.AlignRight | flag.AlignVCenter, text)
        painter.setPen(INK)
        painter.setBrush(QtCore.Qt.BrushStyle.NoBrush)
        painter.drawRect(box)

    def _y_ticks(self) -> list[tuple[float, str]]:
        wanted = max(int(self._box.height() // 36), 2)
        return [(one, f"{one:.4g}") for one in ticks(*self._chart.y_range, wanted)]

    def _x_ticks(self) -> list[tuple[float, str]]:
        if self._chart.x_log:
            return log_ticks(*self._chart.x_range)
        return [(one, f"{one:.4g}") for one in ticks(*self._chart.x_range, max(int(self._box.width() // 70), 2))]

    def _line(self, colour, *ends) -> None:
        if self._chart.grid:
            self._painter.setPen(colour)
            self._painter.drawLine(QtCore.QLineF(*ends))
        self._painter.setPen(INK)

    def _series(self, series: Series) -> None:
        colour = QtGui.QColor.fromRgbF(*series.colour)
        self._painter.setPen(_pen(colour, max(series.width, 1), series.dashed))
        points = [
            QtCore.QPointF(self._x(x), self._y(y)) for x, y in zip(series.x, series.y, strict=False) if _finite(x, y)
        ]
        if series.bars:
            for point in points:
                half = max(self._box.width() / max(len(points), 1) / 3, 2)
                bar = QtCore.QRectF(point.x() - half, point.y(), 2 * half, self._y(0.0) - point.y())
                self._painter.fillRect(bar.normalized(), colour)
        elif series.line:
            self._painter.drawPolyline(QtGui.QPolygonF(points))
        if series.marker:
            self._painter.setBrush(colour)
            for point in points:
                self._painter.drawEllipse(point, 3, 3)

    def _titles(self) -> None:
        painter, flag = self._painter, QtCore.Qt.AlignmentFlag
        painter.setPen(INK)
        font = QtGui.QFont(painter.font())
        painter.drawText(self._area.adjusted(0, 0, 0, -4), flag.AlignHCenter | flag.AlignBottom, self._chart.x_title)
        painter.save()
        painter.translate(self._area.left() + 4, self._box.center().y())
        painter.rotate(-90)
        size = self._box.height()
        painter.drawText(QtCore.QRectF(-size, 0, 2 * size, 16), flag.AlignHCenter | flag.AlignTop, self._chart.y_title)
        painter.restore()
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(self._area.adjusted(0, 8, 0, 0), flag.AlignHCenter | flag.AlignTop, self._chart.title)
        font.setBold(False)
        painter.setFont(font)

    def _legend(self) -> None:
        painter, named = self._painter, [one for one in self._chart.series if one.name]
        metrics = QtGui.QFontMetricsF(painter.font())
        width = max((metrics.horizontalAdvance(one.name) for one in named), default=0) + 38
        place = QtCore.QRectF(self._box.right() - width - 6, self._box.top() + 6, width, 18 * len(named) + 4)
        painter.fillRect(place, QtGui.QColor(255, 255, 255, 215))
        for number, one in enumerate(named):
            middle = place.top() + 11 + 18 * number
            painter.setPen(_pen(QtGui.QColor.fromRgbF(*one.colour), max(one.width, 2), one.dashed))
            painter.drawLine(QtCore.QLineF(place.left() + 6, middle, place.left() + 26, middle))
            painter.setPen(INK)
            painter.drawText(QtCore.QPointF(place.left() + 32, middle + 4), one.name)


def _pen(colour, width: float, dashed: bool) -> QtGui.QPen:
    return QtGui.QPen(colour, width, QtCore.Qt.PenStyle.DashLine if dashed else QtCore.Qt.PenStyle.SolidLine)


def _finite(x: float, y: float) -> bool:
    return bool(np.isfinite(x) and np.isfinite(y))


@from_facts
class qMRMLPlotView(SceneWidget):
    """Shows what its vtkMRMLPlotViewNode names."""

    _view_node = None
    _watch = None
    _vtk_chart = None

    def __init__(self, *parent):
        super().__init__(*parent)
        self._watch = Observations(self)
        self._vtk_chart = vtk.vtkChartXY()
        self.setSizePolicy(qt.QSizePolicy.Policy.Expanding, qt.QSizePolicy.Policy.Expanding)
        self.setMinimumSize(120, 100)

    def sizeHint(self) -> QtCore.QSize:
        """Room for a chart."""
        return QtCore.QSize(360, 220)

    def setMRMLScene(self, scene) -> None:
        """Set the scene."""
        self._take_scene(scene)

    def setMRMLPlotViewNode(self, node) -> None:
        """Show the chart of a view node."""
        self._view_node = node
        self._follow()

    def chart(self):
        """A vtkChartXY that is not drawn: of what is set there, the labels of the left axis are followed."""
        return self._vtk_chart

    def fitToContent(self) -> None:
        """The axes always fit the content."""
        self.update()

    def _chart_node(self):
        return self._view_node.GetPlotChartNode() if self._view_node is not None else None

    def _follow(self) -> None:
        """Watch the view node, the chart, and all that the chart shows."""
        self._watch.clear()
        self._watch.follow(self._view_node, self._follow)
        chart = self._chart_node()
        if chart is not None:
            self._watch.follow(chart, self._follow)
            self._watch.add(chart, slicer.vtkMRMLPlotChartNode.PlotModifiedEvent, self.update)
            for number in range(chart.GetNumberOfPlotSeriesNodes()):
                series = chart.GetNthPlotSeriesNode(number)
                self._watch.follow(series, self.update)
                self._watch.follow(series.GetTableNode() if series is not None else None, self.update)
        self.update()

    def _shown(self) -> Chart | None:
        """What is drawn, as numbers; None without a chart."""
        return chart_of(self._chart_node()) if self._chart_node() is not None else None

    def _rows(self) -> list[tuple[float, str]]:
        """Places and words that were put on the left axis by hand."""
        axis = self._vtk_chart.GetAxis(vtk.vtkAxis.LEFT)
        places, names = axis.GetTickPositions(), axis.GetTickLabels()
        return [(places.GetValue(n), names.GetValue(n)) for n in range(names.GetNumberOfValues())]

    def paintEvent(self, event) -> None:
        """Draw the chart; without one the view is empty, as in Slicer."""
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect, QtGui.QColor("#ffffff"))
        chart = self._shown()
        if chart is not None:
            _ChartPainter(painter, chart, QtCore.QRectF(self.rect), self._rows()).draw()
        painter.end()


@from_facts
class qMRMLPlotWidget(qMRMLWidget):
    """A plot view of the layout."""

    _view = None
    _view_node = None

    def __init__(self, *parent):
        super().__init__(*parent)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._view = qMRMLPlotView(self)
        layout.addWidget(self._view)
        self.connect("mrmlSceneChanged(vtkMRMLScene*)", self._view.setMRMLScene)

    def plotView(self):
        """The view."""
        return self._view

    viewWidget = plotView

    def setMRMLPlotViewNode(self, node) -> None:
        """Show the chart of a view node."""
        self._view_node = node
        self._view.setMRMLPlotViewNode(node)

    setMRMLAbstractViewNode = setMRMLPlotViewNode

    def mrmlPlotViewNode(self):
        """The view node."""
        return self._view_node

    mrmlAbstractViewNode = mrmlPlotViewNode
