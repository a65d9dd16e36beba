"""What a fit returns: a map for each parameter, their standard errors, and flags."""

from dataclasses import dataclass, field
from enum import IntFlag

import numpy as np


class Flag(IntFlag):
    """What is to be known of a voxel beside its parameters; they add up."""

    NOT_FITTED = 1
    """Outside the mask, or with too few valid samples: every map is NaN."""
    NO_INFORMATION = 2
    """The best curve is no curve at all: Ktrans and vp are zero, kep and ve unknown."""
    KTRANS_AT_ZERO = 4
    VP_AT_ZERO = 8
    VE_AT_ONE = 16
    RATE_AT_LIMIT = 32
    """kep (or another rate) lies at the end of the range that was searched."""
    DELAY_AT_LIMIT = 64
    INCOMPLETE = 128
    """Some samples were not numbers; the fit uses the others."""


def mark(flags: np.ndarray, where, flag: Flag) -> None:
    """Add ``flag`` to the uint8 ``flags`` of the voxels ``where`` (slice, indices or bool)."""
    flags[where] |= np.uint8(flag)


CHOICES = ("none", "plasma", "patlak", "extended-tofts")
"""What `ParameterMaps.model_index` counts, in this order."""


@dataclass(frozen=True)
class ParameterMaps:
    """Maps of a fit, each float32 and shaped as the voxels that were given; None where the model has no such parameter.

    Attributes:
        model: its name.
        ktrans, kep, ps: 1/min.
        vp, ve: fractions.
        fp: ml/100 ml/min.
        delay: seconds by which the tissue's input lags behind the measured one (a number per voxel).
        r2: coefficient of determination.
        residual_sd: standard deviation of the residuals in mM, with the model's degrees of freedom.
        aicc: corrected Akaike information criterion.
        model_index: with model "auto", the index in `CHOICES` of the model that was chosen.
        flags: uint8, see `Flag`.
        standard_errors: name of a parameter -> map of its standard error, when asked for.
    """

    model: str
    flags: np.ndarray
    r2: np.ndarray
    residual_sd: np.ndarray
    aicc: np.ndarray
    ktrans: np.ndarray | None = None
    kep: np.ndarray | None = None
    ve: np.ndarray | None = None
    vp: np.ndarray | None = None
    fp: np.ndarray | None = None
    ps: np.ndarray | None = None
    delay: np.ndarray | None = None
    model_index: np.ndarray | None = None
    standard_errors: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that have a map, with the delay."""
        every = ("ktrans", "vp", "ve", "kep", "fp", "ps", "delay")
        return tuple(name for name in every if getattr(self, name) is not None)

    @property
    def counts(self) -> dict[str, int]:
        """Voxels under each flag, in words, and how many were fitted."""
        flags = self.flags
        counted = {flag.name.lower(): int(np.count_nonzero(flags & flag)) for flag in Flag}
        return {"fitted": int(flags.size - counted["not_fitted"])} | counted
