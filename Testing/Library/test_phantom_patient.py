"""The digital patient: two visits of one person."""

import numpy as np
import pytest

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.phantom.head_motion import moved_further, within_frame
from PerfusionRatioLib.phantom.patient import FULL, SMALL, Scale, make_patient
from PerfusionRatioLib.phantom.patient_truth import true_ratios, truth_of
from PerfusionRatioLib.phantom.scenarios import SCENARIOS
from PerfusionRatioLib.rigid import Rigid
from PerfusionRatioLib.signal.flip_angles import t1_from_flip_angles

TINY = Scale(dce=(48, 54, 20), t1=4.0, anatomy=3.0, frames=3, interval=10.0)


@pytest.fixture(scope="module")
def two_lesions():
    return make_patient("two-lesions", 3, TINY)


def test_a_visit_at_test_size_holds_what_is_promised():
    visit = make_patient("recurrence", 1, SMALL).follow_up
    assert visit.series.signal.shape == (60, 24, 72, 64)
    np.testing.assert_allclose(visit.series.require_times(), 5.0 * np.arange(60))
    assert [image.acquisition.require("flip_angle") for image in visit.flip_angle_images] == [2, 5, 15]
    assert all(image.grid == visit.series.grid for image in visit.flip_angle_images)
    assert visit.post_contrast.volume.grid.spacing == (2.0, 2.0, 2.0)
    assert len(visit.lesions) == len(visit.seeds) == len(visit.post_contrast.lesions) == 1
    assert visit.truth.motion.shape == (60, 4, 4)
    assert FULL.dce == (128, 128, 30)
    assert FULL.t1 == 1.0


@pytest.mark.parametrize(("seed", "name"), list(enumerate(SCENARIOS)))
def test_the_true_maps_give_the_reading_the_scenario_promises(seed, name):
    patient = make_patient(name, seed, TINY)
    pre, follow_up = (true_ratios(visit) for visit in patient.visits)
    readings = {(1, 1): "recurrence", (1, 0): "necrosis", (0, 1): "recurrence-new", (0, 0): "unreliable"}
    for course, before, after in zip(patient.scenario.lesions, pre, follow_up, strict=True):
        for rule, parameters in (("either", ("rktrans", "rvp")), ("rvp", ("rvp",))):
            verdicts = tuple(int(any(ratios[name] >= 1.5 for name in parameters)) for ratios in (before, after))
            assert readings[verdicts] == course.readings[rule]


def test_the_slab_holds_the_lesions_altogether():
    for seed in (3, 7, 9):  # low and high sites
        for visit in make_patient("two-lesions", seed, TINY).visits:
            grid = visit.dce_grid
            for number in (1, 2):
                share = visit.phantom.anatomy.fractions[f"lesion {number}"]
                places = visit.phantom.anatomy.grid.positions(np.argwhere(share > 0.5)[:, ::-1])
                depth = grid.indices(visit.pose.moved(places))[:, 2] * grid.spacing[2]
                assert depth.min() > 7
                assert depth.max() < (grid.size[2] - 1) * grid.spacing[2] - 7


def test_a_lesion_lies_where_the_pose_takes_it(two_lesions):
    for visit in two_lesions.visits:
        own, grid = visit.phantom.anatomy, visit.series.grid
        for number in (1, 2):
            shares = (own.fractions[f"lesion {number}"], visit.truth.fractions[f"lesion {number}"])
            at_home, seen = (
                np.average(where.positions(np.argwhere(share > 0)[:, ::-1]), axis=0, weights=share[share > 0])
                for where, share in zip((own.grid, grid), shares, strict=True)
            )
            np.testing.assert_allclose(seen, visit.pose.moved(at_home), atol=0.5)  # voxels of 4 to 6 mm


def test_a_seed_lies_in_the_enhancing_part_as_the_t1_shows_it():
    for visit in make_patient("new-hyperperfusion", 3, SMALL).visits:
        grid = visit.post_contrast.volume.grid
        i, j, k = np.rint(grid.indices(visit.seeds[0] * (-1, -1, 1))).astype(int)
        assert visit.phantom.lesions[0].core > 0.3
        assert visit.post_contrast.fractions["lesion 1"][k, j, i] > 0.6


def test_both_visits_are_of_one_person_lying_differently(two_lesions):
    pre, follow_up = two_lesions.visits
    bones = [visit.phantom.anatomy.fractions["bone"] for visit in two_lesions.visits]
    np.testing.assert_array_equal(*bones)
    apart = follow_up.pose.moved(np.eye(3) * 80) - pre.pose.moved(np.eye(3) * 80)
    assert np.linalg.norm(apart, axis=1).min() > 1
    assert pre.phantom.bolus != follow_up.phantom.bolus


def test_dates_follow_the_protocol(two_lesions):
    pre, follow_up = two_lesions.visits
    assert (two_lesions.srs_date - pre.date).days == 14
    assert (follow_up.date - two_lesions.srs_date).days == 280
    assert (two_lesions.resection_date - follow_up.date).days == 12
    assert pre.series.identity.study_date == "20260101"
    assert pre.series.identity.patient_id == follow_up.series.identity.patient_id == "digital-two-lesions-3"


def test_the_head_has_settled_between_the_series_and_the_t1(two_lesions):
    places = np.random.default_rng(0).uniform(-70, 70, (50, 3))
    for visit in two_lesions.visits:
        moved = np.linalg.norm(visit.t1_pose.moved(places) - visit.pose.moved(places), axis=1)
        assert 0.1 < moved.mean() < 3


def test_the_same_seed_gives_the_same_images_and_another_seed_another_person():
    first, again, other = (make_patient("necrosis", seed, TINY).pre for seed in (2, 2, 3))
    np.testing.assert_array_equal(first.series.signal, again.series.signal)
    np.testing.assert_array_equal(first.post_contrast.volume.array, again.post_contrast.volume.array)
    for one, two in zip(first.flip_angle_images, again.flip_angle_images, strict=True):
        np.testing.assert_array_equal(one.array, two.array)
    bones = [visit.phantom.anatomy.fractions["bone"] for visit in (first, other)]
    assert np.mean(bones[0] != bones[1]) > 0.02


def test_the_flip_angle_images_map_the_true_t10():
    visit = make_patient("never-hyperperfused", 4, TINY, snr=None).pre
    images = visit.flip_angle_images
    t10 = t1_from_flip_angles(np.stack([image.array for image in images]), [2.0, 5.0, 15.0], [0.005] * 3).t10
    for tissue in ("white", "lesion 1"):
        inside = visit.truth.fractions[tissue] > 0.999
        assert inside.any()
        np.testing.assert_allclose(t10[inside], visit.truth.t10[inside], rtol=0.02)


def test_without_noise_and_motion_nothing_moves():
    visit = make_patient("recurrence", 0, TINY, snr=None, motion=None).pre
    assert visit.truth.noise == 0
    np.testing.assert_array_equal(visit.truth.motion, np.tile(np.eye(4), (3, 1, 1)))
    assert visit.phantom.bolus.arrival > 20  # the first two frames come before it
    np.testing.assert_allclose(visit.series.signal[1], visit.series.signal[0], rtol=1e-5)


def test_a_frame_of_a_moving_head_is_seen_around_its_time():
    moves = np.stack([Rigid.of((0.4 * t, 0.0, -0.2 * t)).matrix for t in range(4)])
    before, after = within_frame(moves, 2)
    np.testing.assert_allclose(before[:3, 3], (0.7, 0, -0.35))
    np.testing.assert_allclose(after[:3, 3], (0.9, 0, -0.45))
    np.testing.assert_allclose(within_frame(moves, 0)[0], np.eye(4))


def test_one_pose_after_another_is_their_product():
    pose, move = Rigid.of((1, 2, 3), (4, 5, 6), (7, 8, 9)), Rigid.of((-1, 0, 2), (3, -2, 1), (0, 20, -60))
    place = np.array([10.0, -20.0, 30.0])
    np.testing.assert_allclose(moved_further(pose, move.matrix).moved(place), move.moved(pose.moved(place)))


def test_the_truth_is_told_in_numbers(two_lesions):
    told = truth_of(two_lesions)
    assert [lesion["reading"] for lesion in told["lesions"]] == ["recurrence", "necrosis"]
    white = told["visits"]["pre"]["white_matter"]
    assert white["ktrans"] == pytest.approx(0.0005, rel=0.15)
    for lesion in told["lesions"]:
        for visit in ("pre", "follow_up"):
            assert lesion[visit]["voxels"] > 20
            assert lesion[visit]["ratios_to_all_white_matter"]["rvp"] > 0


def test_an_unknown_scenario_is_refused():
    with pytest.raises(InputError, match="no scenario 'cure'"):
        make_patient("cure")
