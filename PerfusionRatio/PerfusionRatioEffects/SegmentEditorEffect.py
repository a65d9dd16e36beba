"""Segment Editor effect "Enhancing lesion": clicks become an outline, and the outline becomes the selected segment."""

from pathlib import Path

import ctk
import qt
import slicer
import vtk
from SegmentEditorEffects import AbstractScriptedSegmentEditorEffect
from slicer.i18n import tr as _

AMOUNT, WITH_CORE = "Amount", "WithCore"
"""Parameters of the effect, kept by the Segment Editor."""


class SegmentEditorEffect(AbstractScriptedSegmentEditorEffect):
    """Buttons and clicks; what they mean is in ``PerfusionRatioScene.lesion_clicks``, which is imported when the effect
    is first used."""

    def __init__(self, scriptedEffect):
        scriptedEffect.name = "Enhancing lesion"  # not translated: effects are found by their names
        scriptedEffect.title = _("Enhancing lesion")
        scriptedEffect.perSegment = True
        scriptedEffect.requireSegments = True
        AbstractScriptedSegmentEditorEffect.__init__(self, scriptedEffect)
        self._clicks = None  # LesionClicks, while points are placed
        self._previews = {}  # LesionPreview by slice widget
        self._surface = None  # what the previews cut through
        self._drawn = None  # what the surface was made from: the outline, and whether with its core
        self._closing = None  # observation of the scene

    # what Slicer asks of every effect

    def clone(self):
        """Another instance, for another Segment Editor."""
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        effect = effects.qSlicerSegmentEditorScriptedEffect(None)
        effect.setPythonSource(Path(__file__).as_posix())
        return effect

    def icon(self):
        """The picture on the effect's button."""
        return qt.QIcon(str(Path(__file__).with_suffix(".png")))

    def helpText(self):
        """What the effect does and how the mouse works, as HTML."""
        lines = (
            _("<b>Click</b> in a lesion that enhances on the post-contrast T1: all of it is outlined."),
            _("<b>Click</b> again where the outline misses a part of it."),
            _("<b>Shift+click</b> or <b>Ctrl+click</b> on what is not lesion, such as a vessel that was taken along."),
            _("<b>Less … more</b> moves the border in or out."),
            _("<b>Apply</b> puts the outline in the place of what the selected segment holds."),
        )
        items = "".join(f"<li>{line}</li>" for line in lines)
        return "<html>" + _("One click outlines an enhancing lesion.") + f"<ul>{items}</ul></html>"

    def setupOptionsFrame(self):
        """Slider, check box, buttons and a line for messages."""
        self.amountSlider = ctk.ctkSliderWidget()
        self.amountSlider.objectName = "EnhancingLesionAmount"
        self.amountSlider.minimum, self.amountSlider.maximum = -1, 1
        self.amountSlider.decimals, self.amountSlider.singleStep, self.amountSlider.pageStep = 2, 0.05, 0.25
        self.amountSlider.tracking = False  # an outline takes up to a second
        self.amountSlider.toolTip = _("Move the border of the outline inwards (below 0) or outwards (above 0).")
        self.scriptedEffect.addLabeledOptionsWidget(_("Less … more:"), self.amountSlider)

        self.coreCheckBox = qt.QCheckBox(_("with the necrotic core"))
        self.coreCheckBox.objectName = "EnhancingLesionWithCore"
        self.coreCheckBox.toolTip = _(
            "Fill what does not enhance inside of the lesion. A second segment, named after the lesion, then tells the "
            "core apart."
        )
        self.scriptedEffect.addOptionsWidget(self.coreCheckBox)

        self.applyButton = self._button("Apply", _("Apply"), self.onApply)
        self.undoButton = self._button("UndoPoint", _("Undo point"), self.onUndoPoint)
        self.clearButton = self._button("Clear", _("Clear"), self.onClear)
        row = qt.QHBoxLayout()
        for button in (self.applyButton, self.undoButton, self.clearButton):
            row.addWidget(button)
        self.scriptedEffect.addOptionsWidget(row)

        self.messageLabel = qt.QLabel()
        self.messageLabel.objectName = "EnhancingLesionMessage"
        self.messageLabel.wordWrap = True
        self.scriptedEffect.addOptionsWidget(self.messageLabel)

        self.amountSlider.connect("valueChanged(double)", self.updateMRMLFromGUI)
        self.coreCheckBox.connect("toggled(bool)", self.updateMRMLFromGUI)

    def _button(self, name: str, text: str, slot):
        button = qt.QPushButton(text)
        button.objectName = "EnhancingLesion" + name
        button.connect("clicked()", slot)
        return button

    def cleanup(self):
        """Before the effect is deleted."""
        self.deactivate()
        self.amountSlider.disconnect("valueChanged(double)", self.updateMRMLFromGUI)
        self.coreCheckBox.disconnect("toggled(bool)", self.updateMRMLFromGUI)
        self.applyButton.disconnect("clicked()", self.onApply)
        self.undoButton.disconnect("clicked()", self.onUndoPoint)
        self.clearButton.disconnect("clicked()", self.onClear)

    def setMRMLDefaults(self):
        """The best guess, with its core."""
        self.scriptedEffect.setParameterDefault(AMOUNT, 0.0)
        self.scriptedEffect.setParameterDefault(WITH_CORE, 1)

    def updateGUIFromMRML(self):
        """Show the parameters, and the outline as they want it."""
        shown = ((self.amountSlider, "value", self._amount), (self.coreCheckBox, "checked", self._with_core))
        for widget, name, value in shown:
            was_blocked = widget.blockSignals(True)
            setattr(widget, name, value)
            widget.blockSignals(was_blocked)
        self._refresh()

    def updateMRMLFromGUI(self, *_value):
        """Keep what the user chose; the editor then calls ``updateGUIFromMRML``."""
        # both are read first: when one is kept, the editor shows all parameters again
        amount, with_core = float(self.amountSlider.value), int(self.coreCheckBox.checked)
        self.scriptedEffect.setParameter(AMOUNT, amount)
        self.scriptedEffect.setParameter(WITH_CORE, with_core)
        self._refresh()

    def activate(self):
        """Wait for clicks."""
        if self._closing is None:
            scene = slicer.mrmlScene
            self._closing = (scene, scene.AddObserver(scene.StartCloseEvent, self.onSceneClose))
        self._start_over()

    def onSceneClose(self, _scene, _event):
        """The volume goes, and with it the points; the parameters are left to the editor."""
        self._forget()
        self._refresh()

    def deactivate(self):
        """Leave nothing in the views, and forget the points."""
        if self._closing is not None:
            scene, tag = self._closing
            scene.RemoveObserver(tag)
            self._closing = None
        self._forget()

    def sourceVolumeNodeChanged(self):
        """Points belong to the volume they were placed in."""
        if self._clicks is not None and self._clicks.volume is not self._volume():
            self._start_over()

    def layoutChanged(self):
        """Draw in the views that are there now."""
        self._remove_previews()
        if self._drawn is not None:
            self._draw()

    def createCursor(self, viewWidget):
        """A cross: what matters is the voxel in its middle."""
        return qt.QCursor(qt.Qt.CrossCursor)

    def processInteractionEvents(self, callerInteractor, eventId, viewWidget):
        """Left clicks in slice views place points; everything else works as without the effect."""
        if viewWidget.className() != "qMRMLSliceWidget" or callerInteractor.GetAltKey():
            return False
        if eventId == vtk.vtkCommand.LeftButtonDoubleClickEvent:  # two quick clicks do not enlarge the view
            return True
        if eventId != vtk.vtkCommand.LeftButtonPressEvent:
            return False
        position = self.xyToRas(callerInteractor.GetEventPosition(), viewWidget)
        self.place(position, not (callerInteractor.GetShiftKey() or callerInteractor.GetControlKey()))
        return True

    def processViewNodeEvents(self, callerViewNode, eventId, viewWidget):
        """Another slice shows another part of the outline."""
        if viewWidget in self._previews:
            self._draw_in(viewWidget)

    # what the user does

    def place(self, position, in_lesion):
        """Place a point (RAS) in the lesion, or on what is not lesion."""
        from PerfusionRatioLib.errors import PerfusionRatioError
        from PerfusionRatioScene.lesion_clicks import LesionClicks

        volume = self._volume()
        if volume is None:
            self.messageLabel.text = _("Choose the post-contrast T1 as source volume first.")
            return
        if self._clicks is None or self._clicks.volume is not volume:
            self._clicks = LesionClicks(volume)
        self._clicks.amount = self._amount
        try:
            self._clicks.add(position, in_lesion)
        except PerfusionRatioError as error:
            self.messageLabel.text = str(error)
            return
        self._refresh()

    def onUndoPoint(self):
        """Take the last point away."""
        self._clicks.undo()
        self._refresh()

    def onClear(self):
        """Take all points away."""
        self._start_over()

    def onApply(self):
        """Let the outline be the selected segment."""
        from PerfusionRatioLib.errors import PerfusionRatioError

        try:
            message = self._apply()
        except PerfusionRatioError as error:
            self.messageLabel.text = str(error)
            return
        self._start_over()
        self.messageLabel.text = message

    def _apply(self) -> str:
        from PerfusionRatioScene.lesion_clicks import keep_core, labelmap_of

        outline, volume, with_core = self._clicks.outline(), self._clicks.volume, self._with_core
        node = self.scriptedEffect.parameterSetNode()
        segmentation, identifier = node.GetSegmentationNode(), node.GetSelectedSegmentID()
        reference = self.scriptedEffect.defaultModifierLabelmap()
        labelmap = labelmap_of(outline, volume, segmentation, reference, with_core)
        self.scriptedEffect.saveStateForUndo()
        mode = slicer.qSlicerSegmentEditorAbstractEffect.ModificationModeSet
        self.scriptedEffect.modifySelectedSegmentByLabelmap(labelmap, mode)
        keep_core(outline, volume, segmentation, identifier, reference, with_core)
        segmentation.CreateDefaultDisplayNodes()
        segmentation.GetDisplayNode().SetSegmentVisibility(identifier, True)
        name = segmentation.GetSegmentation().GetSegment(identifier).GetName()
        return _("The segment '{name}' now holds the lesion.").format(name=name)

    # what is shown

    @property
    def _amount(self) -> float:
        return self.scriptedEffect.doubleParameter(AMOUNT)

    @property
    def _with_core(self) -> bool:
        return bool(self.scriptedEffect.integerParameter(WITH_CORE))

    def _volume(self):
        node = self.scriptedEffect.parameterSetNode()
        return None if node is None else node.GetSourceVolumeNode()

    def _start_over(self):
        """No points, and the best guess for the next lesion."""
        self._forget()
        self.scriptedEffect.setParameter(AMOUNT, 0.0)
        self._refresh()
        self.messageLabel.text = ""

    def _forget(self):
        self._clicks = self._surface = self._drawn = None
        self._remove_previews()

    def _refresh(self):
        """Buttons and outline as the points want them; the message stays until there is another outline."""
        from PerfusionRatioLib.errors import PerfusionRatioError

        self._enable()
        if self._clicks is None:
            return
        self._clicks.amount = self._amount
        try:
            outline = self._clicks.outline()
        except PerfusionRatioError as error:
            self.messageLabel.text = str(error)
            return
        if self._drawn is None or self._drawn[0] is not outline or self._drawn[1] != self._with_core:
            self._show(outline)

    def _enable(self):
        placed = self._clicks is not None and bool(self._clicks.clicks)
        reason = "" if placed else _("Click in a lesion first.")
        for button, what in (
            (self.applyButton, _("Put the outline in the place of what the selected segment holds.")),
            (self.undoButton, _("Take the last point away.")),
            (self.clearButton, _("Take all points away.")),
        ):
            button.enabled = placed
            button.toolTip = reason or what
        self._enable_apply(placed)

    def _enable_apply(self, placed: bool):
        node = self.scriptedEffect.parameterSetNode()
        if placed and (node is None or not node.GetSelectedSegmentID()):
            self.applyButton.enabled = False
            self.applyButton.toolTip = _("Choose the segment that is to hold the lesion, or add one.")

    def _show(self, outline):
        from PerfusionRatioScene.lesion_preview import surface_of

        self._surface = surface_of(outline, self._clicks.volume, self._with_core)
        self._drawn = (outline, self._with_core)
        self.messageLabel.text = "" if outline is None else " ".join(outline.notes)
        self._draw()

    def _draw(self):
        """In every slice view that shows the segmentation."""
        from PerfusionRatioScene.lesion_preview import LesionPreview

        for widget in self._slice_widgets():
            if widget not in self._previews:
                self._previews[widget] = LesionPreview()
                for actor in self._previews[widget].actors:
                    self.scriptedEffect.addActor2D(widget, actor)
            self._draw_in(widget)

    def _draw_in(self, widget):
        slice_node = self.scriptedEffect.viewNode(widget)
        self._previews[widget].show(slice_node, self._surface, self._clicks.clicks, self._clicks.volume)
        self.scriptedEffect.scheduleRender(widget)

    def _slice_widgets(self) -> list:
        manager = slicer.app.layoutManager()
        if manager is None:  # no main window, or the application is closing
            return []
        widgets = [manager.sliceWidget(name) for name in manager.sliceViewNames()]
        shown = self.scriptedEffect.segmentationDisplayableInView
        return [widget for widget in widgets if shown(self.scriptedEffect.viewNode(widget))]

    def _remove_previews(self):
        for widget, preview in self._previews.items():
            for actor in preview.actors:
                self.scriptedEffect.removeActor2D(widget, actor)
        self._previews = {}
