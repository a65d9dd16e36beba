"""A series as a NIfTI file with a BIDS sidecar."""

from pathlib import Path

import numpy as np
import SimpleITK as sitk

from PerfusionRatioLib.acquisition import Acquisition, Known
from PerfusionRatioLib.export.json_text import write_json
from PerfusionRatioLib.itk_images import image_from_array
from PerfusionRatioLib.reading.sidecar import sidecar_path
from PerfusionRatioLib.series import DceSeries


def write_series(path: Path, series: DceSeries) -> None:
    """Write ``series`` to ``path`` (ending in .nii.gz), and what is known of its acquisition to the .json beside it."""
    frames = [image_from_array(frame, series.grid) for frame in series.signal]
    sitk.WriteImage(sitk.JoinSeries(frames), str(path), useCompression=True)
    _write_sidecar(path, series.acquisition, series.times)


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
