"""The side-by-side layout: before radiosurgery above, follow-up below; T1, Ktrans and vp beside each other."""

import slicer

from PerfusionRatioLib.comparison.result import Comparison
from PerfusionRatioLib.reporting import words
from PerfusionRatioLib.rigid import Rigid

from .geometry import LPS_RAS

SIDE_BY_SIDE = 5117
"""The number of the layout; Slicer's own and those of most extensions are below."""
COLUMNS = ("t1", "ktrans", "vp")
COLUMN_NAMES = {"t1": "T1", "ktrans": "Ktrans", "vp": "vp"}
VISITS = ("pre", "follow_up")


def view_name(visit: str, column: str) -> str:
    """The singleton tag of a slice view of the layout."""
    return f"PerfusionRatio {words.SHORT_VISITS[visit]} {COLUMN_NAMES[column]}"


def side_by_side_xml() -> str:
    """The description of the layout, as vtkMRMLLayoutNode takes it."""
    rows = "".join(f"<item>{_row(visit)}</item>" for visit in VISITS)
    return f'<layout type="vertical">{rows}</layout>'


def _row(visit: str) -> str:
    views = "".join(
        f'<item><view class="vtkMRMLSliceNode" singletontag="{view_name(visit, column)}">'
        '<property name="orientation" action="default">Axial</property>'
        f'<property name="viewlabel" action="default">{words.SHORT_VISITS[visit]} {COLUMN_NAMES[column]}</property>'
        "</view></item>"
        for column in COLUMNS
    )
    return f'<layout type="horizontal">{views}</layout>'


def register_layout(layout_node) -> None:
    """Make the layout known to a vtkMRMLLayoutNode; again is harmless."""
    xml = side_by_side_xml()
    if layout_node.IsLayoutDescription(SIDE_BY_SIDE):
        layout_node.SetLayoutDescription(SIDE_BY_SIDE, xml)
    else:
        layout_node.AddLayoutDescription(SIDE_BY_SIDE, xml)


def show_in_view(scene, visit: str, column: str, background, foreground=None, opacity: float = 1.0) -> None:
    """Choose what a view of the layout shows, linked with the others."""
    composite = _composite(scene, view_name(visit, column))
    with slicer.util.NodeModify(composite):
        composite.SetBackgroundVolumeID(background.GetID() if background is not None else None)
        composite.SetForegroundVolumeID(foreground.GetID() if foreground is not None else None)
        composite.SetForegroundOpacity(opacity)
        composite.SetDoPropagateVolumeSelection(False)  # or the next visit that is shown elsewhere would be shown here
        composite.SetLinkedControl(True)  # places are shared; volumes too, but only those that a user chooses


def look_alike(scene, application, place=None) -> None:
    """Let all views of the layout show the same slice in the same size, whatever the size of their images.

    Args:
        scene: with the views.
        application: the vtkSlicerApplicationLogic.
        place: RAS position that the slice goes through; None: the middle of the first image.
    """
    tags = [view_name(visit, column) for visit in VISITS for column in COLUMNS]
    first, *others = views = [scene.GetSingletonNode(tag, "vtkMRMLSliceNode") for tag in tags]
    for view in views:
        view.SetOrientationMarkerType(view.OrientationMarkerTypeHuman)
        view.SetOrientationMarkerSize(view.OrientationMarkerSizeSmall)
        view.SetRulerType(view.RulerTypeThin)
    application.GetSliceLogic(first).FitSliceToBackground()
    if place is not None:
        first.JumpSliceByOffsetting(*place)
    _, height, _ = first.GetFieldOfView()
    for view in others:
        across, down, _ = view.GetDimensions()
        with slicer.util.NodeModify(view):
            view.GetSliceToRAS().DeepCopy(first.GetSliceToRAS())
            view.SetFieldOfView(height * across / down, height, view.GetFieldOfView()[2])
            view.SetXYZOrigin(*first.GetXYZOrigin())
            view.UpdateMatrices()


def _composite(scene, tag: str):
    for number in range(scene.GetNumberOfNodesByClass("vtkMRMLSliceCompositeNode")):
        node = scene.GetNthNodeByClass(number, "vtkMRMLSliceCompositeNode")
        if node.GetLayoutName() == tag:
            return node
    node = slicer.vtkMRMLSliceCompositeNode()
    node.SetSingletonTag(tag)
    node.SetLayoutName(tag)
    return scene.AddNode(node)


def to_common_space(comparison: Comparison) -> dict[tuple[str, str], Rigid]:
    """What takes each image to where the head lay in the T1 before radiosurgery, by visit and "t1" or "dce" (LPS)."""
    between = comparison.between.transform.inverse
    return {
        ("pre", "dce"): comparison.pre.alignment.transform,
        ("follow_up", "t1"): between,
        ("follow_up", "dce"): between.after(comparison.follow_up.alignment.transform),
    }


def set_transform(node, transform: Rigid) -> None:
    """Put a transform of LPS positions into a vtkMRMLLinearTransformNode, as what leads its nodes to the world."""
    node.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(LPS_RAS @ transform.matrix @ LPS_RAS))
