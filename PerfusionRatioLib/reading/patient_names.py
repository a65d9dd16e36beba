"""What names a patient, read only when it is asked for."""

from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .sources import files_below, is_image_file, opened


@dataclass(frozen=True)
class PatientNames:
    """What names the patient; it stands in a report only when it is asked for."""

    name: str = ""
    birth_date: str = ""
    patient_id: str = ""


def read_patient_names(path: Path) -> PatientNames:
    """The name, birth date and ID in the first DICOM file of a series.

    Raises:
        InputError: it is no DICOM series, which alone holds names.
    """
    import pydicom
    from pydicom.errors import InvalidDicomError

    if is_image_file(path):
        raise InputError(f"{path} holds no patient's name, as it is not DICOM: leave --names out.")
    with opened(path) as place:
        for file in files_below(place) if place.is_dir() else [str(place)]:
            try:
                header = pydicom.dcmread(
                    file, stop_before_pixels=True, specific_tags=["PatientName", "PatientBirthDate", "PatientID"]
                )
            except (InvalidDicomError, OSError):
                continue
            values = (header.get(tag, "") for tag in ("PatientName", "PatientBirthDate", "PatientID"))
            return PatientNames(*(str(value) for value in values))
    raise InputError(f"{path} holds no DICOM file, so no patient's name: leave --names out.")
