"""Which images a visit probably consists of, so that a user has nothing to choose where there is one way to choose."""

import re

import slicer

from .flip_angles import INDEX_UNIT
from .parameters import MAPS, VISITS, Parameters, visit_parameters
from .subject import study_day, study_item
from .volumes import frame_count

FEWEST_FRAMES = 10
"""Of a dynamic series."""
POST_CONTRAST = re.compile(r"post|contrast|gad|\bgd\b|\+c\b|\bkm\b|\bce", re.IGNORECASE)
T1_WEIGHTED = re.compile(r"t1|mprage|bravo|tfe|vibe|flash|spgr", re.IGNORECASE)


def suggest_images(scene, parameters: Parameters) -> bool:
    """Choose the images of both visits: the dynamic series by their dates, the others from the studies of these.

    Nothing is done when the user has chosen a series already.

    Returns:
        Whether something was chosen.
    """
    visits = [visit_parameters(parameters, name) for name in VISITS]
    series = sorted(_dynamic_series(scene), key=study_day)
    if not series or any(visit.series is not None for visit in visits):
        return False
    for visit, node in zip(visits, series, strict=False):
        visit.series, visit.date = node, study_day(node)
        visit.t1 = visit.t1 or _post_contrast(scene, parameters, node)
        visit.flip_angle_images = visit.flip_angle_images or _flip_angle_images(scene, node)
    return True


def _dynamic_series(scene) -> list:
    found = [
        *slicer.util.getNodesByClass("vtkMRMLSequenceNode", scene),
        *slicer.util.getNodesByClass("vtkMRMLMultiVolumeNode", scene),
    ]
    return [node for node in found if frame_count(node) >= FEWEST_FRAMES and not _of_flip_angles(node)]


def _of_flip_angles(node) -> bool:
    return node.IsA("vtkMRMLSequenceNode") and node.GetIndexUnit() == INDEX_UNIT


def _flip_angle_images(scene, series):
    """The one sequence of flip angles of the study; None where there is none or more than one."""
    found = [node for node in slicer.util.getNodesByClass("vtkMRMLSequenceNode", scene) if _of_flip_angles(node)]
    found = [node for node in found if study_item(node) == study_item(series)]
    return found[0] if len(found) == 1 else None


def _post_contrast(scene, parameters: Parameters, series):
    """The volume of the study whose name says post-contrast T1; None where none does, or several do alike."""
    ours = [getattr(visit_parameters(parameters, name), kind) for name in VISITS for kind in MAPS]
    volumes = [node for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode", scene) if node not in ours]
    volumes = [node for node in volumes if study_item(node) == study_item(series) and not _is_labelmap(node)]
    ranked = sorted(((_likeness(node.GetName()), node) for node in volumes), key=lambda pair: -pair[0])
    if not ranked or ranked[0][0] == 0 or (len(ranked) > 1 and ranked[1][0] == ranked[0][0]):
        return None
    return ranked[0][1]


def _is_labelmap(node) -> bool:
    return node.IsA("vtkMRMLLabelMapVolumeNode")


def _likeness(name: str) -> int:
    """2 for a name that says T1 and post-contrast, 1 for one of both, 0 for neither."""
    return bool(POST_CONTRAST.search(name)) + bool(T1_WEIGHTED.search(name))
