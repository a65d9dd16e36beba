"""What every effect of the Segment Editor has: parameters, a frame with options, the means of editing."""

import slicer
from PySide6 import QtGui

from .qt_module import qt

MODES = [
    getattr(slicer.vtkSlicerSegmentEditorLogic, f"ModificationMode{name}")
    for name in ("Set", "Add", "Remove", "RemoveAll")
]
"""By their numbers; VTK takes nothing else than its own."""


class EffectParameters(qt.QObject):
    """Parameters of an effect, attributes of the editor's node."""

    _node = None

    def parameterSetNode(self):
        """The vtkMRMLSegmentEditorNode."""
        return self._node

    def setParameterSetNode(self, node) -> None:
        """Set the vtkMRMLSegmentEditorNode."""
        self._node = node
        if node is not None:
            self._python("setMRMLDefaults")

    def parameter(self, name: str) -> str:
        """The value as text."""
        return (self._node.GetAttribute(f"{self.name}.{name}") if self._node is not None else None) or ""

    def integerParameter(self, name: str) -> int:
        """The value as a whole number."""
        return int(float(self.parameter(name) or 0))

    def doubleParameter(self, name: str) -> float:
        """The value as a number."""
        return float(self.parameter(name) or 0)

    def parameterDefined(self, name: str) -> bool:
        """Whether there is a value."""
        return self._node is not None and self._node.GetAttribute(f"{self.name}.{name}") is not None

    def setParameter(self, name: str, value) -> None:
        """Keep a value."""
        if self._node is not None:
            self._node.SetAttribute(f"{self.name}.{name}", str(value))

    def setParameterDefault(self, name: str, value) -> None:
        """Keep a value if there is none."""
        if not self.parameterDefined(name):
            self.setParameter(name, value)

    def nodeReference(self, name: str):
        """The node that a parameter names."""
        return self._node.GetNodeReference(f"{self.name}.{name}")

    def setNodeReference(self, name: str, node) -> None:
        """Let a parameter name a node."""
        self._node.SetNodeReferenceID(f"{self.name}.{name}", node.GetID() if node is not None else None)


class EffectOptions(EffectParameters):
    """The frame with an effect's widgets."""

    _frame = None

    def optionsFrame(self):
        """The frame."""
        if self._frame is None:
            self._frame = qt.QFrame()
            qt.QFormLayout(self._frame)
            self._python("setupOptionsFrame")
        return self._frame

    def optionsLayout(self):
        """Its layout."""
        return self.optionsFrame().layout()

    def addOptionsWidget(self, added) -> None:
        """Put a widget or a layout into the frame."""
        self.optionsLayout().addRow(added)

    def addLabeledOptionsWidget(self, text: str, added):
        """Put a widget or a layout with a label into the frame; gives the label."""
        label = qt.QLabel(text)
        self.optionsLayout().addRow(label, added)
        return label


class EffectEditing(EffectOptions):
    """What an effect does to segments and in views."""

    _logic = None
    _is_active = False

    def activate(self) -> None:
        """Start."""
        self._is_active = True
        self._python("activate")

    def deactivate(self) -> None:
        """Stop."""
        self._is_active = False
        self._python("deactivate")

    def active(self) -> bool:
        """Whether it is the editor's active effect."""
        return self._is_active

    def _editing(self):
        """The application's own logic of editing, at work on the node."""
        self._logic.SetSegmentEditorNode(self._node)
        self._logic.UpdateReferenceGeometryImage()
        return self._logic

    def defaultModifierLabelmap(self):
        """An empty labelmap in the geometry of the segmentation."""
        logic = self._editing()
        logic.ResetModifierLabelmapToDefault()
        return logic.GetModifierLabelmap()

    def modifierLabelmap(self):
        """The labelmap that is worked on."""
        return self._editing().GetModifierLabelmap()

    def selectedSegmentLabelmap(self):
        """What the selected segment holds."""
        logic = self._editing()
        logic.UpdateSelectedSegmentLabelmap()
        return logic.GetSelectedSegmentLabelmap()

    def sourceVolumeImageData(self):
        """The source volume in the geometry of the segmentation."""
        logic = self._editing()
        logic.UpdateAlignedSourceVolume()
        return logic.GetAlignedSourceVolume()

    def saveStateForUndo(self) -> None:
        """So that the next change can be undone."""
        self._editing().SaveStateForUndo()

    def modifySelectedSegmentByLabelmap(self, labelmap, mode, *extent_and_bypass) -> None:
        """Put a labelmap into the selected segment."""
        bypass = bool(extent_and_bypass and isinstance(extent_and_bypass[-1], bool) and extent_and_bypass[-1])
        node = self._node
        self._editing().ModifySegmentByLabelmap(
            node.GetSegmentationNode(),
            node.GetSelectedSegmentID(),
            labelmap,
            MODES[mode],
            bool(self.perSegment),
            bypass,
        )

    def selectEffect(self, name: str) -> None:
        """Ask the editor for another effect."""
        self._node.SetActiveEffectName(name)

    def viewNode(self, view_widget):
        """The node of a view."""
        return view_widget.mrmlAbstractViewNode()

    def addActor2D(self, view_widget, actor) -> None:
        """Draw something in a view."""
        view_widget._actors.append(actor)

    def removeActor2D(self, view_widget, actor) -> None:
        """Draw it no longer."""
        view_widget._actors.remove(actor)

    def scheduleRender(self, view_widget) -> None:
        """Nothing is rendered by the host."""

    forceRender = scheduleRender

    def segmentationDisplayableInView(self, view_node) -> bool:
        """Whether a view shows the segmentation."""
        return bool(self._editing().IsSegmentationDisplayableInView(view_node))

    def xyToRas(self, xy, slice_widget):
        """A position on the slice as a position of the patient."""
        return self.xyzToRas(QtGui.QVector3D(xy.x(), xy.y(), 0), slice_widget)

    def xyzToRas(self, xyz, slice_widget):
        """As ``xyToRas``, with the slice of a lightbox."""
        matrix = slice_widget.mrmlSliceNode().GetXYToRAS()
        return QtGui.QVector3D(*matrix.MultiplyPoint((xyz.x(), xyz.y(), xyz.z(), 1.0))[:3])
