"""Which images a visit probably consists of, so that a user has nothing to choose where there is one way to choose."""

import re

import slicer

from .frame_times import differs_in_angle
from .parameters import MAPS, VISITS, Parameters, visit_parameters
from .subject import study_day, study_item
from .volumes import frame_count

FEWEST_FRAMES = 10
"""Of a dynamic series."""
POST_CONTRAST = re.compile(r"post|contrast|gad|\bgd\b|\+c\b|\bkm\b|\bce", re.IGNORECASE)
T1_WEIGHTED = re.compile(r"t1|mprage|bravo|tfe|vibe|flash|spgr", re.IGNORECASE)
OTHER_DYNAMIC = re.compile(r"dsc|ep2d|dwi|bold|fmri|(?<![a-z])p?c?asl(?![a-z])", re.IGNORECASE)
"""In the name of a series of many frames that is no DCE."""
PERFUSION, DCE = re.compile("perf", re.IGNORECASE), re.compile("dce", re.IGNORECASE)
"""Perfusion is measured in several ways; a name that also says DCE means ours."""


def suggest_images(scene, parameters: Parameters) -> bool:
    """Choose the images of both visits: the dynamic series of the earliest and of the latest examination, the others
    from the studies of these.

    Nothing is done when the user has chosen a series already, and nothing for an examination of several dynamic series.

    Returns:
        Whether something was chosen.
    """
    visits = [visit_parameters(parameters, name) for name in VISITS]
    if any(visit.series is not None for visit in visits):
        return False
    examinations = _examinations(_dynamic_series(scene))
    chosen = zip(visits, [examinations[0], *examinations[1:][-1:]] if examinations else (), strict=False)
    unambiguous = [(visit, series[0]) for visit, series in chosen if len(series) == 1]
    for visit, node in unambiguous:
        visit.series, visit.date = node, study_day(node)
        visit.t1 = visit.t1 or _post_contrast(scene, parameters, node)
        visit.flip_angle_images = visit.flip_angle_images or _flip_angle_images(scene, node)
    return bool(unambiguous)


def _examinations(series: list) -> list[list]:
    """Dynamic series by the day or study that they are of, in the order of these; those of files each by itself.

    Where some days are known, what has none is left out: nobody could tell whether it is earlier or later.
    """
    found = {}
    for node in series:
        found.setdefault(_examination(node), []).append(node)
    dated = sorted(key for key in found if isinstance(key, str))
    return [found[day] for day in dated] if dated else list(found.values())


def _examination(node) -> str | tuple:
    """The day of a series, else its study, else itself."""
    return study_day(node) or (("study", study_item(node)) if _in_study(node) else ("node", node.GetID()))


def _in_study(node) -> bool:
    tree = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(node.GetScene())
    study = slicer.vtkMRMLSubjectHierarchyConstants.GetDICOMLevelStudy()
    return tree is not None and tree.GetItemLevel(study_item(node)) == study


def _dynamic_series(scene) -> list:
    found = [
        *slicer.util.getNodesByClass("vtkMRMLSequenceNode", scene),
        *slicer.util.getNodesByClass("vtkMRMLMultiVolumeNode", scene),
    ]
    return [node for node in found if frame_count(node) >= FEWEST_FRAMES and _may_be_dce(node)]


def _may_be_dce(node) -> bool:
    name = node.GetName() or ""
    other = OTHER_DYNAMIC.search(name) or (PERFUSION.search(name) and not DCE.search(name))
    return not other and not differs_in_angle(node)


def _flip_angle_images(scene, series):
    """The one sequence of flip angles of the study; None where there is none or more than one."""
    found = [node for node in slicer.util.getNodesByClass("vtkMRMLSequenceNode", scene) if differs_in_angle(node)]
    found = [node for node in found if study_item(node) == study_item(series)]
    return found[0] if len(found) == 1 else None


def _post_contrast(scene, parameters: Parameters, series):
    """The volume of the study whose name says post-contrast T1; None where none does, or several do alike."""
    ours = [getattr(visit_parameters(parameters, name), kind) for name in VISITS for kind in MAPS]
    volumes = [node for node in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode", scene) if node not in ours]
    volumes = [node for node in volumes if study_item(node) == study_item(series) and _is_image(node)]
    ranked = sorted(((_likeness(node.GetName()), node) for node in volumes), key=lambda pair: -pair[0])
    if not ranked or ranked[0][0] == 0 or (len(ranked) > 1 and ranked[1][0] == ranked[0][0]):
        return None
    return ranked[0][1]


def _is_image(node) -> bool:
    """Neither a label map nor a series, nor the volume that shows the frames of one."""
    browsers = slicer.util.getNodesByClass("vtkMRMLSequenceBrowserNode", node.GetScene())
    of_series = node.IsA("vtkMRMLMultiVolumeNode") or any(one.IsProxyNodeID(node.GetID()) for one in browsers)
    return not of_series and not node.IsA("vtkMRMLLabelMapVolumeNode")


def _likeness(name: str) -> int:
    """2 for a name that says T1 and post-contrast, 1 for one of both, 0 for neither."""
    return bool(POST_CONTRAST.search(name)) + bool(T1_WEIGHTED.search(name))
