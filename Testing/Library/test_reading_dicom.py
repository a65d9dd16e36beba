"""Reading a DICOM series: what comes back is what was written, however the files are stored, named or ordered."""

import shutil
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from PerfusionRatioLib.acquisition import Known
from PerfusionRatioLib.errors import Cancelled
from PerfusionRatioLib.reading import read_dce, read_volume
from Testing.Library.dicom_files import (
    FIRST_POSITION,
    INTERVAL,
    OBLIQUE,
    PIXEL_SPACING,
    SERIES_UID,
    SLICE_STEP,
    ramp,
    write_series,
)


def test_signal_times_grid_and_acquisition_come_back(tmp_path):
    write_series(tmp_path, ramp())
    series = read_dce(tmp_path)
    assert series.signal.dtype == np.float32
    np.testing.assert_array_equal(series.signal, ramp())
    np.testing.assert_allclose(series.times.value, INTERVAL * np.arange(4))
    assert series.times.origin == "DICOM TriggerTime"
    assert series.acquisition.repetition_time == Known(0.005, "DICOM RepetitionTime")
    assert series.acquisition.flip_angle == Known(15.0, "DICOM FlipAngle")
    assert series.acquisition.echo_time == Known(0.0021, "DICOM EchoTime")
    assert series.acquisition.field_strength == Known(3.0, "DICOM MagneticFieldStrength")
    assert (series.identity.patient_id, series.identity.series_uid) == ("P1", SERIES_UID)
    assert (series.identity.manufacturer, series.identity.series_description) == ("Vendor", "DCE")
    assert (series.excluded, series.notes, series.source) == (0, (), str(tmp_path))


def test_the_grid_is_that_of_the_headers(tmp_path):
    write_series(tmp_path, ramp(slices=3, rows=5, columns=6))
    grid = read_dce(tmp_path).grid
    normal = np.cross(OBLIQUE[:3], OBLIQUE[3:])
    assert grid.size == (6, 5, 3)
    np.testing.assert_allclose(grid.spacing, (PIXEL_SPACING[1], PIXEL_SPACING[0], SLICE_STEP))
    np.testing.assert_allclose(grid.origin, FIRST_POSITION)
    # DICOM PS3.3 C.7.6.2.1.1: position of column i, row j is IPP + i * column spacing * X + j * row spacing * Y.
    expected = np.array(FIRST_POSITION) + 2 * 1.5 * np.array(OBLIQUE[:3]) + 4 * 2.0 * np.array(OBLIQUE[3:])
    np.testing.assert_allclose(grid.positions((2, 4, 1)), expected + SLICE_STEP * normal)


@pytest.mark.parametrize(
    "syntax",
    [
        ExplicitVRLittleEndian,
        ImplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
    ],
)
def test_every_transfer_syntax_gives_the_same_samples(tmp_path, syntax):
    write_series(tmp_path, ramp(), syntax=syntax)
    np.testing.assert_array_equal(read_dce(tmp_path).signal, ramp())


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.uint32])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_every_sample_type_is_read(tmp_path, dtype, syntax):
    signal = ramp(frames=3, slices=2, rows=3, columns=5, dtype=dtype)
    write_series(tmp_path, signal, interval=6.0, syntax=syntax)
    np.testing.assert_array_equal(read_dce(tmp_path).signal, signal)


@settings(max_examples=15, deadline=None)
@given(order=st.permutations(range(12)), flip=st.booleans(), interval=st.floats(4.0, 60.0))
def test_names_and_order_of_files_do_not_matter(order, flip, interval):
    signal = ramp(frames=4, slices=3)
    orientation = (*OBLIQUE[:3], *(-value for value in OBLIQUE[3:])) if flip else OBLIQUE
    with tempfile.TemporaryDirectory() as folder:
        write_series(
            Path(folder),
            signal,
            interval=interval,
            orientation=orientation,
            name=lambda t, k: f"{order[3 * t + k]:02d}",
            edit=lambda dataset, t, k: setattr(dataset, "InstanceNumber", order[3 * t + k]),
        )
        series = read_dce(folder)
    np.testing.assert_array_equal(series.signal, signal)
    np.testing.assert_allclose(series.times.value, interval * np.arange(4), rtol=1e-5)
    assert np.linalg.det(np.reshape(series.grid.direction, (3, 3))) == pytest.approx(1)


def test_slices_written_from_the_far_end_are_turned_round(tmp_path):
    normal = np.cross(OBLIQUE[:3], OBLIQUE[3:])

    def from_the_far_end(dataset, t, k):
        dataset.ImagePositionPatient = list(np.array(FIRST_POSITION) - k * SLICE_STEP * normal)

    write_series(tmp_path, ramp(), edit=from_the_far_end)
    series = read_dce(tmp_path)
    np.testing.assert_array_equal(series.signal, ramp()[:, ::-1])
    np.testing.assert_allclose(series.grid.origin, np.array(FIRST_POSITION) - 2 * SLICE_STEP * normal)


def test_each_file_has_its_own_rescale_slope_and_intercept(tmp_path):
    def rescale(dataset, t, k):
        dataset.RescaleSlope = 0.5 + t
        dataset.RescaleIntercept = 10 * k

    write_series(tmp_path, ramp(), edit=rescale)
    slopes, intercepts = 0.5 + np.arange(4), 10 * np.arange(3)
    expected = ramp() * slopes[:, None, None, None] + intercepts[None, :, None, None]
    np.testing.assert_allclose(read_dce(tmp_path).signal, expected, rtol=1e-6)


def test_monochrome1_is_about_display_and_changes_no_value(tmp_path):
    write_series(tmp_path, edit=lambda dataset, t, k: setattr(dataset, "PhotometricInterpretation", "MONOCHROME1"))
    np.testing.assert_array_equal(read_dce(tmp_path).signal, ramp())


def test_twelve_bit_signed_samples_keep_their_sign(tmp_path):
    signal = ramp(dtype=np.int16)
    signal[1, 1, 2, 3] = 0x0FFF  # -1 in 12 bits whose sign was not extended

    def twelve_bits(dataset, t, k):
        dataset.BitsStored, dataset.HighBit = 12, 11

    write_series(tmp_path, signal, edit=twelve_bits)
    assert read_dce(tmp_path).signal[1, 1, 2, 3] == -1


def test_the_largest_value_of_the_bits_in_use_counts_as_saturated(tmp_path):
    signal = ramp()
    signal[2, 0, 0, :2] = 4095

    def twelve_bits(dataset, t, k):
        dataset.BitsStored, dataset.HighBit = 12, 11

    write_series(tmp_path, signal, edit=twelve_bits)
    assert any(note.startswith("2 of 360 samples are at the largest value") for note in read_dce(tmp_path).notes)


def test_elements_behind_the_pixel_data_do_not_disturb(tmp_path):
    def pad(dataset, t, k):
        dataset.add_new((0xFFFC, 0xFFFC), "OB", b"\0" * 30)

    write_series(tmp_path, ramp(), edit=pad)
    np.testing.assert_array_equal(read_dce(tmp_path).signal, ramp())


def test_a_file_of_the_series_stands_for_the_series(tmp_path):
    paths = write_series(tmp_path)
    write_series(tmp_path, name=lambda t, k: f"other{t}{k}.dcm", edit=_as_other_series)
    series = read_dce(paths[5])
    np.testing.assert_array_equal(series.signal, ramp())
    assert series.source == str(paths[5])


def test_a_zip_file_of_the_folder_is_read(tmp_path):
    write_series(tmp_path / "files" / "below")
    with zipfile.ZipFile(tmp_path / "visit.zip", "w") as archive:
        for path in (tmp_path / "files").rglob("*.dcm"):
            archive.write(path, path.relative_to(tmp_path))
    series = read_dce(tmp_path / "visit.zip")
    np.testing.assert_array_equal(series.signal, ramp())
    assert series.source == str(tmp_path / "visit.zip")


def test_files_without_preamble_are_read(tmp_path):
    for path in write_series(tmp_path, name=lambda t, k: f"{t}-{k}"):
        path.write_bytes(path.read_bytes()[132:])
    np.testing.assert_array_equal(read_dce(tmp_path).signal, ramp())


def test_copies_and_other_files_are_left_out_and_told(tmp_path):
    paths = write_series(tmp_path)
    shutil.copy(paths[3], tmp_path / "copy of it.dcm")
    (tmp_path / "README.txt").write_text("notes")
    series = read_dce(tmp_path)
    np.testing.assert_array_equal(series.signal, ramp())
    assert series.notes == (
        "1 file without a DICOM image left out of the folder.",
        "1 file left out: another has the same SOPInstanceUID.",
    )


@pytest.mark.parametrize("which", [8, "8", "T1 post", "t1 POST", f"{SERIES_UID}.8"])
def test_one_of_several_series_is_chosen_by_number_description_or_uid(tmp_path, which):
    write_series(tmp_path / "a")
    write_series(tmp_path / "b", ramp() + 1, edit=_as_other_series)
    np.testing.assert_array_equal(read_dce(tmp_path, series=which).signal, ramp() + 1)


def test_given_values_replace_those_of_the_headers_and_say_so(tmp_path):
    write_series(tmp_path)
    series = read_dce(
        tmp_path,
        repetition_time=Known(0.004, "command line"),
        flip_angle=15.0,
        times=Known(20.0, "command line"),
    )
    assert series.acquisition.repetition_time == Known(0.004, "command line")
    assert series.acquisition.flip_angle == Known(15.0, "given")
    np.testing.assert_allclose(series.times.value, 20.0 * np.arange(4))
    assert series.times.origin == "command line"
    assert series.notes == (
        "The repetition time of 0.004 s (command line) is used instead of 0.005 s (DICOM RepetitionTime).",
        "The times (command line) make the series last 60 s; by DICOM TriggerTime it lasts 15 s.",
    )


def test_a_flip_angle_that_differs_between_images_is_not_used(tmp_path):
    write_series(tmp_path, edit=lambda dataset, t, k: setattr(dataset, "FlipAngle", 5 * (t + 1)))
    series = read_dce(tmp_path)
    assert series.acquisition.flip_angle is None
    assert series.notes == ("FlipAngle differs between images (5, 10, 15, 20 degrees); it is not used.",)


def test_images_compressed_with_loss_are_told(tmp_path):
    write_series(tmp_path, edit=lambda dataset, t, k: setattr(dataset, "LossyImageCompression", "01"))
    assert "compressed with loss" in read_dce(tmp_path).notes[0]


def test_one_frame_is_a_volume(tmp_path):
    write_series(tmp_path, ramp(frames=1))
    volume = read_volume(tmp_path)
    np.testing.assert_array_equal(volume.array, ramp(frames=1)[0])
    assert volume.acquisition.flip_angle == Known(15.0, "DICOM FlipAngle")


def test_a_volume_may_have_a_repetition_time_no_gradient_echo_has(tmp_path):
    write_series(tmp_path, ramp(frames=1), edit=lambda dataset, t, k: setattr(dataset, "RepetitionTime", 9000))
    volume = read_volume(tmp_path)
    assert volume.acquisition.repetition_time is None
    assert volume.acquisition.flip_angle.value == 15


def test_reading_tells_how_far_it_is_and_stops_when_asked(tmp_path):
    write_series(tmp_path)
    fractions = []
    read_dce(tmp_path, progress=lambda fraction, what: fractions.append(fraction))
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)
    with pytest.raises(Cancelled):
        read_dce(tmp_path, progress=lambda fraction, what: fraction < 0.5)


def _as_other_series(dataset, t, k):
    dataset.SeriesInstanceUID = f"{SERIES_UID}.8"
    dataset.SOPInstanceUID = dataset.SOPInstanceUID + ".8"
    dataset.SeriesNumber = 8
    dataset.SeriesDescription = "T1 post"
