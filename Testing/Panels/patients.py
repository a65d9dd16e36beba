"""Coarse digital patients, each made once for all tests of a process."""

from functools import cache

import numpy as np

from PerfusionRatioLib.comparison.fitted_visit import FittedVisit, fit_compared_visit
from PerfusionRatioLib.phantom.patient import Scale
from PerfusionRatioScene import digital_patient

COARSE = Scale(dce=(48, 54, 20), t1=3.0, anatomy=3.0, frames=24, interval=10.0)

MAKE = digital_patient.make_images
"""Itself, whatever a test puts in its place."""


@cache
def _made(scenario: str):
    usual, digital_patient.SCALE = digital_patient.SCALE, COARSE
    try:
        return MAKE(scenario)
    finally:
        digital_patient.SCALE = usual


def made_once(scenario: str, seed: int = 0, progress=None):
    """As ``make_images`` of ``PerfusionRatioScene.digital_patient``, but coarse."""
    return _made(scenario)


FITTED: dict[tuple, FittedVisit] = {}


def fitted_once(name, given, progress=None) -> FittedVisit:
    """As ``fit_compared_visit``, but what was fitted before is given again."""
    key = (name, repr(given.settings), given.t1_post is None, given.series.signal.tobytes())
    if key not in FITTED:
        FITTED[key] = fit_compared_visit(name, given, progress)
    return FITTED[key]


def seeds_of(scenario: str) -> dict[str, np.ndarray]:
    """Where the lesions are at each visit, RAS."""
    return {name: np.asarray(images.visit.seeds) for name, images in _made(scenario)[1].items()}


def images_of(scenario: str) -> dict:
    """The images of each visit."""
    return _made(scenario)[1]


def load(scenario: str, host, parameters=None) -> dict[str, np.ndarray]:
    """Put the images into the scene, and choose them in ``parameters`` if given; gives ``seeds_of`` the patient."""
    from PerfusionRatioScene.digital_patient import add_to_scene

    add_to_scene(host.scene, *_made(scenario), parameters)
    return seeds_of(scenario)
