"""The digital patient in the scene: what it is made of can be computed anywhere, its nodes on the main thread only."""

from dataclasses import dataclass

import numpy as np

from PerfusionRatioLib.phantom.patient import MEDIUM, DigitalPatient, PatientVisit, make_patient
from PerfusionRatioLib.progress import Progress, advance
from PerfusionRatioLib.series import DceSeries, Volume

from .flip_angles import new_flip_angle_sequence
from .hierarchy import file_under
from .parameters import VISITS, Parameters, forget_patient, visit_parameters
from .subject import name_study
from .visit_results import node_name
from .volumes import new_sequence, new_volume

SCALE = MEDIUM
"""As large as it must be to look like a patient, as small as it can be to be made in seconds."""


@dataclass(frozen=True)
class VisitImages:
    """The images of one visit."""

    visit: PatientVisit
    series: DceSeries
    t1: Volume
    flip_angle_images: tuple[Volume, ...]


def make_images(
    scenario: str, seed: int = 0, progress: Progress | None = None
) -> tuple[DigitalPatient, dict[str, VisitImages]]:
    """Make a digital patient; touches no scene.

    Raises:
        InputError: there is no such scenario.
        Cancelled: by ``progress``.
    """
    patient = make_patient(scenario, seed, SCALE)
    images = {}
    for number, visit in enumerate(patient.visits):
        advance(progress, number / 2, "making the digital patient")
        images[visit.name] = VisitImages(visit, visit.series, visit.post_contrast.volume, visit.flip_angle_images)
    advance(progress, 1.0, "making the digital patient")
    return patient, images


def add_to_scene(scene, patient: DigitalPatient, images: dict[str, VisitImages], parameters: Parameters | None) -> dict:
    """Make the nodes of a patient, and choose them in ``parameters``.

    Returns:
        The nodes, by visit and "series", "t1" and "flip_angle_images".
    """
    nodes = {}
    for name in VISITS:
        made = images[name]
        image = made.series
        nodes[name, "series"] = new_sequence(scene, image, node_name("DCE", name))
        nodes[name, "t1"] = new_volume(scene, made.t1.array, made.t1.grid, node_name("T1 post contrast", name))
        angles = [volume.acquisition.require("flip_angle") for volume in made.flip_angle_images]
        nodes[name, "flip_angle_images"] = new_flip_angle_sequence(
            scene,
            np.stack([volume.array for volume in made.flip_angle_images]),
            made.flip_angle_images[0].grid,
            angles,
            made.flip_angle_images[0].acquisition,
            node_name("Flip angles", name),
        )
        for kind in ("series", "t1", "flip_angle_images"):
            file_under(scene, nodes[name, kind], patient.patient_id, name)
        name_study(nodes[name, "series"], patient.patient_id, made.visit.date)
    if parameters is not None:
        _choose(parameters, patient, nodes)
    return nodes


def _choose(parameters: Parameters, patient: DigitalPatient, nodes: dict) -> None:
    forget_patient(parameters)
    parameters.patient, parameters.radiosurgery_date = patient.patient_id, patient.srs_date.isoformat()
    for visit in patient.visits:
        kept = visit_parameters(parameters, visit.name)
        for kind in ("series", "t1", "flip_angle_images"):
            setattr(kept, kind, nodes[visit.name, kind])
        kept.date = visit.date.isoformat()
