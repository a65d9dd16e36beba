"""Which images and outlines the slice views of the application show."""

import slicer

from .layouts import COLUMNS, view_name
from .parameters import VISITS, Parameters, visit_parameters


def show_visit(parameters: Parameters, application) -> None:
    """The T1 of the visit that is edited, and over it the map that is chosen.

    Args:
        parameters: of both visits.
        application: the vtkSlicerApplicationLogic.
    """
    visit, selection = visit_parameters(parameters, parameters.shown_visit), application.GetSelectionNode()
    if selection is None or visit.t1 is None:
        return
    shown = getattr(visit, parameters.shown_map) if parameters.shown_map else None
    selection.SetActiveVolumeID(visit.t1.GetID())
    selection.SetSecondaryVolumeID(None if shown is None else shown.GetID())
    application.PropagateForegroundVolumeSelection(0)
    application.PropagateBackgroundVolumeSelection(0)
    scene = visit.t1.GetScene()
    for composite in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode", scene):
        composite.SetForegroundOpacity(parameters.opacity)
    show_outlines(scene, parameters)


def show_outlines(scene, parameters: Parameters) -> None:
    """Outlines of a visit are seen in its row of the side-by-side layout, and elsewhere while the visit is edited."""
    rows = {name: {view_name(name, column) for column in COLUMNS} for name in VISITS}
    kinds = ("vtkMRMLSliceNode", "vtkMRMLViewNode")
    views = [one for kind in kinds for one in slicer.util.getNodesByClass(kind, scene)]
    elsewhere = [one.GetID() for one in views if not any(one.GetLayoutName() in row for row in rows.values())]
    for name in VISITS:
        own = [one.GetID() for one in views if one.GetLayoutName() in rows[name]]
        where = own + (elsewhere if name == parameters.shown_visit else [])
        if name == parameters.shown_visit and len(elsewhere) == len(views):
            where = None  # in those too that come later
        visit = visit_parameters(parameters, name)
        for node in (visit.lesions, visit.references, visit.aif_voxels, visit.aif_region):
            if node is not None and node.GetDisplayNode() is not None:
                _show_in(node.GetDisplayNode(), where)


def _show_in(display, views: list[str] | None) -> None:
    """In these views only, or in all (None); a display node without views is seen in all, so it is hidden instead."""
    display.SetVisibility(views is None or bool(views))
    if list(display.GetViewNodeIDs() or ()) == (views or []):
        return
    display.RemoveAllViewNodeIDs()
    for view in views or ():
        display.AddViewNodeID(view)
