"""Choosing and listing the segments of a vtkMRMLSegmentationNode."""

import slicer
from PySide6 import QtCore, QtGui

from .fact_class import from_facts
from .mrml_widget import qMRMLWidget
from .node_combo_box import qMRMLNodeComboBox
from .observing import Observations
from .qt_module import qt


def segments_of(node) -> list[tuple[str, object]]:
    """IDs and segments of a vtkMRMLSegmentationNode; none of None."""
    segmentation = node.GetSegmentation() if node is not None else None
    if segmentation is None:
        return []
    ids = [segmentation.GetNthSegmentID(number) for number in range(segmentation.GetNumberOfSegments())]
    return [(one, segmentation.GetSegment(one)) for one in ids]


def follow_segments(watch: Observations, node, method) -> None:
    """Watch what changes the list of segments."""
    watch.clear()
    if node is not None:
        watch.follow(node, method)
        kind = slicer.vtkSegmentation
        for event in (kind.SegmentAdded, kind.SegmentRemoved, kind.SegmentModified, kind.SegmentsOrderModified):
            watch.add(node.GetSegmentation(), event, method)


def colour_icon(segment) -> QtGui.QIcon:
    """A square in the colour of a segment."""
    picture = QtGui.QPixmap(14, 14)
    picture.fill(QtGui.QColor.fromRgbF(*segment.GetColor()))
    return QtGui.QIcon(picture)


@from_facts
class qMRMLSegmentSelectorWidget(qMRMLWidget):
    """A segmentation, and one of its segments."""

    _DEFAULTS = {"segmentationNodeSelectorVisible": True, "selectNodeUponCreation": True}
    _nodes = None
    _segments = None
    _watch = None
    _told = ""

    def __init__(self, *parent):
        super().__init__(*parent)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._nodes = qMRMLNodeComboBox(self)
        self._nodes.nodeTypes = ["vtkMRMLSegmentationNode"]
        self._segments = qt.QComboBox(self)
        layout.addWidget(self._nodes)
        layout.addWidget(self._segments)
        self._watch = Observations(self)
        self._nodes.connect("currentNodeChanged(vtkMRMLNode*)", self._node_changed)
        self._segments.connect("currentIndexChanged(int)", self._tell)

    def _scene_changed(self, scene) -> None:
        self._nodes.setMRMLScene(scene)

    def _node_changed(self, node) -> None:
        follow_segments(self._watch, node, self._list)
        self._list()
        self._emit("currentNodeChanged(vtkMRMLNode*)", node)
        self._emit("currentNodeChanged(bool)", node is not None)

    def _list(self) -> None:
        chosen = self.currentSegmentID()
        blocked = self._segments.blockSignals(True)
        self._segments.clear()
        if self.noneEnabled:
            self._segments.addItem("None", "")
        for identifier, segment in segments_of(self.currentNode()):
            self._segments.addItem(colour_icon(segment), segment.GetName(), identifier)
        self._segments.setCurrentIndex(max(self._segments.findData(chosen), 0))
        self._segments.blockSignals(blocked)
        self._tell()

    def _tell(self) -> None:
        if self.currentSegmentID() != self._told:
            self._told = self.currentSegmentID()
            self._emit("currentSegmentChanged(QString)", self._told)
            self._emit("segmentSelectionChanged(QStringList)", self.selectedSegmentIDs())

    def _set_noneEnabled(self, enabled) -> None:
        self._nodes.noneEnabled = enabled
        self._list()

    def _set_segmentationNodeSelectorVisible(self, visible) -> None:
        self._nodes.visible = bool(visible)

    def currentNode(self):
        """The segmentation."""
        return self._nodes.currentNode()

    def setCurrentNode(self, node) -> None:
        """Choose a segmentation."""
        self._nodes.setCurrentNode(node)

    def currentNodeID(self) -> str:
        """The ID of the segmentation."""
        return self._nodes.currentNodeID

    def setCurrentNodeID(self, node_id: str) -> None:
        """Choose a segmentation by its ID."""
        self._nodes.setCurrentNodeID(node_id)

    def currentSegmentID(self) -> str:
        """The ID of the segment, empty for none."""
        return self._segments.currentData or ""

    def setCurrentSegmentID(self, segment_id: str) -> None:
        """Choose a segment."""
        self._segments.setCurrentIndex(self._segments.findData(segment_id))

    def selectedSegmentIDs(self) -> tuple[str, ...]:
        """The segments that are chosen."""
        return (self.currentSegmentID(),) if self.currentSegmentID() else ()

    def segmentIDs(self) -> tuple[str, ...]:
        """All there are to choose from."""
        return tuple(identifier for identifier, _ in segments_of(self.currentNode()))


@from_facts
class qMRMLSegmentsTableView(qMRMLWidget):
    """The segments of a segmentation: shown or not, colour, name."""

    _DEFAULTS = {"headerVisible": True, "visibilityColumnVisible": True}
    _node = None
    _table = None
    _watch = None

    def __init__(self, *parent):
        super().__init__(*parent)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._table = qt.QTableWidget(0, 2, self)
        self._table.setHorizontalHeaderLabels(["Shown", "Name"])
        self._table.horizontalHeader().stretchLastSection = True
        self._table.verticalHeader().visible = False
        self._table.setSelectionBehavior(qt.QTableWidget.SelectionBehavior.SelectRows)
        layout.addWidget(self._table)
        self._watch = Observations(self)
        self._table.connect("itemChanged(QTableWidgetItem*)", self._edited)
        self._table.connect("itemSelectionChanged()", self._selected)

    def setSegmentationNode(self, node) -> None:
        """Show the segments of a segmentation."""
        self._node = node
        follow_segments(self._watch, node, self._fill)
        self._fill()

    def segmentationNode(self):
        """The segmentation."""
        return self._node

    def _fill(self) -> None:
        chosen = self.selectedSegmentIDs()
        blocked = self._table.blockSignals(True)
        display = self._node.GetDisplayNode() if self._node is not None else None
        found = segments_of(self._node)
        self._table.setRowCount(len(found))
        for row, (identifier, segment) in enumerate(found):
            shown = qt.QTableWidgetItem()
            on = display is None or display.GetSegmentVisibility(identifier)
            shown.setCheckState(QtCore.Qt.CheckState.Checked if on else QtCore.Qt.CheckState.Unchecked)
            name = qt.QTableWidgetItem(colour_icon(segment), segment.GetName())
            name.setData(QtCore.Qt.ItemDataRole.UserRole, identifier)
            self._table.setItem(row, 0, shown)
            self._table.setItem(row, 1, name)
        self._table.resizeColumnToContents(0)
        self._table.blockSignals(blocked)
        if chosen and chosen != self.selectedSegmentIDs():
            self.setSelectedSegmentIDs(chosen)

    def _edited(self, item) -> None:
        identifier = self.segmentIDForRow(item.row())
        if item.column() == 1:
            self._node.GetSegmentation().GetSegment(identifier).SetName(item.text())
        elif self._node.GetDisplayNode() is not None:
            self._node.GetDisplayNode().SetSegmentVisibility(
                identifier, item.checkState() == QtCore.Qt.CheckState.Checked
            )

    def _selected(self) -> None:
        now, nothing = self._table.selectionModel().selection, QtCore.QItemSelection()
        self._emit("selectionChanged(QItemSelection,QItemSelection)", now, nothing)

    def _get_segmentCount(self) -> int:
        return self._table.rowCount

    def _set_headerVisible(self, visible) -> None:
        self._table.horizontalHeader().visible = bool(visible)

    def _set_visibilityColumnVisible(self, visible) -> None:
        self._table.setColumnHidden(0, not visible)

    def tableWidget(self):
        """The table."""
        return self._table

    def segmentIDForRow(self, row: int) -> str:
        """The segment of a row."""
        item = self._table.item(row, 1)
        return item.data(QtCore.Qt.ItemDataRole.UserRole) if item is not None else ""

    def rowForSegmentID(self, segment_id: str) -> int:
        """The row of a segment, -1 if there is none."""
        rows = [row for row in range(self._table.rowCount) if self.segmentIDForRow(row) == segment_id]
        return rows[0] if rows else -1

    def displayedSegmentIDs(self) -> tuple[str, ...]:
        """All segments that are listed."""
        return tuple(self.segmentIDForRow(row) for row in range(self._table.rowCount))

    def selectedSegmentIDs(self) -> tuple[str, ...]:
        """The segments whose rows are selected."""
        rows = sorted({one.row() for one in self._table.selectionModel().selectedIndexes})
        return tuple(self.segmentIDForRow(row) for row in rows)

    def setSelectedSegmentIDs(self, segment_ids) -> None:
        """Select segments."""
        self._table.clearSelection()
        for one in segment_ids:
            if self.rowForSegmentID(one) >= 0:
                self._table.selectRow(self.rowForSegmentID(one))

    def clearSelection(self) -> None:
        """Select none."""
        self._table.clearSelection()
