"""What the files of a series or volume alone say."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..acquisition import Known
from ..series import Grid, Identity
from .samples import SampleCounts


@dataclass(frozen=True)
class Contents:
    """An image as read from files, before anything given by the user.

    Attributes:
        signal: float32 [t, k, j, i]; a volume has one frame.
        grid: where the voxels are.
        counts: of unusable samples.
        times: seconds, one a frame, with their origin; None when the files do not tell.
        acquisition: by the names of `Acquisition`, in its units.
        differing: values, as text, of parameters that differ between the images.
        identity: patient, visit and scanner.
        notes: sentences on what was chosen, repaired or left out.
        has_position: False for a two-dimensional image, whose place in space is not known.
    """

    signal: np.ndarray
    grid: Grid
    counts: SampleCounts
    times: Known[np.ndarray] | None
    acquisition: dict[str, Known[float]]
    identity: Identity
    notes: tuple[str, ...] = ()
    differing: Mapping[str, str] = field(default_factory=dict)
    has_position: bool = True
