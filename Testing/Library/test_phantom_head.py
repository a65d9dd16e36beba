"""The digital head is what its truth says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from scipy.integrate import cumulative_trapezoid

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.phantom.bolus import Bolus, varied_bolus
from PerfusionRatioLib.phantom.head import HeadPhantom, make_head_series
from PerfusionRatioLib.phantom.lesions import SITES, Lesion
from PerfusionRatioLib.phantom.scene import Scene, Sequence
from PerfusionRatioLib.phantom.template import load_template
from PerfusionRatioLib.phantom.tissues import Label
from PerfusionRatioLib.rigid import Rigid, moved
from PerfusionRatioLib.series import Grid

SMALL = {"size": (48, 54, 12), "frames": 12}
CLEAN = {"snr": None, "bias": False}


@pytest.fixture(scope="module")
def clean_head():
    """Without noise, motion and coil, fine enough in time to see the first pass."""
    return make_head_series(size=(64, 72, 24), frames=40, interval=3.0, **CLEAN)


def concentration_of(signal, t10, truth, repetition_time=0.005, flip_angle=15.0):
    """Concentration from signal ratios, written out here so that the head is checked from outside."""
    cosine = np.cos(np.deg2rad(flip_angle))
    e10 = np.exp(-repetition_time / t10)
    relative = signal / signal[0] * (1 - e10) / (1 - cosine * e10)
    e1 = (1 - relative) / (1 - cosine * relative)
    return (-np.log(e1) / repetition_time - 1 / t10) / truth.relaxivity


def expected_concentration(truth, times, voxels, step=0.01):
    """The extended Tofts model of the truth maps, integrated by the trapezium rule every 0.01 s."""
    fine = np.arange(0, times[-1] + step, step)
    curves = []
    for k, j, i in voxels:
        ktrans, vp, ve, delay = (getattr(truth, name)[k, j, i] for name in ("ktrans", "vp", "ve", "delay"))
        plasma = truth.bolus.arterial(fine - delay)
        kep = ktrans / ve / 60 if ve > 0 else 0.0
        integral = np.exp(-kep * fine) * cumulative_trapezoid(plasma * np.exp(kep * fine), fine, initial=0)
        curves.append(np.interp(times, fine, vp * plasma + ktrans / 60 * integral))
    return np.stack(curves, axis=1)


@pytest.mark.parametrize("tissue", ["white", "grey", "lesion 1", "muscle"])
def test_the_signal_without_noise_inverts_to_the_truth(clean_head, tissue):
    truth, times = clean_head.truth, clean_head.series.times.value
    voxels = np.argwhere(truth.fractions[tissue] > 0.9995)[:40]
    assert len(voxels) >= 3
    at = tuple(voxels.T)
    measured = concentration_of(clean_head.series.signal[(slice(None), *at)].astype(float), truth.t10[at], truth)
    expected = expected_concentration(truth, times, voxels)
    np.testing.assert_allclose(measured, expected, atol=0.003 * expected.max() + 2e-5)


def test_arteries_hold_plasma_and_follow_the_aif(clean_head):
    truth = clean_head.truth
    inside = truth.fractions["artery"] > 0.99
    assert np.allclose(truth.vp[truth.fractions["artery"] > 0.999], 1 - truth.haematocrit, rtol=1e-3)
    np.testing.assert_allclose(truth.aif, truth.bolus.arterial(clean_head.series.times.value))
    assert truth.delay[inside].max(initial=0) <= 0.5


def test_veins_enhance_later_than_arteries(clean_head):
    truth, signal = clean_head.truth, clean_head.series.signal
    sinus = signal[:, truth.fractions["sinus"] > 0.9].mean(axis=1)
    artery = signal[:, truth.fractions["artery"] > 0.7].mean(axis=1)
    assert 3.0 <= 3.0 * (np.argmax(sinus) - np.argmax(artery)) <= 12.0


def test_the_same_seed_gives_the_same_series():
    first, second = (make_head_series(**SMALL, motion=(1.0, 1.0), seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.series.signal, second.series.signal)
    np.testing.assert_array_equal(first.truth.motion, second.truth.motion)


def test_another_seed_gives_other_noise_in_the_same_head():
    first, second = (make_head_series(**SMALL, seed=seed) for seed in (1, 2))
    assert np.all(first.truth.labels == second.truth.labels)
    assert not np.array_equal(first.series.signal, second.series.signal)


def test_another_person_has_another_head():
    first, second = (make_head_series(**SMALL, phantom=HeadPhantom(person=person)) for person in (0, 1))
    assert 0.02 < np.mean(first.truth.labels != second.truth.labels) < 0.3


def test_all_tissues_are_there_and_their_fractions_sum_to_one(small_head):
    largest = set(np.unique(small_head.truth.labels))
    assert largest | {Label.DURA} == set(Label)  # the dura is thinner than a voxel and seldom its largest part
    assert small_head.truth.fractions["dura"].max() > 0.1
    total = sum(small_head.truth.fractions.values())
    assert total.max() <= 1 + 1e-5
    inside = ndimage.binary_erosion(small_head.truth.brain)
    np.testing.assert_allclose(total[inside], 1, atol=0.05)


def test_the_brain_mask_holds_the_brain_and_no_scalp(small_head):
    truth = small_head.truth
    assert truth.brain[truth.mask(Label.GREY, Label.WHITE, Label.LESION)].mean() > 0.99
    assert not np.any(truth.brain & truth.mask(Label.SCALP))
    assert ndimage.label(truth.brain)[1] == 1


def test_skull_and_scalp_enclose_the_brain(small_head):
    truth = small_head.truth
    vault = slice(10, 24)  # above the air spaces of the skull base
    for plane, brain in zip(truth.labels[vault], truth.brain[vault], strict=True):
        enclosed = ndimage.binary_fill_holes(np.isin(plane, [Label.SCALP, Label.SKULL]) & ~brain)
        assert np.all(enclosed[brain])


@pytest.mark.parametrize(
    "lesion",
    [
        Lesion("right frontal", 0.37),
        Lesion("left parietal", 4.0, core=0.35),
        Lesion("right parietal", 10.4, core=0.5),
        Lesion("left frontal, at the dura", 3.0),
        Lesion("right Sylvian, beside the artery", 2.0),
    ],
    ids=lambda lesion: f"{lesion.site} {lesion.volume} cc",
)
def test_a_lesion_has_the_volume_asked_for(lesion):
    visit = make_head_series(frames=3, snr=None, phantom=HeadPhantom(lesions=(lesion,)))
    cell = visit.series.grid.voxel_volume / 1000
    core = visit.truth.fractions["core 1"].sum() * cell if lesion.core else 0.0
    assert visit.truth.fractions["lesion 1"].sum() * cell + core == pytest.approx(lesion.volume, rel=0.05)
    assert core == pytest.approx(lesion.core * lesion.volume, rel=0.05)


@pytest.mark.parametrize("person", [0, 1])
def test_every_site_is_in_the_brain(person):
    for site, position in SITES.items():
        anatomy = HeadPhantom(lesions=(Lesion(site, 1.0),), person=person).anatomy
        k, j, i = np.rint(anatomy.grid.indices(np.array(position) * (-1, -1, 1)))[::-1].astype(int)
        assert anatomy.fractions["lesion 1"][k, j, i] > 0.5, site


def test_a_lesion_outside_the_brain_is_refused():
    with pytest.raises(InputError, match="does not fit"):
        make_head_series(frames=2, phantom=HeadPhantom(lesions=(Lesion((90.0, 90.0, 90.0), 2.0),)))


def test_no_motion_is_the_identity():
    still, zero = (make_head_series(**SMALL, **CLEAN, motion=motion) for motion in (None, (0.0, 0.0)))
    np.testing.assert_array_equal(still.series.signal, zero.series.signal)
    np.testing.assert_array_equal(still.truth.motion, np.tile(np.eye(4), (SMALL["frames"], 1, 1)))


def test_motion_is_as_large_as_asked_and_starts_at_rest():
    motion = make_head_series(**SMALL, motion=(2.0, 1.5)).truth.motion
    np.testing.assert_array_equal(motion[0], np.eye(4))
    cosine = (np.trace(motion[:, :3, :3], axis1=1, axis2=2) - 1) / 2
    assert np.degrees(np.arccos(cosine.clip(-1, 1))).max() == pytest.approx(1.5, rel=0.02)


def test_the_truth_of_the_motion_leads_back_to_the_first_frame():
    visit = make_head_series(size=(96, 108, 40), frames=4, **CLEAN, motion=(5.0, 4.0), bolus_arrival=500.0)
    grid, signal = visit.series.grid, visit.series.signal
    brain = np.argwhere(ndimage.binary_erosion(visit.truth.brain, iterations=2))
    for frame in range(1, 4):
        followed = grid.indices(moved(visit.truth.motion[frame], grid.positions(brain[:, ::-1])))[:, ::-1]
        seen = np.all((followed >= 1) & (followed <= np.array(grid.shape) - 2), axis=1)
        back = ndimage.map_coordinates(signal[frame], followed[seen].T, order=3)
        at = tuple(brain[seen].T)
        assert np.std(back - signal[0][at]) < 0.25 * np.std(signal[frame][at] - signal[0][at])


def test_a_head_posed_one_voxel_further_is_the_same_image_one_voxel_further():
    straight = make_head_series(**SMALL, **CLEAN)
    step = straight.series.grid.spacing[0]
    shifted = make_head_series(**SMALL, **CLEAN, pose=Rigid.of(translation=(step, 0.0, 0.0)))
    difference = shifted.series.signal[..., 1:] - straight.series.signal[..., :-1]
    assert np.abs(difference).max() < 1e-3 * straight.series.signal.max()


def test_noise_is_rician_of_the_deviation_asked_for():
    visit = make_head_series(frames=40, interval=1.0, bolus_arrival=100.0, bias=False, snr=25.0)
    white = visit.truth.fractions["white"] > 0.99
    assert visit.series.signal[:, white].std(axis=0, ddof=1).mean() == pytest.approx(visit.truth.noise, rel=0.03)
    assert visit.series.signal[:, white].mean() / visit.truth.noise == pytest.approx(25.0, rel=0.03)
    air = visit.series.signal[:, sum(visit.truth.fractions.values()) == 0]
    assert air.mean() == pytest.approx(visit.truth.noise * np.sqrt(np.pi / 2), rel=0.01)


def test_the_coil_multiplies_the_signal_smoothly():
    plain, received = (make_head_series(**SMALL, snr=None, bias=bias).series.signal[0] for bias in (False, True))
    inside = plain > 50
    ratio = received[inside] / plain[inside]
    assert 1.2 < ratio.max() / ratio.min() < 4


def test_tissue_delay_is_in_the_truth_and_in_the_signal():
    phantom = HeadPhantom(tissue_delay=5.0)
    visit = make_head_series(frames=30, interval=3.0, phantom=phantom, **CLEAN)
    voxels = np.argwhere(visit.truth.fractions["white"] > 0.9995)[::50][:20]
    at = tuple(voxels.T)
    assert np.ptp(visit.truth.delay[at]) > 1
    signal = visit.series.signal[(slice(None), *at)].astype(float)
    measured = concentration_of(signal, visit.truth.t10[at], visit.truth)
    expected = expected_concentration(visit.truth, visit.series.times.value, voxels)
    np.testing.assert_allclose(measured, expected, atol=0.008 * expected.max())


def test_inflow_brightens_arteries_at_the_bottom_of_the_slab():
    plain, inflow = (make_head_series(frames=3, **CLEAN, inflow=value) for value in (0.0, 0.5))
    gain = inflow.series.signal[0] / np.maximum(plain.series.signal[0], 1)
    artery = plain.truth.fractions["artery"] > 0.7
    assert gain[:4][artery[:4]].min() > 1.15
    assert np.all(gain[12:][plain.series.signal[0][12:] > 1] == 1)


def test_a_scene_gives_any_spoiled_gradient_echo(clean_head):
    phantom = HeadPhantom()
    scene = Scene(phantom, clean_head.series.grid, np.eye(4), duration=120.0)
    white = clean_head.truth.fractions["white"] > 0.9995
    low, high = (scene.image(0.0, Sequence(0.005, angle))[white] for angle in (2.0, 15.0))
    # Two flip angles give T1 (Gupta's line: S/sin against S/tan has the slope E1).
    sines, tangents = np.sin(np.deg2rad([2.0, 15.0])), np.tan(np.deg2rad([2.0, 15.0]))
    slope = (high / sines[1] - low / sines[0]) / (high / tangents[1] - low / tangents[0])
    np.testing.assert_allclose(-0.005 / np.log(slope), clean_head.truth.t10[white], rtol=2e-3)


@pytest.mark.parametrize("bad", [{"frames": 1}, {"interval": 0.0}, {"snr": 0.0}, {"size": (0, 4, 4)}])
def test_impossible_series_are_refused(bad):
    with pytest.raises(InputError, match="two frames or more and a positive interval, size and SNR"):
        make_head_series(**bad)


def test_a_grid_beside_the_head_is_refused():
    with pytest.raises(InputError, match="no white matter"):
        make_head_series(frames=3, grid=Grid((8, 8, 4), (3.0, 3.0, 5.0), (500.0, 0.0, 0.0)))


def test_the_shared_anatomy_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        HeadPhantom(lesions=()).anatomy.fractions["white"][0] = 1


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_boluses_have_their_arrival_peak_and_width(seed):
    bolus = varied_bolus(seed)
    times = np.arange(0, 400, 0.1)
    curve = bolus.arterial(times)
    assert np.all(curve[times <= bolus.arrival] == 0)
    assert np.all(curve >= 0)
    assert curve.max() == pytest.approx(bolus.peak, rel=1e-3)
    width = 0.1 * np.count_nonzero(curve > 0.5 * bolus.peak)
    assert 0.9 * bolus.width < width < 2.0 * bolus.width


def test_venous_blood_is_later_lower_and_carries_the_same_amount():
    times = np.arange(0, 300, 0.1)
    bolus = Bolus(plateau=0.0, recirculation=0.0)
    arterial, venous = bolus.arterial(times), bolus.venous(times)
    assert np.trapezoid(venous, times) == pytest.approx(np.trapezoid(arterial, times), rel=1e-3)
    later = np.trapezoid(times * (venous - arterial), times) / np.trapezoid(arterial, times)
    assert later == pytest.approx(bolus.transit, abs=0.1)
    assert venous.max() < arterial.max()


def test_the_template_is_small_and_brings_its_notice():
    from importlib.resources import files

    resources = files("PerfusionRatioLib.phantom") / "resources"
    assert len((resources / "mni152_reduced.npz").read_bytes()) < 1_200_000
    assert "Copyright (C) 1993-2004 Louis Collins" in (resources / "mni152_reduced.LICENSE.txt").read_text()
    template = load_template()
    assert np.all(template.grey + template.white <= 1.02)
