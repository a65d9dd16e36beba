"""Courses of disease of the digital patient, and the places its lesions may lie."""

import numpy as np
import pytest
from scipy import ndimage

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.phantom.anatomy import normal_anatomy
from PerfusionRatioLib.phantom.lesions import SITES, Lesion, with_lesions
from PerfusionRatioLib.phantom.scenarios import BESIDE_ARTERIES, SCENARIOS, SITES_APART, make_scenario
from PerfusionRatioLib.phantom.tissues import normal_tissues

SEEDS = range(20)
WHITE = next(tissue for tissue in normal_tissues(0.42) if tissue.name == "white")
READINGS = {
    (True, True): "recurrence",
    (True, False): "necrosis",
    (False, True): "recurrence-new",
    (False, False): "unreliable",
}


@pytest.fixture(scope="module")
def anatomy():
    return normal_anatomy(2.0, 0)


def hyperperfused(lesion, rule):
    """By ratios of its own kinetics to those of white matter; 1.5 is well away from all of them."""
    ratios = {"rktrans": lesion.ktrans / WHITE.ktrans, "rvp": lesion.vp / WHITE.vp}
    assert all(ratio < 1.0 or ratio > 2.5 for ratio in ratios.values())
    return ratios["rvp"] > 1.5 if rule == "rvp" else max(ratios.values()) > 1.5


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_kinetics_give_the_reading_the_scenario_promises(name):
    for seed in SEEDS:
        for course in make_scenario(name, seed).lesions:
            for rule, reading in course.readings.items():
                visits = (hyperperfused(course.pre, rule), hyperperfused(course.follow_up, rule))
                assert READINGS[visits] == reading
            assert course.reading == course.readings["either"]


def test_only_leaky_necrosis_is_read_otherwise_by_plasma_volume():
    for name in SCENARIOS:
        for course in make_scenario(name, 1).lesions:
            assert (len(set(course.readings.values())) > 1) == (name == "leaky-necrosis")


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_lesion_stays_where_it_is_and_grows_within_the_protocols_sizes(name):
    for seed in SEEDS:
        for course in make_scenario(name, seed).lesions:
            assert course.pre.site == course.follow_up.site == course.name
            assert course.pre.seed == course.follow_up.seed
            assert 0.37 <= course.pre.volume < course.follow_up.volume <= 10.4
            for lesion in (course.pre, course.follow_up):
                assert lesion.volume >= 5 or hyperperfused(lesion, "either")


@pytest.mark.parametrize("name", SCENARIOS)
def test_seeds_vary_site_side_volume_and_shape(name):
    lesions = [make_scenario(name, seed).lesions[0].pre for seed in SEEDS]
    sites = {lesion.site for lesion in lesions}
    assert len(sites) >= len(SITES_APART) - 2
    assert any("artery" in site for site in sites) == (name in BESIDE_ARTERIES)
    assert any("dura" in site for site in sites)
    assert {np.sign(lesion.centre[0]) for lesion in lesions} == {-1, 1}
    assert len({lesion.volume for lesion in lesions}) == len(SEEDS)
    assert {lesion.core > 0 for lesion in lesions} == {False, True} or max(v.volume for v in lesions) < 3.5


def test_two_lesions_are_far_apart_in_both_hemispheres():
    for seed in SEEDS:
        first, second = (course.pre.centre for course in make_scenario("two-lesions", seed).lesions)
        assert np.linalg.norm(first - second) > 60
        assert first[0] * second[0] < 0


def test_the_same_seed_gives_the_same_course():
    assert make_scenario("recurrence", 4) == make_scenario("recurrence", 4) != make_scenario("recurrence", 5)


def test_an_unknown_scenario_is_refused():
    with pytest.raises(InputError, match="no scenario 'cure': choose one of recurrence, necrosis"):
        make_scenario("cure")


@pytest.mark.parametrize("site", SITES)
def test_a_site_is_what_its_name_says(anatomy, site):
    fractions = with_lesions(anatomy, (Lesion(site, 4.0),)).fractions
    beside = ndimage.binary_dilation(fractions["lesion 1"] > 0.5)
    assert (fractions["dura"][beside].sum() > 1) == ("dura" in site or "midline" in site)
    assert (fractions["artery"][beside].max() > 0.5) == ("artery" in site or "midline" in site)
    left = anatomy.grid.positions(np.argwhere(fractions["lesion 1"] > 0.5)[:, ::-1])[:, 0]
    if "midline" in site:
        assert left.min() < -3 < 3 < left.max()
    else:
        assert (left > 5).all() if site.startswith("left") else (left < -5).all()


def test_the_dura_lines_the_skull_and_parts_the_hemispheres(anatomy):
    dura = anatomy.fractions["dura"]
    falx = np.argwhere((dura > 0.1) & (anatomy.intracranial > 0.95))[:, ::-1]
    assert len(falx) > 500
    assert np.abs(anatomy.grid.positions(falx)[:, 0]).max() < 8
    lining = (dura > 0.05) & (anatomy.intracranial < 0.95)
    brain = anatomy.intracranial > 0.5
    shell = ndimage.binary_dilation(brain) & ~brain
    sinus = anatomy.fractions["sinus"] > 0
    assert lining[shell & ~sinus].mean() > 0.9
