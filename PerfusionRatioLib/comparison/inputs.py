"""What two visits are compared from."""

import datetime
from dataclasses import dataclass, field

import numpy as np

from ..errors import InputError
from ..series import DceSeries, Volume
from ..visit_reading import VisitInputs
from ..visit_settings import VisitSettings


@dataclass(frozen=True)
class DrawnMask:
    """A mask and the image it is drawn on.

    Attributes:
        mask: bool on the grid of the image.
        image: "t1" or "dce".
        core: the necrotic core within, likewise, for a lesion on the T1; None where it is not told apart.
        notes: sentences on how it was read.
    """

    mask: np.ndarray
    image: str = "t1"
    core: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self):
        if self.image not in ("t1", "dce"):
            raise InputError(f"A mask is drawn on the T1 (t1) or on the series (dce), not on {self.image!r}.")
        if not self.mask.any():
            raise InputError("The mask is empty: draw at least a voxel, or give none.")


@dataclass(frozen=True)
class LesionMark:
    """How a lesion is marked at one visit: by points, or by a mask.

    Attributes:
        seeds: LPS positions in it, shaped (n, 3); None with a mask.
        background: LPS positions that are not of it, shaped (n, 3).
        amount: less or more of it, -1 to 1; see ``segment_lesion``.
        mask: the lesion itself.
    """

    seeds: np.ndarray | None = None
    background: np.ndarray | None = None
    amount: float = 0.0
    mask: DrawnMask | None = None

    def __post_init__(self):
        if (self.seeds is None) == (self.mask is None):
            raise InputError("A lesion is marked either by seed points or by a mask: give one of them.")


@dataclass(frozen=True)
class MarkedLesion:
    """A lesion and where it is at each visit; None where it was not there."""

    name: str
    pre: LesionMark | None
    follow_up: LesionMark | None

    def at(self, visit: str) -> LesionMark | None:
        """Its mark at the visit "pre" or "follow_up"."""
        return getattr(self, visit)


@dataclass(frozen=True)
class ComparedVisit:
    """One visit, read and not yet fitted.

    Attributes:
        series: the dynamic series.
        t1_post: the post-contrast T1; None: the mean of the last frames of the series serves for it.
        settings: choices for the fit.
        inputs: T10, B1 and mask to fit and arterial input, where they are given.
        reference: normal brain; None to find it.
        reference_centre: LPS position to which the reference that is found is moved.
        date: of the examination; None where unknown.
    """

    series: DceSeries
    t1_post: Volume | None = None
    settings: VisitSettings = VisitSettings()
    inputs: VisitInputs = field(default_factory=VisitInputs)
    reference: DrawnMask | None = None
    reference_centre: np.ndarray | None = None
    date: datetime.date | None = None
