"""The images this package works on: a grid in space, a volume, and a dynamic series."""

from dataclasses import dataclass, field

import numpy as np

from .acquisition import Acquisition, Known
from .errors import InputError


@dataclass(frozen=True)
class Grid:
    """A regular grid of voxels in LPS patient space (millimetres), as in DICOM and ITK.

    Attributes:
        size: voxels along (i, j, k); an array on this grid is shaped ``(k, j, i)``.
        spacing: millimetres along (i, j, k).
        origin: LPS position of the centre of voxel (0, 0, 0).
        direction: 3×3, row-major; its columns are the unit vectors of i, j and k.
    """

    size: tuple[int, int, int]
    spacing: tuple[float, float, float] = (1.0, 1.0, 1.0)
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)
    direction: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)

    @property
    def shape(self) -> tuple[int, int, int]:
        """The shape of an array on this grid: (k, j, i)."""
        return self.size[::-1]

    @property
    def voxel_volume(self) -> float:
        """Volume of a voxel in cubic millimetres."""
        return float(np.prod(self.spacing))

    def matches(self, other: "Grid", tolerance: float = 1e-3) -> bool:
        """Whether both grids have the same voxels at the same places, within ``tolerance`` of a voxel."""
        return self.size == other.size and bool(
            np.abs(self.corners() - other.corners()).max() <= tolerance * max(self.spacing)
        )

    def corners(self) -> np.ndarray:
        """LPS positions of the centres of the eight corner voxels, shaped (8, 3)."""
        steps = [(0, n - 1) for n in self.size]
        return self.positions(np.array([[i, j, k] for i in steps[0] for j in steps[1] for k in steps[2]], float))

    def positions(self, indices: np.ndarray) -> np.ndarray:
        """LPS positions of voxel indices (i, j, k), shaped (..., 3)."""
        matrix = np.reshape(self.direction, (3, 3)) * np.asarray(self.spacing)
        return np.asarray(indices, float) @ matrix.T + np.asarray(self.origin)

    def indices(self, positions: np.ndarray) -> np.ndarray:
        """Continuous voxel indices (i, j, k) of LPS positions, shaped (..., 3)."""
        matrix = np.reshape(self.direction, (3, 3)) * np.asarray(self.spacing)
        return (np.asarray(positions, float) - np.asarray(self.origin)) @ np.linalg.inv(matrix).T


@dataclass(frozen=True)
class Identity:
    """Who and when; only what is needed to tell two patients or two visits apart. Empty where unknown."""

    patient_id: str = ""
    study_date: str = ""
    study_uid: str = ""
    series_uid: str = ""
    series_description: str = ""
    manufacturer: str = ""
    model: str = ""


@dataclass(frozen=True)
class Volume:
    """A three-dimensional image.

    Attributes:
        array: values shaped ``(k, j, i)``.
        grid: where the voxels are.
        acquisition: what is known of the acquisition.
        source: the path it was read from, for messages and provenance.
        identity: patient, visit and scanner as far as known.
    """

    array: np.ndarray
    grid: Grid
    acquisition: Acquisition = Acquisition()
    source: str = ""
    identity: Identity = field(default_factory=Identity)

    def __post_init__(self):
        if self.array.shape != self.grid.shape:
            raise InputError(f"The array is shaped {self.array.shape} but its grid {self.grid.shape}.")


@dataclass(frozen=True)
class DceSeries:
    """A dynamic contrast-enhanced series.

    Attributes:
        signal: float32, shaped ``(t, k, j, i)``; NaN where the file holds no valid sample.
        times: seconds from the first frame, shaped ``(t,)``, increasing, with its origin; None when unknown.
        grid: where the voxels are.
        acquisition: TR, flip angle, echo time, each with its origin.
        identity: patient, visit and scanner as far as known.
        source: the path it was read from.
        notes: sentences on what was repaired, chosen or doubtful while reading.
        excluded: how many samples of ``signal`` were set to NaN while reading.
    """

    signal: np.ndarray
    times: Known[np.ndarray] | None
    grid: Grid
    acquisition: Acquisition = Acquisition()
    identity: Identity = field(default_factory=Identity)
    source: str = ""
    notes: tuple[str, ...] = ()
    excluded: int = 0

    def __post_init__(self):
        if self.signal.ndim != 4 or self.signal.shape[1:] != self.grid.shape:
            raise InputError(
                f"A dynamic series is shaped (t, k, j, i); this one is {self.signal.shape} on a grid {self.grid.shape}."
            )
        if self.times is not None:
            check_times(self.times.value, frames=len(self.signal), origin=self.times.origin)

    def require_times(self) -> np.ndarray:
        """The frame times in seconds, or an InputError that says how to give them."""
        if self.times is None:
            raise InputError(
                "The files do not say when each frame was acquired: give the seconds between frames, "
                "or a file with one time a line, with --times."
            )
        return self.times.value


LONGEST, SHORTEST = 3600.0, 10.0
"""Seconds a dynamic series may last."""


def check_times(times: np.ndarray, frames: int, origin: str) -> None:
    """Refuse frame times that cannot be those of a DCE series.

    Raises:
        InputError: not one a frame, not finite, not increasing, or a duration below ten seconds or above an hour.
    """
    if frames < 2:
        raise InputError("A dynamic series has several frames; this one has a single frame.")
    if np.shape(times) != (frames,):
        raise InputError(f"There are {np.size(times)} times ({origin}) for {frames} frames; one a frame is needed.")
    if not np.all(np.isfinite(times)):
        raise InputError(f"Some frame times ({origin}) are not numbers: give them with --times.")
    steps = np.diff(times)
    if np.any(steps <= 0):
        first = int(np.argmax(steps <= 0))
        found = "repeat" if steps[first] == 0 else "go back"
        raise InputError(
            f"The frame times ({origin}) {found} at frame {first + 2} "
            f"({times[first]:g} s, then {times[first + 1]:g} s); they must increase: give them with --times."
        )
    duration = float(times[-1] - times[0])
    if duration > LONGEST:
        raise InputError(
            f"The series would last {duration / 60:.0f} minutes ({origin}); a DCE series lasts less than an hour: "
            "check whether milliseconds were given as seconds, or give the times with --times."
        )
    if duration < SHORTEST:
        raise InputError(
            f"The series would last {duration:.3g} s ({origin}); a DCE series lasts more than ten seconds: "
            "check whether minutes were given as seconds, or give the times with --times."
        )


def position_text(place: np.ndarray) -> str:
    """An LPS position as users give and see it, such as "R -31.0, A 34.0, S 22.0 mm"."""
    right, anterior, superior = (float(value) + 0.0 for value in (-place[0], -place[1], place[2]))
    return f"R {right:.1f}, A {anterior:.1f}, S {superior:.1f} mm"
