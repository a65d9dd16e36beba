"""qMRMLNodeComboBox: a choice of the scene's nodes that follows the scene."""

import slicer

from .fact_class import from_facts
from .mrml_widget import SceneWidget
from .observing import Observations
from .qt_module import qt


def _whenever_nodes_change() -> tuple:
    scene = slicer.vtkMRMLScene
    return (
        scene.NodeAddedEvent,
        scene.NodeRemovedEvent,
        scene.EndBatchProcessEvent,
        scene.EndCloseEvent,
        scene.EndImportEvent,
        scene.EndRestoreEvent,
    )


@from_facts
class qMRMLNodeComboBox(SceneWidget):
    """Nodes of some types; "None" first if it may be none."""

    _DEFAULTS = {
        "showChildNodeTypes": True,
        "addEnabled": True,
        "removeEnabled": True,
        "selectNodeUponCreation": True,
        "noneDisplay": "None",
    }
    _combo = None
    _nodes: tuple = ()
    _told = None
    _attributes: tuple = ()
    _labels: dict = {}
    _of_scene = None
    _of_nodes = None

    def __init__(self, *parent):
        super().__init__(*parent)
        layout = qt.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._combo = qt.QComboBox(self)
        self._combo.setSizePolicy(qt.QSizePolicy.Policy.Expanding, qt.QSizePolicy.Policy.Fixed)
        self._combo.minimumContentsLength = 8
        layout.addWidget(self._combo)
        self._of_scene, self._of_nodes = Observations(self), Observations(self)
        self._combo.connect("currentIndexChanged(int)", self._tell)
        self._combo.connect("activated(int)", self._activated)
        self._labels = {}

    # the scene

    def setMRMLScene(self, scene) -> None:
        """Set the scene that is followed."""
        self._take_scene(scene)

    def mrmlScene(self):
        """The scene."""
        return self._scene

    def _scene_changed(self, scene) -> None:
        self._of_scene.clear()
        if scene is not None:
            for event in _whenever_nodes_change():
                self._of_scene.add(scene, event, self._refresh)
        self._refresh()

    def _wanted(self) -> list:
        if self._scene is None or not self.nodeTypes:
            return []
        count = self._scene.GetNumberOfNodes()
        return [one for one in (self._scene.GetNthNode(n) for n in range(count)) if self._fits(one)]

    def _fits(self, node) -> bool:
        if node.GetHideFromEditors() and not self.showHidden:
            return False
        if any(node.IsA(kind) for kind in self.hideChildNodeTypes):
            return False
        fits = any(node.IsA(one) if self.showChildNodeTypes else node.GetClassName() == one for one in self.nodeTypes)
        return fits and all(
            node.GetAttribute(name) is not None and value in (None, "", node.GetAttribute(name))
            for kind, name, value in self._attributes
            if node.IsA(kind)
        )

    def _refresh(self) -> None:
        """List what is in the scene; while it is being read or closed, wait for the end."""
        if self._scene is not None and self._scene.IsBatchProcessing():
            return
        blocked = self._combo.blockSignals(True)
        self._list(self._wanted())
        self._combo.blockSignals(blocked)
        self._of_nodes.clear()
        for node in self._nodes:
            self._of_nodes.follow(node, self._changed)
        self._tell()

    def _list(self, wanted: list) -> None:
        """Change entries one by one, so that the choice moves as in any combo box."""
        first = [None] if self.noneEnabled and self._scene is not None else []
        entries = [*first, *wanted]
        held = (
            list(self._nodes) if not self._combo.count else [self._combo.itemData(n) for n in range(self._combo.count)]
        )
        for number in reversed(range(len(held))):
            if not any(held[number] is one for one in entries):
                self._combo.removeItem(number)
                del held[number]
        for number, node in enumerate(entries):
            if number >= len(held) or held[number] is not node:
                self._combo.insertItem(number, "", node)
                held.insert(number, node)
            self._combo.setItemText(number, self.noneDisplay if node is None else node.GetName() or "")
        self._nodes = tuple(wanted)

    def _changed(self) -> None:
        """A node that is listed was modified: it may have another name, or fit no longer."""
        first = self._combo.count - len(self._nodes)
        listed = [self._combo.itemText(first + number) for number in range(len(self._nodes))]
        if all(map(self._fits, self._nodes)) and listed == [node.GetName() or "" for node in self._nodes]:
            return
        before = self._combo.currentText
        self._refresh()
        if self._told is not None and self._combo.currentText != before:
            self._emit("currentNodeRenamed(QString)", self._combo.currentText)

    def _activated(self, _index: int) -> None:
        """The user has chosen, not the program and not the scene."""
        self._emit("nodeActivated(vtkMRMLNode*)", self.currentNode())

    def _tell(self) -> None:
        node = self.currentNode()
        if node is not self._told:
            self._told = node
            self._emit("currentNodeChanged(vtkMRMLNode*)", node)
            self._emit("currentNodeChanged(bool)", node is not None)
            self._emit("currentNodeIDChanged(QString)", node.GetID() if node is not None else "")

    # the choice

    def currentNode(self):
        """The node that is chosen, or None."""
        return self._combo.currentData

    def setCurrentNode(self, node) -> None:
        """Choose a node, by itself or by its ID; one that is not listed means none."""
        if isinstance(node, str):
            node = self._scene.GetNodeByID(node) if self._scene is not None and node else None
        places = [n for n in range(self._combo.count) if self._combo.itemData(n) is node]
        self._combo.setCurrentIndex(places[0] if places else (0 if self.noneEnabled and self._combo.count else -1))

    def setCurrentNodeID(self, node_id: str) -> None:
        """Choose a node by its ID."""
        self.setCurrentNode(node_id or "")

    _set_currentNodeID = _set_currentNodeId = setCurrentNodeID

    def setCurrentNodeIndex(self, index: int) -> None:
        """Choose the n-th node."""
        self.setCurrentNode(self._nodes[index] if 0 <= index < len(self._nodes) else None)

    def currentNodeId(self) -> str:
        """The ID of the node that is chosen."""
        node = self.currentNode()
        return node.GetID() if node is not None else ""

    _get_currentNodeID = _get_currentNodeId = currentNodeId

    def nodeCount(self) -> int:
        """How many nodes there are to choose from."""
        return len(self._nodes)

    def nodeFromIndex(self, index: int):
        """The n-th node, or None."""
        return self._nodes[index] if 0 <= index < len(self._nodes) else None

    # what is listed

    def _again(self, _value) -> None:
        self._refresh()

    _set_nodeTypes = _set_showHidden = _set_showChildNodeTypes = _set_hideChildNodeTypes = _again
    _set_noneEnabled = _set_noneDisplay = _again

    def addAttribute(self, kind: str, name: str, value=None) -> None:
        """List nodes of a type only if they have an attribute, with a value if one is given."""
        self._attributes = (*self._attributes, (kind, name, value))
        self._refresh()

    def removeAttribute(self, kind: str, name: str) -> None:
        """Undo ``addAttribute``."""
        self._attributes = tuple(one for one in self._attributes if one[:2] != (kind, name))
        self._refresh()

    def setNodeTypeLabel(self, label: str, kind: str) -> None:
        """How a type is called in the menu."""
        self._labels[kind] = label

    def nodeTypeLabel(self, kind: str) -> str:
        """How a type is called in the menu."""
        return self._labels.get(kind, kind)

    # what a user does in the menu

    def addNode(self, kind: str = ""):
        """Make a node, as the menu's "Create new" does."""
        kind = kind or self.nodeTypes[0]
        name = self.baseName or kind.removeprefix("vtkMRML").removesuffix("Node")
        node = self._scene.AddNewNodeByClass(kind, self._scene.GenerateUniqueName(name))
        for of_kind, attribute, value in self._attributes:
            if node.IsA(of_kind):
                node.SetAttribute(attribute, value or "")
        self._refresh()
        if self.selectNodeUponCreation:
            self.setCurrentNode(node)
        self._emit("nodeAdded(vtkMRMLNode*)", node)
        self._emit("nodeAddedByUser(vtkMRMLNode*)", node)
        self._emit("nodeAddedByUserAction(vtkMRMLNode*)", node)
        return node

    def removeCurrentNode(self) -> None:
        """Remove the node that is chosen, as the menu's "Delete" does."""
        node = self.currentNode()
        if node is not None:
            self._emit("nodeAboutToBeRemoved(vtkMRMLNode*)", node)
            self._scene.RemoveNode(node)
