"""Reading whatever a path holds with the reader of its kind."""

from pathlib import Path

from ..errors import InputError
from ..progress import Progress
from .contents import Contents
from .sources import is_image_file, opened


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
