"""The brain in whole-head T1-weighted images: found in heads, slabs, single slices and stripped brains, or refused."""

from dataclasses import replace

import numpy as np
import pytest

from PerfusionRatioLib.brain.brain_mask import find_brain
from PerfusionRatioLib.brain.shrink import shrink
from PerfusionRatioLib.errors import InputError, NoAnswerError
from PerfusionRatioLib.phantom.head import HeadVisit, make_head_series
from PerfusionRatioLib.phantom.tissues import Label
from PerfusionRatioLib.series import Grid

TISSUE = (Label.GREY, Label.WHITE, Label.LESION)
VARIANTS = {
    "usual": {},
    "fine": {"size": (128, 144, 24), "seed": 1},
    "thin slices": {"size": (104, 116, 60), "snr": 25, "seed": 2},
    "thick slices": {"size": (128, 144, 12), "seed": 3},
    "noisy": {"snr": 12, "seed": 4},
    "even coil": {"bias": False},
}


def before_the_bolus(**how) -> HeadVisit:
    """A head of two frames before the bolus."""
    return make_head_series(frames=2, interval=10.0, bolus_arrival=60.0, **how)


@pytest.fixture(scope="module")
def usual() -> HeadVisit:
    return before_the_bolus()


def dice(first: np.ndarray, second: np.ndarray) -> float:
    return 2 * np.count_nonzero(first & second) / (np.count_nonzero(first) + np.count_nonzero(second))


def is_good(found: np.ndarray, visit: HeadVisit, part=np.s_[:]) -> None:
    """The bars: Dice 0.93, 97% of the brain tissue kept, and hardly any scalp."""
    truth = visit.truth
    assert found.dtype == bool
    assert dice(found, truth.brain[part]) > 0.93
    assert found[truth.mask(*TISSUE)[part]].mean() > 0.97
    assert found[truth.mask(Label.SCALP)[part]].mean() < 0.01


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_brain_of_a_whole_head(variant):
    visit = before_the_bolus(**VARIANTS[variant])
    is_good(find_brain(visit.series.signal.mean(axis=0), visit.series.grid), visit)


@pytest.mark.parametrize("part", [np.s_[8:16], np.s_[12:13], np.s_[5:7], np.s_[14:24]], ids=["slab", "1", "2", "top"])
def test_the_brain_of_part_of_a_head(usual, part):
    image = usual.series.signal.mean(axis=0)[part]
    grid = replace(usual.series.grid, size=image.shape[::-1])
    is_good(find_brain(image, grid), usual, part)


def test_the_brain_under_a_dim_scalp(usual):
    """As when fat is suppressed."""
    image = usual.series.signal.mean(axis=0)
    image = np.where(usual.truth.mask(Label.SCALP), 0.35 * image, image)
    is_good(find_brain(image, usual.series.grid), usual)


def test_any_order_of_the_axes_will_do(usual):
    image, grid = usual.series.signal.mean(axis=0), usual.series.grid
    sagittal = Grid((grid.size[1], grid.size[2], grid.size[0]), (grid.spacing[1], grid.spacing[2], grid.spacing[0]))
    found = find_brain(np.moveaxis(image, 2, 0), sagittal)
    assert dice(np.moveaxis(found, 0, 2), usual.truth.brain) > 0.93


def test_a_brain_already_stripped_is_kept(usual):
    brain = usual.truth.brain
    image = np.where(brain, usual.series.signal.mean(axis=0), 0)
    assert dice(find_brain(image, usual.series.grid), brain) > 0.95
    missing = np.where(brain, image, np.nan)
    assert dice(find_brain(missing, usual.series.grid), brain) > 0.95


def test_brightness_has_no_unit(usual):
    image, grid = usual.series.signal.mean(axis=0), usual.series.grid
    np.testing.assert_array_equal(find_brain(image * 2**-10, grid), find_brain(image, grid))


def test_the_image_is_left_alone(usual):
    image = usual.series.signal.mean(axis=0)
    image[0, 0, 0] = -5
    before = image.copy()
    find_brain(image, usual.series.grid)
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        (np.zeros((12, 40, 40)), "the same value everywhere"),
        (np.full((12, 40, 40), np.nan), "the same value everywhere"),
        (np.full((12, 40, 40), 300.0), "the same value everywhere"),
        (np.random.default_rng(0).rayleigh(30, (12, 40, 40)), "No head stands out from air"),
        (np.random.default_rng(0).rayleigh(30, (1, 86, 86)), "No head stands out from air"),
        (np.pad(np.full((8, 6, 6), 500.0), ((2, 2), (17, 17), (17, 17))), "no brain|too small|Nothing inside"),
    ],
    ids=["zero", "missing", "even", "noise", "a slice of noise", "a vial"],
)
def test_an_image_without_a_brain_is_refused_in_words(image, sentence):
    grid = Grid(image.shape[::-1], (3.0, 3.0, 5.0))
    with pytest.raises(NoAnswerError, match=sentence) as refusal:
        find_brain(image, grid)
    assert "--mask" in str(refusal.value)


def test_an_image_off_its_grid_is_refused():
    with pytest.raises(InputError, match=r"shaped \(2, 3, 4\) but its grid \(4, 3, 2\)"):
        find_brain(np.zeros((2, 3, 4)), Grid((2, 3, 4)))


def test_a_smaller_copy_keeps_means_and_places():
    grid = Grid((9, 8, 6), (1.0, 1.5, 2.0), (10.0, -5.0, 3.0), (0.0, 1.0, 0, 1.0, 0, 0, 0, 0, -1.0))
    array = np.random.default_rng(0).random(grid.shape).astype(np.float32)
    small, small_grid = shrink(array, grid, 3.0)
    assert small_grid.spacing == (3.0, 3.0, 2.0) and small.shape == small_grid.shape == (6, 4, 3)
    assert small[2, 1, 1] == pytest.approx(array[2, 2:4, 3:6].mean(), rel=1e-6)
    np.testing.assert_allclose(small_grid.positions([1, 1, 2]), grid.positions([4, 2.5, 2]))
    same, same_grid = shrink(array, grid, 0.5)
    np.testing.assert_array_equal(same, array)
    assert same_grid == grid
