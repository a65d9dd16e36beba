"""Classic MR Image Storage: a series of the digital patient as one DICOM file for each slice and frame.

The modules of the MR Image information object (DICOM PS3.3, table A.4-1) with all their attributes of type 1 and 2.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import MRImageStorage

from ..acquisition import Acquisition
from ..series import Grid
from .encoded_file import EncodedFile

_NAMESPACE = uuid.UUID("5b2cf1f0-6d3a-5c0e-9d53-0a3a5f2f7c11")
_WORDS = 16
"""Bits of a stored sample."""


@dataclass(frozen=True)
class Examination:
    """What all series of a visit share.

    Attributes:
        patient_id: such as ``digital-recurrence-0``.
        visit: "pre" or "follow_up".
        start: when the examination began.
        birth_date: of the patient.
        sex: "F" or "M".
    """

    patient_id: str
    visit: str
    start: datetime
    birth_date: date
    sex: str


@dataclass(frozen=True)
class SeriesHeader:
    """What tells a series from the others of its visit.

    Attributes:
        number: SeriesNumber.
        description: SeriesDescription.
        after: seconds from the start of the examination to its first image.
        acquisition: TR, TE, flip angle and field strength; all known.
        contrast: whether contrast agent is given.
    """

    number: int
    description: str
    after: float
    acquisition: Acquisition
    contrast: bool


def derived_uid(*parts: object) -> str:
    """A DICOM UID that depends on nothing but ``parts``: a name-based UUID under 2.25 (PS3.5, B.2)."""
    return f"2.25.{uuid.uuid5(_NAMESPACE, '/'.join(map(str, parts))).int}"


def write_mr_series(
    folder: Path,
    frames: np.ndarray,
    times: np.ndarray,
    grid: Grid,
    examination: Examination,
    header: SeriesHeader,
    written: Callable[[float], None] = lambda fraction: None,
) -> list[Path]:
    """Write a series as ``IM0001.dcm`` and so on, frame after frame, from the first slice to the last.

    Args:
        folder: made when missing.
        frames: signal (t, k, j, i); it is rounded to 16 bits.
        times: seconds of each frame from the first.
        grid: of a frame.
        examination: the visit.
        header: the series.
        written: called after each frame with the fraction done.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stored = np.clip(np.rint(np.nan_to_num(frames)), 0, 2**_WORDS - 1).astype("<u2")
    template = EncodedFile(_series_dataset(stored, times, grid, examination, header))
    series_uid = derived_uid(examination.patient_id, examination.visit, header.number)
    origins = grid.positions(
        np.stack([np.zeros(grid.size[2]), np.zeros(grid.size[2]), np.arange(grid.size[2])], axis=1)
    )
    paths = []
    for t, (frame, time) in enumerate(zip(stored, times, strict=True)):
        moment = examination.start + timedelta(seconds=header.after + float(time))
        for k, (plane, origin) in enumerate(zip(frame, origins, strict=True)):
            number = t * len(frame) + k + 1
            texts = {
                "SOPInstanceUID": derived_uid(series_uid, number),
                "InstanceNumber": str(number),
                "AcquisitionNumber": str(t + 1),
                "AcquisitionTime": _time(moment),
                "ContentTime": _time(moment),
                "ImagePositionPatient": "\\".join(_decimal(value) for value in origin),
                "SliceLocation": _decimal(k * grid.spacing[2]),
            }
            if len(stored) > 1:
                texts |= {"TemporalPositionIdentifier": str(t + 1), "TriggerTime": _decimal(1000 * time)}
            paths.append(folder / f"IM{number:04d}.dcm")
            paths[-1].write_bytes(template.with_values(texts, plane.tobytes()))
        written((t + 1) / len(stored))
    return paths


def _series_dataset(
    stored: np.ndarray, times: np.ndarray, grid: Grid, examination: Examination, header: SeriesHeader
) -> Dataset:
    """Everything the images of a series share."""
    dataset = Dataset()
    dataset.SOPClassUID = MRImageStorage
    _add_patient_and_study(dataset, examination)
    _add_series(dataset, examination, header)
    _add_acquisition(dataset, header)
    _add_pixels(dataset, stored, grid)
    if len(times) > 1:
        dataset.NumberOfTemporalPositions = len(times)
        dataset.TemporalResolution = _decimal(1000 * float(np.median(np.diff(times))))
    if header.contrast:
        dataset.ContrastBolusAgent = "Gadolinium chelate"
        dataset.ContrastBolusRoute = "IV"
    return dataset


def _add_patient_and_study(dataset: Dataset, examination: Examination) -> None:
    dataset.PatientName = "Digital^Patient"
    dataset.PatientID = examination.patient_id
    dataset.PatientBirthDate = f"{examination.birth_date:%Y%m%d}"
    dataset.PatientSex = examination.sex
    dataset.StudyInstanceUID = derived_uid(examination.patient_id, examination.visit)
    dataset.StudyDate = f"{examination.start:%Y%m%d}"
    dataset.StudyTime = _time(examination.start)
    dataset.StudyID = "1" if examination.visit == "pre" else "2"
    dataset.StudyDescription = "MR brain with contrast"
    dataset.ReferringPhysicianName = ""
    dataset.AccessionNumber = ""


def _add_series(dataset: Dataset, examination: Examination, header: SeriesHeader) -> None:
    begin = examination.start + timedelta(seconds=header.after)
    dataset.Modality = "MR"
    dataset.SeriesInstanceUID = derived_uid(examination.patient_id, examination.visit, header.number)
    dataset.SeriesNumber = header.number
    dataset.SeriesDescription = dataset.ProtocolName = header.description
    dataset.SeriesDate = dataset.AcquisitionDate = dataset.ContentDate = f"{begin:%Y%m%d}"
    dataset.SeriesTime = _time(begin)
    dataset.PatientPosition = "HFS"
    dataset.BodyPartExamined = "HEAD"
    dataset.FrameOfReferenceUID = derived_uid(examination.patient_id, examination.visit, "frame of reference")
    dataset.PositionReferenceIndicator = ""
    dataset.Manufacturer = "PerfusionRatio"
    dataset.ManufacturerModelName = "digital patient"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
    dataset.ImageComments = "Synthetic: no person was imaged"


def _add_acquisition(dataset: Dataset, header: SeriesHeader) -> None:
    acquisition = header.acquisition
    dataset.ScanningSequence = "GR"
    dataset.SequenceVariant = "SP"
    dataset.ScanOptions = ""
    dataset.MRAcquisitionType = "3D"
    dataset.RepetitionTime = _decimal(1000 * acquisition.require("repetition_time"))
    dataset.EchoTime = _decimal(1000 * acquisition.require("echo_time"))
    dataset.FlipAngle = _decimal(acquisition.require("flip_angle"))
    dataset.MagneticFieldStrength = _decimal(acquisition.require("field_strength"))
    dataset.EchoTrainLength = 1
    dataset.NumberOfAverages = 1
    dataset.ImagedNucleus = "1H"


def _add_pixels(dataset: Dataset, stored: np.ndarray, grid: Grid) -> None:
    columns = np.reshape(grid.direction, (3, 3)).T
    dataset.ImageOrientationPatient = [_decimal(value) for value in (*columns[0], *columns[1])]
    dataset.PixelSpacing = [_decimal(grid.spacing[1]), _decimal(grid.spacing[0])]
    dataset.SliceThickness = dataset.SpacingBetweenSlices = _decimal(grid.spacing[2])
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.Rows, dataset.Columns = stored.shape[-2:]
    dataset.BitsAllocated = dataset.BitsStored = _WORDS
    dataset.HighBit = _WORDS - 1
    dataset.PixelRepresentation = 0
    bright = float(np.percentile(stored[-1], 99.5))
    dataset.WindowCenter, dataset.WindowWidth = _decimal(bright / 2), _decimal(bright)


def _time(moment: datetime) -> str:
    return f"{moment:%H%M%S.%f}"


def _decimal(value: float) -> str:
    """A decimal string (DS) of at most 16 characters."""
    return f"{value:.6f}".rstrip("0").rstrip(".") if abs(value) < 1e8 else f"{value:.9e}"
