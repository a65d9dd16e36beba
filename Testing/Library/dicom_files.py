"""Small DICOM series for tests: classic MR images, one slice and frame a file."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RLELossless

MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
SERIES_UID = "1.2.826.0.1.3680043.10.999.1"
OBLIQUE = (0.8, 0.6, 0.0, 0.0, 0.0, -1.0)
FIRST_POSITION = (-40.0, 25.0, 60.0)
PIXEL_SPACING = (2.0, 1.5)  # between rows, between columns
SLICE_STEP = 3.0
INTERVAL = 5.0

Edit = Callable[[Dataset, int, int], None]


def ramp(frames: int = 4, slices: int = 3, rows: int = 5, columns: int = 6, dtype=np.uint16) -> np.ndarray:
    """A signal [t, k, j, i] in which every sample differs from every other."""
    count = frames * slices * rows * columns
    return (1 + np.arange(count)).reshape(frames, slices, rows, columns).astype(dtype)


def write_series(
    folder: Path,
    signal: np.ndarray | None = None,
    *,
    interval: float = INTERVAL,
    edit: Edit | None = None,
    syntax: str = ExplicitVRLittleEndian,
    orientation: tuple[float, ...] = OBLIQUE,
    name: Callable[[int, int], str] = lambda t, k: f"IM{t:03d}{k:03d}.dcm",
) -> list[Path]:
    """Write ``signal`` as one file a frame and slice; TriggerTime tells the frames apart.

    Args:
        folder: made when missing.
        signal: stored samples [t, k, j, i]; default `ramp`.
        interval: seconds between frames.
        edit: called with the dataset, its frame and its slice before it is written.
        syntax: transfer syntax.
        orientation: ImageOrientationPatient.
        name: of the file of a frame and slice.

    Returns:
        The files, frame by frame.
    """
    signal = ramp() if signal is None else signal
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for t, frame in enumerate(signal):
        for k, pixels in enumerate(frame):
            dataset = _image(pixels, t, k, len(frame), interval, orientation, syntax)
            if edit is not None:
                edit(dataset, t, k)
            paths.append(folder / name(t, k))
            write(dataset, paths[-1])
    return paths


def write(dataset: Dataset, path: Path) -> None:
    """Write ``dataset``; samples are compressed when its transfer syntax asks for it."""
    if dataset.file_meta.TransferSyntaxUID == RLELossless:
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.save_as(path, enforce_file_format=True)


def _image(pixels, t: int, k: int, slices: int, interval: float, orientation, syntax: str) -> Dataset:
    number = t * slices + k + 1
    normal = np.cross(orientation[:3], orientation[3:])
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.file_meta.MediaStorageSOPClassUID = MR_IMAGE
    dataset.file_meta.MediaStorageSOPInstanceUID = f"{SERIES_UID}.{number}"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "M"]
    dataset.SOPClassUID = MR_IMAGE
    dataset.SOPInstanceUID = f"{SERIES_UID}.{number}"
    dataset.StudyDate = "20240229"
    dataset.Modality = "MR"
    dataset.Manufacturer = "Vendor"
    dataset.ManufacturerModelName = "Model"
    dataset.SeriesDescription = "DCE"
    dataset.PatientID = "P1"
    dataset.StudyInstanceUID = "1.2.826.0.1.3680043.10.999"
    dataset.SeriesInstanceUID = SERIES_UID
    dataset.SeriesNumber = 7
    dataset.InstanceNumber = number
    dataset.RepetitionTime = 5.0
    dataset.EchoTime = 2.1
    dataset.FlipAngle = 15.0
    dataset.MagneticFieldStrength = 3.0
    dataset.TriggerTime = 1000 * interval * t
    dataset.SliceThickness = SLICE_STEP
    dataset.ImagePositionPatient = [float(value) for value in np.add(FIRST_POSITION, k * SLICE_STEP * normal)]
    dataset.ImageOrientationPatient = list(orientation)
    dataset.PixelSpacing = list(PIXEL_SPACING)
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = pixels.dtype.itemsize * 8
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    little = dataset.file_meta.TransferSyntaxUID.is_little_endian
    samples = pixels.astype(pixels.dtype.newbyteorder("<" if little else ">")).tobytes()
    dataset.add_new("PixelData", "OB" if pixels.dtype.itemsize == 1 else "OW", samples + b"\0" * (len(samples) % 2))
    return dataset
