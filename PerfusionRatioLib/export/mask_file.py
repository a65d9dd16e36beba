"""A mask in a file of its own, complete or not there."""

import uuid
from pathlib import Path

import numpy as np

from ..errors import OutputError
from ..series import Grid
from .images import read_to_the_end


def write_mask_file(path: Path, labels: np.ndarray, grid: Grid) -> None:
    """Write small whole numbers shaped (k, j, i) on ``grid`` to ``path``, whose ending tells the format.

    It is written beside ``path`` first and renamed when it is complete, so a file that stood there stays until then.

    Raises:
        OutputError: it cannot be written.
    """
    import SimpleITK as sitk

    from ..itk_images import image_from_array

    part = path.with_name(f".{uuid.uuid4().hex[:8]}.{path.name}")
    try:
        sitk.WriteImage(image_from_array(np.asarray(labels, np.uint8), grid), str(part), useCompression=True)
        if path.suffix == ".gz":
            read_to_the_end(part)
        if not np.array_equal(sitk.GetArrayFromImage(sitk.ReadImage(str(part))), labels):
            raise OutputError(f"{path} could not be written completely: free some room.")
        part.replace(path)
    except (RuntimeError, OSError, EOFError) as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"{path} cannot be written: check the folder and its free room.") from error
    finally:
        part.unlink(missing_ok=True)
