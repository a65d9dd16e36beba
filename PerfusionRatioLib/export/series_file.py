"""A dynamic series as a 4D NIfTI file with a BIDS sidecar."""

from pathlib import Path

import numpy as np

from ..series import DceSeries
from .images import write_stack
from .json_text import write_json


def write_series(path: Path, series: DceSeries) -> None:
    """Write ``series`` to ``path`` (ending in .nii.gz), and what is known of its acquisition to the .json beside it.

    Raises:
        OutputError: a file cannot be written.
    """
    write_stack(path, series.signal, series.grid)
    acquisition = series.acquisition
    values = {
        "RepetitionTimeExcitation": acquisition.repetition_time,
        "FlipAngle": acquisition.flip_angle,
        "EchoTime": acquisition.echo_time,
        "MagneticFieldStrength": acquisition.field_strength,
        "FrameTimesStart": series.times,
    }
    known = {key: np.asarray(value.value).tolist() for key, value in values.items() if value is not None}
    write_json(path.with_name(path.name.removesuffix(".nii.gz") + ".json"), known)
