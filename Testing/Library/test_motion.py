"""Motion of the head: found where it is known, not found where there is none, and undone once."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from scipy.spatial.transform import Rotation

from PerfusionRatioLib.acquisition import Known
from PerfusionRatioLib.alignment import correct_motion
from PerfusionRatioLib.alignment.resampling import resampled
from PerfusionRatioLib.errors import Cancelled, InputError, NoAnswerError
from PerfusionRatioLib.phantom.head import HeadVisit
from PerfusionRatioLib.rigid import Rigid
from PerfusionRatioLib.series import DceSeries, Grid

pytestmark = pytest.mark.usefixtures("quick_coil")

OBLIQUE = tuple(Rotation.from_euler("xyz", [25, -15, 10], degrees=True).as_matrix().ravel())
GRIDS = {
    "isotropic": ((48, 48, 40), (3.0, 3.0, 3.0), (1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0)),
    "thick slices": ((64, 64, 20), (2.2, 2.2, 6.0), (1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0)),
    "oblique": ((60, 48, 24), (2.4, 3.0, 5.0), OBLIQUE),
    "one slice": ((64, 64, 1), (2.1, 2.1, 0.02), OBLIQUE),
    "two slices": ((64, 64, 2), (2.1, 2.1, 8.0), OBLIQUE),
}


def centred(name: str) -> Grid:
    """One of ``GRIDS`` with its middle in the origin."""
    size, spacing, direction = GRIDS[name]
    grid = Grid(size, spacing, (0.0, 0.0, 0.0), direction)
    return replace(grid, origin=tuple(-grid.corners().mean(axis=0)))


def lumps(positions: np.ndarray) -> np.ndarray:
    """A smooth object of known brightness anywhere in space: lumps of 8 to 14 mm within 50 mm of the origin."""
    random = np.random.default_rng(7)
    image = np.full(positions.shape[:-1], 100.0)
    for _ in range(80):
        centre, width, height = random.normal(0, 25, 3), random.uniform(8, 14), random.uniform(-300, 500)
        image += height * np.exp(-0.5 * np.sum((positions - centre) ** 2, axis=-1) / width**2)
    return image


def positions_of(grid: Grid) -> np.ndarray:
    """LPS positions of all voxels, shaped (k, j, i, 3)."""
    k, j, i = np.meshgrid(*(np.arange(n) for n in grid.shape), indexing="ij")
    return grid.positions(np.stack([i, j, k], axis=-1))


def move(translation=(0.0, 0.0, 0.0), rotation=(0.0, 0.0, 0.0)) -> Rigid:
    """A motion about the origin, from millimetres and degrees about L, P, S."""
    matrix = Rotation.from_euler("xyz", rotation, degrees=True).as_matrix()
    return Rigid(matrix, np.asarray(translation, float), np.zeros(3))


def seen(grid: Grid, motion: Rigid) -> np.ndarray:
    """The lumps, moved, on ``grid``, float32 [k, j, i]."""
    back = (positions_of(grid) - motion.translation) @ motion.rotation
    return lumps(back).astype(np.float32)


def series_of(grid: Grid, frames: list[np.ndarray]) -> DceSeries:
    """A series of the given frames, five seconds apart."""
    return DceSeries(np.stack(frames), Known(np.arange(len(frames)) * 5.0, "test"), grid)


def middle(grid: Grid) -> np.ndarray:
    """The voxels within 45 mm of the origin, bool [k, j, i]."""
    return np.linalg.norm(positions_of(grid), axis=-1) < 45


def error(found: Rigid, truth: Rigid, grid: Grid) -> float:
    """Mean distance between where two motions take the voxels of the middle."""
    points = positions_of(grid)[middle(grid)]
    return float(np.linalg.norm(found.moved(points) - truth.moved(points), axis=-1).mean())


@lru_cache(maxsize=2)
def at_rest(grid: Grid) -> np.ndarray:
    """The lumps on ``grid``; not to be written to."""
    return seen(grid, move())


def corrected(grid: Grid, *later: np.ndarray, **options):
    """Motion correction of three frames at rest followed by ``later``."""
    rest = at_rest(grid)
    return correct_motion(series_of(grid, [rest, rest, rest, *later]), mask=middle(grid), reference=1, **options)


def test_frames_that_do_not_move_stay_as_they_are():
    grid = centred("thick slices")
    series = series_of(grid, [at_rest(grid)] * 6)
    before = series.signal.copy()
    result = correct_motion(series, mask=middle(grid))
    assert not any(frame.corrected or frame.problem for frame in result.motion)
    assert max(frame.displacement for frame in result.motion) < 0.005
    np.testing.assert_array_equal(result.series.signal, before)
    assert not np.shares_memory(result.series.signal, series.signal), "callers overwrite what they get"
    assert result.lost == 0 and result.notes == ()


@pytest.mark.parametrize("name", ["isotropic", "thick slices", "oblique"])
def test_a_known_motion_is_found_in_patient_space(name):
    grid = centred(name)
    truths = [
        move((0.3, 0, 0)),
        move((0, 0, 0.3)),
        move((0, 0, 0), (0, 0, 1.0)),
        move((1.5, -2.0, 1.0), (2.0, -1.0, 3.0)),
        move((7.0, -6.0, 6.0), (3.0, 4.0, -6.0)),
    ]
    result = corrected(grid, *(seen(grid, truth) for truth in truths))
    for frame, truth in enumerate(truths, start=3):
        assert error(result.transforms[frame], truth, grid) < 0.05, frame
        assert result.motion[frame].corrected and not result.motion[frame].problem


def test_what_is_told_of_a_frame_is_its_motion():
    grid = centred("isotropic")
    both = [move((1.5, -2.0, 1.0), (2.0, -1.0, 3.0)), move((1.0, -2.0, 2.0))]
    *_, turned, shifted = corrected(grid, *(seen(grid, one) for one in both)).motion
    np.testing.assert_allclose(turned.rotation, (2.0, -1.0, 3.0), atol=0.05)
    np.testing.assert_allclose(shifted.translation, (1.0, -2.0, 2.0), atol=0.02)
    assert shifted.displacement == pytest.approx(3.0, abs=0.02)


MOTIONS = st.tuples(
    st.tuples(*[st.floats(-4, 4)] * 3), st.tuples(*[st.floats(-4, 4)] * 3), st.floats(0.3, 3.0), st.floats(-50, 500)
)


@settings(max_examples=4, deadline=None)
@given(st.lists(MOTIONS, min_size=4, max_size=4))
def test_any_small_motion_is_found_at_any_gain_and_offset(motions):
    grid, truths = centred("oblique"), [move(*motion[:2]) for motion in motions]
    frames = [gain * seen(grid, truth) + offset for truth, (*_, gain, offset) in zip(truths, motions, strict=True)]
    result = corrected(grid, *(frame.astype(np.float32) for frame in frames))
    for frame, truth in enumerate(truths, start=3):
        assert error(result.transforms[frame], truth, grid) < 0.05, frame


def test_a_moved_frame_is_brought_back():
    grid = centred("isotropic")
    result = corrected(grid, seen(grid, move((1.5, -2.0, 1.0), (2.0, -1.0, 3.0))))
    rest, back = at_rest(grid), result.series.signal[3]
    inside = middle(grid)
    assert np.abs(back - rest)[inside].max() < 0.01 * np.ptp(rest)


def test_contrast_turned_round_is_no_motion():
    grid = centred("thick slices")
    rest = at_rest(grid)
    result = corrected(grid, (1500 - 0.8 * rest + 2e-4 * rest**2).astype(np.float32))
    assert not result.motion[3].problem
    assert result.motion[3].displacement < 0.03


def test_a_drift_of_the_coil_is_no_motion():
    grid = centred("thick slices")
    sensitivity = 1.1 + 0.01 * positions_of(grid)[..., 0] / 60
    result = corrected(grid, (at_rest(grid) * sensitivity).astype(np.float32))
    assert result.motion[3].displacement < 0.03


def test_what_enhances_alone_is_no_motion():
    grid = centred("thick slices")
    rest = at_rest(grid)
    vessels = np.random.default_rng(1).random(grid.shape) > 0.98
    result = corrected(grid, (rest * np.where(vessels, 3, 1)).astype(np.float32))
    assert result.motion[3].displacement < 0.1


def test_motion_behind_changed_contrast_is_found():
    grid, truth = centred("thick slices"), move((1.5, -2.0, 1.0), (2.0, -1.0, 3.0))
    result = corrected(grid, (1500 - 0.8 * seen(grid, truth)).astype(np.float32))
    assert error(result.transforms[3], truth, grid) < 0.05


def until_after_the_bolus(head: HeadVisit) -> DceSeries:
    """The first half of the frames."""
    series, frames = head.series, len(head.series.signal) // 2
    return replace(
        series, signal=series.signal[:frames], times=replace(series.times, value=series.times.value[:frames])
    )


def test_the_bolus_is_no_motion(small_head: HeadVisit):
    result = correct_motion(until_after_the_bolus(small_head))
    displacement = np.array([frame.displacement for frame in result.motion])
    assert np.median(displacement) < 0.05 and displacement.max() < 0.12, displacement
    assert not any(frame.problem for frame in result.motion)


def test_a_moving_head_is_followed_through_the_bolus(small_moving_head: HeadVisit):
    series, truth = until_after_the_bolus(small_moving_head), small_moving_head.truth
    result = correct_motion(series)
    brain = series.grid.positions(np.argwhere(truth.brain)[::5, ::-1])
    home = truth.motion[result.reference]
    brain = brain @ home[:3, :3].T + home[:3, 3]
    errors = []
    for matrix, found in zip(truth.motion[: len(series.signal)], result.transforms, strict=True):
        there = matrix @ np.linalg.inv(home)
        errors.append(np.linalg.norm(brain @ there[:3, :3].T + there[:3, 3] - found.moved(brain), axis=1).mean())
    assert np.mean(errors) < 0.08 and np.max(errors) < 0.15, np.round(errors, 3)


def test_missing_samples_change_nothing():
    grid, truth = centred("thick slices"), move((1.5, -2.0, 1.0), (2.0, -1.0, 3.0))
    frame = seen(grid, truth)
    holes = np.random.default_rng(0).random(grid.shape) < 0.01
    holes[4:6, 20:30, 20:30] = True
    frame[holes] = np.nan
    result = corrected(grid, frame)
    assert error(result.transforms[3], truth, grid) < 0.1
    back = result.series.signal[3]
    whole = np.isfinite(back) & middle(grid)
    assert np.abs(back - at_rest(grid))[whole].max() < 0.2 * np.ptp(frame[~holes])
    assert np.isnan(back).mean() < 0.5, "a missing sample takes only its neighbours with it"


def test_a_frame_of_nothing_and_a_frame_of_noise_stay_and_are_told():
    grid = centred("thick slices")
    nothing = np.full(grid.shape, np.nan, np.float32)
    noise = np.random.default_rng(0).normal(500, 100, grid.shape).astype(np.float32)
    result = corrected(grid, nothing, noise, seen(grid, move((1, 0, 0))))
    assert [bool(frame.problem) for frame in result.motion] == [False, False, False, True, True, False]
    np.testing.assert_array_equal(result.series.signal[3], nothing)
    np.testing.assert_array_equal(result.series.signal[4], noise)
    assert "4, 5" in result.notes[0]


@pytest.mark.parametrize("name", ["one slice", "two slices"])
def test_few_slices_are_corrected_in_their_plane(name):
    grid = centred(name)
    along_i, along_j, along_k = np.reshape(grid.direction, (3, 3)).T
    turn = Rotation.from_rotvec(np.deg2rad(2.5) * along_k).as_matrix()
    truth = Rigid(turn, 1.2 * along_i - 0.7 * along_j, np.zeros(3))
    result = corrected(grid, seen(grid, truth))
    assert result.in_plane and "in their plane only" in result.notes[0]
    assert error(result.transforms[3], truth, grid) < 0.05
    found = result.transforms[3]
    assert abs((found.moved(np.zeros((1, 3)))[0]) @ along_k) < 1e-9
    inside = np.linalg.norm(positions_of(grid), axis=-1) < 40
    assert np.isfinite(result.series.signal[3][inside]).all()


@pytest.mark.parametrize("name", ["isotropic", "thick slices", "oblique"])
@pytest.mark.parametrize("rotation", [(0.4, -0.3, 0.7), (4, -5, 8), (20, 15, -30)])
def test_an_image_is_seen_from_where_the_head_lay(name, rotation):
    grid, motion = centred(name), move((0.7, -0.4, 1.1), rotation)
    back, _ = resampled(seen(grid, motion), grid, motion)
    # a spline has not yet settled near the rim, where it is continued as its mirror image
    within = ndimage.binary_erosion(np.isfinite(back), iterations=4)
    assert within.sum() > 1000
    off = back[within] - at_rest(grid)[within]
    assert np.sqrt(np.mean(off**2)) < 1e-3 * np.ptp(at_rest(grid))


def test_what_lay_outside_the_field_of_view_is_missing_and_counted():
    grid = centred("isotropic")
    image = at_rest(grid)
    back, lost = resampled(image, grid, move((0, 0, 6.0)))
    assert np.isnan(back[-2:]).all() and np.isfinite(back[:-2]).all()
    assert lost == 2 * 48 * 48
    np.testing.assert_allclose(back[2:-6], image[4:-4], rtol=1e-3, atol=1e-4)
    _, none = resampled(image, grid, move((0, 0, 1.4)))
    assert none == 0, "half a voxel beyond the outermost centres is still the field of view"


def test_the_calmest_of_the_first_frames_is_the_reference():
    grid = centred("thick slices")
    rest, away = at_rest(grid), seen(grid, move((5, 0, 0)))
    assert correct_motion(series_of(grid, [rest, away, rest, rest, away, away]), mask=middle(grid)).reference in (2, 3)


def test_the_same_twice():
    grid = centred("thick slices")
    frame = seen(grid, move((1, 1, 1), (1, 1, 1)))
    first, second = corrected(grid, frame), corrected(grid, frame)
    assert first.motion == second.motion
    np.testing.assert_array_equal(first.series.signal, second.series.signal)


def test_it_can_be_stopped():
    grid = centred("thick slices")
    with pytest.raises(Cancelled):
        corrected(grid, at_rest(grid), progress=lambda fraction, what: False)


def test_progress_runs_from_start_to_end():
    grid = centred("thick slices")
    told: list[float] = []
    corrected(grid, seen(grid, move((1, 0, 0))), progress=lambda fraction, what: told.append(fraction))
    assert told == sorted(told) and told[-1] == 1.0


def test_without_a_brain_everything_is_looked_at_and_that_is_told():
    grid = centred("thick slices")
    rest, moved = at_rest(grid) + 2000, seen(grid, move((1, 0, 0))) + 2000
    result = correct_motion(series_of(grid, [rest, rest, rest, moved]))
    assert "No brain was found" in result.notes[0]
    assert result.motion[3].displacement == pytest.approx(1.0, abs=0.05)


def test_bad_requests_are_refused_in_words():
    grid = centred("thick slices")
    series = series_of(grid, [at_rest(grid)] * 4)
    with pytest.raises(InputError, match=r"mask is shaped \(2, 2, 2\) but the series \(20, 64, 64\)"):
        correct_motion(series, mask=np.ones((2, 2, 2), bool))
    with pytest.raises(InputError, match="Frame 9 is to be the reference, but the series has frames 0 to 3"):
        correct_motion(series, mask=middle(grid), reference=9)
    with pytest.raises(InputError, match="The mask in which motion is looked for is empty"):
        correct_motion(series, mask=np.zeros(grid.shape, bool))
    empty = series_of(grid, [np.zeros(grid.shape, np.float32)] * 4)
    with pytest.raises(NoAnswerError, match=r"shows too little .* --motion off"):
        correct_motion(empty)


def test_a_rigid_transform_is_its_matrix_and_its_angles():
    transform = Rigid(move(rotation=(10, -20, 30)).rotation, np.array([1.0, 2, 3]), np.array([4.0, 5, 6]))
    points = np.random.default_rng(0).normal(size=(5, 3))
    np.testing.assert_allclose(transform.moved(points), points @ transform.matrix[:3, :3].T + transform.matrix[:3, 3])
    np.testing.assert_allclose(transform.angles, (10, -20, 30))
    np.testing.assert_allclose(transform.moved(transform.centre), transform.centre + transform.translation)


def test_undoing_a_step_leads_back():
    step = Rigid(Rotation.from_rotvec([0.1, 0.2, -0.1]).as_matrix(), np.array([1.0, -2, 0.5]), np.array([4.0, 5, 6]))
    back = step.after_undoing(step.translation, np.array([0.1, 0.2, -0.1]))
    points = np.random.default_rng(0).normal(size=(5, 3))
    np.testing.assert_allclose(back.moved(points), points, atol=1e-12)
