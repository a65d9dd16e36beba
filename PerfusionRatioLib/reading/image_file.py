"""NIfTI and NRRD files: their samples, their grid, and what their headers say of time and acquisition."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..acquisition import Known
from ..errors import InputError
from ..itk_images import grid_of
from ..progress import Progress, advance
from ..series import Grid, check_times
from .contents import Contents
from .nifti_samples import nifti_samples
from .samples import SampleCounts, Scale, integer_scale, store
from .sidecar import read_sidecar

# Kinds of a NRRD axis that hold one frame each; others (colours, 3-vectors, tensors) are no time axis.
_FRAME_KINDS = ("list", "vector", "time", "none", "???", "")
_NIFTI_TIME_UNITS = (8, 16, 24)  # s, ms, us; the reader converts the step to seconds
_SECONDS = {"s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "msec": 1e-3, "min": 60.0, "minutes": 60.0}
_TIME_AXES = ("time", "triggertime", "acquisitiontime", "contenttime", "seriestime", "acquisitiondatetime")
_MULTIVOLUME = {
    "repetition_time": ("MultiVolume.DICOM.RepetitionTime", 1e-3),
    "flip_angle": ("MultiVolume.DICOM.FlipAngle", 1.0),
    "echo_time": ("MultiVolume.DICOM.EchoTime", 1e-3),
}


@dataclass(frozen=True)
class ImageFile:
    """An image as it was read.

    Attributes:
        path: the file.
        dimension: 2, 3 or 4.
        frames: along time: the fourth dimension, or the components of a NRRD sequence; 1 for a volume.
        grid: where the voxels are.
        step: along the fourth dimension, in seconds where the header names a unit of time.
        metadata: the header as text.
        image: the SimpleITK image that owns the samples; None for NIfTI.
    """

    path: Path
    dimension: int
    frames: int
    grid: Grid
    step: float
    metadata: dict[str, str]
    image: sitk.Image | None

    def samples(self, progress: Progress | None) -> tuple[np.ndarray, SampleCounts]:
        """The samples as float32 [t, k, j, i], and the counts of those that cannot be used.

        Raises:
            InputError: the file is cut off.
        """
        out = np.empty((self.frames, *self.grid.shape), dtype=np.float32)
        counts = SampleCounts()
        for done, (stored, place, scale) in enumerate(self._parts(out), start=1):
            store(stored, place, scale, counts)
            advance(progress, done * place.size / out.size, "Reading the image")
        return out, counts

    def _parts(self, out: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, Scale]]:
        """Stored samples, the part of ``out`` they belong to, and their scale."""
        if self.image is None:
            samples = nifti_samples(self.path)
            for stored, frame in zip(samples.frames(self.frames, self.grid.shape), out, strict=True):
                yield stored, frame, samples.scale
            return
        view = sitk.GetArrayViewFromImage(self.image)  # valid as long as self.image lives
        scale = integer_scale(view.dtype) if np.issubdtype(view.dtype, np.integer) else Scale()
        if self.dimension == 3 and self.frames > 1:
            # Frames lie side by side in each voxel: slice by slice, so that each part of the file is visited once.
            for k in range(out.shape[1]):
                yield np.moveaxis(view[k], -1, 0), out[:, k], scale
        else:
            for stored, frame in zip(view.reshape(out.shape), out, strict=True):
                yield stored, frame, scale

    def times(self) -> tuple[Known[np.ndarray] | None, list[str]]:
        """Frame times in seconds when the header gives them with a unit, and sentences on what it gives without."""
        for values, name, unit, origin in self._listed_times():
            if name.lower() not in _TIME_AXES:
                return None, [f"The frames are listed by '{name}' in {origin}, which is not a time."]
            factor = 1e-3 if name == "TriggerTime" and not unit else _SECONDS.get(unit.lower())
            if factor is None:
                return None, [f"The frame times in {origin} have {_unit_text(unit)} and are not used."]
            return Known(factor * np.array(values), origin), []
        return self._regular_times()

    def _listed_times(self):
        """One time a frame as Slicer writes it: a sequence (list axis) or a multi-volume."""
        metadata = self.metadata
        for axis in (0, 3):
            values = _floats(metadata.get(f"axis {axis} index values", ""), " ")
            if values:
                name, unit = (metadata.get(f"NRRD_{key}[pixel]", "") for key in ("labels", "units"))
                yield values, name or "frame", unit, "the NRRD index values"
        values = _floats(metadata.get("MultiVolume.FrameLabels", ""), ",")
        if values:
            name, unit = (metadata.get(f"MultiVolume.FrameIdentifyingDICOMTag{key}", "") for key in ("Name", "Units"))
            yield values, name or "frame", unit, "the MultiVolume frame labels"

    def _regular_times(self) -> tuple[Known[np.ndarray] | None, list[str]]:
        """The step along the fourth dimension of a NIfTI file whose header names its unit."""
        step = self.step
        has_unit = int(float(self.metadata.get("xyzt_units", 0))) & 0x38 in _NIFTI_TIME_UNITS
        # 1 s is what programs write when they do not know the step, so it tells nothing.
        if step == 1 or not has_unit:
            return None, ["The header holds no frame times: give them with --times."]
        times = np.arange(self.frames) * step
        try:
            check_times(times, self.frames, "NIfTI header")
        except InputError:
            return None, [
                f"The step of {step:g} s along time in the header makes no DCE series: give the times with --times."
            ]
        return Known(times, "NIfTI header"), []

    def acquisition(self) -> dict[str, Known[float]]:
        """Acquisition parameters that a Slicer multi-volume carries, in the units of `Acquisition`."""
        found = {}
        for name, (key, factor) in _MULTIVOLUME.items():
            values = _floats(self.metadata.get(key, ""), ",")
            if len(values) == 1:
                found[name] = Known(round(values[0] * factor, 9), f"NRRD {key}")
        return found


def read_image(path: Path, times_given: bool, progress: Progress | None) -> Contents:
    """Read a NIfTI or NRRD file with its sidecar; times in the sidecar are preferred to those in the header.

    Raises:
        InputError: see `open_image` and `read_sidecar`.
    """
    sidecar = read_sidecar(path)
    image = open_image(path)
    signal, counts = image.samples(progress)
    times, notes = sidecar.times, []
    if times is None and image.frames > 1 and not times_given:
        times, notes = image.times()
    return Contents(
        signal=signal,
        grid=image.grid,
        counts=counts,
        times=times,
        acquisition=image.acquisition() | sidecar.acquisition,
        identity=sidecar.identity,
        notes=tuple(notes),
        has_position=image.dimension > 2,
    )


def open_image(path: Path) -> ImageFile:
    """Read a NIfTI or NRRD file with one sample (or, in a NRRD sequence, one list of frames) a voxel.

    Raises:
        InputError: it cannot be read, is cut off, has colours or vectors, or more than four dimensions.
    """
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
        metadata = {key: reader.GetMetaData(key) for key in reader.GetMetaDataKeys()}
        is_nifti = "vox_offset" in metadata
        image = None if is_nifti else reader.Execute()
    except RuntimeError as error:
        raise InputError(f"{path} cannot be read: {_reason(str(error))}.") from None
    dimension, components = reader.GetDimension(), reader.GetNumberOfComponents()
    kind = "colour" if is_nifti else metadata.get("NRRD_kinds[pixel]", "vector")
    if dimension > 4 or (components > 1 and (kind not in _FRAME_KINDS or dimension != 3)):
        raise InputError(
            f"{path} holds {components} values ({kind}) in each voxel of {dimension} dimensions; "
            "a series of three-dimensional images with one value a voxel was expected."
        )
    return ImageFile(
        path=path,
        dimension=dimension,
        frames=reader.GetSize()[3] if dimension == 4 else components,
        grid=grid_of(reader),
        step=float(reader.GetSpacing()[3]) if dimension == 4 else 1.0,
        metadata=metadata,
        image=image,
    )


def _reason(message: str) -> str:
    """The gist of an ITK error in a few words."""
    if "orthonormal" in message:
        return "its axes are not at right angles; resample it onto a rectangular grid"
    if "bytes but received" in message or "fread got only" in message:
        return "it is cut off; copy it again"
    if "Unable to determine ImageIO" in message:
        return "it is no NIfTI, NRRD or DICOM file"
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return re.sub(r"^.*?(ERROR|error):?\s*", "", lines[-1]).rstrip(".")


def _floats(text: str, separator: str) -> list[float]:
    try:
        return [float(word) for word in text.split(separator) if word.strip()]
    except ValueError:
        return []


def _unit_text(unit: str) -> str:
    return f"the unknown unit '{unit}'" if unit else "no unit"
