"""What kind of thing a path names."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import InputError, OutputError

_IMAGE_ENDINGS = (".nii", ".nii.gz", ".nrrd", ".nhdr", ".mha", ".mhd")


def is_image_file(path: Path) -> bool:
    """Whether ``path`` is named as a NIfTI, NRRD or MetaImage file."""
    return path.name.lower().endswith(_IMAGE_ENDINGS)


@contextmanager
def opened(path) -> Iterator[Path]:
    """``path`` ready for reading: an image file, a DICOM file or folder; a zip file is unpacked for the while.

    Raises:
        InputError: there is no such path, or it is a damaged zip file.
        OutputError: no room to unpack a zip file.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"There is no file or folder {path}.")
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
