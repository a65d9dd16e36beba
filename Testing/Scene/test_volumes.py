"""Images as nodes and as the library's types: the same voxels at the same places, with what is known of them."""

import numpy as np
import pytest
import slicer

from PerfusionRatioLib.acquisition import Acquisition, Known
from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.rigid import Rigid
from PerfusionRatioLib.series import DceSeries, Grid
from PerfusionRatioScene.frame_times import frame_times
from PerfusionRatioScene.volumes import new_sequence, new_volume, series_of, set_volume, volume_of

OBLIQUE = Grid((5, 4, 3), (1.5, 2.0, 4.0), (10.0, -20.0, 30.0), tuple(Rigid.of(rotation=(10, 20, 30)).rotation.ravel()))
KNOWN = Acquisition(Known(0.005, "test"), Known(15.0, "test"), Known(0.002, "test"))


def values(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).uniform(1, 100, shape).astype(np.float32)


def series(times=(0.0, 5.5, 11.0, 17.0)) -> DceSeries:
    return DceSeries(values((len(times), *OBLIQUE.shape)), Known(np.array(times), "test"), OBLIQUE, KNOWN)


def multivolume_like(scene, labels: str, tag: str, unit: str, count: int = 4):
    """A sequence as importers of multi-volumes leave it: numbers in the index, times in attributes."""
    node = new_sequence(scene, series(tuple(np.arange(count) * 20.0)), "DCE")
    node.SetIndexName("")
    node.SetIndexUnit("")
    for name, value in (("FrameLabels", labels), ("FrameIdentifyingDICOMTagName", tag)):
        node.SetAttribute(f"MultiVolume.{name}", value)
    node.SetAttribute("MultiVolume.FrameIdentifyingDICOMTagUnits", unit)
    return node


def test_a_volume_comes_back_as_it_went(scene):
    array = values(OBLIQUE.shape)
    found = volume_of(new_volume(scene, array, OBLIQUE, "T1"))
    np.testing.assert_array_equal(found.array, array)
    assert found.grid.matches(OBLIQUE, tolerance=1e-9)
    assert found.source == "T1"


def test_what_the_library_gets_is_a_copy(scene):
    node = new_volume(scene, values(OBLIQUE.shape), OBLIQUE, "T1")
    found = volume_of(node)
    slicer.util.arrayFromVolume(node)[:] = 0
    assert found.array.min() > 0


def test_positions_are_those_of_slicer(scene):
    node = new_volume(scene, values(OBLIQUE.shape), OBLIQUE, "T1")
    matrix = slicer.util.arrayFromVTKMatrix(_matrix(node))
    ras = matrix @ [4, 3, 2, 1]
    np.testing.assert_allclose(OBLIQUE.positions([4, 3, 2]) * (-1, -1, 1), ras[:3])


def _matrix(node):
    import vtk

    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    return matrix


def test_a_linear_transform_above_a_volume_moves_it(scene):
    node = new_volume(scene, values(OBLIQUE.shape), OBLIQUE, "T1")
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "moved")
    matrix = np.eye(4)
    matrix[:3, 3] = 5, 6, 7
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    node.SetAndObserveTransformNodeID(transform.GetID())
    np.testing.assert_allclose(np.subtract(volume_of(node).grid.origin, OBLIQUE.origin), (-5, -6, 7))


def test_a_warp_above_a_volume_is_refused(scene):
    node = new_volume(scene, values(OBLIQUE.shape), OBLIQUE, "T1")
    warp = scene.AddNewNodeByClass("vtkMRMLBSplineTransformNode", "warp")
    node.SetAndObserveTransformNodeID(warp.GetID())
    if node.GetParentTransformNode().IsTransformToWorldLinear():
        import vtk

        warp.SetAndObserveTransformToParent(vtk.vtkThinPlateSplineTransform())
    with pytest.raises(InputError, match="lies under the warp 'warp': harden the transform"):
        volume_of(node)


@pytest.mark.parametrize("kind", [bool, np.int64, np.float64, np.uint8, np.int16])
def test_every_type_of_array_can_be_put_into_a_node(scene, kind):
    array = (values(OBLIQUE.shape) > 50).astype(kind)
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    set_volume(node, array, OBLIQUE)
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(node), array.astype(float))


def test_an_empty_node_is_refused(scene):
    with pytest.raises(InputError, match="The volume 'nothing' holds no image"):
        volume_of(scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "nothing"))


def test_a_series_comes_back_with_its_times_and_acquisition(scene):
    given = series()
    found = series_of(new_sequence(scene, given, "DCE"))
    np.testing.assert_array_equal(found.signal, given.signal)
    np.testing.assert_allclose(found.times.value, given.times.value)
    assert "sequence index" in found.times.origin
    for name in ("repetition_time", "flip_angle", "echo_time"):
        assert getattr(found.acquisition, name).value == pytest.approx(getattr(KNOWN, name).value)
    assert "MultiVolume.DICOM.RepetitionTime" in found.acquisition.repetition_time.origin


@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("ms", 1e-3), ("min", 60), ("Seconds", 1)])
def test_the_unit_of_an_index_counts(scene, unit, factor):
    node = new_sequence(scene, series((0.0, 2.0, 4.0, 12.0)), "DCE")
    node.SetIndexUnit(unit)
    np.testing.assert_allclose(frame_times(node, 4).value, np.array([0, 2, 4, 12]) * factor)


@pytest.mark.parametrize("unit", ["", "frame", "mm"])
def test_an_index_without_a_unit_of_time_is_never_taken_for_seconds(scene, unit):
    node = new_sequence(scene, series(), "DCE")
    node.SetIndexUnit(unit)
    assert series_of(node).times is None


def test_times_in_attributes_come_before_the_index(scene):
    found = series_of(multivolume_like(scene, "1000,16000,31000,46500", "AcquisitionTime", "ms"))
    np.testing.assert_allclose(found.times.value, [0, 15, 30, 45.5])
    assert "AcquisitionTime" in found.times.origin


def test_frames_that_only_have_numbers_have_no_times(scene):
    assert series_of(multivolume_like(scene, "1,2,3,4", "TemporalPositionIdentifier", "count")).times is None


def test_times_given_come_before_all(scene):
    given = Known(np.array([0.0, 10, 20, 30]), "panel")
    node = multivolume_like(scene, "1000,16000,31000,46500", "AcquisitionTime", "ms")
    assert series_of(node, given).times is given


@pytest.mark.parametrize(
    ("labels", "tag", "unit", "sentence"),
    [
        ("2,5,10,15", "FlipAngle", "degrees", "differ in FlipAngle, not in time"),
        ("0,5000", "AcquisitionTime", "ms", "has 4 frames but 2 frame times"),
        ("0,a,b,c", "AcquisitionTime", "ms", "are not all numbers"),
    ],
)
def test_attributes_that_mean_nothing_are_refused(scene, labels, tag, unit, sentence):
    with pytest.raises(InputError, match=sentence):
        series_of(multivolume_like(scene, labels, tag, unit))


def test_a_parameter_that_is_no_number_is_refused(scene):
    node = new_sequence(scene, series(), "DCE")
    node.SetAttribute("MultiVolume.DICOM.FlipAngle", "fifteen")
    with pytest.raises(InputError, match="FlipAngle of 'DCE' is 'fifteen', not a number"):
        series_of(node)


def test_frames_on_another_grid_are_refused(scene):
    node = new_sequence(scene, series(), "DCE")
    frame = slicer.vtkMRMLScalarVolumeNode()
    set_volume(frame, values((2, 4, 5)), Grid((5, 4, 2)))
    node.SetDataNodeAtValue(frame, "99")
    with pytest.raises(InputError, match="Frame 5 of 'DCE' lies on another grid"):
        series_of(node)


def test_a_sequence_without_frames_or_without_images_is_refused(scene):
    node = scene.AddNewNodeByClass("vtkMRMLSequenceNode", "empty")
    with pytest.raises(InputError, match="The sequence 'empty' has 0 frames"):
        series_of(node)
    for time in ("0", "1"):
        node.SetDataNodeAtValue(slicer.vtkMRMLTextNode(), time)
    with pytest.raises(InputError, match="holds no images"):
        series_of(node)


def test_a_series_survives_the_scene(host, tmp_path):
    given = series()
    new_sequence(host.scene, given, "DCE")
    host.save(tmp_path / "scene.mrb")
    host.reopen(tmp_path / "scene.mrb")
    found = series_of(host.scene.GetFirstNodeByName("DCE"))
    np.testing.assert_array_equal(found.signal, given.signal)
    np.testing.assert_allclose(found.times.value, given.times.value)
    assert found.acquisition.flip_angle.value == 15
