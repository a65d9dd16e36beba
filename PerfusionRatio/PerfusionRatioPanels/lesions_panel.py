"""Lesions: outlined in the Segment Editor, listed with their sizes; normal brain, found or placed."""

import slicer
from slicer.i18n import tr as _

from PerfusionRatioLib.errors import InputError
from PerfusionRatioScene.lesions import add_lesion, outlines_digest, size_rows
from PerfusionRatioScene.visit_results import node_name

from .panel import Panel, enable
from .text_table import show_rows
from .waiting import timer_for
from .watching import PointWatch, SegmentationWatch

EFFECT = "Enhancing lesion"
WAIT = 100
"""Milliseconds without another stroke after which lesions are measured again."""
EDITOR_TAG = "PerfusionRatioEditor"
COLUMNS = (_("Lesion"), _("Volume (ml)"), _("Enhancing (ml)"), _("Diameters (mm)"))


class LesionsPanel(Panel):
    """The lesions of the visit that is edited."""

    UI = "LesionsPanel"

    def set_up(self) -> None:
        """Give the editor a node of its own, and connect."""
        self._drawn = timer_for(self._take_up, WAIT)  # strokes come in many events, and saving looks like one of them
        self._watch = SegmentationWatch(self._note_stroke)
        self._digest = None
        self._listed: tuple | None = None
        self._edited: tuple | None = None
        self._placed = PointWatch(self.module.forget_comparison)
        editor = self.ui.segmentEditor
        editor.setMRMLSegmentEditorNode(self._editor_node())  # before the scene
        editor.setMRMLScene(self.module.scene)
        editor.segmentationNodeSelectorVisible = False
        editor.sourceVolumeNodeSelectorVisible = False
        editor.switchToSegmentationsButtonVisible = False
        self._effects = _effect_factory()
        self._effects.connect("effectRegistered(QString)", self._effect_registered)
        self.ui.addLesionButton.connect("clicked(bool)", lambda checked: self._add_lesion())
        self.ui.referenceAutoButton.connect("clicked(bool)", lambda checked: self._find_reference())
        self.ui.referenceMoveButton.connect("clicked(bool)", lambda checked: self._place_reference())

    def enter(self) -> None:
        """The module is opened: the editor listens to the views again."""
        self.ui.segmentEditor.setupViewObservations()
        self.ui.segmentEditor.installKeyboardShortcuts()
        self.ui.segmentEditor.updateWidgetFromMRML()

    def exit(self) -> None:
        """The module is left: no effect may stay active behind another module."""
        self.ui.segmentEditor.setActiveEffect(None)
        self.ui.segmentEditor.uninstallKeyboardShortcuts()
        self.ui.segmentEditor.removeViewObservations()

    def close(self) -> None:
        """The widget is about to go, and its editor must not work on beside the next one's."""
        self.exit()
        self._effects.disconnect("effectRegistered(QString)", self._effect_registered)
        self.ui.segmentEditor.setMRMLSegmentEditorNode(None)

    def _effect_registered(self, name: str) -> None:
        """An effect came after the panel: ours does where the module is the first that is shown."""
        self.ui.segmentEditor.updateEffectList()

    def refresh(self) -> None:
        """Show the lesions of the visit."""
        visit = self.visit
        self.widget.enabled = visit is not None
        if visit is None:
            self.stop()
            return
        if self._digest is None:
            self._digest = outlines_digest(self.parameters)
        self._watch.follow(self.parameters.pre.lesions, self.parameters.follow_up.lesions)
        self._placed.follow(self.parameters.pre.reference_place, self.parameters.follow_up.reference_place)
        self._show_editor(visit)
        reason = "" if visit.t1 is not None else _("Choose the post-contrast T1 first: lesions are outlined on it.")
        enable(self.ui.addLesionButton, reason, _("Add a lesion, and click in it"))
        self._list(visit)
        placed = visit.reference_place is not None and visit.reference_place.GetNumberOfControlPoints() > 0
        self.ui.referenceLabel.text = _("Normal brain: placed by hand") if placed else _("Normal brain: automatic")
        enable(
            self.ui.referenceAutoButton,
            "" if placed else _("It is found automatically already."),
            _("Find normal white matter opposite the lesion"),
        )
        enable(self.ui.referenceMoveButton, reason, _("Put a point in normal white matter, and drag it"))

    def stop(self) -> None:
        """Follow nothing any more."""
        self._drawn.stop()
        self._watch.follow()
        self._placed.follow()
        self._digest = self._edited = self._listed = None

    def _note_stroke(self) -> None:
        """Something was drawn, or added, or named otherwise."""
        self._listed = None
        self._drawn.start()

    def _take_up(self) -> None:
        """Lesions that were drawn otherwise make a comparison one of the past."""
        digest = outlines_digest(self.parameters)
        if digest != self._digest:
            self._digest = digest
            self.module.forget_comparison()

    def edit(self, segmentation, segment: str, volume) -> None:
        """Let the editor work on a segment of any segmentation."""
        editor = self.ui.segmentEditor
        editor.setSegmentationNode(segmentation)
        if volume is not None:
            editor.setSourceVolumeNode(volume)
        editor.setCurrentSegmentID(segment)

    def _show_editor(self, visit) -> None:
        """Let the editor turn to the lesions when the visit or its nodes change; else it stays where the user is."""
        shown = (self.parameters.shown_visit, visit.lesions, visit.t1)
        if shown == self._edited:
            return
        self._edited, editor = shown, self.ui.segmentEditor
        if visit.lesions is not None and editor.segmentationNode() is not visit.lesions:
            editor.setSegmentationNode(visit.lesions)
        if visit.t1 is not None and editor.sourceVolumeNode() is not visit.t1:
            editor.setSourceVolumeNode(visit.t1)

    def _add_lesion(self) -> None:
        """A segment with a name of its own, in which the next click outlines a lesion."""
        try:
            segment = add_lesion(self.module.scene, self.parameters, self.parameters.shown_visit)
        except InputError as error:
            self.module.tell(str(error))
            return
        self.edit(self.visit.lesions, segment, self.visit.t1)
        self.ui.segmentEditor.setActiveEffectByName(EFFECT)
        self.module.show_images()
        self.module.refresh()

    def _list(self, visit) -> None:
        """Sizes are measured anew only when something was drawn, or other images are shown: it takes its time."""
        listed = (self.parameters.shown_visit, visit.lesions, visit.t1)
        if listed == self._listed:
            return
        self._listed = listed
        try:
            rows = size_rows(visit)
        except InputError as error:
            self.module.tell(str(error))
            rows = []
        self.ui.lesionsTable.visible = bool(rows)
        show_rows(self.ui.lesionsTable, COLUMNS, rows)

    def _find_reference(self) -> None:
        if self.visit.reference_place is not None:
            self.module.scene.RemoveNode(self.visit.reference_place)
        self.module.forget_comparison()

    def _place_reference(self) -> None:
        """A point that the user puts into normal brain; the region grows around it."""
        visit = self.visit
        if visit.reference_place is None:
            name = node_name("Normal brain", self.parameters.shown_visit)
            visit.reference_place = self.module.scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", name)
            visit.reference_place.CreateDefaultDisplayNodes()
            visit.reference_place.SetMaximumNumberOfControlPoints(1)
            if visit.t1 is not None:
                visit.reference_place.SetAndObserveTransformNodeID(visit.t1.GetTransformNodeID())
        selection = slicer.app.applicationLogic().GetSelectionNode()
        if selection is not None:
            selection.SetReferenceActivePlaceNodeClassName("vtkMRMLMarkupsFiducialNode")
            selection.SetActivePlaceNodeID(visit.reference_place.GetID())
            slicer.app.applicationLogic().GetInteractionNode().SetCurrentInteractionMode(
                slicer.vtkMRMLInteractionNode.Place
            )
        self.module.forget_comparison()  # and again when the point is put or dragged

    def _editor_node(self):
        scene = self.module.scene
        node = scene.GetSingletonNode(EDITOR_TAG, "vtkMRMLSegmentEditorNode")
        if node is None:
            node = slicer.vtkMRMLSegmentEditorNode()
            node.SetSingletonTag(EDITOR_TAG)
            node = scene.AddNode(node)
        return node


def _effect_factory():
    """What tells that there is another effect."""
    import qSlicerSegmentationsEditorEffectsPythonQt as effects

    return effects.qSlicerSegmentEditorEffectFactory().instance()  # PythonQt has no static calls of it
