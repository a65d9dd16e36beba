"""What the files of a series or volume alone say."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..acquisition import Known
from ..errors import InputError
from ..progress import Progress
from ..series import Grid, Identity
from .samples import SampleCounts
from .sources import is_image_file, opened


@dataclass(frozen=True)
class Contents:
    """An image as read from files, before anything given by the user.

    Attributes:
        signal: float32 [t, k, j, i]; a volume has one frame.
        grid: where the voxels are.
        counts: of unusable samples.
        times: seconds, one a frame, with their origin; None when the files do not tell.
        acquisition: by the names of `Acquisition`, in its units.
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
    has_position: bool = True


def read_contents(
    path: str | Path,
    series: str | int | None = None,
    times_given: bool = False,
    progress: Progress | None = None,
) -> Contents:
    """Read an image file, a DICOM folder or file, or a zip file of them.

    Args:
        path: what to read.
        series: SeriesInstanceUID, number or description, when a DICOM folder holds several series.
        times_given: the caller has the frame times, so the files need not tell them.
        progress: told how far reading is.

    Raises:
        InputError: it cannot be read as one image on one grid.
    """
    # Each kind brings in its own reader, so that reading DICOM does not wait for the other's library.
    with opened(path) as place:
        if is_image_file(place):
            if series is not None:
                raise InputError(f"{path} is one image; a series can only be chosen in a folder of DICOM files.")
            from .image_file import read_image

            return read_image(place, times_given, progress)
        from .dicom import read_dicom

        return read_dicom(place, series, times_given, progress)
