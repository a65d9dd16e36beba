"""What the comparison of two visits holds."""

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..ratio.change import Change
from ..ratio.criteria import Criteria
from ..ratio.measurement import Ratios
from ..ratio.reading import Reading
from ..ratio.verdict import Verdict
from ..series import Grid, Volume

if TYPE_CHECKING:
    from ..aif.consistency import AifConsistency
    from ..alignment.registration import Alignment
    from ..segmentation.lesion import LesionSegmentation
    from ..segmentation.lesion_size import LesionSize
    from ..visit import Visit


WHEN = {"pre": "before radiosurgery", "follow_up": "at follow-up"}
"""The visits, in the order of time, as a sentence names them."""


@dataclass(frozen=True)
class LesionAtVisit:
    """A lesion at one visit.

    Attributes:
        segmentation: on the grid of the post-contrast T1.
        size: its volumes and diameters.
        fraction: float32 on the grid of the series: the share of each voxel that lies in the lesion.
        filled: likewise, the share that lies in what was measured: the lesion, or its enhancing part.
        region: bool on the grid of the series: the voxels that were measured.
        reference: bool on the grid of the series: normal brain.
        reference_origin: "mirrored", "moved" or "given".
        inside: share of the lesion that lies within the series.
        ratios: what was measured.
        verdict: what that says.
        notes: sentences on what was met.
    """

    segmentation: "LesionSegmentation"
    size: "LesionSize"
    fraction: np.ndarray
    filled: np.ndarray
    region: np.ndarray
    reference: np.ndarray
    reference_origin: str
    inside: float
    ratios: Ratios
    verdict: Verdict
    notes: tuple[str, ...] = ()

    @property
    def evaluable_fraction(self) -> float:
        """Share of the lesion that lies within the series and could be fitted."""
        return self.inside * self.ratios.evaluable_fraction


@dataclass(frozen=True)
class VisitResult:
    """One visit of a comparison.

    Attributes:
        name: "pre" or "follow_up".
        date: of the examination; None where unknown.
        visit: maps, arterial input, notes; its grid is that of the series.
        t1: the post-contrast T1.
        alignment: takes LPS positions of the series to those of the T1.
    """

    name: str
    date: datetime.date | None
    visit: "Visit"
    t1: Volume
    alignment: "Alignment"

    @property
    def grid(self) -> Grid:
        """Of the series and its maps."""
        return self.visit.prepared.grid


@dataclass(frozen=True)
class T10Shift:
    """How T1 before contrast agent differs between the visits, and what that does to the ratios.

    Attributes:
        lesion: medians in seconds before radiosurgery and at follow-up.
        reference: the same of normal brain.
        effect: how much rKtrans and rVp at follow-up would change with the T10 of the first visit, relative.
        sentence: a warning; empty where the shift is small.
    """

    lesion: tuple[float, float]
    reference: tuple[float, float]
    effect: float
    sentence: str


@dataclass(frozen=True)
class LesionComparison:
    """One lesion at both visits.

    Attributes:
        name: as the study calls it.
        pre, follow_up: None where it was not marked.
        status: "both", "new" (follow-up only) or "vanished" (before radiosurgery only).
        changes: of the ratios; empty unless it was there at both visits.
        swapped: the same with the arterial inputs of the visits exchanged.
        t10_shift: None unless T10 was mapped at both visits.
        reading: of both visits together.
        notes: sentences on what was met.
    """

    name: str
    pre: LesionAtVisit | None
    follow_up: LesionAtVisit | None
    status: str
    changes: tuple[Change, ...]
    swapped: tuple[Change, ...]
    t10_shift: T10Shift | None
    reading: Reading
    notes: tuple[str, ...] = ()

    @property
    def visits(self) -> tuple[tuple[str, LesionAtVisit], ...]:
        """The visits at which it was marked, by name."""
        both = (("pre", self.pre), ("follow_up", self.follow_up))
        return tuple((name, at_visit) for name, at_visit in both if at_visit is not None)


@dataclass(frozen=True)
class Comparison:
    """Two visits of one patient.

    Attributes:
        pre, follow_up: the visits.
        between: takes LPS positions of the T1 before radiosurgery to those of the T1 at follow-up.
        lesions: in the order of the study.
        aif: how alike the arterial inputs are.
        criteria: by which it was read.
        notes: sentences on dates, alignment and what else concerns both visits.
        include_core: whether a necrotic core was measured with its lesion.
        left_out: name and reason of each lesion that could not be measured; ``notes`` tell it too.
    """

    pre: VisitResult
    follow_up: VisitResult
    between: "Alignment"
    lesions: tuple[LesionComparison, ...]
    aif: "AifConsistency"
    criteria: Criteria
    notes: tuple[str, ...] = ()
    include_core: bool = True
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def visits(self) -> tuple[VisitResult, VisitResult]:
        """Both, in the order of time."""
        return self.pre, self.follow_up
