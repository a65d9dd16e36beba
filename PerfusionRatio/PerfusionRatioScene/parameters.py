"""What the module keeps in the scene: the user's choices, and the nodes of each visit."""

import enum

from slicer import (
    vtkMRMLMarkupsFiducialNode,
    vtkMRMLNode,
    vtkMRMLPlotChartNode,
    vtkMRMLScalarVolumeNode,
    vtkMRMLSegmentationNode,
    vtkMRMLSequenceNode,
    vtkMRMLTableNode,
)
from slicer.parameterNodeWrapper import parameterNodeWrapper, parameterPack


class AifSource(enum.Enum):
    """Where the arterial input of a visit comes from."""

    AUTOMATIC = "automatic"
    REGION = "region"
    POPULATION = "population"
    FILE = "file"


@parameterPack
class VisitParameters:
    """One visit. A number that is 0 and a text that is empty are not given: the node tells, or it is found."""

    # what the user chooses
    series: vtkMRMLNode
    t1: vtkMRMLScalarVolumeNode
    t10_map: vtkMRMLScalarVolumeNode
    flip_angle_images: vtkMRMLSequenceNode
    flip_angles_repetition_time: float = 0.0  # ms
    t10: float = 1.4  # s
    frame_interval: float = 0.0  # s
    repetition_time: float = 0.0  # ms
    flip_angle: float = 0.0  # degrees
    field_strength: float = 0.0  # T
    blood_t10: float = 0.0  # s
    date: str = ""  # YYYY-MM-DD
    aif_source: AifSource = AifSource.AUTOMATIC
    aif_region: vtkMRMLSegmentationNode
    aif_segment: str = ""
    aif_file: str = ""
    lesions: vtkMRMLSegmentationNode
    reference_place: vtkMRMLMarkupsFiducialNode
    # what was made from it
    ktrans: vtkMRMLScalarVolumeNode
    vp: vtkMRMLScalarVolumeNode
    ve: vtkMRMLScalarVolumeNode
    kep: vtkMRMLScalarVolumeNode
    aif_voxels: vtkMRMLSegmentationNode
    aif_words: str = ""
    references: vtkMRMLSegmentationNode


@parameterNodeWrapper
class Parameters:
    """Both visits and what they share."""

    patient: str = ""
    same_patient: bool = False  # although the IDs differ
    radiosurgery_date: str = ""  # YYYY-MM-DD
    pre: VisitParameters
    follow_up: VisitParameters
    shown_visit: str = "pre"
    model: str = "extended-tofts"
    delay: str = "none"
    motion: bool = True
    standard_errors: bool = False
    live: bool = True
    shown_map: str = "ktrans"
    opacity: float = 0.7
    ktrans_top: float = 0.0  # 1/min; 0: by the lesions
    vp_top: float = 0.0
    rule: str = "either"
    ktrans_threshold: float = 1.5
    vp_threshold: float = 1.5
    include_core: bool = True
    aif_chart: vtkMRMLPlotChartNode
    ratio_table: vtkMRMLTableNode
    reading: str = ""
    remarks: str = ""  # what to bear in mind with it, a line each
    interval_chart: vtkMRMLPlotChartNode


OF_THE_PATIENT = ("patient", "same_patient", "radiosurgery_date", "reading", "remarks")
"""What both visits share that is of the patient, not of how the work is done."""
VISITS = ("pre", "follow_up")
MAPS = ("ktrans", "vp", "ve", "kep")


def visit_parameters(parameters: Parameters, visit: str) -> VisitParameters:
    """Those of the visit "pre" or "follow_up"."""
    return parameters.pre if visit == "pre" else parameters.follow_up


def forget_patient(parameters: Parameters) -> None:
    """Give everything back that is of a patient: nodes stay in the scene, but no choice of one, no number, no date."""
    unset = VisitParameters()
    for visit in VISITS:
        kept = visit_parameters(parameters, visit)
        for name in VisitParameters.__annotations__:
            setattr(kept, name, getattr(unset, name))
    for name in OF_THE_PATIENT:
        setattr(parameters, name, type(getattr(parameters, name))())
