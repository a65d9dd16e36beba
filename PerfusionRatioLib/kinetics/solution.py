"""What a solver returns for a block of voxels."""

from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True)
class Block:
    """Data of n voxels as a solver needs them.

    Attributes:
        reduced: (n, d) float32, the curves projected on the solver's basis.
        outside: (n,) energy of the curves outside the basis, which no choice of parameters can fit.
        samples: how many samples of each curve are valid, a number or (n,).
    """

    reduced: np.ndarray
    outside: np.ndarray
    samples: np.ndarray | int


@dataclass
class Solution:
    """The constrained least-squares minimum of n voxels.

    Attributes:
        first, second: (n,) weights of the model's curves.
        fitted: (n, d) the model curve in the reduced basis.
        flags: (n,) uint8.
        rate, second_rate: rates of its exponentials in 1/min; None where it has none.
        delay: minutes; None when it is not fitted.
        unknowns: what the rows of ``covariance`` are: "first", "second", "rate", "second_rate" (log), "delay".
        covariance: (n, m, m) for unit noise, NaN where the data cannot tell; None when not asked for.
        model_index: the model chosen, see `parameter_maps.CHOICES`; None when there was no choice.
    """

    first: np.ndarray
    second: np.ndarray
    fitted: np.ndarray
    flags: np.ndarray
    rate: np.ndarray | None = None
    second_rate: np.ndarray | None = None
    delay: np.ndarray | None = None
    unknowns: tuple[str, ...] = ()
    covariance: np.ndarray | None = None
    model_index: np.ndarray | None = None

    def only(self, rows: np.ndarray) -> "Solution":
        """The solution of some of the voxels."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return Solution(**{name: v[rows] if isinstance(v, np.ndarray) else v for name, v in values.items()})
