"""The comparison of both visits in the scene: table, intervals, references, and the side-by-side layout."""

from PerfusionRatioLib.comparison.remarks import remarks, sensitivity_sentence
from PerfusionRatioLib.comparison.result import Comparison
from PerfusionRatioLib.reporting import words
from PerfusionRatioLib.reporting.colour_scale import colour_scale

from .geometry import ALIGNMENT
from .hierarchy import file_under
from .interval_chart import show_intervals
from .layouts import COLUMNS, VISITS, look_alike, set_transform, show_in_view, to_common_space
from .lesions import place_of_first_lesion
from .parameters import MAPS, Parameters, visit_parameters
from .segments import new_segmentation, set_segment
from .show import show_outlines
from .tables import RATIO_COLUMNS, ratio_rows, set_table
from .visit_results import node_name, show_tops

REFERENCE = (0.2, 0.8, 0.9)
READING_COLOURS = {
    "favours recurrent metastasis": (0.75, 0.15, 0.1),
    "favours radiation necrosis": (0.1, 0.35, 0.65),
    "unreliable": (0.75, 0.5, 0.0),
    "indeterminate": (0.4, 0.4, 0.4),
}


def show_comparison(scene, parameters: Parameters, comparison: Comparison) -> None:
    """Put everything that a comparison found into the scene, in place of what was there."""
    if parameters.ratio_table is None:
        parameters.ratio_table = scene.AddNewNodeByClass("vtkMRMLTableNode", "Ratios of the lesions")
    set_table(parameters.ratio_table, RATIO_COLUMNS, ratio_rows(comparison))
    file_under(scene, parameters.ratio_table, parameters.patient)
    parameters.interval_chart = show_intervals(scene, comparison, parameters.interval_chart)
    _show_references(scene, parameters, comparison)
    show_tops(parameters, tops_of_lesions(comparison))
    parameters.reading = "\n".join(f"{name}: {sentence}" for name, sentence, _ in readings(comparison))
    parameters.remarks = "\n".join(remarks(comparison))
    align_images(scene, parameters, comparison)


def tops_of_lesions(comparison: Comparison) -> dict[str, float]:
    """Where the colours of Ktrans and vp end so that every lesion is seen at both visits."""
    scales = {
        parameter: [colour_scale(comparison, lesion, parameter) for lesion in comparison.lesions]
        for parameter in ("ktrans", "vp")
    }
    return {name: max(one.top for one in found) for name, found in scales.items() if found and None not in found}


def _show_references(scene, parameters: Parameters, comparison: Comparison) -> None:
    for visit in VISITS:
        kept = visit_parameters(parameters, visit)
        if kept.ktrans is None:
            continue
        if kept.references is None:
            kept.references = new_segmentation(scene, node_name("Normal brain", visit), kept.ktrans)
            file_under(scene, kept.references, parameters.patient, visit)
        segments = kept.references.GetSegmentation()
        segments.RemoveAllSegments()
        for lesion in comparison.lesions:
            found = dict(lesion.visits).get(visit)
            if found is not None:
                set_segment(kept.references, f"{lesion.name} reference", found.reference, kept.ktrans, REFERENCE)


def align_images(scene, parameters: Parameters, comparison: Comparison) -> None:
    """Bring all images to where the head lay in the T1 before radiosurgery, by transforms above them."""
    for (visit, image), transform in to_common_space(comparison).items():
        node = _transform_node(scene, node_name("Alignment of " + ("T1" if image == "t1" else "maps"), visit))
        set_transform(node, transform)
        for other in _nodes_on(visit_parameters(parameters, visit), image):
            above = other.GetParentTransformNode()
            if above is None or above.GetAttribute(ALIGNMENT):  # what the user placed stays there
                other.SetAndObserveTransformNodeID(node.GetID())


def _nodes_on(visit, image: str) -> list:
    if image == "t1":
        nodes = [visit.t1, visit.lesions, visit.reference_place]
    else:
        nodes = [*(getattr(visit, name) for name in MAPS), visit.aif_voxels, visit.aif_region, visit.references]
    return [node for node in nodes if node is not None]


def _transform_node(scene, name: str):
    node = scene.GetFirstNode(name, "vtkMRMLLinearTransformNode", None, False)
    if node is None:
        node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", name)
        node.SetAttribute(ALIGNMENT, "1")
    return node


def show_side_by_side(scene, parameters: Parameters, application) -> None:
    """Choose what each view of the side-by-side layout shows: the first lesion, in the same slice everywhere.

    Args:
        scene: in which the views are.
        parameters: of both visits.
        application: the vtkSlicerApplicationLogic.
    """
    for visit in VISITS:
        kept = visit_parameters(parameters, visit)
        for column in COLUMNS:
            overlay = None if column == "t1" else getattr(kept, column)
            show_in_view(scene, visit, column, kept.t1, overlay, parameters.opacity)
    show_outlines(scene, parameters)
    look_alike(scene, application, place_of_first_lesion(parameters))


def readings(comparison: Comparison) -> list[tuple[str, str, tuple[float, float, float]]]:
    """Of each lesion its name, the reading in a sentence, and a colour from 0 to 1; last those left out."""
    grey = READING_COLOURS["indeterminate"]
    read = [
        (lesion.name, lesion.reading.sentence, READING_COLOURS.get(str(lesion.reading.conclusion), grey))
        for lesion in comparison.lesions
    ]
    return read + [(name, words.NOT_MEASURED, grey) for name, _ in comparison.left_out]


def sensitivity_lines(comparison: Comparison) -> list[str]:
    """Each ratio as it is, and with the outline a layer of voxels smaller or larger."""
    lines = []
    for lesion in comparison.lesions:
        for visit, found in lesion.visits:
            for one in found.ratios.sensitivity:
                sentence = sensitivity_sentence(one, found.ratios) if one.parameter in ("ktrans", "vp") else ""
                if sentence:
                    lines.append(f"{lesion.name}, {words.VISITS[visit].lower()}: {sentence}")
    return lines
