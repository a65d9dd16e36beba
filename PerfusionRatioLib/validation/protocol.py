"""A dynamic acquisition as a site writes it down: TR, flip angle, frames and T10."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..series import check_times

BASELINE_SECONDS, BASELINE_FRAMES = 30.0, 5
"""The bolus arrives after this long or after this many frames, whichever is later."""
SECONDS_AFTER_ARRIVAL = 60.0
"""That a series must last after the bolus arrived; much shorter, nothing can be fitted."""


@dataclass(frozen=True)
class Protocol:
    """A dynamic acquisition.

    Attributes:
        repetition_time: TR in seconds.
        flip_angle: degrees.
        interval: seconds between frames.
        frames: how many.
        t10: T1 of the tissue before contrast agent, in seconds; taken as exactly known.
    """

    repetition_time: float
    flip_angle: float
    interval: float
    frames: int
    t10: float

    @property
    def times(self) -> np.ndarray:
        """Frame times in seconds."""
        return self.interval * np.arange(self.frames)

    @property
    def arrival_time(self) -> float:
        """Seconds at which the simulated bolus arrives."""
        return max(BASELINE_SECONDS, BASELINE_FRAMES * self.interval)

    def __str__(self) -> str:
        return (
            f"TR {self.repetition_time * 1e3:g} ms, flip angle {self.flip_angle:g} degrees, "
            f"{self.frames} frames of {self.interval:g} s, T10 {self.t10:g} s"
        )


def read_protocol(text: str) -> Protocol:
    """The protocol written as ``TR,FA,dt,frames,T10``: milliseconds, degrees, seconds, a count, seconds.

    Raises:
        InputError: another number of values, something that is not a number, or a value no protocol has, which most
            often is one in another unit.
    """
    pieces = [piece.strip() for piece in text.split(",")]
    if len(pieces) != 5:
        raise InputError(
            f"A protocol has five values, TR (ms),FA (degrees),dt (s),frames,T10 (s), such as 5,15,5,60,1.4; "
            f"{text!r} has {len(pieces)}."
        )
    limits = (
        ("TR", "ms", 1, 100, "seconds"),
        ("flip angle", "degrees", 1, 90, "radians"),
        ("time between frames", "s", 0.2, 120, "milliseconds or minutes"),
        ("number of frames", "", 10, 2000, ""),
        ("T10", "s", 0.1, 6, "milliseconds"),
    )
    values = [_value(piece, *limit) for piece, limit in zip(pieces, limits, strict=True)]
    if values[3] != int(values[3]):
        raise InputError(f"The number of frames in the protocol is {pieces[3]}; it must be a whole number.")
    protocol = Protocol(values[0] / 1e3, values[1], values[2], int(values[3]), values[4])
    check_times(protocol.times, protocol.frames, "the protocol")
    left = protocol.times[-1] - protocol.arrival_time
    if left < SECONDS_AFTER_ARRIVAL:
        raise InputError(
            f"The protocol lasts {protocol.times[-1]:g} s, and the bolus arrives after {protocol.arrival_time:g} s "
            f"({BASELINE_FRAMES} frames, at least {BASELINE_SECONDS:g} s); at least {SECONDS_AFTER_ARRIVAL:g} s must "
            "follow: give more frames."
        )
    return protocol


def _value(text: str, name: str, unit: str, low: float, high: float, mistaken: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"The {name} in the protocol is {text!r}, which is not a number.") from None
    if not low <= value <= high:
        hint = f": was it given in {mistaken}?" if mistaken else "."
        raise InputError(
            f"The {name} in the protocol is {f'{value:g} {unit}'.strip()}; expected is {low:g} to {high:g}{hint}"
        )
    return value
