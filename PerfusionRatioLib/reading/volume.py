"""A single volume from DICOM, NIfTI or NRRD."""

from pathlib import Path

from ..errors import InputError
from ..progress import Progress
from ..series import Volume
from .any_file import read_contents
from .contents import Contents
from .given import usable_acquisition


def read_volume(path: str | Path, *, series: str | int | None = None, progress: Progress | None = None) -> Volume:
    """Read a three-dimensional image; a two-dimensional one becomes a volume of one slice.

    Values are float32; NaN, infinite values and the smallest value of a signed integer type become NaN. Acquisition
    parameters come from DICOM headers or a BIDS sidecar, as far as a gradient echo can have them.

    Args:
        path: an image file, a DICOM folder, one file of a DICOM series, or a zip file of one.
        series: SeriesInstanceUID, number or description, when a DICOM folder holds several series.
        progress: told how far reading is.

    Raises:
        InputError: not readable as one image on one grid, or a series of several frames.
    """
    read = read_one_frame(path, series, progress)
    return Volume(
        read.signal[0], read.grid, usable_acquisition(read.acquisition, read.differing), str(path), read.identity
    )


def read_one_frame(path: str | Path, series: str | int | None = None, progress: Progress | None = None) -> Contents:
    """The contents of an image with a single frame.

    Raises:
        InputError: not readable as one image on one grid, or a series of several frames.
    """
    read = read_contents(path, series, times_given=True, progress=progress)
    if len(read.signal) > 1:
        raise InputError(f"{path} holds {len(read.signal)} frames; a single volume was expected.")
    return read
