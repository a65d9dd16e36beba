"""What kind of thing a path names."""

import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import InputError, OutputError
from ..file_names import check_name

_IMAGE_ENDINGS = (".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd")


def is_image_file(path: Path) -> bool:
    """Whether ``path`` is named as a NIfTI, NRRD or MetaImage file."""
    return path.name.lower().endswith(_IMAGE_ENDINGS)


def check_readable(path: Path) -> None:
    """Tell a file or folder that is missing from one that is there but may not be read.

    Raises:
        InputError: either, or a name that is not text: results name what they were made from.
    """
    check_name(path)
    forbidden = f"{path} may not be read: change its permissions, or copy it to where you may."
    try:
        folder = stat.S_ISDIR(path.stat().st_mode)
    except PermissionError:
        raise InputError(forbidden) from None
    except OSError:
        raise InputError(f"There is no file or folder {path}.") from None
    if not os.access(path, os.R_OK | os.X_OK if folder else os.R_OK):
        raise InputError(forbidden)


def files_below(folder: Path) -> list[str]:
    """Every file in ``folder`` and the folders below it, sorted.

    Raises:
        InputError: one of the folders may not be read.
    """

    def refuse(error: OSError) -> None:
        raise InputError(f"{error.filename} cannot be read: {error.strerror}.") from None

    found = (Path(place) / name for place, _, names in os.walk(folder, onerror=refuse) for name in names)
    return sorted(str(file) for file in found if file.is_file())


@contextmanager
def opened(path) -> Iterator[Path]:
    """``path`` ready for reading: an image file, a DICOM file or folder; a zip file is unpacked for the while.

    Raises:
        InputError: there is no such path, it may not be read, or it is a damaged zip file.
        OutputError: no room to unpack a zip file.
    """
    path = Path(path)
    check_readable(path)
    if path.is_dir() or is_image_file(path) or not zipfile.is_zipfile(path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="perfusion-ratio-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                if sum(entry.file_size for entry in archive.infolist()) > shutil.disk_usage(folder).free:
                    raise OutputError(
                        f"There is no room in {folder} to unpack {path}: free some or unpack it elsewhere."
                    )
                archive.extractall(folder)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
            raise InputError(f"{path} cannot be unpacked ({error}): unpack it and give the folder.") from None
        try:
            yield Path(folder)
        except InputError as error:
            raise InputError(str(error).replace(folder, str(path))) from None
