"""Images of one head are brought into line whatever their contrast and field of view, and what does not fit is told."""

from dataclasses import replace

import numpy as np
import pytest

from PerfusionRatioLib.alignment import gauss_newton
from PerfusionRatioLib.alignment.registration import Alignment, _judged, align
from PerfusionRatioLib.errors import Cancelled, InputError, NoAnswerError
from PerfusionRatioLib.phantom.head_phantom import HeadPhantom
from PerfusionRatioLib.phantom.lesions import Lesion
from PerfusionRatioLib.phantom.post_contrast import PostContrast, make_post_contrast, t1_grid
from PerfusionRatioLib.rigid import Rigid
from PerfusionRatioLib.series import Volume

EARLIER = Rigid.of((3.0, -2.0, 4.0), (3.0, -2.0, 2.0))
LATER = Rigid.of((-6.0, 7.0, -7.0), (-5.0, 3.0, -6.0))
GRID = t1_grid(3.0)
STRAIGHT = Rigid.of()


def visit(lesion: Lesion, pose: Rigid, person: int = 0, seed: int = 0) -> PostContrast:
    return make_post_contrast(HeadPhantom((lesion,), person=person), GRID, pose, seed=seed)


@pytest.fixture(scope="module")
def earlier() -> Volume:
    return visit(Lesion(), EARLIER).volume


@pytest.fixture(scope="module")
def later() -> Volume:
    """The same head at another pose; its lesion has grown from 4 to 10 cc and has a core."""
    return visit(Lesion(volume=10.0, core=0.35), LATER, seed=1).volume


@pytest.fixture(scope="module")
def dce(small_head) -> Volume:
    """The mean of a dynamic series, which the head was straight in."""
    return Volume(small_head.series.signal.mean(axis=0), small_head.series.grid)


def error(found: Alignment, fixed: Rigid, moving: Rigid) -> float:
    """Mean millimetres over the brain between where the alignment leads and where it should."""
    head = np.random.default_rng(0).uniform((-65, -80, -40), (65, 85, 70), (500, 3))
    return float(np.linalg.norm(found.transform.moved(fixed.moved(head)) - moving.moved(head), axis=1).mean())


def test_a_head_lies_where_it_lies(earlier):
    found = align(earlier, earlier, start=STRAIGHT)
    assert found.transform.displacement(earlier.grid.corners()) < 0.01
    assert found.quality > 0.99
    assert found.verdict == "good"


def test_post_contrast_t1_with_a_dynamic_series(earlier, dce):
    found = align(dce, earlier)
    assert error(found, STRAIGHT, EARLIER) < 0.2
    assert found.verdict == "good"
    back = align(earlier, dce)
    assert error(back, EARLIER, STRAIGHT) < 0.2


def test_a_follow_up_with_the_earlier_visit(earlier, later):
    found = align(later, earlier)
    assert error(found, LATER, EARLIER) < 0.2
    assert found.verdict == "good"
    assert found.quality > 0.95


def test_scanner_coordinates_may_start_far_apart(earlier, dce):
    shift = np.array([300.0, -250.0, 500.0])
    away = replace(earlier, grid=replace(earlier.grid, origin=tuple(earlier.grid.origin + shift)))
    found = align(dce, away)
    assert error(found, STRAIGHT, Rigid(EARLIER.rotation, EARLIER.translation + shift, EARLIER.centre)) < 0.2


def test_a_start_gaps_and_masks_change_nothing(earlier, later):
    gappy = later.array.copy()
    gappy[:, 40:42, 30:34] = np.nan
    brain = np.zeros(GRID.shape, bool)
    brain[24:60, 14:70, 14:58] = True
    start = Rigid.of((9.0, -8.0, 8.0), (7.0, -4.0, 8.0))
    found = align(replace(later, array=gappy), earlier, fixed_mask=brain, moving_mask=earlier.array > 0, start=start)
    assert error(found, LATER, EARLIER) < 0.2
    assert found.verdict == "good"


def test_every_run_gives_the_same(earlier, dce):
    first, second = align(dce, earlier, start=EARLIER), align(dce, earlier, start=EARLIER)
    np.testing.assert_allclose(first.transform.matrix, second.transform.matrix, rtol=0, atol=1e-9)
    assert first.quality == pytest.approx(second.quality, abs=1e-9)
    assert first.sentence == second.sentence


def test_what_no_quarter_can_check_is_doubtful(earlier, dce):
    little = np.zeros(dce.grid.shape, bool)
    middle = tuple(size // 2 for size in dce.grid.shape)
    little[tuple(slice(m - n, m + n) for m, n in zip(middle, (3, 7, 7), strict=True))] = True
    found = align(dce, earlier, fixed_mask=little)
    assert found.verdict in ("doubtful", "poor")
    assert "no quarter of the brain shows enough to be checked by itself" in found.sentence


def test_quarters_that_cannot_be_checked_are_not_counted():
    settled = gauss_newton.Alignment(STRAIGHT, True, 0.9, np.zeros(1))
    assert "each quarter of the brain by itself fits" in _judged(settled, [0.2, 0.1, 0.1, 0.1], False)[1]
    verdict, sentence = _judged(settled, [0.2, np.nan, 0.1, np.nan], False)
    assert verdict == "good" and "each quarter of the brain that shows enough (2 of 4) by itself fits" in sentence
    assert _judged(settled, [np.nan] * 4, False)[0] == "doubtful"
    assert _judged(settled, [np.inf, np.nan, 0.1, 0.1], False)[0] == "poor"


def test_a_mirrored_image_is_poor(earlier, later):
    found = align(later, replace(earlier, array=earlier.array[:, :, ::-1]))
    assert found.verdict == "poor"
    assert "left and right" in found.sentence


def test_another_patient_is_not_good(dce):
    other = visit(Lesion("left parietal"), STRAIGHT, person=3).volume
    found = align(dce, other, start=STRAIGHT)
    assert found.verdict in ("doubtful", "poor")
    assert "look at them" in found.sentence or "same patient" in found.sentence


def test_noise_is_poor(earlier):
    noise = np.random.default_rng(0).rayleigh(100, GRID.shape).astype(np.float32)
    found = align(earlier, Volume(noise, GRID), start=STRAIGHT)
    assert found.verdict == "poor"
    assert found.quality < 0.4


def test_what_cannot_be_aligned_is_refused_in_words(earlier):
    flat = Volume(np.full(GRID.shape, 7.0, np.float32), GRID)
    with pytest.raises(NoAnswerError, match="moving image has the same value everywhere"):
        align(earlier, flat)
    with pytest.raises(NoAnswerError, match="do not overlap"):
        align(earlier, earlier, start=Rigid.of((0.0, 0.0, 4000.0)))
    with pytest.raises(InputError, match=r"shaped \(2, 2, 2\) but the fixed image"):
        align(earlier, earlier, fixed_mask=np.ones((2, 2, 2), bool))
    with pytest.raises(InputError, match="mask of the moving image is empty"):
        align(earlier, earlier, moving_mask=np.zeros(GRID.shape, bool))


def test_it_can_be_stopped(earlier):
    told = []
    with pytest.raises(Cancelled):
        align(earlier, earlier, progress=lambda fraction, what: told.append((fraction, what)) or len(told) < 2)
    assert told[0] == (0.0, "aligning images")


def test_rigid_transforms_are_a_group():
    first, second = Rigid.of((3, -5, 2), (10, 20, -30), (1, 2, 3)), Rigid.of((-1, 4, 8), (-5, 3, 40), (-7, 0, 9))
    points = np.random.default_rng(0).normal(0, 50, (20, 3))
    np.testing.assert_allclose(first.inverse.moved(first.moved(points)), points, atol=1e-10)
    np.testing.assert_allclose(second.after(first).moved(points), second.moved(first.moved(points)), atol=1e-10)
    np.testing.assert_allclose(first.about([9, -8, 7]).moved(points), first.moved(points), atol=1e-10)
    np.testing.assert_allclose(first.inverse.matrix @ first.matrix, np.eye(4), atol=1e-10)
