"""A DICOM series as an array on a grid."""

from pathlib import Path

import numpy as np

from ..acquisition import UNITS, Known
from ..progress import Progress, advance, part
from .contents import Contents
from .dicom_geometry import arrange_slices
from .dicom_headers import Frame
from .dicom_samples import fill
from .dicom_series import find_series, identity_of
from .dicom_timing import order_frames
from .samples import SampleCounts

_ACQUISITION = {
    "repetition_time": ("RepetitionTime", 1e-3),
    "flip_angle": ("FlipAngle", 1.0),
    "echo_time": ("EchoTime", 1e-3),
    "field_strength": ("MagneticFieldStrength", 1.0),
}


def read_dicom(
    path: Path, series: str | int | None = None, times_given: bool = False, progress: Progress | None = None
) -> Contents:
    """Read one series of classic single-frame DICOM images.

    Args:
        path: a folder, or one file of the series.
        series: SeriesInstanceUID, number or description when the folder holds several.
        times_given: the caller has frame times, so only the order of the frames must be in the files.
        progress: told while files are read.

    Raises:
        InputError: the files are not one complete series of images on one grid.
    """
    frames, notes = find_series(path, series, part(progress, 0.0, 0.8))
    slices = arrange_slices(frames)
    order = order_frames(frames, slices.slice_of, times_given)
    signal = np.empty((len(order.index), *slices.grid.shape), dtype=np.float32)
    counts = SampleCounts()
    inside = part(progress, 0.8, 1.0)
    fill(signal, frames, order.index, counts, lambda t: advance(inside, t / len(signal), "Reading images"))
    acquisition, differing = _acquisition(frames)
    return Contents(
        signal=signal,
        grid=slices.grid,
        counts=counts,
        times=order.times,
        acquisition=acquisition,
        identity=identity_of(frames[0]),
        differing=differing,
        notes=(*notes, *slices.notes, *order.notes, *_differing_notes(differing), *_lossy(frames)),
    )


def _acquisition(frames: list[Frame]) -> tuple[dict[str, Known[float]], dict[str, str]]:
    """TR, flip angle, TE and field strength where all images agree within one per cent; the values of the others."""
    found, differing = {}, {}
    for name, (keyword, factor) in _ACQUISITION.items():
        values = np.array([frame.number(keyword) for frame in frames])
        values = values[np.isfinite(values)] * factor
        if values.size == 0:
            continue
        if np.ptp(values) > 0.01 * np.abs(values).max():
            listed = ", ".join(f"{value:g}" for value in np.unique(values)[:5])
            differing[name] = f"{listed} {UNITS[name]}"
            continue
        found[name] = Known(round(float(np.median(values)), 9), f"DICOM {keyword}")
    return found, differing


def _differing_notes(differing: dict[str, str]) -> list[str]:
    return [
        f"{_ACQUISITION[name][0]} differs between images ({values}); it is not used."
        for name, values in differing.items()
    ]


def _lossy(frames: list[Frame]) -> list[str]:
    if any(frame.text("LossyImageCompression") == "01" for frame in frames):
        return ["The images were compressed with loss; concentrations computed from them are less exact."]
    return []
