"""Series and volumes as NIfTI files with a BIDS sidecar."""

from pathlib import Path

import numpy as np

from ..acquisition import Acquisition, Known
from ..reading.sidecar import sidecar_path
from ..series import DceSeries, Volume
from .images import write_map, write_stack
from .json_text import write_json


def write_series(path: Path, series: DceSeries) -> None:
    """Write ``series`` to ``path`` (ending in .nii.gz), and what is known of its acquisition to the .json beside it.

    Raises:
        OutputError: a file cannot be written.
    """
    write_stack(path, series.signal, series.grid)
    _write_sidecar(path, series.acquisition, series.times)


def write_volume(path: Path, volume: Volume) -> None:
    """Write ``volume`` to ``path`` (ending in .nii.gz), and what is known of its acquisition to the .json beside it.

    Raises:
        OutputError: a file cannot be written.
    """
    write_map(path, volume.array, volume.grid)
    _write_sidecar(path, volume.acquisition)


def _write_sidecar(path: Path, acquisition: Acquisition, times: Known[np.ndarray] | None = None) -> None:
    values = {
        "RepetitionTimeExcitation": acquisition.repetition_time,
        "FlipAngle": acquisition.flip_angle,
        "EchoTime": acquisition.echo_time,
        "MagneticFieldStrength": acquisition.field_strength,
        "FrameTimesStart": times,
    }
    known = {key: np.asarray(value.value).tolist() for key, value in values.items() if value is not None}
    write_json(sidecar_path(path), known)
