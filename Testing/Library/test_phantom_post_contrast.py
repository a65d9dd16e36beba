"""The post-contrast T1 of the digital head shows what its truth says."""

import numpy as np
import pytest

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.phantom.head_phantom import HeadPhantom
from PerfusionRatioLib.phantom.lesions import Lesion
from PerfusionRatioLib.phantom.own_grid import GAIN
from PerfusionRatioLib.phantom.post_contrast import SEQUENCE, make_post_contrast, t1_grid
from PerfusionRatioLib.phantom.tissues import normal_tissues
from PerfusionRatioLib.rigid import Rigid
from PerfusionRatioLib.series import Grid
from PerfusionRatioLib.signal.spoiled_gradient_echo import spgr_signal

LESIONS = (
    Lesion("left frontal", 2.5),
    Lesion("right parietal", 8.0, core=0.35, seed=3),
    Lesion("left occipital", 5.0, ktrans=3e-4, vp=0.007, t10=0.48),
)
CLEAN = {"snr": None, "bias": False}
TURNED = Rigid.of((4.0, -3.0, 5.0), (5.0, -4.0, 5.0))


@pytest.fixture(scope="module")
def phantom():
    """Three lesions, properties without variation."""
    return HeadPhantom(lesions=LESIONS, variation=0.0)


@pytest.fixture(scope="module")
def clean(phantom):
    """Without noise and coil, straight, on the head's own grid."""
    return make_post_contrast(phantom, phantom.anatomy.grid, **CLEAN)


@pytest.fixture(scope="module")
def turned(phantom):
    """Without noise and coil, turned in the scanner, on a grid of 2 mm."""
    return make_post_contrast(phantom, t1_grid(2.0), TURNED, **CLEAN)


def volume_of(array, grid):
    return array.sum(dtype=float) * grid.voxel_volume / 1000


def median_in(made, phantom, tissue, share=0.99):
    return float(np.median(made.volume.array[phantom.anatomy.fractions[tissue] > share]))


def test_the_lesions_have_the_volumes_asked_for_at_any_pose(turned):
    grid = turned.volume.grid
    for number, lesion in enumerate(LESIONS, start=1):
        core = volume_of(turned.fractions[f"core {number}"], grid) if lesion.core else 0.0
        assert volume_of(turned.fractions[f"lesion {number}"], grid) + core == pytest.approx(lesion.volume, rel=0.02)
        assert core == pytest.approx(lesion.core * lesion.volume, rel=0.03)


def test_the_masks_are_where_the_shares_reach_one_half(turned):
    for number, (lesion, core) in enumerate(zip(turned.lesions, turned.cores, strict=True), start=1):
        centre = turned.fractions.get(f"core {number}", np.zeros(lesion.shape))
        np.testing.assert_array_equal(lesion, turned.fractions[f"lesion {number}"] + centre >= 0.5)
        np.testing.assert_array_equal(core, centre >= 0.5)
        assert not np.any(core & ~lesion)
        assert core.any() == (LESIONS[number - 1].core > 0)


def test_a_lesion_lies_where_the_pose_takes_it(phantom, turned):
    for number in (1, 2, 3):
        own, seen = phantom.anatomy.fractions[f"lesion {number}"], turned.fractions[f"lesion {number}"]
        places = [
            np.average(grid.positions(np.argwhere(share > 0)[:, ::-1]), axis=0, weights=share[share > 0])
            for grid, share in ((phantom.anatomy.grid, own), (turned.volume.grid, seen))
        ]
        np.testing.assert_allclose(places[1], TURNED.moved(places[0]), atol=0.1)


def test_white_matter_has_the_signal_of_its_relaxation_rate(phantom, clean):
    white = next(tissue for tissue in normal_tissues(phantom.haematocrit) if tissue.name == "white")
    fine = np.arange(0, 420.0, 0.01)
    plasma = phantom.bolus.arterial(fine)
    leaked = white.ktrans / 60 * np.trapezoid(plasma * np.exp(-white.kep / 60 * (420.0 - fine)), fine)
    concentration = white.vp * phantom.bolus.arterial(np.array([420.0]))[0] + leaked
    expected = spgr_signal(
        1 / white.t10 + phantom.relaxivity * concentration,
        SEQUENCE.repetition_time,
        SEQUENCE.flip_angle,
        m0=GAIN * white.proton_density,
    )
    assert median_in(clean, phantom, "white", 0.9995) == pytest.approx(float(expected), rel=1e-3)


def test_contrast_is_what_a_radiologist_expects(phantom, clean):
    bright = {name: median_in(clean, phantom, name) for name in ("csf", "grey", "white", "sinus", "lesion 1", "core 2")}
    assert bright["csf"] < 0.6 * bright["grey"]
    assert 1.15 * bright["grey"] < bright["white"]
    assert 1.3 * bright["white"] < bright["lesion 1"]
    assert 1.4 * bright["white"] < bright["sinus"]
    assert bright["core 2"] < 0.8 * bright["white"]


def test_a_lesion_without_vessels_can_be_bright_by_its_short_t10(phantom, clean):
    assert median_in(clean, phantom, "lesion 3") > 1.5 * median_in(clean, phantom, "white")


def test_noise_is_as_asked_and_the_same_for_the_same_seed(phantom, clean):
    first, again, other = (
        make_post_contrast(phantom, phantom.anatomy.grid, snr=25.0, bias=False, seed=s) for s in (1, 1, 2)
    )
    white = phantom.anatomy.fractions["white"] > 0.99
    difference = first.volume.array[white] - clean.volume.array[white]
    assert difference.std() == pytest.approx(first.noise, rel=0.02)
    assert median_in(clean, phantom, "white") / first.noise == pytest.approx(25.0, rel=0.03)
    np.testing.assert_array_equal(first.volume.array, again.volume.array)
    assert not np.array_equal(first.volume.array, other.volume.array)


@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, -1, -1), (1, -1, 1)])
def test_the_head_is_within_the_field_of_view_however_it_lies(phantom, signs):
    pose = Rigid.of(5.0 * np.array(signs), 5.0 * np.array(signs))
    image = make_post_contrast(phantom, t1_grid(4.0), pose, **CLEAN).volume.array
    for face in (image[-1], image[:, 0], image[:, -1], image[:, :, 0], image[:, :, -1]):
        assert face.max() < 1
    assert np.count_nonzero(image[0] > 100) > 500  # the neck is cut by the edge of the image, not before


def test_a_head_without_lesions_has_none():
    made = make_post_contrast(HeadPhantom(lesions=(), spacing=4.0), t1_grid(4.0))
    assert made.lesions == made.cores == ()
    assert made.fractions == {}


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ({"time": -1.0}, "a time from 0 s and a positive SNR"),
        ({"snr": 0.0}, "a time from 0 s and a positive SNR"),
        ({"grid": Grid((8, 8, 8), origin=(500.0, 0.0, 0.0))}, "holds no white matter"),
    ],
)
def test_impossible_images_are_refused(phantom, bad, sentence):
    with pytest.raises(InputError, match=sentence):
        make_post_contrast(phantom, **bad)
