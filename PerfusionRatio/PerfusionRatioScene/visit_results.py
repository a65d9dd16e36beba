"""The maps and the arterial input of a visit, as nodes that a reader of the scene can tell apart."""

import numpy as np

from PerfusionRatioLib.aif.arterial_input import ArterialInput
from PerfusionRatioLib.comparison.fitted_visit import FittedVisit
from PerfusionRatioLib.reporting import words

from .hierarchy import file_under
from .overlays import show_as_map
from .parameters import MAPS, VISITS, Parameters, VisitParameters, visit_parameters
from .plots import VISIT_COLOURS, Curve, show_curves
from .segments import new_segmentation, set_segment
from .volumes import new_volume, set_volume

NAMES = {"ktrans": "Ktrans", "vp": "vp", "ve": "ve", "kep": "kep"}
TOP = "PerfusionRatio.top"
"""Attribute of maps: where their colours end unless the user says otherwise."""
ARTERY = (0.9, 0.1, 0.1)
TOPS = {"ktrans": 0.2, "vp": 0.1, "ve": 0.5, "kep": 1.0}
"""Where the colours of each map end as long as no lesion tells; veins would lie far above."""


def node_name(what: str, visit: str) -> str:
    """Such as "Ktrans, follow-up"."""
    return f"{what}, {words.VISITS[visit].lower()}"


def show_maps(scene, parameters: Parameters, name: str, fitted: FittedVisit) -> None:
    """Put the maps of a visit into the scene, in place of what was there, and the words on its arterial input."""
    visit, result = visit_parameters(parameters, name), fitted.result
    for parameter in MAPS:
        array = getattr(result.visit.maps, parameter)
        node = getattr(visit, parameter)
        if array is None:
            if node is not None:
                setattr(visit, parameter, None)
                scene.RemoveNode(node)
            continue
        values = np.where(np.isfinite(array), array, np.nan).astype(np.float32)  # of which nothing is drawn
        if node is None:
            node = new_volume(scene, values, result.grid, node_name(f"{NAMES[parameter]} map", name))
            setattr(visit, parameter, node)
            file_under(scene, node, parameters.patient, name)
        else:
            set_volume(node, values, result.grid)
    visit.aif_words = aif_words(result.visit.aif)
    show_tops(parameters)


def show_tops(parameters: Parameters, of_lesions: dict[str, float] | None = None) -> None:
    """Give the maps of both visits one range of colours each: the user's, else that of the lesions, else the usual.

    Args:
        parameters: of both visits.
        of_lesions: the top that suits the lesions, by parameter; None: they have the range they had.
    """
    for parameter in MAPS:
        nodes = [getattr(visit_parameters(parameters, name), parameter) for name in VISITS]
        nodes = [node for node in nodes if node is not None]
        if of_lesions is not None and parameter in of_lesions:
            tops = [of_lesions[parameter]]
        else:
            tops = [top for top in map(_top_of, nodes) if top is not None] or [TOPS[parameter]]
        for node in nodes:
            node.SetAttribute(TOP, f"{tops[0]:g}")
            show_as_map(node, parameter, getattr(parameters, f"{parameter}_top", 0.0) or tops[0])


def _top_of(node) -> float | None:
    text = node.GetAttribute(TOP)
    return float(text) if text else None


def show_arterial_voxels(scene, parameters: Parameters, name: str, aif: ArterialInput) -> None:
    """Put the voxels of an arterial input into a segment over the maps; nothing where it is a curve."""
    visit = visit_parameters(parameters, name)
    if aif.mask is None:
        if visit.aif_voxels is not None:
            node, visit.aif_voxels = visit.aif_voxels, None
            scene.RemoveNode(node)
        return
    if visit.aif_voxels is None:
        visit.aif_voxels = new_segmentation(scene, node_name("Arterial input", name), visit.ktrans)
        file_under(scene, visit.aif_voxels, parameters.patient, name)
    segments = visit.aif_voxels.GetSegmentation()
    identifier = segments.GetNthSegmentID(0) if segments.GetNumberOfSegments() else ""
    set_segment(visit.aif_voxels, "Arterial voxels", aif.mask, visit.ktrans, ARTERY, identifier)


def show_arterial_curves(scene, parameters: Parameters, curves: dict[str, ArterialInput]) -> None:
    """Both visits' arterial inputs in one chart."""
    lines = {
        words.VISITS[name]: Curve(aif.times, aif.plasma_concentration, VISIT_COLOURS[name])
        for name, aif in curves.items()
    }
    parameters.aif_chart = show_curves(
        scene, "Arterial input", "Plasma concentration (mM)", lines, parameters.aif_chart
    )


def aif_words(aif: ArterialInput) -> str:
    """Quality and origin in one line."""
    origin = {"automatic": "found automatically", "region": "from the region"}.get(aif.origin, aif.origin)
    count = "" if aif.mask is None else f", {np.count_nonzero(aif.mask)} voxels"
    if aif.quality is None:
        return f"{origin}{count}"
    return f"{aif.quality.verdict.capitalize()}: {origin}{count}. {aif.quality.sentence}"


def voxel_rows(aif: ArterialInput) -> list[tuple[str, ...]]:
    """A row for each voxel an arterial input was taken from: where it is (RAS), its peak, and why."""
    rows = []
    for voxel in aif.voxels:
        place = (
            "" if voxel.position is None else "{:.0f}, {:.0f}, {:.0f}".format(*np.multiply(voxel.position, (-1, -1, 1)))
        )
        rows.append((place, f"{voxel.peak:.1f}", voxel.reason))
    return rows


def is_complete(visit: VisitParameters) -> bool:
    """Whether the visit has maps."""
    return visit.ktrans is not None
