"""Which images the slice views of the application show."""

from .parameters import Parameters, visit_parameters


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
    for number in range(scene.GetNumberOfNodesByClass("vtkMRMLSliceCompositeNode")):
        composite = scene.GetNthNodeByClass(number, "vtkMRMLSliceCompositeNode")
        composite.SetForegroundOpacity(parameters.opacity)
