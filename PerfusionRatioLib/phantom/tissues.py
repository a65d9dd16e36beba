"""What each tissue of the digital head is made of: label, T10, proton density and kinetics at 3 T."""

from dataclasses import dataclass
from enum import IntEnum


class Label(IntEnum):
    """Values of the label map of a digital head."""

    AIR = 0
    SCALP = 1
    SKULL = 2
    CSF = 3
    GREY = 4
    WHITE = 5
    ARTERY = 6
    SINUS = 7
    LESION = 8
    DURA = 9


@dataclass(frozen=True)
class Tissue:
    """One component of the head.

    Attributes:
        name: how it is found among the fractions.
        label: its value in the label map.
        t10: T1 without contrast agent, in seconds.
        proton_density: relative to water.
        ktrans: volume transfer constant, min⁻¹.
        vp: plasma volume fraction.
        ve: volume fraction of the extravascular extracellular space (with ``ktrans`` it sets kep).
        supply: "artery" or "vein": which plasma curve feeds it.
        variation: how strongly its Ktrans and vp follow the smooth variation through the head (0: uniform).
    """

    name: str
    label: Label
    t10: float
    proton_density: float
    ktrans: float = 0.0
    vp: float = 0.0
    ve: float = 0.2
    supply: str = "artery"
    variation: float = 1.0

    @property
    def kep(self) -> float:
        """Rate constant back to plasma, min⁻¹."""
        return self.ktrans / self.ve


def normal_tissues(haematocrit: float) -> tuple[Tissue, ...]:
    """The tissues of a head without lesions; blood holds plasma alone (vp = 1 - haematocrit, no exchange)."""
    plasma = 1 - haematocrit
    return (
        Tissue("fat", Label.SCALP, t10=0.36, proton_density=0.75, ktrans=0.02, vp=0.010, ve=0.10),
        Tissue("muscle", Label.SCALP, t10=1.30, proton_density=0.80, ktrans=0.05, vp=0.020, ve=0.15),
        Tissue("mucosa", Label.SCALP, t10=1.30, proton_density=0.85, ktrans=0.15, vp=0.080, ve=0.35),
        Tissue("vitreous", Label.SCALP, t10=4.00, proton_density=1.00),
        Tissue("bone", Label.SKULL, t10=0.60, proton_density=0.06),
        Tissue("marrow", Label.SKULL, t10=0.45, proton_density=0.55, ktrans=0.02, vp=0.015, ve=0.10),
        Tissue("dura", Label.DURA, t10=1.00, proton_density=0.75, ktrans=0.08, vp=0.040, ve=0.35),
        Tissue("csf", Label.CSF, t10=4.00, proton_density=1.00),
        Tissue("grey", Label.GREY, t10=1.50, proton_density=0.82, ktrans=0.0010, vp=0.035, ve=0.20),
        Tissue("white", Label.WHITE, t10=0.90, proton_density=0.70, ktrans=0.0005, vp=0.015, ve=0.20),
        Tissue("artery", Label.ARTERY, t10=1.75, proton_density=0.88, vp=plasma, variation=0.0),
        Tissue("sinus", Label.SINUS, t10=1.70, proton_density=0.88, vp=plasma, supply="vein", variation=0.0),
    )
