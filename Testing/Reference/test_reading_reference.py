"""Reading series of real scanners and of reference objects."""

import numpy as np
import pytest
import SimpleITK as sitk
from pydicom import dcmread

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.reading import describe, place_map, place_mask, read_dce, read_volume


def refusal(path, **keywords) -> str:
    with pytest.raises(InputError) as raised:
        read_dce(path, **keywords)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_qiba_object_in_big_endian_with_one_trigger_time_missing(reference_data):
    folder = reference_data("qiba_v6_dicom")
    series = read_dce(folder)
    assert series.signal.shape == (1321, 1, 80, 50)
    np.testing.assert_allclose(series.times.value, 0.5 * np.arange(1321))
    assert series.times.origin == "DICOM TriggerTime"
    assert series.acquisition.repetition_time.value == 0.005
    assert series.acquisition.flip_angle.value == 30
    assert "TriggerTime is missing in 1 of 1321 files; it was taken as 0 ms" in series.notes[1]
    first_files = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".dcm")[:40]
    for path in first_files:
        dataset = dcmread(path)
        np.testing.assert_array_equal(series.signal[int(dataset.InstanceNumber) - 1, 0], dataset.pixel_array)


def test_ge_series_without_times_gets_none(reference_data):
    folder = reference_data("dicom_ge_siemens_classic") / "ge_mr_0004"
    assert refusal(folder).startswith("The repetition time is 5 s (DICOM RepetitionTime)")
    series = read_dce(folder, repetition_time=0.005)
    assert series.signal.shape == (10, 15, 64, 64)
    assert series.times is None
    assert any(note.startswith("No tag tells when each frame was acquired") for note in series.notes)
    assert describe(series)["timing"] is None
    for path in folder.rglob("*"):
        if path.suffix == ".txt":
            continue
        dataset = dcmread(path)
        frame = (int(dataset.InstanceNumber) - 1) // 15
        index = series.grid.indices([float(value) for value in dataset.ImagePositionPatient])
        np.testing.assert_allclose(index[:2], 0, atol=1e-3)
        np.testing.assert_array_equal(series.signal[frame, round(index[2])], dataset.pixel_array)


def test_two_series_and_a_mosaic_are_refused(reference_data):
    folder = reference_data("dicom_ge_siemens_classic")
    assert refusal(folder).endswith(
        "holds 2 series: 3 'EPI PE=AP' (2 files), 4 'Axial EPI-FMRI (Interleaved I to S)' (150 files); "
        "choose one with --series (its number, description or UID)."
    )
    assert "is a mosaic with all slices in one image" in refusal(folder, series=3)


def test_philips_series_of_two_kinds_of_image_is_refused(reference_data):
    folder = reference_data("dicom_philips_classic_vs_enhanced")
    assert refusal(folder / "classic_1903") == (
        "Each slice has 2 images at each of 3 values of TemporalPositionIdentifier, told apart by no standard tag: "
        "the series mixes several kinds of image; export the one with the dynamic signal alone."
    )
    volume = read_volume(folder / "classic_1901")
    assert volume.array.shape == (40, 96, 96)


@pytest.mark.parametrize(
    "name",
    [
        "dicom_siemens_xa30_enhanced",
        "dicom_dicom2nifti/philips_enhanced/fmri",
        "dicom_dicom2nifti/siemens_multiframe/anatomical",
        "dicom_dicom2nifti/hyperfine/anatomical",
    ],
)
def test_enhanced_files_are_refused(reference_data, name):
    assert "is an Enhanced MR multi-frame file; only DICOM with one image a file" in refusal(reference_data(name))


@pytest.mark.parametrize(
    ("name", "shape"),
    [("ge", (2, 4, 64, 64)), ("philips", (4, 2, 80, 80)), ("siemens", (2, 4, 192, 192))],
)
def test_series_without_any_times_of_three_vendors(reference_data, name, shape):
    folder = next((reference_data("dicom_dicom2nifti") / name).glob("fmri*"))
    series = read_dce(folder, repetition_time=0.005, echo_time=0.002)
    assert series.signal.shape == shape
    assert series.times is None


@pytest.mark.parametrize("name", ["ge/anatomical", "generic/compressed", "hitachi/anatomical"])
def test_volumes_lie_where_another_reader_puts_them(reference_data, name):
    folder = reference_data("dicom_dicom2nifti") / name / "001"
    volume = read_volume(folder)
    names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder))
    other = sitk.ReadImage(names)
    ours = volume.grid.indices(np.array([other.TransformIndexToPhysicalPoint((3, 5, k)) for k in range(4)]))
    np.testing.assert_allclose(ours[:, :2], [[3, 5]] * 4, atol=1e-3)
    places = np.round(ours[:, 2]).astype(int)
    np.testing.assert_allclose(ours[:, 2], places, atol=1e-3)
    np.testing.assert_array_equal(volume.array[places], sitk.GetArrayFromImage(other))


def test_broken_series_are_refused(reference_data):
    folder = reference_data("dicom_dicom2nifti") / "failing"
    assert "2 different orientations" in refusal(folder / "sliceorientation")
    assert "holds a single image of 256 x 256 x 2 voxels" in refusal(folder / "slicecount" / "001")


def test_real_brain_with_samples_marked_as_missing(reference_data):
    folder = reference_data("rocketship_p19_brain_dce") / "bbb_p19_downsample_x3y3"
    series = read_dce(folder / "Dynamic_t1w.nii", times=15.84, repetition_time=0.00829, flip_angle=15)
    assert series.signal.shape == (64, 1, 86, 86)
    assert series.excluded == 229
    assert np.isnan(series.signal).sum() == 229
    np.testing.assert_allclose(series.times.value, 15.84 * np.arange(64))
    assert "3683 of 473344 samples are negative, as interpolation leaves them: they are kept." in series.notes
    stored = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "Dynamic_t1w.nii")))
    np.testing.assert_array_equal(np.where(stored == -32768, np.nan, stored), series.signal)


def test_real_brain_has_no_times_in_its_header(reference_data):
    folder = reference_data("rocketship_p19_brain_dce") / "bbb_p19_downsample_x3y3"
    series = read_dce(folder / "Dynamic_t1w.nii")
    assert series.times is None
    assert series.acquisition.repetition_time is None
    assert "The header holds no frame times: give them with --times." in series.notes


def test_maps_of_a_real_brain_fit_its_series(reference_data):
    """The masks have another slice thickness; the T1 map is two-dimensional with another orientation in its header."""
    folder = reference_data("rocketship_p19_brain_dce") / "bbb_p19_downsample_x3y3"
    grid = read_dce(folder / "Dynamic_t1w.nii").grid
    brain = place_mask(folder / "processed" / "T1_brain_roi.nii", grid).array
    artery = place_mask(folder / "processed" / "T1_AIF_roi.nii", grid).array
    t10 = place_map(folder / "processed" / "T1_map_t1_fa_fit_fa10.nii", grid)
    ktrans = place_map(folder / "processed" / "results_matlab" / "Dyn-1_tofts_fit_Ktrans.nii", grid).array
    assert (brain.sum(), artery.sum()) == (2834, 4)
    assert "taken voxel by voxel" in t10.notes[0]
    stored = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "processed" / "T1_brain_roi.nii")))
    np.testing.assert_allclose(t10.array[brain], stored[brain], rtol=1e-5)
    assert (brain & (ktrans != 0)).sum() > 0.99 * (ktrans != 0).sum()
