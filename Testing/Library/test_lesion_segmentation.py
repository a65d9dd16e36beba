"""One click to the entire enhancing lesion: solid or with a core, at vessel and dura, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from PerfusionRatioLib.errors import Cancelled, InputError
from PerfusionRatioLib.phantom.lesions import Lesion
from PerfusionRatioLib.phantom.post_contrast import PostContrast, make_post_contrast, t1_grid
from PerfusionRatioLib.phantom.scene import HeadPhantom
from PerfusionRatioLib.rigid import Rigid
from PerfusionRatioLib.segmentation.lesion import LesionSegmentation, segment_lesion
from PerfusionRatioLib.series import Grid, Volume

LESIONS = (
    Lesion("right frontal", 4.0, seed=1),
    Lesion("left parietal", 6.0, core=0.35, seed=2),
    Lesion("right Sylvian, beside the artery", 2.0, ktrans=0.2, seed=3),
    Lesion("left frontal, at the dura", 2.5, seed=4),
    Lesion("left cerebellar", 0.5, ktrans=0.2, seed=5),
)
SOLID, RING, VESSEL, DURA, SMALL = range(5)


@pytest.fixture(scope="module")
def head() -> PostContrast:
    return make_post_contrast(HeadPhantom(lesions=LESIONS), t1_grid(1.0), snr=30)


@pytest.fixture(scope="module")
def part(head) -> tuple[Volume, np.ndarray, np.ndarray]:
    """The image around the solid lesion, the inside of the skull there, and the true lesion."""
    return around(head, SOLID)


def around(head: PostContrast, number: int, margin: int = 28) -> tuple[Volume, np.ndarray, np.ndarray]:
    centre = np.rint(np.argwhere(head.lesions[number]).mean(axis=0)).astype(int)
    box = tuple(slice(n - margin, n + margin) for n in centre)
    image = head.volume.array[box]
    grid = replace(
        head.volume.grid, size=image.shape[::-1], origin=tuple(head.volume.grid.positions(centre[::-1] - margin))
    )
    return Volume(image, grid), np.ones(image.shape, bool), head.lesions[number][box]


def middle(mask: np.ndarray, grid: Grid, seed: int = 0) -> np.ndarray:
    """The position of a voxel of the mask."""
    places = np.argwhere(mask)
    return grid.positions(places[np.random.default_rng(seed).integers(len(places))][::-1])


def voxel_of(place: np.ndarray, grid: Grid) -> tuple[int, int, int]:
    return tuple(np.rint(grid.indices(place)).astype(int)[::-1])


def dice(first: np.ndarray, second: np.ndarray) -> float:
    return 2 * np.count_nonzero(first & second) / (np.count_nonzero(first) + np.count_nonzero(second))


def ball(shape=(40, 40, 40), radius=8.0, centre=(20, 20, 20), bright=1.6) -> np.ndarray:
    """An image of even brightness 1 with a brighter ball."""
    distance = np.linalg.norm(np.indices(shape) - np.reshape(centre, (3, 1, 1, 1)), axis=0)
    return np.float32(1 + (bright - 1) * np.clip(radius + 0.5 - distance, 0, 1))


def segment_whole(image: np.ndarray, seed=(20, 20, 20), **how) -> LesionSegmentation:
    """Segment in an image that is all brain, from a seed (k, j, i)."""
    grid = Grid(image.shape[::-1])
    seeds = grid.positions(np.array(seed)[::-1])
    return segment_lesion(Volume(image, grid), seeds, brain=np.ones(image.shape, bool), **how)


@pytest.mark.parametrize("number", range(len(LESIONS)), ids=["solid", "ring", "at the artery", "at the dura", "small"])
def test_one_click_on_the_enhancing_part_finds_the_entire_lesion(head, number):
    truth = head.lesions[number]
    seed = middle(truth & ~head.cores[number], head.volume.grid, seed=number)
    found = segment_lesion(head.volume, seed)
    assert dice(found.mask, truth) > 0.85
    assert found.mask[voxel_of(seed, head.volume.grid)]
    assert not found.notes


def test_a_click_in_the_core_finds_the_rim_around_it(head):
    found = segment_lesion(head.volume, middle(head.cores[RING], head.volume.grid))
    assert dice(found.mask, head.lesions[RING]) > 0.9


def test_the_core_is_told_apart(head):
    found = segment_lesion(head.volume, middle(head.lesions[RING] & ~head.cores[RING], head.volume.grid))
    assert dice(found.core, head.cores[RING]) > 0.75
    assert not (found.core & ~found.mask).any()
    np.testing.assert_array_equal(found.enhancing, found.mask & ~found.core)
    assert not segment_lesion(head.volume, middle(head.lesions[SOLID], head.volume.grid)).core.any()


def test_a_ball_has_its_volume():
    found = segment_whole(ball(radius=8.0)).mask.sum()
    assert found == pytest.approx(4 / 3 * np.pi * 8.0**3, rel=0.08)


def test_a_vessel_through_the_image_is_cut_off():
    image = ball(radius=8.0)
    image[19:22, 19:22, :] = 1.6
    found = segment_whole(image).mask
    assert dice(found, ball(radius=8.0) > 1.3) > 0.95
    assert not found[:, :, :9].any()


def test_a_rim_with_a_gap_still_encloses_its_core():
    image = np.minimum(ball(radius=9.0), 2.2 - ball(radius=6.0, bright=2.4))
    image[18:22, 18:22, 26:] = np.minimum(image[18:22, 18:22, 26:], 1.0)
    found = segment_whole(image, (20, 12, 20))
    assert found.mask[20, 20, 20] and found.core[20, 20, 20]
    assert dice(found.mask, ball(radius=9.0) > 1.3) > 0.9


def test_brightness_has_no_unit(part):
    image, brain, truth = part
    seed = middle(truth, image.grid)
    scaled = replace(image, array=image.array * np.float32(2**-8))
    np.testing.assert_array_equal(
        segment_lesion(scaled, seed, brain=brain).mask, segment_lesion(image, seed, brain=brain).mask
    )


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)], ids=["kji", "ijk", "jki"])
@pytest.mark.parametrize("flipped", [False, True])
def test_the_grid_may_lie_as_it_likes(part, order, flipped):
    """Given the same brain in voxels turned and flipped, the same lesion at the same places."""
    image, brain, truth = part
    seed = middle(truth, image.grid)

    def turned(array):
        array = np.transpose(array, order)
        return np.ascontiguousarray(array[::-1, :, ::-1] if flipped else array)

    axes = np.reshape(image.grid.direction, (3, 3))[:, [2 - order[2], 2 - order[1], 2 - order[0]]]
    size = tuple(np.array(image.array.shape)[list(order)][::-1])
    origin = np.array(image.grid.origin)
    if flipped:
        origin = origin + axes[:, 0] * (size[0] - 1) + axes[:, 2] * (size[2] - 1)
        axes = axes * (-1, 1, -1)
    grid = Grid(size, image.grid.spacing, tuple(origin), tuple(axes.ravel()))
    again = segment_lesion(Volume(turned(image.array), grid), seed, brain=turned(brain))
    reference = segment_lesion(image, seed, brain=brain)
    assert dice(again.mask, turned(reference.mask)) > 0.99


@pytest.mark.parametrize("number", [RING, VESSEL])
def test_more_never_gives_fewer_voxels(head, number):
    image, brain, truth = around(head, number)
    seed = middle(truth, image.grid, seed=7)
    before = np.zeros_like(truth)
    for amount in (-1, -0.5, 0, 0.5, 1):
        mask = segment_lesion(image, seed, brain=brain, amount=amount).mask
        assert mask[voxel_of(seed, image.grid)]
        assert not (before & ~mask).any()
        before = mask
    assert before.sum() > truth.sum()


def test_a_background_hint_takes_its_side_away():
    two = np.maximum(ball(radius=7.0, centre=(20, 20, 15)), ball(radius=7.0, centre=(20, 20, 26)))
    grid = Grid(two.shape[::-1])
    hint = np.zeros(two.shape, bool)
    hint[20, 20, 27] = True
    both = segment_whole(two, (20, 20, 13)).mask
    for background in (hint, grid.positions([27, 20, 20])):
        one = segment_whole(two, (20, 20, 13), background=background).mask
        assert not one[hint].any() and one[20, 20, 13]
        assert dice(one, ball(radius=7.0, centre=(20, 20, 15)) > 1.3) > 0.9
        assert not (one & ~both).any()
    more = segment_whole(two, (20, 20, 13), background=hint, amount=1.0).mask
    assert not more[hint].any()


@pytest.mark.parametrize("place", [(20, 20, 32), (25, 20, 28), (20, 15, 28)])
def test_a_background_hint_at_the_edge_of_a_body_means_the_body(place):
    two = np.maximum(ball(radius=7.0, centre=(20, 20, 15)), ball(radius=7.0, centre=(20, 20, 26)))
    hint = np.zeros(two.shape, bool)
    hint[place] = True
    one = segment_whole(two, (20, 20, 9), background=hint).mask
    assert dice(one, ball(radius=7.0, centre=(20, 20, 15)) > 1.3) > 0.9


def test_an_empty_background_is_none():
    image = ball()
    expected = segment_whole(image).mask
    for empty in (np.zeros((0, 3)), np.zeros(image.shape, bool)):
        np.testing.assert_array_equal(segment_whole(image, background=empty).mask, expected)


def test_a_scribble_and_several_points_are_all_inside(part):
    image, brain, truth = part
    scribble = np.zeros_like(truth)
    scribble[tuple(np.argwhere(truth)[::40].T)] = True
    found = segment_lesion(image, scribble, brain=brain)
    assert found.mask[scribble].all()
    assert dice(found.mask, truth) > 0.9
    points = image.grid.positions(np.argwhere(scribble)[:, ::-1])
    np.testing.assert_array_equal(segment_lesion(image, points, brain=brain).mask, found.mask)


def test_thick_slices():
    image = make_post_contrast(HeadPhantom(lesions=LESIONS), Grid((200, 230, 36), (1, 1, 5), (-100, -115, -90)), snr=30)
    truth = image.lesions[SOLID]
    found = segment_lesion(image.volume, middle(truth, image.volume.grid))
    assert dice(found.mask, truth) > 0.85


@pytest.mark.parametrize(("radius", "told"), [(1.0, "The lesion has 1 voxel;"), (1.2, "The lesion has 7 voxels;")])
def test_few_voxels_are_told(radius, told):
    found = segment_whole(ball(radius=radius, bright=2.5))
    assert found.notes[0].startswith(told)


def test_a_leak_is_told():
    image = np.full((140, 20, 20), 1.0, np.float32)
    image[:, 4:16, 4:16] = 1.8
    found = segment_whole(image, (70, 10, 10))
    assert any("may have leaked" in note for note in found.notes)


def test_an_image_without_a_head_is_searched_everywhere_and_told():
    image = ball()
    found = segment_lesion(Volume(image, Grid(image.shape[::-1])), np.array([20.0, 20, 20]))
    assert dice(found.mask, image > 1.3) > 0.9
    assert any("No brain was found" in note for note in found.notes)


def test_the_image_is_left_alone(part):
    image, brain, truth = part
    before = image.array.copy()
    segment_lesion(image, middle(truth, image.grid), brain=brain)
    np.testing.assert_array_equal(image.array, before)


def test_it_can_be_stopped(part):
    image, brain, truth = part
    with pytest.raises(Cancelled):
        segment_lesion(image, middle(truth, image.grid), brain=brain, progress=lambda fraction, what: fraction < 0.3)


def test_seeds_that_cannot_mean_a_lesion_are_refused_in_words(head):
    image = head.volume
    with pytest.raises(InputError, match=r"The seed at R -500.0, A -?0.0, S 0.0 mm lies outside the image"):
        segment_lesion(image, np.array([500.0, 0, 0]))
    with pytest.raises(InputError, match="lies outside the brain"):
        segment_lesion(image, np.array([0.0, -118.0, 60.0]))
    with pytest.raises(InputError, match=r"does not enhance .* no enhancing rim encloses it"):
        segment_lesion(image, np.array([25.0, 20.0, 30.0]))
    enhancing = middle(head.lesions[SOLID], image.grid)
    with pytest.raises(InputError, match="does not enhance"):
        segment_lesion(image, np.stack([enhancing, [25.0, 20.0, 30.0]]))


@pytest.mark.parametrize(
    ("seeds", "how", "sentence"),
    [
        (np.zeros((0, 3)), {}, "No seed was given"),
        (np.zeros((40, 40, 40), bool), {}, "No seed was given"),
        (np.zeros((4, 4, 4), bool), {}, r"shaped \(4, 4, 4\) but the image \(40, 40, 40\)"),
        (np.array([1.0, 2.0]), {}, "a position of three millimetres"),
        (np.array([np.nan, 2.0, 3.0]), {}, "must be numbers in millimetres"),
        (np.array([3.0, 3.0, 3.0]), {}, "has no value at the seed"),
        (np.array([20.0, 20.0, 20.0]), {"amount": 1.5}, "from -1"),
        (np.array([20.0, 20.0, 20.0]), {"brain": np.ones((2, 2, 2), bool)}, "mask of the brain is shaped"),
        (np.array([20.0, 20.0, 20.0]), {"background": np.array([20.0, 20.0, 20.0])}, "at the same place"),
        (np.array([20.0, 20.0, 20.0]), {"background": np.array([99.0, 20.0, 20.0])}, "The background hint at"),
    ],
)
def test_wrong_input_is_refused_in_words(seeds, how, sentence):
    image = ball()
    image[3, 3, 3] = np.nan
    with pytest.raises(InputError, match=sentence):
        segment_lesion(Volume(image, Grid(image.shape[::-1])), seeds, **how)


@pytest.mark.parametrize("value", [0.0, 7.0, np.nan])
def test_an_image_that_shows_nothing_is_refused(value):
    blank = Volume(np.full((20, 20, 20), value, np.float32), Grid((20, 20, 20)))
    with pytest.raises(InputError, match="The image shows nothing"):
        segment_lesion(blank, np.array([10.0, 10.0, 10.0]))


def test_a_faint_rim_at_the_dura_is_found_from_any_place_in_it():
    rim = Lesion("right frontal, at the dura", 5.3, 0.32, ktrans=0.064, vp=0.062, ve=0.38, elongation=1.06, seed=3)
    pose = Rigid.of((1.05, 4.5, -4.9), (3.85, 0.2, 1.1))
    head = make_post_contrast(HeadPhantom(lesions=(rim,)), t1_grid(1.0), snr=30, pose=pose)
    places = np.argwhere(head.lesions[0] & ~head.cores[0])
    for place in places[:: len(places) // 8]:
        found = segment_lesion(head.volume, head.volume.grid.positions(place[::-1]))
        assert dice(found.mask, head.lesions[0]) > 0.75
