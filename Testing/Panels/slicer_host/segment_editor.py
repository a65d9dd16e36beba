"""qMRMLSegmentEditorWidget: segments, effects, and the options of the effect that is active."""

import slicer

from .fact_class import from_facts
from .mrml_widget import qMRMLWidget
from .node_combo_box import qMRMLNodeComboBox
from .observing import Observations
from .qt_module import qt
from .segment_effects import EFFECTS, qSlicerSegmentEditorScriptedEffect
from .segment_widgets import follow_segments, qMRMLSegmentsTableView, segments_of

BUILT_IN = ("Threshold", "Paint", "Draw", "Erase", "Islands", "Scissors")
"""Effects of Slicer itself, which the host only names."""
COLUMNS = 4


@from_facts
class qMRMLSegmentEditorWidget(qMRMLWidget):
    """The Segment Editor, plainly; what it shows is what its vtkMRMLSegmentEditorNode says."""

    _DEFAULTS = {
        "segmentationNodeSelectorVisible": True,
        "sourceVolumeNodeSelectorVisible": True,
        "switchToSegmentationsButtonVisible": True,
        "addRemoveSegmentButtonsVisible": True,
        "undoEnabled": True,
    }
    _node = None
    _effects: tuple = ()
    _active = None
    _watch = None
    _of_segments = None
    _segmentations = None
    _volumes = None
    _table = None
    _buttons = None
    _options = None
    _add = None
    _remove = None
    _busy = False
    _shown: tuple = ()
    _shortcuts = False

    def __init__(self, *parent):
        super().__init__(*parent)
        self._watch, self._of_segments = Observations(self), Observations(self)
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        form = qt.QFormLayout()
        self._segmentations = self._selector("vtkMRMLSegmentationNode", self.setSegmentationNode)
        self._volumes = self._selector("vtkMRMLScalarVolumeNode", self.setSourceVolumeNode)
        form.addRow("Segmentation:", self._segmentations)
        form.addRow("Source volume:", self._volumes)
        layout.addLayout(form)
        layout.addLayout(self._segment_buttons())
        self._table = qMRMLSegmentsTableView(self)
        self._table.setMinimumHeight(90)
        self._table.setMaximumHeight(120)
        self._table.connect("selectionChanged(QItemSelection,QItemSelection)", self._selected)
        layout.addWidget(self._table)
        self._buttons = qt.QGridLayout()
        layout.addLayout(self._buttons)
        self._options = qt.QVBoxLayout()
        layout.addLayout(self._options)
        self.updateEffectList()

    def _selector(self, kind: str, chosen):
        made = qMRMLNodeComboBox(self)
        made.nodeTypes, made.noneEnabled = [kind], True
        made.connect("currentNodeChanged(vtkMRMLNode*)", lambda node: None if self._busy else chosen(node))
        return made

    def _segment_buttons(self):
        row = qt.QHBoxLayout()
        self._add, self._remove = qt.QPushButton("Add", self), qt.QPushButton("Remove", self)
        self._add.connect("clicked()", self._add_segment)
        self._remove.connect("clicked()", self._remove_segment)
        row.addWidget(self._add)
        row.addWidget(self._remove)
        row.addStretch(1)
        return row

    # nodes

    def _scene_changed(self, scene) -> None:
        self._segmentations.setMRMLScene(scene)
        self._volumes.setMRMLScene(scene)
        if scene is None or (self._node is not None and self._node.GetScene() is not scene):
            self.setMRMLSegmentEditorNode(None)
        self.updateWidgetFromMRML()

    def setMRMLSegmentEditorNode(self, node) -> None:
        """Set the node that keeps all choices; Slicer wants it before the scene."""
        self._watch.clear()
        self._node = node
        self._watch.follow(node, self.updateWidgetFromMRML)
        for effect in self._effects:
            effect.setParameterSetNode(node)
        self.updateWidgetFromMRML()

    def mrmlSegmentEditorNode(self):
        """The node that keeps all choices."""
        return self._node

    def segmentationNode(self):
        """The segmentation."""
        return self._node.GetSegmentationNode() if self._node is not None else None

    def setSegmentationNode(self, node) -> None:
        """Choose a segmentation, and its first segment."""
        if self._node is None or node is self.segmentationNode():
            return
        with slicer.util.NodeModify(self._node):
            self._node.SetAndObserveSegmentationNode(node)
            found = segments_of(node)
            self._node.SetSelectedSegmentID(found[0][0] if found else "")
        self._emit("segmentationNodeChanged(vtkMRMLSegmentationNode*)", node)

    def setSegmentationNodeID(self, node_id: str) -> None:
        """Choose a segmentation by its ID."""
        self.setSegmentationNode(self._scene.GetNodeByID(node_id))

    def sourceVolumeNode(self):
        """The volume that is looked at."""
        return self._node.GetSourceVolumeNode() if self._node is not None else None

    def setSourceVolumeNode(self, node) -> None:
        """Choose the volume that is looked at; the segmentation takes its geometry if it has none."""
        if self._node is None or node is self.sourceVolumeNode():
            return
        self._node.SetAndObserveSourceVolumeNode(node)
        segmentation = self.segmentationNode()
        if segmentation is not None and node is not None and not segments_of(segmentation):
            segmentation.SetReferenceImageGeometryParameterFromVolumeNode(node)
        for effect in self._effects:
            effect._python("sourceVolumeNodeChanged")
        self._emit("sourceVolumeNodeChanged(vtkMRMLVolumeNode*)", node)

    def currentSegmentID(self) -> str:
        """The segment that is edited."""
        return (self._node.GetSelectedSegmentID() or "") if self._node is not None else ""

    def setCurrentSegmentID(self, segment_id: str) -> None:
        """Choose the segment that is edited."""
        if self._node is not None and segment_id != self.currentSegmentID():
            self._node.SetSelectedSegmentID(segment_id)
            self._emit("currentSegmentIDChanged(QString)", segment_id)

    # effects

    def updateEffectList(self) -> None:
        """Offer every effect that is registered."""
        names = self.availableEffectNames()
        made = [_named(one) for one in BUILT_IN if one not in names]
        made += [one._clone() for one in EFFECTS if one.name not in names]
        for effect in made:
            effect.setParent(self)
            effect.setParameterSetNode(self._node)
        self._effects = (*self._effects, *made)
        self._show_buttons()

    def _show_buttons(self) -> None:
        for number, effect in enumerate((None, *self._effects)):
            if self._buttons.itemAtPosition(number // COLUMNS, number % COLUMNS) is None:
                button = qt.QToolButton(self)
                button.text, button.checkable = ("None" if effect is None else effect.title), True
                button.setSizePolicy(qt.QSizePolicy.Policy.Expanding, qt.QSizePolicy.Policy.Fixed)
                name = "" if effect is None else effect.name
                button.connect("clicked()", lambda name=name: self.setActiveEffectByName(name))
                self._buttons.addWidget(button, number // COLUMNS, number % COLUMNS)

    def availableEffectNames(self) -> tuple[str, ...]:
        """Names of all effects."""
        return tuple(one.name for one in self._effects)

    def effectCount(self) -> int:
        """How many effects there are."""
        return len(self._effects)

    def effectByIndex(self, index: int):
        """The n-th effect."""
        return self._effects[index]

    def effectByName(self, name: str):
        """The effect of a name, or None."""
        return next((one for one in self._effects if one.name == name), None)

    def activeEffect(self):
        """The effect that is active, or None."""
        return self._active

    def setActiveEffect(self, effect) -> None:
        """Make an effect the active one; None: none."""
        if self._node is not None:
            self._node.SetActiveEffectName("" if effect is None else effect.name)
        else:
            self._switch_to(None)

    def setActiveEffectByName(self, name: str) -> None:
        """Make an effect the active one."""
        self.setActiveEffect(self.effectByName(name) if name else None)

    def _switch_to(self, effect) -> None:
        if effect is self._active:
            return
        before, self._active = self._active, effect
        if before is not None:
            before.deactivate()
            before.optionsFrame().hide()
        if effect is not None:
            frame = effect.optionsFrame()
            self._options.addWidget(frame)
            frame.show()
            effect.activate()

    # the look

    def updateWidgetFromMRML(self) -> None:
        """Show what the node says."""
        if self._busy:
            return
        self._busy = True
        try:
            self._segmentations.setCurrentNode(self.segmentationNode())
            self._volumes.setCurrentNode(self.sourceVolumeNode())
            self._show_segments()
            name = (self._node.GetActiveEffectName() or "") if self._node is not None else ""
            self._switch_to(self.effectByName(name))
            self._check_button()
            if self._active is not None:
                self._active.updateGUIFromMRML()
        finally:
            self._busy = False

    def _show_segments(self) -> None:
        node = self.segmentationNode()
        if node is not self._table.segmentationNode():
            self._table.setSegmentationNode(node)
            follow_segments(self._of_segments, node, self.updateWidgetFromMRML)
        if self.currentSegmentID() not in [one for one, _ in segments_of(node)]:
            self.setCurrentSegmentID("")
        if self.currentSegmentID() not in self._table.selectedSegmentIDs():
            self._table.setSelectedSegmentIDs((self.currentSegmentID(),))
        editable = node is not None and self.sourceVolumeNode() is not None
        for button, needed in ((self._add, editable), (self._remove, bool(self.currentSegmentID()))):
            button.enabled = bool(needed)

    def _check_button(self) -> None:
        title = "None" if self._active is None else self._active.title
        for number in range(self._buttons.count()):
            button = self._buttons.itemAt(number).widget()
            button.checked = button.text == title
            button.enabled = self.sourceVolumeNode() is not None or button.text == "None"

    def _selected(self, *_) -> None:
        chosen = self._table.selectedSegmentIDs()
        if chosen and not self._busy:
            self.setCurrentSegmentID(chosen[0])

    def _add_segment(self) -> None:
        self.setCurrentSegmentID(self.segmentationNode().GetSegmentation().AddEmptySegment())

    def _remove_segment(self) -> None:
        """The next segment is chosen first, or the one before, as in Slicer."""
        names, removed = [one for one, _ in segments_of(self.segmentationNode())], self.currentSegmentID()
        place = names.index(removed)
        for other in (names[place + 1 :] or names[:place][-1:])[:1]:
            self.setCurrentSegmentID(other)
        self.segmentationNode().GetSegmentation().RemoveSegment(removed)

    def _set_segmentationNodeSelectorVisible(self, visible) -> None:
        _show_row(self._segmentations, visible)

    def _set_sourceVolumeNodeSelectorVisible(self, visible) -> None:
        _show_row(self._volumes, visible)

    def _set_addRemoveSegmentButtonsVisible(self, visible) -> None:
        self._add.visible = self._remove.visible = bool(visible)

    # views and keys: there are none to listen to

    def installKeyboardShortcuts(self, parent=None) -> None:
        """Listen to keys."""
        self._shortcuts = True

    def uninstallKeyboardShortcuts(self) -> None:
        """Listen to keys no longer."""
        self._shortcuts = False

    def setupViewObservations(self) -> None:
        """Listen to the views."""

    def removeViewObservations(self) -> None:
        """Listen to the views no longer."""


def _show_row(selector, visible: bool) -> None:
    """A selector and its label."""
    selector.visible = bool(visible)
    form = next(one for one in selector.parent().findChildren(qt.QFormLayout) if one.labelForField(selector))
    form.labelForField(selector).setVisible(bool(visible))


def _named(name: str):
    """An effect of Slicer itself, in name only."""
    made = qSlicerSegmentEditorScriptedEffect(None)
    made.name = name
    return made
