"""A dynamic contrast-enhanced series from DICOM, NIfTI or NRRD."""

from pathlib import Path
from typing import Literal

import numpy as np

from ..acquisition import Known
from ..errors import InputError
from ..progress import Progress
from ..series import DceSeries
from .any_file import read_contents
from .given import acquisition_of, as_known
from .samples import check_samples, check_signal, empty_frames, sample_notes
from .times import frame_times, gap_notes


def read_dce(
    path: str | Path,
    *,
    times: Known | float | np.ndarray | None = None,
    repetition_time: Known[float] | float | None = None,
    flip_angle: Known[float] | float | None = None,
    echo_time: Known[float] | float | None = None,
    series: str | int | None = None,
    content: Literal["signal", "concentration"] = "signal",
    progress: Progress | None = None,
) -> DceSeries:
    """Read a DCE series with everything known of its acquisition, each value with its origin.

    Reads NIfTI and NRRD with four dimensions, NRRD sequences and multi-volumes of Slicer, each with a BIDS sidecar
    when there is one, and folders (or zip files) of classic DICOM images. Samples that are NaN, infinite or exactly
    the smallest value of a signed integer type become NaN and are counted; negative ones are kept (interpolation
    leaves some around air) and counted in the notes.

    Args:
        path: an image file, a DICOM folder, one file of a DICOM series, or a zip file of one.
        times: seconds between frames, or one time in seconds a frame; takes the place of what the files say.
        repetition_time: seconds; takes the place of what the files say, as do the next two.
        flip_angle: degrees.
        echo_time: seconds.
        series: SeriesInstanceUID, number or description, when a DICOM folder holds several series.
        content: "concentration" when the file holds mM, where negative values and zeros are natural.
        progress: told how far reading is.

    Raises:
        InputError: not a readable series of several three-dimensional frames, or values no DCE series can have.
    """
    given_times = as_known(times)
    read = read_contents(path, series, given_times is not None, progress)
    what, frames = str(path), len(read.signal)
    if frames < 2:
        raise InputError(
            f"{what} holds a single image of {' x '.join(map(str, read.grid.size))} voxels; "
            "a dynamic series of several frames (a fourth dimension, time) was expected."
        )
    (check_signal if content == "signal" else check_samples)(read.counts, what)
    acquisition, replaced = acquisition_of(
        read.acquisition,
        {
            "repetition_time": as_known(repetition_time),
            "flip_angle": as_known(flip_angle),
            "echo_time": as_known(echo_time),
        },
        read.differing,
    )
    known_times = read.times
    if given_times is not None:
        known_times = frame_times(given_times.value, frames, given_times.origin)
        replaced += _times_note(known_times, read.times)
    elif known_times is not None:
        known_times = frame_times(known_times.value, frames, known_times.origin)
    if known_times is not None:
        replaced += gap_notes(known_times.value)
    empty = empty_frames(read.signal)
    if empty:
        replaced.append(f"Frames {', '.join(map(str, empty[:10]))} hold zeros only.")
    return DceSeries(
        signal=read.signal,
        times=known_times,
        grid=read.grid,
        acquisition=acquisition,
        identity=read.identity,
        source=what,
        notes=(*read.notes, *replaced, *sample_notes(read.counts, content == "signal")),
        excluded=read.counts.excluded,
    )


def _times_note(given: Known[np.ndarray], read: Known[np.ndarray] | None) -> list[str]:
    """Where given times make a series of another length than the files do."""
    if read is None or len(read.value) != len(given.value):
        return []
    ours, theirs = float(given.value[-1]), float(read.value[-1] - read.value[0])
    if abs(ours - theirs) <= 0.01 * ours:
        return []
    return [f"The times ({given.origin}) make the series last {ours:.4g} s; by {read.origin} it lasts {theirs:.4g} s."]
