"""The digital patient: one person, two visits, a course of disease, and everything that is true of them."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from scipy import ndimage

from ..rigid import Rigid
from ..series import DceSeries, Grid, Identity, Volume
from .bolus import Bolus, varied_bolus
from .flip_angle_images import make_flip_angle_images
from .head import HeadTruth, HeadVisit, axial_grid, make_head_series
from .head_motion import NECK, moved_further, random_pose
from .post_contrast import PostContrast, make_post_contrast, t1_grid
from .scenarios import Scenario, make_scenario
from .scene import HeadPhantom

FLIP_ANGLES = (2.0, 5.0, 15.0)
POST_CONTRAST_TIME = 420.0
"""Seconds from the first dynamic frame to the post-contrast T1."""

SRS_DATE = date(2026, 1, 15)
PRE_DATE = SRS_DATE - timedelta(days=14)
FOLLOW_UP_DATE = SRS_DATE + timedelta(days=280)
RESECTION_DATE = FOLLOW_UP_DATE + timedelta(days=12)

POSE = (5.0, 5.0)
"""How far the head lies from straight: up to millimetres and degrees about each axis."""

SETTLED = (0.7, 0.7)
"""How far it moves between the dynamic series and the post-contrast T1, likewise."""

SLAB_MARGIN = 8.0
"""Millimetres between a lesion and the first and last slice, as a slab is planned."""


@dataclass(frozen=True)
class Scale:
    """How finely a patient is imaged.

    Attributes:
        dce: voxels (i, j, k) of the dynamic series, a slab of 120 mm around the head.
        frames: of the dynamic series.
        interval: seconds between frames.
        t1: millimetres of the isotropic post-contrast T1.
        anatomy: millimetres of the grid on which the head itself is made.
    """

    dce: tuple[int, int, int]
    t1: float
    anatomy: float
    frames: int = 60
    interval: float = 5.0


SMALL = Scale(dce=(64, 72, 24), t1=2.0, anatomy=2.0)
"""For tests."""

MEDIUM = Scale(dce=(96, 108, 30), t1=1.5, anatomy=2.0)
"""Quicker to make and to fit than ``FULL``, with the details that a person looks for."""

FULL = Scale(dce=(128, 128, 30), t1=1.0, anatomy=1.5)
"""As a patient is imaged: a dynamic series of 1.8 × 1.8 × 4 mm, a T1 of 1 mm."""


@dataclass(frozen=True)
class PatientVisit:
    """One visit; its images are made when they are first asked for.

    Attributes:
        name: "pre" or "follow_up".
        date: of the scan.
        patient_id: whose it is.
        phantom: the head, lesions and bolus of this visit.
        pose: how the head lies during the first frame of the dynamic series and before.
        t1_pose: how it lies during the post-contrast T1.
        scale: how finely it is imaged.
        seed: of noise, motion and coil.
        snr: of white matter in the images; None: no noise.
        motion: largest translation (mm) and rotation (degrees) of a frame; None: none.
    """

    name: str
    date: date
    patient_id: str
    phantom: HeadPhantom
    pose: Rigid
    t1_pose: Rigid
    scale: Scale
    seed: int
    snr: float | None
    motion: tuple[float, float] | None

    @property
    def series(self) -> DceSeries:
        """The dynamic series."""
        return self._dce.series

    @property
    def truth(self) -> HeadTruth:
        """What is true of it, on its grid; ``fractions["lesion 1"]`` and ``["core 1"]`` are the first lesion's."""
        return self._dce.truth

    @cached_property
    def lesions(self) -> tuple[np.ndarray, ...]:
        """Where each lesion, core included, fills half of a voxel of the dynamic series or more; bool [k, j, i]."""
        shares = self.truth.fractions
        numbers = range(1, len(self.phantom.lesions) + 1)
        return tuple(shares[f"lesion {n}"] + shares.get(f"core {n}", 0) >= 0.5 for n in numbers)

    @cached_property
    def flip_angle_images(self) -> tuple[Volume, ...]:
        """Before contrast agent, at 2, 5 and 15 degrees, on the grid of the dynamic series."""
        images = make_flip_angle_images(
            self.dce_grid,
            FLIP_ANGLES,
            noise=self.truth.noise / 2,
            seed=self.seed,
            phantom=self.phantom,
            pose=self.pose,
            bias=True,
        )
        return tuple(self._named(image, f"FA {angle:g}") for image, angle in zip(images, FLIP_ANGLES, strict=True))

    @cached_property
    def post_contrast(self) -> PostContrast:
        """The post-contrast T1 with the true lesions on its grid."""
        made = make_post_contrast(
            self.phantom, t1_grid(self.scale.t1), self.t1_pose, POST_CONTRAST_TIME, self.snr, self.seed
        )
        return replace(made, volume=self._named(made.volume, "T1 post contrast"))

    @cached_property
    def seeds(self) -> tuple[np.ndarray, ...]:
        """A point deep in the enhancing part of each lesion as it lies in the post-contrast T1, RAS millimetres."""
        anatomy = self.phantom.anatomy
        points = []
        for number in range(1, len(self.phantom.lesions) + 1):
            fraction = anatomy.fractions[f"lesion {number}"]
            box = ndimage.find_objects((fraction > 0.5).astype(np.int8))[0]
            depth = ndimage.distance_transform_edt(np.pad(fraction[box] > 0.5, 1))[1:-1, 1:-1, 1:-1]
            deepest = np.unravel_index((depth + fraction[box]).argmax(), depth.shape)
            deepest = np.add(deepest, [side.start for side in box])
            points.append(self.t1_pose.moved(anatomy.grid.positions(deepest[::-1])) * (-1, -1, 1))
        return tuple(points)

    @cached_property
    def dce_grid(self) -> Grid:
        """A slab around the head, moved up or down as far as needed to hold the lesions."""
        grid = axial_grid(self.scale.dce)
        anatomy = self.phantom.anatomy
        heights = []
        for number in range(1, len(self.phantom.lesions) + 1):
            voxels = np.argwhere(anatomy.fractions[f"lesion {number}"] > 0.5)
            heights.append(self.pose.moved(anatomy.grid.positions(voxels[:, ::-1]))[:, 2])
        bottom, top = grid.origin[2], grid.origin[2] + (grid.size[2] - 1) * grid.spacing[2]
        heights = np.concatenate(heights) if heights else np.array([bottom + SLAB_MARGIN, top - SLAB_MARGIN])
        up = max(0.0, heights.max() + SLAB_MARGIN - top) - max(0.0, bottom - heights.min() + SLAB_MARGIN)
        return replace(grid, origin=(*grid.origin[:2], bottom + up))

    @cached_property
    def _dce(self) -> HeadVisit:
        made = make_head_series(
            frames=self.scale.frames,
            interval=self.scale.interval,
            seed=self.seed,
            snr=self.snr,
            motion=self.motion,
            phantom=self.phantom,
            grid=self.dce_grid,
            pose=self.pose,
            within_frames=True,
        )
        return replace(made, series=self._named(made.series, "DCE"))

    def _named(self, image, description: str):
        identity = Identity(self.patient_id, f"{self.date:%Y%m%d}", series_description=description)
        return replace(image, identity=identity)


@dataclass(frozen=True)
class DigitalPatient:
    """A patient before radiosurgery and at suspected progression.

    Attributes:
        scenario: the course of disease, with the reading each lesion must get.
        seed: of everything about the patient.
        patient_id: such as ``digital-recurrence-0``.
        pre, follow_up: the visits.
        srs_date, resection_date: of radiosurgery and of the histology.
    """

    scenario: Scenario
    seed: int
    patient_id: str
    pre: PatientVisit
    follow_up: PatientVisit
    srs_date: date = SRS_DATE
    resection_date: date = RESECTION_DATE

    @property
    def visits(self) -> tuple[PatientVisit, PatientVisit]:
        """Both, in time order."""
        return self.pre, self.follow_up


def make_patient(
    scenario: str,
    seed: int = 0,
    scale: Scale = SMALL,
    snr: float | None = 40.0,
    motion: tuple[float, float] | None = (0.5, 0.5),
) -> DigitalPatient:
    """A digital patient.

    Args:
        scenario: a name in ``SCENARIOS``.
        seed: of the person, the lesions, the injections, the poses, the motion and the noise.
        scale: ``SMALL``, ``MEDIUM`` or ``FULL``.
        snr: of white matter in the dynamic series and in the post-contrast T1; None: no noise.
        motion: largest translation (mm) and rotation (degrees) of a dynamic frame; None: none.

    Raises:
        InputError: there is no scenario of that name.
    """
    course = make_scenario(scenario, seed)
    patient_id = f"digital-{scenario}-{seed}"
    visits = []
    for number, (name, day) in enumerate((("pre", PRE_DATE), ("follow_up", FOLLOW_UP_DATE))):
        random = np.random.default_rng((seed, number, 3))
        pose = random_pose(*POSE, random)
        settled = random_pose(*SETTLED, random, centre=NECK)
        phantom = HeadPhantom(
            lesions=tuple(getattr(lesion, name) for lesion in course.lesions),
            bolus=_injection(random),
            spacing=scale.anatomy,
            person=seed,
        )
        visits.append(
            PatientVisit(
                name=name,
                date=day,
                patient_id=patient_id,
                phantom=phantom,
                pose=pose,
                t1_pose=moved_further(pose, settled.matrix),
                scale=scale,
                seed=2 * seed + number,
                snr=snr,
                motion=motion,
            )
        )
    return DigitalPatient(course, seed, patient_id, *visits)


def _injection(random: np.random.Generator) -> Bolus:
    """A bolus that frames of five seconds can follow."""
    return replace(
        varied_bolus(int(random.integers(1 << 31))), peak=random.uniform(5.0, 7.5), width=random.uniform(11.0, 14.0)
    )
