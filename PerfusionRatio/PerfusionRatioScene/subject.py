"""Whose images are, and of which day, as the subject hierarchy knows it of images loaded from DICOM."""

import datetime

import slicer

from PerfusionRatioLib.series import Identity


def identity_of(node) -> Identity:
    """Patient ID and study date (YYYYMMDD) of a node; empty where the hierarchy does not tell."""
    constants = slicer.vtkMRMLSubjectHierarchyConstants
    patient = _attribute_above(node, constants.GetDICOMPatientIDAttributeName())
    day = _attribute_above(node, constants.GetDICOMStudyDateAttributeName())
    return Identity(patient, day.replace("-", ""))


def in_hierarchy(node):
    """The node that lies in the subject hierarchy for a node.

    Of a sequence from DICOM this is the volume that shows its frames, by its browser.
    """
    scene = node.GetScene()
    tree = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    if tree is None or tree.GetItemByDataNode(node) or not node.IsA("vtkMRMLSequenceNode"):
        return node
    shown = [browser.GetProxyNode(node) for browser in slicer.util.getNodesByClass("vtkMRMLSequenceBrowserNode", scene)]
    return next((proxy for proxy in shown if proxy is not None), node)


def study_day(node) -> str:
    """The date of the study a node belongs to as YYYY-MM-DD; empty where it is not known."""
    text = identity_of(node).study_date
    try:
        return datetime.datetime.strptime(text, "%Y%m%d").date().isoformat()
    except ValueError:
        return ""


def study_item(node) -> int:
    """The item of the subject hierarchy under which a node lies: the study, for images from DICOM; 0 for none."""
    tree = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(node.GetScene())
    return 0 if tree is None else tree.GetItemParent(tree.GetItemByDataNode(in_hierarchy(node)))


def name_study(node, patient: str, day: datetime.date) -> None:
    """Write patient ID and date to the folders under which ``file_under`` put a node of a visit."""
    tree = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(node.GetScene())
    constants, study = slicer.vtkMRMLSubjectHierarchyConstants, study_item(node)
    tree.SetItemAttribute(study, constants.GetDICOMStudyDateAttributeName(), f"{day:%Y%m%d}")
    tree.SetItemAttribute(tree.GetItemParent(study), constants.GetDICOMPatientIDAttributeName(), patient)


def _attribute_above(node, name: str) -> str:
    """The attribute of the item of a node, or of the first one above it that has it; empty where none does."""
    tree = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(node.GetScene())
    if tree is None:
        return ""
    item, top = tree.GetItemByDataNode(in_hierarchy(node)), tree.GetSceneItemID()
    while item not in (tree.GetInvalidItemID(), top):
        found = tree.GetItemAttribute(item, name)
        if found:
            return found
        item = tree.GetItemParent(item)
    return ""
