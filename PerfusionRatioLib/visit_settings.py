"""How a visit is to be analysed: every choice with its default, and where the chosen value comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Literal, get_args

from .acquisition import Known
from .aif.arterial_input import check_haematocrit
from .errors import InputError
from .signal.spoiled_gradient_echo import check_relaxivity

Model = Literal["tofts", "extended-tofts", "patlak", "2cxm", "2cum", "auto"]
Aif = Literal["auto", "parker", "georgiou"]
Region = Literal["brain", "all"]
Delay = Literal["none", "global", "voxel"]
Content = Literal["signal", "concentration"]

SHORTEST_T10, LONGEST_T10 = 0.05, 10.0
"""Seconds. No tissue or fluid at a clinical field has a T1 outside."""


@dataclass(frozen=True)
class VisitSettings:
    """Choices for one visit.

    Attributes:
        model: what is fitted; "auto" chooses for each voxel.
        aif: where the arterial input comes from when none is given: found in the images, or a population's.
        mask: what is fitted when no mask is given: the brain, which is found, or every voxel.
        t10: T1 before contrast agent in seconds, where no map is given. 1.4 s lies between the grey and white matter
            of a brain at 3 T.
        blood_t10: T1 of blood before contrast agent in seconds, for the arterial input; None for that of the T10 map
            where there is one, else for the usual value at the scanner's field.
        haematocrit: large-vessel haematocrit, as a fraction.
        relaxivity: r1 of the contrast agent in 1/(mM s).
        baseline: first frame of the baseline and the frame after its last; None to find them.
        delay: whether the bolus may reach tissue later than the artery: never, by one delay, or by one for each voxel.
        motion: whether the frames are aligned with each other first.
        content: what the series holds: signal, or the concentration of contrast agent in mM.
        standard_errors: whether each parameter gets a map of its standard error.
        origins: where values come from, by name, such as ``{"relaxivity": "command line"}``.
    """

    model: Model = "extended-tofts"
    aif: Aif = "auto"
    mask: Region = "brain"
    t10: float = 1.4
    blood_t10: float | None = None
    haematocrit: float = 0.42
    relaxivity: float = 4.5
    baseline: tuple[int, int] | None = None
    delay: Delay = "none"
    motion: bool = True
    content: Content = "signal"
    standard_errors: bool = False
    origins: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self):
        choices = {"model": Model, "aif": Aif, "mask": Region, "delay": Delay, "content": Content}
        for name, allowed in choices.items():
            value = getattr(self, name)
            if value not in get_args(allowed):
                raise InputError(f"There is no {name} called {value!r}; choose one of {', '.join(get_args(allowed))}.")
        for name, seconds, usual in (
            ("T10", self.t10, "tissue has 0.1 to 5 s"),
            ("The T10 of blood", self.blood_t10, "blood has 1 to 3 s"),
        ):
            if seconds is not None and not SHORTEST_T10 <= seconds <= LONGEST_T10:
                mistaken = "seconds were given as milliseconds" if seconds < 1 else "milliseconds were given as seconds"
                raise InputError(f"{name} is {seconds:g} s; {usual}: check whether {mistaken}.")
        check_haematocrit(self.haematocrit)
        check_relaxivity(self.relaxivity)
        if self.baseline is not None and not 0 <= self.baseline[0] < self.baseline[1]:
            raise InputError(
                f"The baseline {self.baseline[0]}:{self.baseline[1]} holds no frame: "
                "give START:STOP with 0 <= START < STOP."
            )

    def known(self, name: str) -> Known:
        """The value of ``name`` with its origin: as told in ``origins``, else "default" or "given"."""
        value = getattr(self, name)
        default = next(item.default for item in fields(self) if item.name == name)
        return Known(value, self.origins.get(name, "default" if value == default else "given"))
