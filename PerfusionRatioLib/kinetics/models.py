"""The pharmacokinetic models: which curves each adds up, and what its parameters are in the field's terms.

Every model is a sum of two curves with weights that cannot be negative (a for the first, b for the second):

=================  ==============================  ======================  =============================================
model              first curve                     second curve            parameters
=================  ==============================  ======================  =============================================
tofts              cp ⊗ exp(−k t)                  none                    Ktrans = a, kep = k
extended-tofts     cp ⊗ exp(−k t)                  cp                      Ktrans = a, kep = k, vp = b
patlak             ∫ cp                            cp                      Ktrans = a, vp = b
plasma             cp                              none                    vp = a
2cum               cp ⊗ exp(−k t)                  ∫ cp                    Fp = a + b, Ktrans = b, vp = Fp² / (a k)
2cxm               cp ⊗ exp(−k t)                  cp ⊗ exp(−m t)          see `exchange_from_exponentials`
=================  ==============================  ======================  =============================================

Sources: Tofts et al. 1999 (JMRI 10:223), Patlak et al. 1983 (JCBFM 3:1), Sourbron & Buckley 2012 (PMB 57:R1) for the
uptake (2CUM) and exchange (2CXM) models.
"""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from ..errors import InputError


class Curve(Enum):
    """A curve that a model adds up."""

    NONE = "none"
    PLASMA = "cp"
    INTEGRAL = "integral of cp"
    EXPONENTIAL = "cp convolved with an exponential"


@dataclass(frozen=True)
class Model:
    """One model.

    Attributes:
        name: as given to `fit`.
        first, second: the curves that it adds.
        parameters: names of what it reports.
        rates: lowest and highest rate constant of its exponentials, in 1/min.
        capped: whether the first weight may not exceed the rate, which is ve ≤ 1.
    """

    name: str
    first: Curve
    second: Curve
    parameters: tuple[str, ...]
    rates: tuple[float, float] = (1e-3, 10.0)
    capped: bool = False

    @property
    def curves(self) -> tuple[Curve, Curve]:
        """First and second curve."""
        return self.first, self.second

    @property
    def exponentials(self) -> int:
        """How many of its curves have a rate to be found."""
        return sum(curve is Curve.EXPONENTIAL for curve in self.curves)

    @property
    def degrees(self) -> int:
        """How many numbers are fitted to a curve, without the delay."""
        return sum(curve is not Curve.NONE for curve in self.curves) + self.exponentials


MODELS = {
    model.name: model
    for model in (
        Model("plasma", Curve.PLASMA, Curve.NONE, ("vp",)),
        Model("patlak", Curve.INTEGRAL, Curve.PLASMA, ("ktrans", "vp")),
        Model("tofts", Curve.EXPONENTIAL, Curve.NONE, ("ktrans", "kep", "ve"), (1e-3, 50.0), capped=True),
        Model("extended-tofts", Curve.EXPONENTIAL, Curve.PLASMA, ("ktrans", "kep", "ve", "vp"), capped=True),
        Model("2cum", Curve.EXPONENTIAL, Curve.INTEGRAL, ("ktrans", "vp", "fp", "ps"), (1e-2, 200.0)),
        Model("2cxm", Curve.EXPONENTIAL, Curve.EXPONENTIAL, ("ktrans", "ve", "vp", "fp", "ps"), (1e-3, 200.0)),
    )
}


def find_model(name: str) -> Model:
    """The model called ``name``.

    Raises:
        InputError: there is none of that name.
    """
    if name not in MODELS:
        known = ", ".join(key for key in MODELS if key != "plasma")
        raise InputError(f"There is no model called {name!r}; choose one of {known}, auto.")
    return MODELS[name]


def parameters_of(model: Model, first, second, rate, second_rate=None) -> dict[str, np.ndarray]:
    """The model's parameters from its weights and rates, arrays of any one shape.

    Rates are in 1/min and weights in 1/min (cp: a fraction). Fp is returned in ml/100 ml/min. Where a weight is zero,
    what cannot be known is NaN: kep and ve without Ktrans, PS and vp without flow.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if model.name == "2cxm":
            return exchange_from_exponentials(first, rate, second, second_rate)
        if model.name == "2cum":
            flow = first + second
            vp = np.where(flow > 0, flow**2 / (first * rate), 0.0)
            return {"ktrans": second, "vp": vp, "fp": 100 * flow, "ps": flow * second / first}
        if model.name == "plasma":
            return {"vp": first}
        values = {"ktrans": first, "vp": second}
        if model.exponentials:
            leaks = first > 0
            values["kep"] = np.where(leaks, rate, np.nan)
            values["ve"] = np.where(leaks, first / rate, np.nan)
        return {name: values[name] for name in model.parameters}


def exchange_from_exponentials(first, rate, second, second_rate) -> dict[str, np.ndarray]:
    """Two-compartment exchange parameters from the impulse response a·exp(−k t) + b·exp(−m t).

    Comparing it with the transfer function Fp·(s + (vp + ve)/(vp·Te)) / ((s + k)(s + m)), Te = ve/PS, gives
    Fp = a + b, vp + ve = a/k + b/m, vp = Fp²/(a·k + b·m), Te = Fp/(vp·k·m).
    """
    flow = first + second
    volume = first / rate + second / second_rate
    vp = flow**2 / (first * rate + second * second_rate)
    ve = np.maximum(volume - vp, 0.0)
    ps = ve * vp * rate * second_rate / flow
    ktrans = np.where(flow > 0, flow * ps / (flow + ps), 0.0)
    return {"ktrans": ktrans, "ve": ve, "vp": np.where(flow > 0, vp, 0.0), "fp": 100 * flow, "ps": ps}


def exponentials_from_exchange(fp, ps, vp, ve):
    """The inverse of `exchange_from_exponentials`: (a, k, b, m) with k ≥ m; fp here in 1/min."""
    total = (fp + ps) / vp + ps / ve
    product = fp * ps / (vp * ve)
    root = np.sqrt(np.maximum(total**2 - 4 * product, 0.0))
    fast = 0.5 * (total + root)
    slow = product / fast
    zero = ps * (vp + ve) / (vp * ve)
    spread = np.where(fast > slow, fast - slow, 1.0)
    first = np.where(fast > slow, fp * (fast - zero) / spread, fp)
    return first, fast, fp - first, slow
