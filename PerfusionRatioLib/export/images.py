"""Maps and masks as NIfTI files."""

import gzip
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import OutputError
from ..series import Grid

if TYPE_CHECKING:
    import SimpleITK as sitk

BLOCK = 1 << 20
"""Bytes. Files are read back in blocks of this size; with less room than this left, a disk counts as full."""


def write_map(path: Path, array: np.ndarray, grid: Grid) -> None:
    """Write ``array`` shaped (k, j, i) on ``grid`` as a float32 NIfTI image; NaN, where there is no answer, stays NaN.

    Raises:
        OutputError: the file cannot be written.
    """
    _write(path, np.asarray(array, np.float32), grid)


def write_labels(path: Path, array: np.ndarray, grid: Grid) -> None:
    """Write a mask or small whole numbers shaped (k, j, i) on ``grid`` as an 8-bit NIfTI image.

    Raises:
        OutputError: the file cannot be written.
    """
    _write(path, np.asarray(array, np.uint8), grid)


def _write(path: Path, array: np.ndarray, grid: Grid) -> None:
    from ..itk_images import image_from_array

    _save(image_from_array(array, grid), path)


def _save(image: "sitk.Image", path: Path) -> None:
    import SimpleITK as sitk

    try:
        sitk.WriteImage(image, str(path), useCompression=True)
        read_to_the_end(path)
    except (RuntimeError, EOFError, gzip.BadGzipFile) as error:
        full = path.parent.is_dir() and shutil.disk_usage(path.parent).free < BLOCK
        raise OutputError(
            f"{path.name} could not be written{': the disk is full, free some room' if full else ''}."
        ) from error


def read_to_the_end(path: Path) -> None:
    """Read the compressed stream to its end: ITK's NIfTI writer tells nobody when the disk runs full."""
    with gzip.open(path) as stream:
        while stream.read(BLOCK):
            pass
