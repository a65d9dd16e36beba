"""Masks and maps on the grid of a series: taken as they are, resampled when asked, else refused."""

import numpy as np
import pytest
import SimpleITK as sitk

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.itk_images import image_from_array
from PerfusionRatioLib.reading import place_lesion, place_map, place_mask, read_map, read_mask
from PerfusionRatioLib.series import Grid
from Testing.Library.dicom_files import ramp, write_series

GRID = Grid(size=(6, 5, 4), spacing=(1.5, 2.0, 3.0), origin=(-10.0, 20.0, 30.0))
SLICE = Grid(size=(6, 5, 1), spacing=(1.5, 2.0, 0.02), origin=(-10.0, 20.0, 30.0))
COARSE = Grid(size=(3, 3, 2), spacing=(3.0, 4.0, 6.0), origin=(-9.25, 21.0, 31.5))


def write(path, array, grid):
    sitk.WriteImage(image_from_array(array, grid), str(path))
    return path


def linear(grid):
    """x + 2y + 3z in millimetres, which linear interpolation gives exactly."""
    k, j, i = np.indices(grid.shape)
    return (grid.positions(np.stack([i, j, k], -1)) @ [1.0, 2.0, 3.0]).astype(np.float32)


def block(grid):
    mask = np.zeros(grid.shape, np.uint8)
    mask[:1, 1:3, 1:4] = 1
    return mask


def refusal(read, path, grid, **keywords) -> str:
    with pytest.raises(InputError) as raised:
        read(path, grid, **keywords)
    assert str(raised.value).endswith(".")
    return str(raised.value)


@pytest.mark.parametrize("name", ["a.nii.gz", "a.nrrd"])
def test_the_same_grid_is_taken_as_it_is(tmp_path, name):
    placed = place_mask(write(tmp_path / name, block(GRID), GRID), GRID)
    assert placed.array.dtype == bool
    np.testing.assert_array_equal(placed.array, block(GRID))
    assert placed.notes == ()
    values = read_map(write(tmp_path / name, linear(GRID), GRID), GRID)
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, linear(GRID))


def test_a_dicom_volume_is_a_map_too(tmp_path):
    write_series(tmp_path / "t1", ramp(frames=1))
    from PerfusionRatioLib.reading import read_volume

    np.testing.assert_array_equal(read_map(tmp_path / "t1", read_volume(tmp_path / "t1").grid), ramp(frames=1)[0])


@pytest.mark.parametrize(
    ("grid", "difference"),
    [
        (COARSE, "3 x 3 x 2 voxels, not 6 x 5 x 4"),
        (Grid(GRID.size, (1.5, 2.0, 4.0), GRID.origin), "voxels of 1.5 x 2 x 4 mm, not 1.5 x 2 x 3 mm"),
        (Grid(GRID.size, GRID.spacing, (-10.0, 23.0, 34.0)), "shifted by 5 mm"),
        (Grid(GRID.size, GRID.spacing, GRID.origin, (-1.0, 0, 0, 0, -1.0, 0, 0, 0, 1.0)), "another orientation"),
    ],
)
def test_another_geometry_is_refused_unless_resampling_is_asked_for(tmp_path, grid, difference):
    path = write(tmp_path / "a.nii.gz", linear(grid), grid)
    assert refusal(read_map, path, GRID) == (
        f"The map {path} is not on the grid of the series ({difference}): resample it with --resample."
    )
    assert difference in refusal(read_mask, path, GRID)


def test_a_map_is_resampled_linearly(tmp_path):
    placed = place_map(write(tmp_path / "a.nii.gz", linear(COARSE), COARSE), GRID, resample=True)
    inside = np.zeros(GRID.shape, bool)
    inside[1:3, 1:5, 1:5] = True  # between the centres of the coarse voxels
    np.testing.assert_allclose(placed.array[inside], linear(GRID)[inside], atol=1e-3)
    assert placed.notes == ("The map was resampled (3 x 3 x 2 voxels, not 6 x 5 x 4).",)


def test_a_mask_is_resampled_to_the_nearest_voxel(tmp_path):
    mask = np.zeros(COARSE.shape, np.uint8)
    mask[0, 1, 1] = 1
    placed = read_mask(write(tmp_path / "a.nii.gz", mask, COARSE), GRID, resample=True)
    expected = np.zeros(GRID.shape, bool)
    expected[0:2, 2:4, 2:4] = True  # one coarse voxel is eight fine ones
    np.testing.assert_array_equal(placed, expected)


def test_an_empty_mask_is_refused(tmp_path):
    path = write(tmp_path / "a.nii.gz", 0 * block(GRID), GRID)
    assert refusal(read_mask, path, GRID) == f"The mask {path} is empty: no voxel is above zero."


def test_a_mask_beside_the_series_is_refused(tmp_path):
    far = Grid(GRID.size, GRID.spacing, (500.0, 0.0, 0.0))
    path = write(tmp_path / "a.nii.gz", block(far), far)
    assert "does not overlap the series" in refusal(read_mask, path, GRID, resample=True)
    assert "holds no valid value" in refusal(read_map, path, GRID, resample=True)


def test_values_that_are_neither_0_nor_1_are_told(tmp_path):
    values = np.where(block(GRID) > 0, 900.0, -2.0).astype(np.float32)
    values[0, 0, 0] = np.nan
    placed = place_mask(write(tmp_path / "a.nii.gz", values, GRID), GRID)
    np.testing.assert_array_equal(placed.array, block(GRID))
    assert placed.notes[0].startswith(f"{values.size} voxels of the mask")


@pytest.mark.parametrize(
    ("labels", "has_core"), [((1, 1), False), ((255, 255), False), ((2, 2), False), ((1, 2), True)]
)
def test_the_mask_of_a_lesion_has_one_value_or_a_core(tmp_path, labels, has_core):
    values = block(GRID) * labels[0]
    values[0, 1, 1] = labels[1]
    placed, core = place_lesion(write(tmp_path / "a.nii.gz", values, GRID), GRID)
    np.testing.assert_array_equal(placed.array, block(GRID))
    assert (core is not None) == has_core
    if has_core:
        np.testing.assert_array_equal(core, values == 2)
        assert placed.notes == ()


@pytest.mark.parametrize(
    ("labels", "listed"), [((1, 2, 3), "1, 2, 3"), ((1, 3, 1), "1, 3"), ((0.5, 1, 2), "0.5, 1, 2")]
)
def test_labels_of_several_lesions_are_not_one(tmp_path, labels, listed):
    values = block(GRID).astype(np.float32)
    values[0, 1, 1:4] = labels
    path = write(tmp_path / "a.nii.gz", values, GRID)
    told = refusal(place_lesion, path, GRID)
    assert told.startswith(f"The mask of the lesion {path} holds the values {listed}; it needs one value")


def test_the_core_is_resampled_with_its_lesion_and_no_note_names_a_path(tmp_path):
    mask = np.zeros(COARSE.shape, np.uint8)
    mask[0, 1, 0:2] = 1, 2
    path = write(tmp_path / "a.nii.gz", mask, COARSE)
    placed, core = place_lesion(path, GRID, resample=True, image="post-contrast T1")
    assert (placed.array.sum(), core.sum()) == (16, 8)
    assert placed.notes == ("The mask of the lesion was resampled (3 x 3 x 2 voxels, not 6 x 5 x 4).",)
    assert "is not on the grid of the post-contrast T1" in refusal(place_lesion, path, GRID, image="post-contrast T1")


@pytest.mark.parametrize("shift", [0.0, 0.4])
def test_one_slice_is_the_same_slice_whatever_its_thickness(tmp_path, shift):
    thick = Grid(SLICE.size, (1.5, 2.0, 1.0), (-10.0, 20.0, 30.0 + shift))
    placed = place_mask(write(tmp_path / "a.nii.gz", block(thick), thick), SLICE)
    np.testing.assert_array_equal(placed.array, block(SLICE))


@pytest.mark.parametrize("origin", [(-10.0, 20.0, 31.0), (-9.0, 20.0, 30.0), (-10.0, 19.0, 30.0)])
def test_another_slice_is_refused(tmp_path, origin):
    other = Grid(SLICE.size, (1.5, 2.0, 1.0), origin)
    refusal(read_mask, write(tmp_path / "a.nii.gz", block(other), other), SLICE)


def test_a_two_dimensional_file_is_taken_voxel_by_voxel(tmp_path):
    image = sitk.GetImageFromArray(linear(SLICE)[0])
    image.SetSpacing((1.5, 2.0))
    image.SetOrigin((77.0, 88.0))  # what such files say of their place is often wrong
    sitk.WriteImage(image, str(tmp_path / "a.nii"))
    placed = place_map(tmp_path / "a.nii", SLICE)
    np.testing.assert_array_equal(placed.array, linear(SLICE))
    assert placed.notes == ("The map is one slice like the series and was taken voxel by voxel.",)


@pytest.mark.parametrize(("grid", "spacing"), [(SLICE, (1.5, 2.1)), (GRID, (1.5, 2.0))])
def test_a_two_dimensional_file_that_does_not_fit_is_refused(tmp_path, grid, spacing):
    image = sitk.GetImageFromArray(linear(SLICE)[0])
    image.SetSpacing(spacing)
    sitk.WriteImage(image, str(tmp_path / "a.nii"))
    assert "give it its place in space" in refusal(read_map, tmp_path / "a.nii", grid, resample=True)
