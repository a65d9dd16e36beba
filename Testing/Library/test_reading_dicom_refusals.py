"""DICOM folders that are not one complete dynamic series: each is refused with one sentence."""

import os
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGLosslessSV1

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.reading import read_dce, read_volume
from PerfusionRatioLib.reading.dicom_headers import read_frame
from Testing.Library.dicom_files import SERIES_UID, ramp, write, write_series


def refusal(path, **keywords) -> str:
    with pytest.raises(InputError) as raised:
        read_dce(path, **keywords)
    sentence = str(raised.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


def set_to(keyword, value, when=lambda t, k: True):
    return lambda dataset, t, k: setattr(dataset, keyword, value) if when(t, k) else None


def test_no_such_path(tmp_path):
    assert refusal(tmp_path / "nowhere") == f"There is no file or folder {tmp_path / 'nowhere'}."


def test_empty_folder(tmp_path):
    assert refusal(tmp_path) == f"The folder {tmp_path} is empty; DICOM files were expected."


def test_folder_without_dicom(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    assert refusal(tmp_path) == f"None of the 1 file in {tmp_path} is a DICOM image."
    (tmp_path / "dce.nii.gz").write_bytes(b"")
    assert refusal(tmp_path).endswith("holds no DICOM images; to read dce.nii.gz, give the file itself.")


def test_file_that_is_neither_image_nor_dicom(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    assert refusal(tmp_path / "a.txt") == f"{tmp_path / 'a.txt'} is no NIfTI, NRRD or DICOM file with an image."


@pytest.mark.parametrize("content", [b"", b"not DICOM at all" * 20])
def test_file_with_the_name_of_dicom_only(tmp_path, content):
    write_series(tmp_path)
    (tmp_path / "bad.dcm").write_bytes(content)
    assert "bad.dcm is not a DICOM file although its name says so" in refusal(tmp_path)


@pytest.mark.parametrize("kept", [140, 200, 400, 700])
def test_file_cut_off_in_its_header(tmp_path, kept):
    path = write_series(tmp_path)[4]
    path.write_bytes(path.read_bytes()[:kept])
    sentence = refusal(tmp_path)
    assert str(path) in sentence
    assert "cut off" in sentence


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_file_cut_off_anywhere(tmp_path, syntax):
    # 1,024 bytes of image behind a shorter header: half of the file ends inside the image
    path = write_series(tmp_path, ramp(frames=2, slices=1, rows=32, columns=16), syntax=syntax)[0]
    data = path.read_bytes()
    assert len(data) < 2 * 1024 + 12
    for kept in range(len(data)):
        path.write_bytes(data[:kept])
        with pytest.raises(InputError, match=re.escape(str(path))):
            read_frame(str(path))


@pytest.mark.parametrize("missing", [1, 13, 60])
def test_file_cut_off_in_its_samples(tmp_path, missing):
    path = write_series(tmp_path)[4]
    path.write_bytes(path.read_bytes()[:-missing])
    assert refusal(tmp_path) == f"{path} is cut off: {60 - missing} of 60 bytes of its image are there; copy it again."


def test_zip_file_without_images(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w"):
        pass
    assert refusal(tmp_path / "a.zip") == f"The folder {tmp_path / 'a.zip'} is empty; DICOM files were expected."


def test_damaged_zip_file(tmp_path):
    paths = write_series(tmp_path / "files")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(paths[0], "a.dcm")
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[200] ^= 0xFF
    (tmp_path / "a.zip").write_bytes(data)
    assert refusal(tmp_path / "a.zip").startswith(f"{tmp_path / 'a.zip'} cannot be unpacked (")


def test_two_series(tmp_path):
    def other(dataset, t, k):
        dataset.SeriesInstanceUID = f"{SERIES_UID}.2"
        dataset.SOPInstanceUID += ".2"
        dataset.SeriesNumber = 9
        dataset.SeriesDescription = "T1 post"

    write_series(tmp_path / "a")
    write_series(tmp_path / "b", ramp(frames=1), edit=other)
    listing = "7 'DCE' (12 files), 9 'T1 post' (3 files)"
    assert refusal(tmp_path) == (
        f"{tmp_path} holds 2 series: {listing}; choose one with --series (its number, description or UID)."
    )
    assert refusal(tmp_path, series=8) == f"No series in {tmp_path} is '8'; it holds {listing}."


def test_two_series_of_the_same_name(tmp_path):
    write_series(tmp_path / "a")
    write_series(tmp_path / "b", edit=set_to("SeriesInstanceUID", f"{SERIES_UID}.2"))
    assert refusal(tmp_path, series="DCE") == (
        f"More than one series (2) in {tmp_path} is 'DCE'; "
        f"it holds 7 'DCE' (12 files, {SERIES_UID}), 7 'DCE' (12 files, {SERIES_UID}.2)."
    )


def test_two_patients(tmp_path):
    write_series(tmp_path, edit=set_to("PatientID", "P2", lambda t, k: t == 1))
    assert refusal(tmp_path) == f"The series in {tmp_path} mixes images of 2 patients; give one patient's folder."


@pytest.mark.parametrize("times", [None, 10.0])
def test_slice_missing_in_one_frame(tmp_path, times):
    write_series(tmp_path)[3 * 2 + 1].unlink()
    assert refusal(tmp_path, times=times) == (
        "Slice 2 of 3 has 3 images and the others 4 (frame 3 lacks it): every frame must have every slice; "
        "copy the missing files again, or take the incomplete frame out."
    )


def test_a_whole_frame_missing_is_told(tmp_path):
    for path in write_series(tmp_path, ramp(frames=7))[9:12]:
        path.unlink()
    assert read_dce(tmp_path).notes == ("Frames seem to be missing between 10 and 20 s.",)


def test_a_parameter_that_differs_between_images_is_asked_for_with_the_reason(tmp_path):
    write_series(tmp_path, edit=set_to("RepetitionTime", 6.0, lambda t, k: t == 2))
    series = read_dce(tmp_path)
    assert series.notes == ("RepetitionTime differs between images (0.005, 0.006 s); it is not used.",)
    with pytest.raises(InputError) as raised:
        series.acquisition.require("repetition_time")
    assert str(raised.value) == (
        "The repetition time differs between the images (0.005, 0.006 s) and was not given: add --tr."
    )
    assert read_dce(tmp_path, repetition_time=0.005).acquisition.require("repetition_time") == 0.005


@pytest.mark.parametrize("what", ["image", "sidecar", "folder"])
def test_what_may_not_be_read_is_not_called_missing_or_empty(tmp_path, monkeypatch, what):
    (tmp_path / "dce.nii").write_bytes(b"")
    (tmp_path / "dce.json").write_text("{}")
    locked = {"image": tmp_path / "dce.nii", "sidecar": tmp_path / "dce.json", "folder": tmp_path}[what]
    allowed = os.access  # asked in place of chmod, which does not bind an administrator
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != locked and allowed(path, mode))
    sentence = refusal(tmp_path if what == "folder" else tmp_path / "dce.nii")
    assert sentence == f"{locked} may not be read: change its permissions, or copy it to where you may."


def test_a_folder_below_that_may_not_be_read_is_not_passed_over(tmp_path, monkeypatch):
    write_series(tmp_path / "a")
    write_series(tmp_path / "b", ramp(frames=1))
    scan = os.scandir

    def scandir(path):
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert refusal(tmp_path) == f"{tmp_path / 'b'} cannot be read: Permission denied."


def test_slice_missing_in_every_frame(tmp_path):
    for path in write_series(tmp_path, ramp(slices=5))[2::5]:
        path.unlink()
    assert refusal(tmp_path).startswith("The slices are not evenly spaced (3 to 6 mm between neighbours): a slice")


def test_mixed_orientation(tmp_path):
    turned = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    write_series(tmp_path, edit=set_to("ImageOrientationPatient", turned, lambda t, k: t == 2))
    assert "2 different orientations (ImageOrientationPatient)" in refusal(tmp_path)


def test_mixed_pixel_spacing(tmp_path):
    write_series(tmp_path, edit=set_to("PixelSpacing", [2.0, 1.6], lambda t, k: t == 2))
    assert "2 different pixel spacings (PixelSpacing)" in refusal(tmp_path)


def test_mixed_sizes(tmp_path):
    write_series(tmp_path)
    write_series(tmp_path, ramp(rows=7, frames=1), name=lambda t, k: f"other{k}", edit=set_to("TriggerTime", 99000))
    (tmp_path / "IM000000.dcm").unlink()
    assert refusal(tmp_path).startswith("The images of the series have different sizes (Rows 5, 7): one size")


def test_shifted_slices(tmp_path):
    def shift(dataset, t, k):
        position = np.array(dataset.ImagePositionPatient, float) + k * np.array(dataset.ImageOrientationPatient[:3])
        dataset.ImagePositionPatient = [float(value) for value in position]

    write_series(tmp_path, edit=shift)
    assert refusal(tmp_path).startswith("The slices are shifted against each other by up to")


@pytest.mark.parametrize("keyword", ["ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"])
def test_missing_geometry(tmp_path, keyword):
    write_series(tmp_path, edit=lambda dataset, t, k: dataset.pop(keyword))
    assert f"has no usable {keyword}" in refusal(tmp_path)


def test_axes_not_at_right_angles(tmp_path):
    write_series(tmp_path, edit=set_to("ImageOrientationPatient", [1.0, 0.0, 0.0, 0.6, 0.8, 0.0]))
    assert refusal(tmp_path).startswith("The rows and columns of the images are not at right angles")


def test_one_frame(tmp_path):
    write_series(tmp_path, ramp(frames=1))
    assert refusal(tmp_path) == (
        f"{tmp_path} holds a single image of 6 x 5 x 3 voxels; "
        "a dynamic series of several frames (a fourth dimension, time) was expected."
    )


def test_a_series_is_no_volume(tmp_path):
    write_series(tmp_path)
    with pytest.raises(InputError, match=r"holds 4 frames; a single volume was expected\.$"):
        read_volume(tmp_path)


@pytest.mark.parametrize(
    ("keyword", "value", "start"),
    [
        ("RepetitionTime", 5000, "The repetition time is 5 s (DICOM RepetitionTime)"),
        ("RepetitionTime", 0.005, "The repetition time is 5e-06 s (DICOM RepetitionTime)"),  # seconds as milliseconds
        ("RepetitionTime", 0, "The repetition time is 0 s (DICOM RepetitionTime)"),
        ("FlipAngle", 0, "The flip angle is 0 degrees (DICOM FlipAngle)"),
        ("FlipAngle", 0.2618, "The flip angle is 0.2618 degrees (DICOM FlipAngle); a gradient echo has at"),
        ("EchoTime", 2000, "The echo time is 2 s (DICOM EchoTime)"),
    ],
)
def test_values_no_gradient_echo_has_unless_others_are_given(tmp_path, keyword, value, start):
    write_series(tmp_path, edit=set_to(keyword, value))
    assert refusal(tmp_path).startswith(start)
    series = read_dce(tmp_path, repetition_time=0.005, flip_angle=15, echo_time=0.002)
    assert series.acquisition.flip_angle.value == 15


@pytest.mark.parametrize(
    ("given", "start"),
    [
        ({"repetition_time": 5.0}, "The repetition time is 5 s (given)"),
        ({"flip_angle": 0.0}, "The flip angle is 0 degrees (given)"),
        (
            {"flip_angle": 0.2618},
            "The flip angle is 0.2618 degrees (given); a gradient echo has at least 1 degree (was",
        ),
        ({"times": 0.0}, "The interval between frames is 0 s (given); it must be above zero."),
        ({"times": -5.0}, "The interval between frames is -5 s (given)"),
        ({"times": 5000.0}, "The series would last 250 minutes (given)"),  # milliseconds
        ({"times": 0.1}, "The series would last 0.3 s (given)"),  # minutes
        ({"times": [0.0, 5.0, 10.0]}, "There are 3 times (given) for 4 frames; one a frame is needed."),
        ({"times": [0.0, 5.0, 5.0, 10.0]}, "The frame times (given) repeat at frame 3"),
        ({"times": [0.0, 5.0, 4.0, 10.0]}, "The frame times (given) go back at frame 3"),
        ({"times": [0.0, 5.0, np.nan, 10.0]}, "Some frame times (given) are not numbers"),
    ],
)
def test_given_values_that_cannot_be(tmp_path, given, start):
    write_series(tmp_path)
    assert refusal(tmp_path, **given).startswith(start)


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        (set_to("SOPClassUID", "1.2.840.10008.5.1.4.1.1.4.1"), "is an Enhanced MR multi-frame file"),
        (set_to("NumberOfFrames", 20), "is a multi-frame file"),
        (set_to("ImageType", ["ORIGINAL", "PRIMARY", "M", "MOSAIC"]), "is a mosaic with all slices in one image"),
        (set_to("SamplesPerPixel", 3), "is a colour image"),
    ],
)
def test_images_of_another_kind(tmp_path, edit, found):
    write_series(tmp_path, edit=edit)
    assert found in refusal(tmp_path)


def test_compression_that_cannot_be_decoded(tmp_path):
    def relabel(dataset, t, k):
        dataset.file_meta.TransferSyntaxUID = JPEGLosslessSV1
        dataset.PixelData = b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\x04\0\0\0abcd\xfe\xff\xdd\xe0\0\0\0\0"
        dataset["PixelData"].is_undefined_length = True
        dataset["PixelData"].VR = "OB"

    write_series(tmp_path, edit=relabel)
    assert "is stored as JPEG Lossless" in refusal(tmp_path)


def test_objects_without_an_image_are_left_out(tmp_path):
    write_series(tmp_path)
    report = Dataset()
    report.file_meta = FileMetaDataset()
    report.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    report.SOPClassUID = report.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.88.11"
    report.SOPInstanceUID = report.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    report.SeriesInstanceUID = "1.2.3.4"
    write(report, tmp_path / "report.dcm")
    assert read_dce(tmp_path).notes == ("1 file without a DICOM image left out of the folder.",)


@pytest.mark.parametrize(
    ("signal", "found"),
    [
        (np.zeros((4, 3, 5, 6), np.uint16), "is zero; a series with signal was expected."),
        (np.full((4, 3, 5, 6), -32768, np.int16), "holds a valid value: all are NaN, infinite or marked as missing."),
        (np.full((4, 3, 5, 6), -5, np.int16), "samples of .* are negative; the signal of a magnitude image"),
        (np.full((4, 3, 5, 6), 65535, np.uint16), "are at the largest value their type can hold: the signal is satur"),
    ],
)
def test_samples_without_signal(tmp_path, signal, found):
    write_series(tmp_path, signal)
    assert re.search(found, refusal(tmp_path))
