"""What names a patient is read from DICOM only, and only when it is asked for."""

import zipfile

import numpy as np
import pydicom
import pytest

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.export.images import write_map
from PerfusionRatioLib.phantom.dicom_study import write_patient
from PerfusionRatioLib.phantom.patient import Scale, make_patient
from PerfusionRatioLib.reading.patient_names import PatientNames, read_patient_names
from PerfusionRatioLib.series import Grid

TINY = Scale(dce=(24, 26, 4), t1=10.0, anatomy=4.0, frames=3, interval=10.0)
NAMES = PatientNames("Digital^Patient", "19510701", "digital-recurrence-1")


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    """A DICOM folder of flip angle images."""
    return (
        write_patient(tmp_path_factory.mktemp("patient"), make_patient("recurrence", 1, TINY)).parent / "pre" / "fa02"
    )


def test_name_birth_date_and_id_are_read_from_a_folder_or_a_file(series):
    assert read_patient_names(series) == NAMES
    assert read_patient_names(next(series.iterdir())) == NAMES


def test_files_that_are_not_dicom_are_passed_over(series, tmp_path):
    (tmp_path / "0_notes.txt").write_text("not an image")
    (tmp_path / "1.dcm").write_bytes(next(series.iterdir()).read_bytes())
    assert read_patient_names(tmp_path) == NAMES


def test_an_archive_is_read_too(series, tmp_path):
    archive = tmp_path / "series.zip"
    with zipfile.ZipFile(archive, "w") as stream:
        for file in series.iterdir():
            stream.write(file, file.name)
    assert read_patient_names(archive) == NAMES


def test_what_was_taken_out_of_the_files_is_empty(series, tmp_path):
    header = pydicom.dcmread(next(series.iterdir()))
    del header.PatientBirthDate
    header.PatientName = ""
    header.save_as(tmp_path / "anonymous.dcm")
    assert read_patient_names(tmp_path) == PatientNames("", "", NAMES.patient_id)


def test_images_that_hold_no_names_are_refused(tmp_path):
    image = tmp_path / "dce.nii.gz"
    write_map(image, np.zeros((2, 2, 2), np.float32), Grid((2, 2, 2)))
    with pytest.raises(
        InputError, match=r"dce\.nii\.gz holds no patient's name, as it is not DICOM: leave --names out"
    ):
        read_patient_names(image)


def test_a_folder_without_dicom_files_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing here")
    with pytest.raises(InputError, match="holds no DICOM file, so no patient's name: leave --names out"):
        read_patient_names(tmp_path)
