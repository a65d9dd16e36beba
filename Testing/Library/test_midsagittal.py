"""The plane between the halves of the brain is found whatever the pose, the coil and a one-sided lesion, or refused."""

from dataclasses import replace

import numpy as np
import pytest

from PerfusionRatioLib.errors import InputError, NoAnswerError
from PerfusionRatioLib.phantom.anatomy import head_grid, template_positions
from PerfusionRatioLib.phantom.head_phantom import HeadPhantom
from PerfusionRatioLib.phantom.lesions import Lesion
from PerfusionRatioLib.phantom.post_contrast import make_post_contrast, t1_grid
from PerfusionRatioLib.rigid import Rigid
from PerfusionRatioLib.segmentation.midsagittal import MidsagittalPlane, find_midsagittal_plane
from PerfusionRatioLib.series import Volume

GRID = t1_grid(4.0)
TURNED = Rigid.of((8.0, -5.0, 6.0), (4.0, 7.0, -8.0))
BIG = Lesion("left frontal", volume=12.0, core=0.35)


def head(lesion: Lesion, pose: Rigid, person: int = 0) -> Volume:
    return make_post_contrast(HeadPhantom((lesion,), person=person), GRID, pose).volume


def true_plane(person: int, pose: Rigid) -> tuple[np.ndarray, np.ndarray]:
    """Middle and normal of the sheet of the brain that the template holds at x = 0, which a person's warp bends."""
    grid = head_grid(4.0)
    x, y, z = template_positions(grid, person)
    near = (np.abs(x) < 3) & (np.abs(y + 18) < 75) & (np.abs(z - 15) < 45)
    places = grid.positions(np.argwhere(near)[:, ::-1])
    places[:, 0] += x[near]
    places = pose.moved(places)
    middle = places.mean(axis=0)
    return middle, np.linalg.svd(places - middle, full_matrices=False)[2][2]


def is_found(plane: MidsagittalPlane, person: int, pose: Rigid) -> None:
    """Within 1.5 degrees and 1.5 mm."""
    middle, normal = true_plane(person, pose)
    assert np.degrees(np.arccos(abs(plane.normal @ normal))) < 1.5
    assert abs(plane.distance(middle)) < 1.5
    assert plane.normal[0] > 0


@pytest.fixture(scope="module")
def turned() -> Volume:
    return head(BIG, TURNED)


def test_a_turned_head_with_a_big_lesion(turned):
    plane = find_midsagittal_plane(turned)
    is_found(plane, 0, TURNED)
    assert plane.quality > 0.8


def test_another_person_straight():
    is_found(find_midsagittal_plane(head(Lesion(), Rigid.of(), person=4)), 4, Rigid.of())


def test_a_slab_of_thick_slices(small_head):
    series = small_head.series
    is_found(find_midsagittal_plane(Volume(series.signal.mean(axis=0), series.grid)), 0, Rigid.of())


def test_gaps_and_a_mask_given_are_no_hindrance(turned):
    gappy = turned.array.copy()
    gappy[::7, ::5, ::6] = np.nan
    k, j, i = np.meshgrid(*(np.arange(n) for n in GRID.shape), indexing="ij")
    places = TURNED.inverse.moved(GRID.positions(np.stack([i, j, k], axis=-1)))
    brain = np.sum(((places - (0, 18, 15)) / (62, 80, 55)) ** 2, axis=-1) < 1
    is_found(find_midsagittal_plane(replace(turned, array=gappy), brain), 0, TURNED)


def test_mirroring_twice_changes_nothing():
    normal = np.array([2.0, 1.0, -2.0]) / 3
    plane = MidsagittalPlane(np.array([1.0, 2.0, 3.0]), normal, 1.0)
    points = np.random.default_rng(0).normal(0, 40, (5, 4, 3))
    mirrored = plane.mirrored(points)
    np.testing.assert_allclose(plane.mirrored(mirrored), points)
    np.testing.assert_allclose(plane.distance(mirrored), -plane.distance(points))
    np.testing.assert_allclose(plane.distance((points + mirrored) / 2), 0, atol=1e-12)
    np.testing.assert_allclose(plane.mirrored(plane.point + 5 * normal), plane.point - 5 * normal)


def test_what_has_no_middle_is_refused_in_words(turned):
    everywhere = np.ones(GRID.shape, bool)
    noise = np.random.default_rng(0).rayleigh(100, GRID.shape).astype(np.float32)
    with pytest.raises(NoAnswerError, match="not each other's mirror image"):
        find_midsagittal_plane(Volume(noise, GRID), everywhere)
    with pytest.raises(NoAnswerError, match="No brain was found"):
        find_midsagittal_plane(Volume(noise, GRID))
    with pytest.raises(NoAnswerError, match="shows too little"):
        find_midsagittal_plane(Volume(np.full(GRID.shape, 5.0, np.float32), GRID), everywhere)
    with pytest.raises(InputError, match=r"shaped \(2, 2, 2\) but its image"):
        find_midsagittal_plane(turned, np.ones((2, 2, 2), bool))
