"""A digital patient taken through the whole module without its panels."""

import numpy as np

from PerfusionRatioLib.segmentation.lesion import segment_lesion

from .digital_patient import add_to_scene, make_images
from .lesions import lesion_segmentation
from .parameters import VISITS, Parameters, visit_parameters
from .segments import set_segment
from .session import Session
from .volumes import volume_of

LESION = (0.9, 0.8, 0.1)


def reading_of_digital_patient(scene, parameters: Parameters, scenario: str = "recurrence") -> str:
    """Load, fit, outline and compare; the reading in words."""
    patient, images = make_images(scenario)
    add_to_scene(scene, patient, images, parameters)
    session = Session(scene, parameters)
    for name in VISITS:
        session.keep(name, session.fit(name)(_go_on))
        outline_lesions(scene, parameters, name, images[name].visit.seeds)
    session.keep_comparison(session.compare()(_go_on))
    return parameters.reading


def outline_lesions(scene, parameters: Parameters, name: str, seeds) -> None:
    """A segment for each lesion of a visit, from a seed in each (RAS)."""
    visit, node = visit_parameters(parameters, name), lesion_segmentation(scene, parameters, name)
    image = volume_of(visit.t1)
    for number, seed in enumerate(seeds, start=1):
        found = segment_lesion(image, np.asarray(seed)[None] * (-1, -1, 1))
        set_segment(node, f"Lesion {number}", found.mask, visit.t1, LESION)


def _go_on(fraction: float, what: str) -> bool:
    return True
