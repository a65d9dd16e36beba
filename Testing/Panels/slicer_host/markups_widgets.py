"""Placing of points, and the list of them."""

import slicer

from .fact_class import from_facts
from .mrml_widget import qSlicerWidget
from .node_combo_box import qMRMLNodeComboBox
from .observing import Observations
from .qt_module import qt


@from_facts
class qSlicerMarkupsPlaceWidget(qSlicerWidget):
    """A button that turns the mode of placing points on and off, and one that deletes points."""

    _DEFAULTS = {"buttonsVisible": True}
    _node = None
    _place = None
    _delete = None
    _watch = None
    _on = False

    def __init__(self, *parent):
        super().__init__(*parent)
        layout = qt.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._watch = Observations(self)
        self._place, self._delete = qt.QToolButton(self), qt.QToolButton(self)
        self._place.text, self._place.checkable, self._delete.text = "Place", True, "Delete"
        self._place.connect("clicked(bool)", self.setPlaceModeEnabled)
        self._delete.connect("clicked()", self.deleteAllPoints)
        layout.addWidget(self._place)
        layout.addWidget(self._delete)
        self._show()

    def setCurrentNode(self, node) -> None:
        """Choose the vtkMRMLMarkupsNode into which points go."""
        self._node = node
        self._show()

    def currentNode(self):
        """The node into which points go."""
        return self._node

    currentMarkupsNode = currentMarkupsFiducialNode = currentNode

    def placeButton(self):
        """The button of placing."""
        return self._place

    def deleteButton(self):
        """The button of deleting."""
        return self._delete

    def interactionNode(self):
        """The vtkMRMLInteractionNode, which knows the mode of the mouse."""
        return slicer.app.applicationLogic().GetInteractionNode()

    def selectionNode(self):
        """The vtkMRMLSelectionNode, which knows what is placed."""
        return slicer.app.applicationLogic().GetSelectionNode()

    def _scene_changed(self, scene) -> None:
        self._watch.clear()
        if scene is not None:
            self._watch.follow(self.interactionNode(), self._show)

    def _get_placeModeEnabled(self) -> bool:
        mode, chosen = self.interactionNode(), self.selectionNode()
        if self._node is None or mode is None:
            return False
        return mode.GetCurrentInteractionMode() == mode.Place and chosen.GetActivePlaceNodeID() == self._node.GetID()

    def setPlaceModeEnabled(self, enabled: bool) -> None:
        """Turn the mode of placing on or off."""
        mode = self.interactionNode()
        if self._node is not None and enabled:
            self.selectionNode().SetReferenceActivePlaceNodeClassName(self._node.GetClassName())
            self.selectionNode().SetActivePlaceNodeID(self._node.GetID())
            mode.SetPlaceModePersistence(int(self.placeModePersistency))
            mode.SetCurrentInteractionMode(mode.Place)
        elif self.placeModeEnabled:
            mode.SetCurrentInteractionMode(mode.ViewTransform)
        self._show()

    _set_placeModeEnabled = setPlaceModeEnabled

    def _set_buttonsVisible(self, visible) -> None:
        self._place.visible = self._delete.visible = bool(visible)

    def deleteAllPoints(self) -> None:
        """Delete all points."""
        if self._node is not None:
            self._node.RemoveAllControlPoints()

    def deleteLastPoint(self) -> None:
        """Delete the point that was placed last."""
        if self._node is not None and self._node.GetNumberOfControlPoints():
            self._node.RemoveNthControlPoint(self._node.GetNumberOfControlPoints() - 1)

    def _show(self) -> None:
        self._place.enabled = self._delete.enabled = self._node is not None
        on = self._scene is not None and self.placeModeEnabled
        self._place.checked = on
        if on != self._on:
            self._on = on
            self._emit("activeMarkupsPlaceModeChanged(bool)", on)


@from_facts
class qSlicerSimpleMarkupsWidget(qSlicerWidget):
    """A choice of a list of points, the means of placing them, and a table of them."""

    _DEFAULTS = {"nodeSelectorVisible": True}
    _nodes = None
    _placing = None
    _table = None
    _watch = None

    def __init__(self, *parent):
        super().__init__(*parent)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        row = qt.QHBoxLayout()
        self._nodes = qMRMLNodeComboBox(self)
        self._nodes.nodeTypes = ["vtkMRMLMarkupsFiducialNode"]
        self._placing = qSlicerMarkupsPlaceWidget(self)
        row.addWidget(self._nodes)
        row.addWidget(self._placing)
        layout.addLayout(row)
        self._table = qt.QTableWidget(0, 4, self)
        self._table.setHorizontalHeaderLabels(["Label", "R", "A", "S"])
        layout.addWidget(self._table)
        self._watch = Observations(self)
        self._nodes.connect("currentNodeChanged(vtkMRMLNode*)", self._chosen)

    def _scene_changed(self, scene) -> None:
        self._placing.setMRMLScene(scene)
        self._nodes.setMRMLScene(scene)

    def _chosen(self, node) -> None:
        self._placing.setCurrentNode(node)
        self._watch.clear()
        if node is not None:
            for event in (node.PointPositionDefinedEvent, node.PointModifiedEvent, node.PointRemovedEvent):
                self._watch.add(node, event, self._list)
        self._list()
        self._emit("markupsNodeChanged()")
        if node is not None and self.enterPlaceModeOnNodeChange:
            self._placing.setPlaceModeEnabled(True)

    def _list(self) -> None:
        node = self.currentNode()
        self._table.setRowCount(node.GetNumberOfControlPoints() if node is not None else 0)
        for row in range(self._table.rowCount):
            place = [0.0, 0.0, 0.0]
            node.GetNthControlPointPositionWorld(row, place)
            for column, text in enumerate((node.GetNthControlPointLabel(row), *(f"{one:.3f}" for one in place))):
                self._table.setItem(row, column, qt.QTableWidgetItem(text))
        self._emit("updateFinished()")

    def currentNode(self):
        """The list of points."""
        return self._nodes.currentNode()

    getCurrentNode = currentNode

    def setCurrentNode(self, node) -> None:
        """Choose a list of points."""
        self._nodes.setCurrentNode(node)

    def setNodeBaseName(self, name: str) -> None:
        """What new lists are called."""
        self._nodes.baseName = name

    def markupsPlaceWidget(self):
        """The means of placing."""
        return self._placing

    def markupsSelectorComboBox(self):
        """The choice of the list."""
        return self._nodes

    def tableWidget(self):
        """The table."""
        return self._table

    def _set_nodeSelectorVisible(self, visible) -> None:
        self._nodes.visible = bool(visible)
