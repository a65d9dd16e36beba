"""The digital patient as a folder of DICOM images, with a study file and the truth."""

import json
import tomllib
from datetime import datetime

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset
from pydicom.uid import MRImageStorage

from PerfusionRatioLib.errors import Cancelled
from PerfusionRatioLib.itk_images import grid_of
from PerfusionRatioLib.phantom.dicom_study import write_patient
from PerfusionRatioLib.phantom.encoded_file import EncodedFile
from PerfusionRatioLib.phantom.patient import Scale, make_patient
from PerfusionRatioLib.reading import read_dce, read_map, read_volume

TINY = Scale(dce=(40, 44, 10), t1=5.0, anatomy=4.0, frames=4, interval=5.0)
SERIES = ("dce", "fa02", "fa05", "fa15", "t1_post")
VISITS = ("pre", "follow_up")

# Attributes of type 1 and 2 of the MR Image information object: patient, study, series, frame of reference, equipment,
# image, plane, pixels, MR image, SOP common (PS3.3 A.4 and the modules it names).
FILLED = [
    "StudyInstanceUID",
    "Modality",
    "SeriesInstanceUID",
    "FrameOfReferenceUID",
    "PixelSpacing",
    "ImageOrientationPatient",
    "ImagePositionPatient",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelData",
    "ImageType",
    "ScanningSequence",
    "SequenceVariant",
    "SOPClassUID",
    "SOPInstanceUID",
]
PRESENT = [
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
    "StudyID",
    "AccessionNumber",
    "SeriesNumber",
    "PatientPosition",
    "PositionReferenceIndicator",
    "Manufacturer",
    "InstanceNumber",
    "SliceThickness",
    "ScanOptions",
    "MRAcquisitionType",
    "RepetitionTime",
    "EchoTime",
    "EchoTrainLength",
    "ContentDate",
    "ContentTime",
]


@pytest.fixture(scope="module")
def patient():
    return make_patient("two-lesions", 2, TINY)


@pytest.fixture(scope="module")
def study(patient, tmp_path_factory):
    """The study file of the patient, written."""
    return write_patient(tmp_path_factory.mktemp("patient"), patient)


@pytest.fixture(scope="module")
def headers(study):
    """The datasets of every image by (visit, series), in the order of their names."""
    folders = {(visit, series): study.parent / visit / series for visit in VISITS for series in SERIES}
    return {key: [pydicom.dcmread(file) for file in sorted(folder.iterdir())] for key, folder in folders.items()}


def test_the_series_comes_back_within_rounding(patient, study):
    for visit in patient.visits:
        made, read = visit.series, read_dce(study.parent / visit.name / "dce")
        np.testing.assert_allclose(read.signal, made.signal, atol=0.5001)
        np.testing.assert_allclose(read.times.value, made.times.value)
        assert read.grid.matches(made.grid)
        for name in ("repetition_time", "echo_time", "flip_angle", "field_strength"):
            assert read.acquisition.require(name) == pytest.approx(made.acquisition.require(name))
        assert read.identity.patient_id == made.identity.patient_id
        assert read.identity.study_date == made.identity.study_date
        assert read.notes == ()


def test_the_volumes_come_back_within_rounding(patient, study):
    for visit in patient.visits:
        images = [*visit.flip_angle_images, visit.post_contrast.volume]
        for made, series in zip(images, ("fa02", "fa05", "fa15", "t1_post"), strict=True):
            read = read_volume(study.parent / visit.name / series)
            np.testing.assert_allclose(read.array, made.array, atol=0.5001)
            assert read.grid.matches(made.grid)
            assert read.acquisition.require("flip_angle") == made.acquisition.require("flip_angle")


def test_simpleitk_reads_the_same_volume(patient, study):
    folder = study.parent / "pre" / "t1_post"
    names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder))
    image = sitk.ReadImage(names)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), read_volume(folder).array)
    assert grid_of(image).matches(patient.pre.post_contrast.volume.grid)


def test_every_image_has_the_attributes_the_standard_requires(headers):
    for images in headers.values():
        for image in images:
            assert image.file_meta.MediaStorageSOPClassUID == image.SOPClassUID == MRImageStorage
            assert image.file_meta.MediaStorageSOPInstanceUID == image.SOPInstanceUID
            assert [name for name in FILLED if image.get(name) in (None, "", [])] == []
            assert [name for name in PRESENT if name not in image] == []
            assert len(image.PixelData) == 2 * image.Rows * image.Columns
            assert all(len(str(text)) <= 16 for text in image.ImagePositionPatient)


def test_contrast_agent_is_told_where_it_was_given(headers):
    for (_, series), images in headers.items():
        assert ("ContrastBolusAgent" in images[0]) == (series in ("dce", "t1_post"))


def test_identifiers_hold_a_visit_together_and_tell_everything_else_apart(headers):
    everything = [image for images in headers.values() for image in images]
    assert len({image.SOPInstanceUID for image in everything}) == len(everything)
    assert {image.PatientID for image in everything} == {"digital-two-lesions-2"}
    assert {str(image.PatientName) for image in everything} == {"Digital^Patient"}
    for name in ("StudyInstanceUID", "FrameOfReferenceUID", "StudyDate"):
        of_visit = [
            {image.get(name) for (visit, _), ims in headers.items() if visit == v for image in ims} for v in VISITS
        ]
        assert [len(values) for values in of_visit] == [1, 1]
        assert of_visit[0] != of_visit[1]
    series = [{image.SeriesInstanceUID for image in images} for images in headers.values()]
    assert all(len(one) == 1 for one in series)
    assert len(set.union(*series)) == len(series)
    assert all(
        uid.is_valid for images in headers.values() for uid in (images[0].SOPInstanceUID, images[0].StudyInstanceUID)
    )


def test_clocks_of_the_series_agree(headers):
    for visit in VISITS:
        starts = []
        for series in ("fa02", "fa05", "fa15", "dce", "t1_post"):
            images = headers[visit, series]
            start = datetime.strptime(images[0].SeriesDate + images[0].SeriesTime, "%Y%m%d%H%M%S.%f")
            starts.append(start)
            assert [image.InstanceNumber for image in images] == list(range(1, len(images) + 1))
        assert starts == sorted(set(starts))
        for image in headers[visit, "dce"]:
            moment = datetime.strptime(image.AcquisitionDate + image.AcquisitionTime, "%Y%m%d%H%M%S.%f")
            seconds = (moment - starts[3]).total_seconds()
            assert float(image.TriggerTime) == pytest.approx(1000 * seconds)
            assert (image.TemporalPositionIdentifier - 1) * image.TemporalResolution == pytest.approx(1000 * seconds)
            assert image.NumberOfTemporalPositions == TINY.frames


def test_the_study_file_names_what_was_written(patient, study):
    told = tomllib.loads(study.read_text(encoding="utf-8"))
    assert told["patient"] == {"srs_date": patient.srs_date, "resection_date": patient.resection_date}
    assert told["fit"] == {"relaxivity": 4.5, "haematocrit": 0.42}
    for visit in patient.visits:
        for path in (told[visit.name]["dce"], told[visit.name]["t1_post"], *told[visit.name]["vfa"]):
            assert (study.parent / path).is_dir()
        for lesion, seed in zip(told["lesion"], visit.seeds, strict=True):
            np.testing.assert_allclose(lesion[visit.name]["seed"], seed, atol=0.051)
    assert [lesion["name"] for lesion in told["lesion"]] == [course.name for course in patient.scenario.lesions]


def test_the_truth_lies_beside_the_images(patient, study):
    told = json.loads((study.parent / "truth.json").read_text(encoding="utf-8"))
    assert (told["scenario"], told["seed"]) == ("two-lesions", 2)
    assert [lesion["reading"] for lesion in told["lesions"]] == ["recurrence", "necrosis"]
    for visit in patient.visits:
        folder = study.parent / "truth" / visit.name
        ktrans = read_map(folder / "ktrans.nii.gz", visit.series.grid)
        np.testing.assert_array_equal(ktrans, visit.truth.ktrans)
        for number, course in enumerate(patient.scenario.lesions, start=1):
            parts = sitk.GetArrayFromImage(sitk.ReadImage(folder / f"t1_lesion_{number}.nii.gz"))
            np.testing.assert_array_equal(parts > 0, visit.post_contrast.lesions[number - 1])
            np.testing.assert_array_equal(parts == 2, visit.post_contrast.cores[number - 1])
            lesion = told["lesions"][number - 1]
            assert lesion[visit.name]["volume_cc"] == pytest.approx(getattr(course, visit.name).volume)
            assert lesion[visit.name]["voxels"] == np.count_nonzero(visit.lesions[number - 1])


def test_the_same_seed_gives_the_same_bytes(study, tmp_path):
    again = write_patient(tmp_path, make_patient("two-lesions", 2, TINY))
    files = [path.relative_to(study.parent) for path in study.parent.rglob("*") if path.is_file()]
    assert len(files) > 2 * (TINY.frames + 3) * TINY.dce[2]
    for file in files:
        if file.name.endswith(".gz"):  # whose header holds the time
            continue
        assert (again.parent / file).read_bytes() == (study.parent / file).read_bytes()


def test_progress_is_told_and_asked(patient, tmp_path):
    told = []
    write_patient(tmp_path / "whole", patient, lambda fraction, what: told.append((fraction, what)))
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    assert told[-1][0] == 1
    assert {"writing the pre series", "making the follow-up post-contrast T1"} <= {what for _, what in told}
    with pytest.raises(Cancelled):
        write_patient(tmp_path / "stopped", patient, lambda fraction, what: fraction < 0.3)


def test_a_file_put_together_reads_as_the_dataset_it_stands_for():
    dataset = Dataset()
    dataset.SOPClassUID = MRImageStorage
    dataset.PatientName = "Digital^Patient"
    dataset.Rows = 2
    dataset.PixelSpacing = ["1.5", "2"]
    texts = {"SOPInstanceUID": "2.25.123", "ImagePositionPatient": "1\\-2\\3.5", "InstanceNumber": "7"}
    content = EncodedFile(dataset).with_values(texts, b"\1\0\2\0")
    read = pydicom.dcmread(pydicom.filebase.BytesIO(content))
    assert read.file_meta.FileMetaInformationGroupLength == content.index(b"\x08\0\x16\0UI") - 132 - 12
    assert read.file_meta.MediaStorageSOPInstanceUID == read.SOPInstanceUID == "2.25.123"
    assert read.ImagePositionPatient == [1, -2, 3.5]
    assert (read.Rows, read.InstanceNumber, read.PixelSpacing) == (2, 7, [1.5, 2])
    assert read.PixelData == b"\1\0\2\0"
    assert [element.tag for element in read] == sorted(element.tag for element in read)
