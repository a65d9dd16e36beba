"""What is known of how a series was acquired, and from where it is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from .errors import InputError

T = TypeVar("T")

UNITS = {"repetition_time": "s", "flip_angle": "degrees", "echo_time": "s", "field_strength": "T"}
"""Of the parameters of an acquisition."""


@dataclass(frozen=True)
class Known(Generic[T]):
    """A value with its origin, such as ``Known(0.005, "DICOM RepetitionTime")`` or ``Known(15.0, "command line")``."""

    value: T
    origin: str


@dataclass(frozen=True)
class Acquisition:
    """Parameters of a spoiled gradient echo acquisition; None where nothing is known.

    Attributes:
        repetition_time: TR in seconds.
        flip_angle: nominal flip angle in degrees.
        echo_time: TE in seconds.
        field_strength: B0 in tesla.
        differing: the values of a parameter that differs between the images, as text; it has no value of its own then.
    """

    repetition_time: Known[float] | None = None
    flip_angle: Known[float] | None = None
    echo_time: Known[float] | None = None
    field_strength: Known[float] | None = None
    differing: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __post_init__(self):
        if self.repetition_time is not None and not 0.0005 <= self.repetition_time.value < 1:
            raise InputError(
                f"The repetition time is {self.repetition_time.value:g} s ({self.repetition_time.origin}); a spoiled "
                "gradient echo has a TR between 0.5 ms and 1 s: check whether milliseconds were given as seconds."
            )
        if self.flip_angle is not None and not 0 < self.flip_angle.value < 180:
            raise InputError(
                f"The flip angle is {self.flip_angle.value:g} degrees ({self.flip_angle.origin}); "
                "it must lie between 0 and 180: give the right one with --flip-angle."
            )
        if self.flip_angle is not None and self.flip_angle.value < 1:
            raise InputError(
                f"The flip angle is {self.flip_angle.value:g} degrees ({self.flip_angle.origin}); a gradient echo has "
                "at least 1 degree (was it given in radians?): give it in degrees with --flip-angle."
            )
        if self.echo_time is not None and not 0 <= self.echo_time.value < 1:
            raise InputError(
                f"The echo time is {self.echo_time.value:g} s ({self.echo_time.origin}); "
                "it must lie between 0 and 1 s: check whether milliseconds were given as seconds."
            )

    def require(self, name: str) -> float:
        """The value of ``name``, or an InputError that says how to give it."""
        known = getattr(self, name)
        if known is None:
            values = self.differing.get(name)
            raise InputError(
                f"The {name.replace('_', ' ')} "
                + (f"differs between the images ({values})" if values else "is not in the files")
                + f" and was not given: add --{'tr' if name == 'repetition_time' else name.replace('_', '-')}."
            )
        return known.value

    def overridden(self, **given: Known[float] | None) -> "Acquisition":
        """A copy in which every value of ``given`` that is not None takes the place of what was read."""
        return replace(self, **{name: known for name, known in given.items() if known is not None})
