"""Where results lie in the subject hierarchy: a folder for the patient, in it one for each visit."""

import slicer

from PerfusionRatioLib.reporting import words


def file_under(scene, node, patient: str, visit: str | None = None) -> int:
    """Put a node into the folder of a patient, or of one of its visits ("pre" or "follow_up").

    Returns:
        The item of the folder.
    """
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    name = f"PerfusionRatio: {patient}" if patient else "PerfusionRatio"
    folder = _folder(hierarchy, hierarchy.GetSceneItemID(), name)
    if visit is not None:
        folder = _folder(hierarchy, folder, words.VISITS[visit])
    hierarchy.CreateItem(folder, node)
    return folder


def _folder(hierarchy, parent: int, name: str) -> int:
    found = hierarchy.GetItemChildWithName(parent, name)
    return found if found != hierarchy.GetInvalidItemID() else hierarchy.CreateFolderItem(parent, name)
