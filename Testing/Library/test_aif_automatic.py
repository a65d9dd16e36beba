"""The automatic arterial input: it finds arteries, not veins, says why, and says so when there is none."""

import re
from dataclasses import replace

import numpy as np
import pytest

from PerfusionRatioLib.aif.automatic import detect_aif
from PerfusionRatioLib.errors import Cancelled, InputError, NoAnswerError
from PerfusionRatioLib.phantom.bolus import Bolus, varied_bolus
from PerfusionRatioLib.phantom.head import HeadPhantom, make_head_series
from PerfusionRatioLib.series import Grid
from PerfusionRatioLib.signal.spoiled_gradient_echo import concentration_from_signal

HAEMATOCRIT = 0.42
SHAPE = (12, 40, 40)
ARTERIES = (slice(None), slice(10, 12), slice(10, 12)), (slice(None), slice(10, 12), slice(28, 30))
VEIN = (slice(None), slice(30, 35), slice(18, 23))
TISSUE = (slice(None), slice(4, 36), slice(4, 36))
SCALP = (slice(None), slice(0, 1), slice(None))


BOLUS = Bolus()


def vessels_in_tissue(times, bolus=BOLUS, noise=0.05, arteries=True, vein=True, seed=0):
    """Blood concentrations: two arteries of 2×2 voxels, each in a rim it half fills, a vein, tissue, and noise."""
    blood = bolus.arterial(times) * (1 - HAEMATOCRIT)
    slow = np.cumsum(blood) * np.gradient(times) * 0.002
    series = np.zeros((len(times), *SHAPE), np.float32)
    series[(slice(None), *TISSUE)] = (0.03 * blood + slow)[:, None, None, None]
    for k, j, i in ARTERIES if arteries else ():
        rim = (k, slice(j.start - 1, j.stop + 1), slice(i.start - 1, i.stop + 1))
        series[(slice(None), *rim)] = 0.5 * blood[:, None, None, None]
        series[(slice(None), k, j, i)] = blood[:, None, None, None]
    if vein:
        series[(slice(None), *VEIN)] = (bolus.venous(times) * (1 - HAEMATOCRIT))[:, None, None, None]
    return series + np.random.default_rng(seed).normal(0, noise, series.shape).astype(np.float32)


def region(*slices):
    mask = np.zeros(SHAPE, bool)
    for these in slices:
        mask[these] = True
    return mask


TIMES = np.arange(40) * 4.0


@pytest.fixture(scope="module")
def found():
    return detect_aif(vessels_in_tissue(TIMES), TIMES, HAEMATOCRIT)


def area(times, curve):
    return np.trapezoid(curve, times)


def test_only_artery_voxels_are_chosen_not_veins_and_not_the_rim(found):
    assert found.mask.sum() >= 5
    assert not np.any(found.mask & ~region(*ARTERIES))


def test_the_curve_is_that_of_plasma_at_the_frame_times(found):
    truth = BOLUS.arterial(TIMES)
    assert found.origin == "automatic"
    np.testing.assert_array_equal(found.times, TIMES)
    np.testing.assert_allclose(found.plasma_concentration, truth, atol=0.03 * truth.max())


def test_the_blood_curve_is_divided_by_one_minus_the_haematocrit():
    series = vessels_in_tissue(TIMES)
    low, high = (detect_aif(series, TIMES, haematocrit).plasma_concentration for haematocrit in (0.0, 0.5))
    np.testing.assert_allclose(high, 2 * low)


@pytest.mark.parametrize("interval", [1.0, 2.0, 4.0, 8.0, 16.0])
def test_frames_from_one_to_sixteen_seconds_apart(interval):
    times = np.arange(0, 240, interval)
    bolus = Bolus(arrival=38.0, width=12.0)  # so that a frame falls on the first pass even with 16 s between them
    truth = bolus.arterial(times)
    aif = detect_aif(vessels_in_tissue(times, bolus), times, HAEMATOCRIT)
    assert not np.any(aif.mask & ~region(*ARTERIES))
    assert aif.plasma_concentration.max() == pytest.approx(truth.max(), rel=0.1)
    assert area(times, aif.plasma_concentration) == pytest.approx(area(times, truth), rel=0.05)


def test_frames_at_uneven_times():
    times = np.concatenate([np.arange(0, 20, 10.0), np.arange(20, 80, 3.0), np.arange(80, 240, 20.0)])
    aif = detect_aif(vessels_in_tissue(times), times, HAEMATOCRIT)
    assert not np.any(aif.mask & ~region(*ARTERIES))
    assert area(times, aif.plasma_concentration) == pytest.approx(area(times, BOLUS.arterial(times)), rel=0.05)


def test_a_single_slice():
    aif = detect_aif(vessels_in_tissue(TIMES)[:, 3:4], TIMES, HAEMATOCRIT)
    assert not np.any(aif.mask & ~region(*ARTERIES)[3:4])
    assert aif.plasma_concentration.max() == pytest.approx(BOLUS.arterial(TIMES).max(), rel=0.1)


def test_every_chosen_voxel_has_its_place_features_and_reason(found):
    grid = Grid(SHAPE[::-1], (2.0, 2.0, 3.0), (-40.0, -50.0, 10.0))
    with_grid = detect_aif(vessels_in_tissue(TIMES), TIMES, HAEMATOCRIT, grid=grid)
    assert {voxel.index for voxel in found.voxels} == {tuple(v) for v in np.argwhere(found.mask).tolist()}
    assert all(voxel.position is None for voxel in found.voxels)
    for voxel in with_grid.voxels:
        k, j, i = voxel.index
        assert voxel.position == pytest.approx((-40 + 2 * i, -50 + 2 * j, 10 + 3 * k))
        assert voxel.reason.startswith("Rises ") and "as much as the blood in the large veins" in voxel.reason
        assert voxel.arrival_time == pytest.approx(BOLUS.arrival, abs=4)
        assert voxel.peak == pytest.approx(6, rel=0.15)
        assert np.isfinite([voxel.time_to_peak, voxel.width, voxel.roughness, voxel.tail, voxel.score]).all()


def test_the_other_voxels_are_counted_by_reason(found):
    account = found.notes[-1]
    assert account.startswith(f"Of {np.prod(SHAPE):,} voxels {found.mask.sum()} were chosen as artery; the others: ")
    assert "do not rise clearly out of their noise" in account
    assert "come later or wider than the arteries, as veins and tissue do" in account
    numbers = [int(part.split()[0].replace(",", "")) for part in account.split("others: ")[1].split("; ")]
    assert sum(numbers) + found.mask.sum() == np.prod(SHAPE)


def test_the_quality_is_judged(found):
    assert found.quality.verdict == "good"
    assert found.quality.voxels == found.mask.sum()
    assert found.arrival_time == found.quality.arrival_time == pytest.approx(BOLUS.arrival, abs=2)


def test_the_same_input_gives_the_same_result(found):
    again = detect_aif(vessels_in_tissue(TIMES), TIMES, HAEMATOCRIT)
    np.testing.assert_array_equal(again.plasma_concentration, found.plasma_concentration)
    assert again.voxels == found.voxels and again.notes == found.notes


def test_memory_layout_and_precision_of_the_input_do_not_matter(found):
    series = np.asfortranarray(vessels_in_tissue(TIMES).astype(float))
    np.testing.assert_array_equal(detect_aif(series, TIMES, HAEMATOCRIT).mask, found.mask)


def test_the_input_is_not_changed():
    series = vessels_in_tissue(TIMES)
    series[5, 2, 10, 10] = np.nan
    before = series.copy()
    detect_aif(series, TIMES, HAEMATOCRIT)
    np.testing.assert_array_equal(series, before)


def test_voxels_without_numbers_are_left_out_and_the_others_are_as_before(found):
    series = vessels_in_tissue(TIMES)
    series[:, :, :, 36:] = np.nan
    series[:20, :, 36:, :] = np.nan
    aif = detect_aif(series, TIMES, HAEMATOCRIT)
    np.testing.assert_array_equal(aif.mask, found.mask)
    assert "lack too many samples" in aif.notes[-1]


def test_single_samples_without_numbers_in_an_artery_are_bridged():
    series = vessels_in_tissue(TIMES)
    series[25, :, 10:12, 10:12] = np.nan
    series[30, :, 10:12, 28:30] = np.inf
    aif = detect_aif(series, TIMES, HAEMATOCRIT)
    truth = BOLUS.arterial(TIMES)
    np.testing.assert_allclose(aif.plasma_concentration, truth, atol=0.03 * truth.max())


def test_an_artery_that_lacks_samples_at_its_peak_is_not_taken():
    series = vessels_in_tissue(TIMES)
    series[10, :, 10:12, 10:12] = np.nan
    aif = detect_aif(series, TIMES, HAEMATOCRIT)
    assert not np.any(aif.mask & ~region(ARTERIES[1]))
    assert "lack samples while the bolus passes (saturation)" in aif.notes[-1]


def test_a_flattened_peak_is_not_taken():
    series = vessels_in_tissue(np.arange(0, 160, 1.0), Bolus(width=10.0))
    clipped = np.minimum(series[(slice(None), *ARTERIES[0])], 2.3)
    series[(slice(None), *ARTERIES[0])] = clipped
    aif = detect_aif(series, np.arange(0, 160, 1.0), HAEMATOCRIT)
    assert not np.any(aif.mask & ~region(ARTERIES[1]))
    assert "have a flattened peak (saturation)" in aif.notes[-1]


def test_voxels_with_impossible_peaks_and_single_odd_ones_are_not_taken():
    series = vessels_in_tissue(TIMES)
    bolus = BOLUS.arterial(TIMES)
    series[:, 5, 20, 20] = 40 * bolus / bolus.max()
    series[:, 5, 20, 10] = 1.6 * bolus
    aif = detect_aif(series, TIMES, HAEMATOCRIT)
    assert not np.any(aif.mask & ~region(*ARTERIES))
    assert "1 have a peak that blood cannot have" in aif.notes[-1]
    assert "stand alone without a neighbour alike" in aif.notes[-1]


def test_a_jump_of_the_head_is_not_taken_for_an_artery():
    series = vessels_in_tissue(TIMES)
    series[12:, :, 36:38, :] += 4.0
    series[30:, :, 10:12, 10:12] += 1.5
    aif = detect_aif(series, TIMES, HAEMATOCRIT)
    assert not np.any(aif.mask & ~region(ARTERIES[1]))
    assert "jump late in the series (motion)" in aif.notes[-1]


def test_arteries_that_fill_no_voxel_are_scaled_to_the_blood_of_the_veins():
    series = vessels_in_tissue(TIMES)
    for where in ARTERIES:
        series[(slice(None), *where)] *= 0.75
    aif = detect_aif(series, TIMES, HAEMATOCRIT)
    truth = BOLUS.arterial(TIMES)
    assert area(TIMES, aif.plasma_concentration) == pytest.approx(area(TIMES, truth), rel=0.03)
    assert aif.plasma_concentration.max() == pytest.approx(truth.max(), rel=0.05)
    assert any("fill their voxels in part: the curve was multiplied by 1." in note for note in aif.notes)


def test_arteries_that_cannot_be_scaled_so_far_are_told_to_lack_blood():
    series = vessels_in_tissue(TIMES)
    for where in ARTERIES:
        series[(slice(None), *where)] *= 0.5
    aif = detect_aif(series, TIMES, HAEMATOCRIT)
    (note,) = [note for note in aif.notes if "multiplied by 1.60, the most that is allowed" in note]
    told = int(re.search(r"it has (\d+)% of the area", note)[1])
    assert area(TIMES, aif.plasma_concentration) / area(TIMES, BOLUS.arterial(TIMES)) == pytest.approx(
        told / 100, abs=0.03
    )


def test_without_a_vein_the_fullest_artery_voxels_are_taken_as_they_are():
    series = vessels_in_tissue(TIMES, vein=False)
    aif = detect_aif(series, TIMES, HAEMATOCRIT)
    assert not np.any(aif.mask & ~region(*ARTERIES))
    assert aif.plasma_concentration.max() == pytest.approx(BOLUS.arterial(TIMES).max(), rel=0.05)
    assert not any("multiplied" in note for note in aif.notes)
    assert any("No vein is thick enough" in note for note in aif.notes)


def test_without_a_vein_errors_of_t10_of_single_voxels_hardly_set_the_height():
    heights = []
    for seed in range(6):
        errors = np.exp(np.random.default_rng(seed).normal(0, 0.2, SHAPE))
        series = (vessels_in_tissue(TIMES, vein=False, noise=0.02, seed=seed) * errors).astype(np.float32)
        heights.append(detect_aif(series, TIMES, HAEMATOCRIT).plasma_concentration.max() / BOLUS.arterial(TIMES).max())
    assert 0.8 < np.median(heights) < 1.4  # the fullest single voxels: 1.45


@pytest.mark.parametrize("radius", [1.0, 1.25, 1.5])
def test_without_a_vein_a_thin_artery_is_not_read_as_low_as_its_rim(radius):
    j, i = np.indices(SHAPE[1:]) / 1.0
    filled = sum(np.clip(radius + 0.5 - np.hypot(j - 11, i - centre), 0, 1) for centre in (11, 28))
    tissue, blood = vessels_in_tissue(TIMES, arteries=False, vein=False), BOLUS.arterial(TIMES) * (1 - HAEMATOCRIT)
    series = tissue * (1 - filled) + blood[:, None, None, None] * filled
    aif = detect_aif(series.astype(np.float32), TIMES, HAEMATOCRIT)
    assert 0.75 < aif.plasma_concentration.max() / BOLUS.arterial(TIMES).max() < 1.05
    assert aif.quality.verdict == "acceptable" and "No large vein confirms its height" in aif.quality.sentence


def test_a_vein_is_found_where_frames_far_apart_hide_how_much_later_it_rises():
    times = np.arange(25) * 8.0
    bolus = Bolus(arrival=30.1, width=8.9, transit=5.6, transit_spread=3.0)
    series = vessels_in_tissue(times, bolus)
    for where in ARTERIES:
        series[(slice(None), *where)] *= 0.75
    aif = detect_aif(series, times, HAEMATOCRIT)
    truth = bolus.arterial(times)
    assert area(times, aif.plasma_concentration) == pytest.approx(area(times, truth), rel=0.05)


def test_a_mask_keeps_the_search_near_the_brain():
    series = vessels_in_tissue(TIMES)
    series[(slice(None), *SCALP)] = series[:, 0, 10, 10][:, None, None, None]
    brain = region(TISSUE)
    brain[:, :10] = False
    aif = detect_aif(series, TIMES, HAEMATOCRIT, mask=brain, grid=Grid(SHAPE[::-1], (4.0, 4.0, 4.0)))
    assert not np.any(aif.mask & ~region(*ARTERIES))
    assert "lie away from the brain" in aif.notes[-1]


def test_arteries_far_from_the_mask_are_taken_when_there_are_none_near_it():
    series = vessels_in_tissue(TIMES)
    corner = region((slice(None), slice(36, 40), slice(36, 40)))
    aif = detect_aif(series, TIMES, HAEMATOCRIT, mask=corner, grid=Grid(SHAPE[::-1], (4.0, 4.0, 4.0)))
    assert not np.any(aif.mask & ~region(*ARTERIES))
    assert "the mask" in aif.notes[0]


def test_arteries_that_are_far_fuller_are_taken_even_away_from_the_mask():
    series = vessels_in_tissue(TIMES)
    series[(slice(None), *ARTERIES[0])] *= 0.5
    brain = region((slice(None), slice(6, 16), slice(6, 16)))
    aif = detect_aif(series, TIMES, HAEMATOCRIT, mask=brain, grid=Grid(SHAPE[::-1], (4.0, 4.0, 4.0)))
    assert not np.any(aif.mask & ~region(ARTERIES[1]))
    assert aif.notes[0].startswith("The arterial input was taken more than 10 mm away from the mask")


def test_the_outermost_slices_of_a_slab_are_not_used(found):
    assert not found.mask[[0, -1]].any()
    assert "lie in the outermost slices (flip angle and inflow)" in found.notes[-1]


def test_progress_is_reported_and_stops_the_search():
    seen = []
    detect_aif(vessels_in_tissue(TIMES), TIMES, HAEMATOCRIT, progress=lambda share, what: seen.append(share))
    assert seen == sorted(seen) and seen[-1] == 1
    with pytest.raises(Cancelled):
        detect_aif(vessels_in_tissue(TIMES), TIMES, HAEMATOCRIT, progress=lambda share, what: share < 0.3)


def no_bolus(random):
    return random.normal(0, 0.1, (40, *SHAPE)) + 0.02 * TIMES[:, None, None, None] / TIMES[-1]


def noise_alone(random):
    return random.normal(0, 0.5, (40, *SHAPE))


def wild_noise(random):
    return random.standard_cauchy((40, *SHAPE))


def tissue_alone(random):
    return vessels_in_tissue(TIMES, arteries=False, vein=False, noise=0.001)


def a_jump_alone(random):
    series = random.normal(0, 0.05, (40, *SHAPE))
    series[15:, :, :3] += 3.0
    return series


@pytest.mark.parametrize("made", [no_bolus, noise_alone, wild_noise, a_jump_alone])
def test_series_without_a_bolus_have_no_artery(made):
    with pytest.raises(NoAnswerError, match=r"No voxel enhances like an artery: .*: give a region or a population AIF"):
        detect_aif(made(np.random.default_rng(3)).astype(np.float32), TIMES, HAEMATOCRIT)


def test_a_series_of_zeros_has_no_artery():
    with pytest.raises(NoAnswerError, match="do not rise clearly out of their noise"):
        detect_aif(np.zeros((40, *SHAPE), np.float32), TIMES, HAEMATOCRIT)


def test_a_series_without_any_number_is_named():
    with pytest.raises(NoAnswerError, match="the series holds no concentrations at all: give a region"):
        detect_aif(np.full((40, *SHAPE), np.nan, np.float32), TIMES, HAEMATOCRIT)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"concentration": np.zeros((40, 5, 5))}, r"shaped \(40, 5, 5\); a series is shaped \(t, k, j, i\)"),
        ({"times": TIMES[:-1]}, "39 times .* for 40 frames"),
        ({"times": TIMES[::-1]}, "they must increase"),
        ({"haematocrit": 42.0}, "divide per cent by 100"),
        ({"mask": np.zeros(SHAPE, bool)}, "mask in which arteries are looked for is empty"),
        ({"mask": np.ones((2, 2, 2), bool)}, r"mask is shaped \(2, 2, 2\)"),
        ({"grid": Grid((3, 3, 3))}, r"their grid \(3, 3, 3\)"),
        ({"concentration": np.zeros((5, *SHAPE)), "times": TIMES[:5]}, "has 5 frames; .* at least 10"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(change, sentence):
    good = {"concentration": np.zeros((40, *SHAPE), np.float32), "times": TIMES, "haematocrit": HAEMATOCRIT}
    with pytest.raises(InputError, match=sentence):
        detect_aif(**(good | change))


LOWER_HEAD = Grid((96, 108, 20), (2.17, 2.17, 3.0), (-103.0, -108.0, -46.0))


@pytest.mark.parametrize(
    ("seed", "interval", "snr", "motion", "inflow"),
    [
        (1, 3.0, 20.0, None, 0.0),
        (2, 8.0, 15.0, None, 0.3),
        (3, 5.0, 60.0, (0.15, 0.15), 0.0),
        (4, 4.0, 30.0, None, 0.0),
        (5, 6.0, 40.0, (0.15, 0.15), 0.3),
        (7, 2.0, 40.0, (0.15, 0.15), 0.0),
    ],
)
def test_the_digital_head_peak_within_10_and_area_within_5_per_cent(seed, interval, snr, motion, inflow):
    bolus = replace(varied_bolus(seed), arrival=30.0)
    phantom = HeadPhantom(bolus=bolus)
    head = make_head_series(
        frames=int(130 / interval), interval=interval, seed=seed, snr=snr, motion=motion, phantom=phantom,
        grid=LOWER_HEAD, inflow=inflow,
    )  # fmt: skip
    times, truth = head.series.times.value, head.truth
    before = slice(0, int(np.searchsorted(times, bolus.arrival)))
    signal = head.series.signal
    t10 = np.nan_to_num(truth.t10, nan=1.4)
    concentration = concentration_from_signal(
        signal, before, t10, 0.005, 15.0, truth.relaxivity,
        mask=signal[before].mean(axis=0) > 4 * truth.noise,
    ).array  # fmt: skip
    aif = detect_aif(concentration, times, truth.haematocrit, mask=truth.brain, grid=LOWER_HEAD)
    assert aif.plasma_concentration.max() == pytest.approx(truth.aif.max(), rel=0.10)
    assert area(times, aif.plasma_concentration) == pytest.approx(area(times, truth.aif), rel=0.05)
    assert aif.quality.verdict == "good"
