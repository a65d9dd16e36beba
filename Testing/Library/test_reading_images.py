"""Reading NIfTI and NRRD series and volumes, with their sidecars and headers."""

import json
import struct

import numpy as np
import pytest
import SimpleITK as sitk

from PerfusionRatioLib.acquisition import Known
from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.reading import describe, read_dce, read_volume
from Testing.Library.dicom_files import ramp

SPACING = (1.5, 2.0, 3.0)
ORIGIN = (-10.0, 20.0, 30.0)
DIRECTION = (0.8, -0.6, 0.0, 0.6, 0.8, 0.0, 0.0, 0.0, 1.0)


def write_image(path, signal, step=1.0):
    """Write [t, k, j, i] or [k, j, i] as a file with that many dimensions."""
    image = sitk.GetImageFromArray(signal, isVector=False)
    if signal.ndim == 4:
        image.SetSpacing((*SPACING, step))
        image.SetOrigin((*ORIGIN, 0.0))
        image.SetDirection(np.block([[np.reshape(DIRECTION, (3, 3)), np.zeros((3, 1))], [np.eye(4)[3:]]]).ravel())
    elif signal.ndim == 3:
        image.SetSpacing(SPACING)
        image.SetOrigin(ORIGIN)
        image.SetDirection(DIRECTION)
    sitk.WriteImage(image, str(path))
    return path


def write_sequence(path, signal, axis=3, label="time", unit="s", values=None, more=()):
    """Write [t, k, j, i] as Slicer saves a sequence: a list axis, first in older versions and last in newer ones."""
    t, k, j, i = signal.shape
    nothing = ['""', '""', '""']
    steps = ["(1.2,0.9,0)", "(-1.2,1.6,0)", "(0,0,3)"]

    def along(list_axis, others):
        return " ".join([list_axis, *others] if axis == 0 else [*others, list_axis])

    lines = [
        "NRRD0005",
        f"type: {signal.dtype.name}",
        "dimension: 4",
        "space: left-posterior-superior",
        f"sizes: {along(str(t), map(str, (i, j, k)))}",
        f"space directions: {along('none', steps)}",
        f"kinds: {along('list', ['domain'] * 3)}",
        *([f"labels: {along(chr(34) + label + chr(34), nothing)}"] if label else []),
        *([f"units: {along(chr(34) + unit + chr(34), nothing)}"] if unit else []),
        "endian: little",
        "encoding: raw",
        "space origin: (-10,20,30)",
        *([f"axis {axis} index values:={' '.join(map(str, values))}"] if values is not None else []),
        *more,
    ]
    samples = np.moveaxis(signal, 0, -1) if axis == 0 else signal
    path.write_bytes(("\n".join(lines) + "\n\n").encode() + np.ascontiguousarray(samples).tobytes())
    return path


def write_sidecar(path, **values):
    path.write_text(json.dumps(values), encoding="utf-8")


def refusal(path, **keywords) -> str:
    with pytest.raises(InputError) as raised:
        read_dce(path, **keywords)
    sentence = str(raised.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


@pytest.mark.parametrize("name", ["dce.nii", "dce.nii.gz", "dce.nrrd", "dce.nhdr"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32, np.float64])
def test_signal_and_grid_come_back(tmp_path, name, dtype):
    signal = ramp(frames=3, slices=4, rows=2, columns=5, dtype=dtype)
    series = read_dce(write_image(tmp_path / name, signal), times=10.0)
    assert series.signal.dtype == np.float32
    np.testing.assert_array_equal(series.signal, signal)
    assert series.grid.size == (5, 2, 4)
    np.testing.assert_allclose(series.grid.spacing, SPACING, rtol=1e-6)
    np.testing.assert_allclose(series.grid.origin, ORIGIN, rtol=1e-6)
    np.testing.assert_allclose(series.grid.direction, DIRECTION, atol=1e-6)


@pytest.mark.parametrize("axis", [0, 3])
@pytest.mark.parametrize(("unit", "factor"), [("s", 1.0), ("ms", 1e-3), ("min", 60.0)])
def test_slicer_sequence_with_times(tmp_path, axis, unit, factor):
    seconds = np.array([0.0, 6.0, 12.0, 30.0])
    path = write_sequence(tmp_path / "a.seq.nrrd", ramp(), axis, unit=unit, values=seconds / factor)
    series = read_dce(path)
    np.testing.assert_array_equal(series.signal, ramp())
    np.testing.assert_allclose(series.times.value, seconds)
    assert series.times.origin == "the NRRD index values"
    np.testing.assert_allclose(series.grid.spacing, (1.5, 2.0, 3.0))
    np.testing.assert_allclose(series.grid.origin, ORIGIN)
    np.testing.assert_allclose(series.grid.direction, DIRECTION, atol=1e-12)


@pytest.mark.parametrize(
    ("label", "unit", "note"),
    [
        ("frame", "", "The frames are listed by 'frame' in the NRRD index values, which is not a time."),
        ("EchoTime", "ms", "The frames are listed by 'EchoTime' in the NRRD index values, which is not a time."),
        ("time", "", "The frame times in the NRRD index values have no unit and are not used."),
        ("time", "beats", "The frame times in the NRRD index values have the unknown unit 'beats' and are not used."),
    ],
)
def test_slicer_sequence_whose_index_is_no_time(tmp_path, label, unit, note):
    path = write_sequence(tmp_path / "a.seq.nrrd", ramp(), label=label, unit=unit, values=[0, 10, 20, 30])
    series = read_dce(path)
    assert series.times is None
    assert series.notes == (note,)


def test_slicer_sequence_with_one_time_too_few(tmp_path):
    path = write_sequence(tmp_path / "a.seq.nrrd", ramp(), values=[0, 10, 20])
    assert refusal(path) == "There are 3 times (the NRRD index values) for 4 frames; one a frame is needed."


def test_slicer_multi_volume_with_its_acquisition(tmp_path):
    more = (
        "MultiVolume.FrameLabels:=0,6000,12000,30000",
        "MultiVolume.FrameIdentifyingDICOMTagName:=TriggerTime",
        "MultiVolume.FrameIdentifyingDICOMTagUnits:=ms",
        "MultiVolume.DICOM.RepetitionTime:=4.5",
        "MultiVolume.DICOM.FlipAngle:=12",
        "MultiVolume.DICOM.EchoTime:=1.8",
    )
    series = read_dce(write_sequence(tmp_path / "a.nrrd", ramp(), axis=0, label="", unit="", more=more))
    np.testing.assert_array_equal(series.signal, ramp())
    np.testing.assert_allclose(series.times.value, (0, 6, 12, 30))
    assert series.times.origin == "the MultiVolume frame labels"
    assert series.acquisition.repetition_time == Known(0.0045, "NRRD MultiVolume.DICOM.RepetitionTime")
    assert series.acquisition.flip_angle.value == 12
    assert series.acquisition.echo_time.value == pytest.approx(0.0018)


@pytest.mark.parametrize("keyword", ["VolumeTiming", "FrameTimesStart"])
def test_sidecar_tells_times_and_acquisition(tmp_path, keyword):
    path = write_image(tmp_path / "dce.nii.gz", ramp(), step=9.0)
    write_sidecar(
        tmp_path / "dce.json",
        RepetitionTime=0.0045,
        FlipAngle=12,
        EchoTime=0.0018,
        MagneticFieldStrength=3,
        Manufacturer="Vendor",
        **{keyword: [2.0, 8.0, 14.0, 32.0]},
    )
    series = read_dce(path)
    np.testing.assert_allclose(series.times.value, (0, 6, 12, 30))
    assert series.times.origin == f"sidecar {keyword}"
    assert series.acquisition.repetition_time == Known(0.0045, "sidecar RepetitionTime")
    assert series.acquisition.flip_angle == Known(12.0, "sidecar FlipAngle")
    assert series.acquisition.echo_time == Known(0.0018, "sidecar EchoTime")
    assert series.acquisition.field_strength == Known(3.0, "sidecar MagneticFieldStrength")
    assert series.identity.manufacturer == "Vendor"


def test_time_between_excitations_is_preferred_to_time_between_volumes(tmp_path):
    path = write_image(tmp_path / "dce.nii", ramp())
    write_sidecar(tmp_path / "dce.json", RepetitionTime=6.0, RepetitionTimeExcitation=0.005)
    assert read_dce(path).acquisition.repetition_time == Known(0.005, "sidecar RepetitionTimeExcitation")


def test_given_values_replace_those_of_the_sidecar(tmp_path):
    path = write_image(tmp_path / "dce.nii", ramp())
    write_sidecar(tmp_path / "dce.json", RepetitionTime=4.5, FlipAngle=0, VolumeTiming=[0, 6, 12, 18])
    series = read_dce(path, repetition_time=0.0045, flip_angle=12.0, times=np.array([0.0, 7.0, 14.0, 21.0]))
    assert series.acquisition.repetition_time.value == 0.0045
    np.testing.assert_allclose(series.times.value, (0, 7, 14, 21))
    assert series.notes == (
        "The repetition time of 0.0045 s (given) is used instead of 4.5 s (sidecar RepetitionTime).",
        "The flip angle of 12 degrees (given) is used instead of 0 degrees (sidecar FlipAngle).",
        "The times (given) make the series last 21 s; by sidecar VolumeTiming it lasts 18 s.",
    )


@pytest.mark.parametrize(
    ("sidecar", "found"),
    [
        ("{", "is not valid JSON: correct or remove it."),
        ("[1]", "holds a list; a JSON object was expected."),
        ('{"FlipAngle": "15"}', "FlipAngle in the sidecar"),
        ('{"VolumeTiming": 6}', "VolumeTiming in the sidecar"),
        ('{"VolumeTiming": [0, 6, "12", 18]}', "is '12'; a number was expected."),
        ('{"RepetitionTime": 4.5}', "The repetition time is 4.5 s (sidecar RepetitionTime); a spoiled gradient echo"),
        ('{"FlipAngle": 0}', "The flip angle is 0 degrees (sidecar FlipAngle)"),
        ('{"VolumeTiming": [0, 6, 12]}', "There are 3 times (sidecar VolumeTiming) for 4 frames"),
        ('{"VolumeTiming": [0, 6, 6, 12]}', "The frame times (sidecar VolumeTiming) repeat at frame 3"),
        ('{"VolumeTiming": [0, 6000, 12000, 18000]}', "would last 300 minutes (sidecar VolumeTiming)"),
        ('{"VolumeTiming": [0, 0.1, 0.2, 0.3]}', "would last 0.3 s (sidecar VolumeTiming)"),
    ],
)
def test_sidecars_that_cannot_be(tmp_path, sidecar, found):
    path = write_image(tmp_path / "dce.nii.gz", ramp())
    (tmp_path / "dce.json").write_text(sidecar)
    assert found in refusal(path)


@pytest.mark.parametrize(("unit", "factor"), [(8, 1.0), (16, 1e3), (24, 1e6)])
def test_nifti_step_with_a_unit_is_used(tmp_path, unit, factor):
    path = write_image(tmp_path / "dce.nii", ramp(), step=6.5)
    patch_nifti(path, {123: bytes([2 | unit]), 92: struct.pack("<f", 6.5 * factor)})
    series = read_dce(path)
    np.testing.assert_allclose(series.times.value, 6.5 * np.arange(4), rtol=1e-6)
    assert series.times.origin == "NIfTI header"


@pytest.mark.parametrize(
    ("step", "unit", "note"),
    [
        (6.5, 0, "The header holds no frame times: give them with --times."),  # no unit
        (1.0, 8, "The header holds no frame times: give them with --times."),  # what programs write by default
        (0.005, 8, "The step of 0.005 s along time in the header makes no DCE series: give the times with --times."),
    ],
)
def test_nifti_steps_that_tell_nothing_are_not_used(tmp_path, step, unit, note):
    path = write_image(tmp_path / "dce.nii", ramp(frames=20), step=step)
    patch_nifti(path, {123: bytes([2 | unit])})
    series = read_dce(path)
    assert series.times is None
    assert series.notes == (note,)
    assert read_dce(path, times=4.0).notes == ()


def test_samples_without_value_become_nan_and_are_counted(tmp_path):
    signal = ramp(dtype=np.int16)
    signal[0, 0, 0, :3] = -32768
    signal[1, 0, 0, :2] = -7
    signal[2, 0, 0, 0] = 32767
    series = read_dce(write_image(tmp_path / "dce.nii", signal), times=6.0)
    assert series.excluded == 3
    np.testing.assert_array_equal(np.isnan(series.signal), signal == -32768)
    assert series.signal[1, 0, 0, 0] == -7
    assert series.notes == (
        "3 of 360 samples hold no valid value (NaN, infinite or -32768, the smallest value of their type): "
        "they are left out as NaN.",
        "2 of 360 samples are negative, as interpolation leaves them: they are kept.",
        "1 of 360 samples are at the largest value their type can hold: "
        "where many of them lie together, such as in an artery, the signal is cut off.",
    )


def test_no_data_marks_are_found_behind_a_slope(tmp_path):
    signal = ramp(dtype=np.int16)
    signal[0, 0, 0, :3] = -32768
    path = write_image(tmp_path / "dce.nii", signal)
    patch_nifti(path, {112: struct.pack("<ff", 0.25, 3.0)})
    series = read_dce(path, times=6.0)
    assert series.excluded == 3
    np.testing.assert_allclose(series.signal[1], 0.25 * signal[1] + 3, rtol=1e-6)


@pytest.mark.parametrize("name", ["dce.nii", "dce.nii.gz", "dce.nrrd"])
def test_nan_and_infinite_samples_are_counted(tmp_path, name):
    signal = ramp(dtype=np.float32)
    signal[0, 0, 0, :3] = np.nan, np.inf, -np.inf
    series = read_dce(write_image(tmp_path / name, signal), times=6.0)
    assert series.excluded == 3
    assert np.isnan(series.signal[0, 0, 0, :3]).all()
    assert np.isfinite(series.signal[0, 0, 1:]).all()


def test_a_frame_of_zeros_is_told(tmp_path):
    signal = ramp()
    signal[2] = 0
    assert "Frames 3 hold zeros only." in read_dce(write_image(tmp_path / "dce.nii", signal), times=6.0).notes


@pytest.mark.parametrize(
    ("value", "found"),
    [(0, "is zero; a series with signal"), (np.nan, "holds a valid value"), (-1, "360 of 360 samples")],
)
def test_signal_that_is_none(tmp_path, value, found):
    path = write_image(tmp_path / "dce.nii", np.full((4, 3, 5, 6), value, np.float32))
    assert found in refusal(path, times=6.0)


def test_concentrations_may_be_negative(tmp_path):
    path = write_image(tmp_path / "dce.nii", -ramp(dtype=np.float32))
    assert "read with --input concentration" in refusal(path, times=6.0)
    series = read_dce(path, times=6.0, content="concentration")
    np.testing.assert_array_equal(series.signal, -ramp(dtype=np.float32))
    assert series.notes == ()


@pytest.mark.parametrize("name", ["a.nii", "a.nrrd"])
@pytest.mark.parametrize("signal", [ramp()[0], ramp(frames=1)])
def test_a_file_with_one_frame_is_refused(tmp_path, name, signal):
    path = write_image(tmp_path / name, signal)
    assert refusal(path) == (
        f"{path} holds a single image of 6 x 5 x 3 voxels; "
        "a dynamic series of several frames (a fourth dimension, time) was expected."
    )


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.nrrd"])
@pytest.mark.parametrize("kept", [0.5, 0.99])
def test_a_file_cut_off_is_refused(tmp_path, name, kept):
    rng = np.random.default_rng(0)
    path = write_image(tmp_path / name, rng.integers(1, 30000, (4, 9, 20, 20), dtype=np.int16))
    data = path.read_bytes()
    path.write_bytes(data[: int(kept * len(data))])
    assert "cut off" in refusal(path)


def test_a_gzip_file_of_several_parts_is_read(tmp_path):
    import gzip

    data = write_image(tmp_path / "a.nii", ramp()).read_bytes()
    (tmp_path / "b.nii.gz").write_bytes(gzip.compress(data[:500]) + gzip.compress(data[500:]))
    np.testing.assert_array_equal(read_dce(tmp_path / "b.nii.gz", times=6.0).signal, ramp())


def test_no_series_can_be_chosen_in_an_image_file(tmp_path):
    path = write_image(tmp_path / "a.nii", ramp())
    assert refusal(path, series=3) == f"{path} is one image; a series can only be chosen in a folder of DICOM files."


def test_garbage_is_refused(tmp_path):
    (tmp_path / "a.nii").write_bytes(bytes(range(256)) * 9)
    assert refusal(tmp_path / "a.nii") == f"{tmp_path / 'a.nii'} cannot be read: it is no NIfTI, NRRD or DICOM file."


def test_colours_are_refused(tmp_path):
    image = sitk.GetImageFromArray(ramp()[..., :3].astype(np.uint8), isVector=True)
    sitk.WriteImage(image, str(tmp_path / "a.nii"))
    assert "holds 3 values (colour) in each voxel" in refusal(tmp_path / "a.nii")


def test_volume_and_slice(tmp_path):
    volume = read_volume(write_image(tmp_path / "a.nii.gz", ramp()[0].astype(np.float32)))
    np.testing.assert_array_equal(volume.array, ramp()[0])
    np.testing.assert_allclose(volume.grid.direction, DIRECTION, atol=1e-6)
    flat = read_volume(write_image(tmp_path / "b.nii", ramp()[0, 0]))
    np.testing.assert_array_equal(flat.array, ramp()[0, :1])
    assert flat.grid.size == (6, 5, 1)


def test_volume_of_a_flip_angle_with_its_sidecar(tmp_path):
    path = write_image(tmp_path / "fa5.nii.gz", ramp()[0])
    write_sidecar(tmp_path / "fa5.json", RepetitionTimeExcitation=0.0054, FlipAngle=5)
    acquisition = read_volume(path).acquisition
    assert (acquisition.repetition_time.value, acquisition.flip_angle.value) == (0.0054, 5)


def test_a_series_is_no_volume(tmp_path):
    with pytest.raises(InputError, match=r"holds 4 frames; a single volume was expected\.$"):
        read_volume(write_image(tmp_path / "a.nii", ramp()))


def test_description_is_plain_and_complete(tmp_path):
    path = write_image(tmp_path / "dce.nii.gz", ramp())
    write_sidecar(tmp_path / "dce.json", FlipAngle=12, Manufacturer="Vendor", VolumeTiming=[0, 6, 12, 30])
    described = json.loads(json.dumps(describe(read_dce(path))))
    assert described["manufacturer"] == "Vendor"
    assert (described["frames"], described["size"], described["spacing_mm"]) == (4, [6, 5, 3], [1.5, 2.0, 3.0])
    assert described["timing"] == {
        "duration_s": 30.0,
        "interval_s": 6.0,
        "shortest_interval_s": 6.0,
        "longest_interval_s": 18.0,
        "origin": "sidecar VolumeTiming",
    }
    assert described["flip_angle"] == {"value": 12.0, "unit": "degrees", "origin": "sidecar FlipAngle"}
    assert described["repetition_time"] is None
    assert described["warnings"] == ["The repetition time is not known: give it with --tr."]
    assert describe(read_dce(path, times=6.0))["timing"]["origin"] == "given"


def patch_nifti(path, changes):
    data = bytearray(path.read_bytes())
    for offset, value in changes.items():
        data[offset : offset + len(value)] = value
    path.write_bytes(data)
