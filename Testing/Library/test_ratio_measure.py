"""The ratios of a lesion to normal brain: identities, intervals, and what cannot be told."""

from dataclasses import replace

import numpy as np
import pytest

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.ratio.doubts import NONE, PATIENT, Doubts
from PerfusionRatioLib.ratio.measure import measure_ratios
from PerfusionRatioLib.ratio.measurement import STATISTICS, RatioFlag
from PerfusionRatioLib.visit_settings import VisitSettings
from Testing.Library.ratio_example import NORMAL, PLASMA, VITAL, Example, curve, example, leaking, prepared_visit

EXCHANGING = {"ktrans": 0.02, "ve": 0.1, "vp": 0.02}
"""Tissue that exchanges enough for every parameter to be known."""


def times(factor: float, tissue=EXCHANGING):
    """Tissue with ``factor`` times as much of everything, and the same kep."""
    return {name: factor * value for name, value in tissue.items()}


def measured(made: Example, doubts: Doubts = NONE, **options):
    return measure_ratios(made.prepared, PLASMA, made.lesion, made.reference, doubts=doubts, **options)


def medians(ratios) -> dict[str, float]:
    return {item.parameter: item.ratio for item in ratios.measurements if item.statistic == "median"}


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_kinetics_that_are_so_many_times_those_of_the_reference_have_that_ratio(factor):
    ratios = measured(example(times(factor), EXCHANGING))
    for statistic in STATISTICS:
        for name in ("ktrans", "vp", "ve"):
            item = ratios.of(name, statistic)
            assert item.ratio == pytest.approx(factor, rel=1e-3)
            assert item.ci_low <= item.ratio * (1 + 1e-3)
            assert item.ci_high >= item.ratio * (1 - 1e-3)
            assert item.evaluable
        assert ratios.of("kep", statistic).ratio == pytest.approx(1, rel=1e-3)
    assert ratios.evaluable_fraction == 1
    assert (item.lesion_voxels, item.reference_voxels) == (80, 192)


@pytest.mark.parametrize("ktrans", [5e-5, 0.004])
def test_where_hardly_anything_leaks_the_straight_line_gives_the_ratio(ktrans):
    settings = VisitSettings(motion=False, model="patlak")
    ratios = measured(example({"ktrans": 2 * ktrans, "vp": 0.03}, {"ktrans": ktrans, "vp": 0.02}, settings=settings))
    assert ratios.of("ktrans").ratio == pytest.approx(2, rel=1e-3)
    assert ratios.of("vp").ratio == pytest.approx(1.5, rel=1e-3)


def test_with_noise_the_interval_holds_the_truth_and_is_wider_than_without():
    sharp, blurred = (measured(example(times(3), EXCHANGING, noise)) for noise in (0.002, 0.02))
    for name in ("ktrans", "vp"):
        for ratios in (sharp, blurred):
            assert ratios.of(name).ci_low < 3 < ratios.of(name).ci_high
        widths = [ratios.of(name).ci_high - ratios.of(name).ci_low for ratios in (sharp, blurred)]
        assert widths[1] > 1.2 * widths[0]


def test_the_interval_holds_the_truth_in_95_of_100():
    """A quick look; the benchmark of digital patients is the measure."""
    held = {"ktrans": 0, "vp": 0}
    for seed in range(16):
        ratios = measured(example(VITAL, NORMAL, noise=0.06, seed=seed), seed=seed)
        for name in held:
            item = ratios.of(name)
            held[name] += item.ci_low <= VITAL[name] / NORMAL[name] <= item.ci_high
    assert min(held.values()) >= 13  # fewer come by chance once in a hundred where 95% are held


@pytest.mark.parametrize(
    ("name", "doubts"),
    [("vp", Doubts(0.1, 0, 0)), ("ktrans", Doubts(0, 0.00025, 0)), ("vp", Doubts(0, 0, 0.05))],
    ids=["late level of the input", "drift", "spill"],
)
def test_what_is_doubtful_widens_the_interval_and_leaves_the_ratio(name, doubts):
    made = example(VITAL, NORMAL, 0.01)
    sure, doubtful = (measured(made, of).of(name) for of in (NONE, doubts))
    assert doubtful.ci_low < sure.ci_low
    assert doubtful.ci_high > sure.ci_high
    assert doubtful.ratio == sure.ratio


def test_voxels_that_a_lesion_fills_in_part_may_be_as_much_farther_from_normal_brain():
    made = example(times(3), EXCHANGING)
    whole = measured(made).of("vp")
    partly = measured(made, filled=np.where(made.lesion, 0.8, 0.0)).of("vp")
    assert partly.ratio == whole.ratio
    assert partly.ci_high == pytest.approx(1 + 2 / 0.8, rel=0.05)
    assert whole.ci_low <= partly.ci_low < 3 < whole.ci_high < 3.2


def test_shares_of_voxels_may_miss_none_and_all_by_rounding():
    made = example(VITAL, NORMAL)
    exact, rounded = (
        measured(made, filled=np.where(made.lesion, np.float32(full), np.float32(0))).of("ktrans")
        for full in (1, np.nextafter(np.float32(1), np.float32(2)))
    )
    assert rounded == exact


@pytest.mark.parametrize("share", [-0.1, 1.1, np.nan])
def test_shares_of_voxels_that_are_none_are_refused(share):
    made = example(VITAL, NORMAL)
    with pytest.raises(InputError, match="between 0 and 1"):
        measured(made, filled=np.where(made.lesion, share, 0.0))


def test_tissue_like_normal_brain_has_nothing_to_spill():
    made = example(times(1), EXCHANGING)
    once, spilt = (measured(made, doubts).of("vp") for doubts in (NONE, Doubts(0, 0, 0.3)))
    assert spilt.ci_high == pytest.approx(once.ci_high, rel=0.01)


def test_a_drift_makes_no_absent_leakage_certain():
    made = example({"ktrans": -5e-5, "vp": 0.01}, {"ktrans": 5e-4, "vp": 0.02})
    assert measured(made).of("ktrans").ci_high < 0.01
    assert measured(made, PATIENT).of("ktrans").ci_high > 0.1


def test_a_value_below_zero_leaves_an_interval_that_begins_at_zero():
    """An interval of no width would say that Ktrans is known to be none."""
    none, below, far = (
        measured(example({"ktrans": value, "vp": 0.01}, NORMAL, noise=0.01)).of("ktrans")
        for value in (0.0, -2e-4, -0.002)
    )
    assert (far.ratio, far.ci_low) == (below.ratio, below.ci_low) == (0, 0)
    assert 0 < far.ci_high < below.ci_high < 2 * none.ci_high


def moved(made: Example, change) -> Example:
    concentration = np.ascontiguousarray(change(made.prepared.concentration))
    prepared = replace(prepared_visit(concentration), settings=made.prepared.settings)
    return Example(prepared, *(np.ascontiguousarray(change(mask[None])[0]) for mask in (made.lesion, made.reference)))


@pytest.mark.parametrize(
    "change",
    [lambda a: a[:, ::-1], lambda a: a[..., ::-1, ::-1], lambda a: a.transpose(0, 3, 1, 2), lambda a: np.roll(a, 3, 2)],
    ids=["upside down", "turned round", "axes exchanged", "shifted"],
)
def test_where_the_voxels_lie_does_not_matter(change):
    made = example(VITAL, NORMAL, 0.03)
    before, after = measured(made), measured(moved(made, change))
    for name in ("ktrans", "vp"):
        assert after.of(name).ratio == pytest.approx(before.of(name).ratio, rel=1e-5)
        assert after.of(name).ci_low == pytest.approx(before.of(name).ci_low, rel=0.03)
        assert after.of(name).ci_high == pytest.approx(before.of(name).ci_high, rel=0.03)


def test_an_input_and_tissue_of_another_height_have_the_same_ratios():
    made = example(VITAL, NORMAL, 0.03)
    once = measured(made)
    twice = measure_ratios(
        replace(made.prepared, concentration=2 * made.prepared.concentration),
        2 * PLASMA,
        made.lesion,
        made.reference,
        doubts=NONE,
    )
    for name in ("ktrans", "vp"):
        for key in ("ratio", "ci_low", "ci_high"):
            assert getattr(twice.of(name), key) == pytest.approx(getattr(once.of(name), key), rel=1e-3)


def test_an_input_of_another_height_changes_values_but_no_ratio():
    made = example(VITAL, NORMAL, 0.03)
    right = measured(made).of("vp")
    high = measure_ratios(made.prepared, 1.25 * PLASMA, made.lesion, made.reference).of("vp")
    assert high.lesion_value == pytest.approx(right.lesion_value / 1.25, rel=1e-3)
    assert high.ratio == pytest.approx(right.ratio, rel=1e-3)


def test_the_same_seed_gives_the_same_interval_and_another_one_nearly_the_same():
    made = example(VITAL, NORMAL, 0.05)
    first, again, other = (measured(made, seed=seed).of("ktrans") for seed in (0, 0, 1))
    assert first == again
    np.testing.assert_array_equal(first.draws, again.draws)
    assert other.ci_high != first.ci_high
    assert other.ci_high == pytest.approx(first.ci_high, rel=0.1)


def test_a_reference_that_cannot_be_told_from_zero_leaves_a_lower_limit_only():
    item = measured(example(VITAL, {"ktrans": 2e-5, "vp": 0.02}, noise=0.1)).of("ktrans")
    assert RatioFlag.REFERENCE_NEAR_ZERO in item.flags
    assert np.isnan(item.ratio)
    assert item.ci_high == np.inf
    assert 0 < item.ci_low < np.inf
    assert item.reference_interval[0] <= 0 < item.reference_interval[1]
    assert not item.evaluable


def test_a_reference_below_zero_leaves_nothing():
    item = measured(example(VITAL, {"ktrans": -0.01, "vp": 0.02}, noise=0.02)).of("ktrans")
    assert RatioFlag.REFERENCE_NEAR_ZERO in item.flags
    assert np.isnan(item.ratio)
    assert np.isnan(item.ci_low)
    assert item.ci_high == np.inf


def test_a_lesion_below_zero_has_a_ratio_of_zero():
    item = measured(example({"ktrans": -0.002, "vp": 0.01}, NORMAL, noise=0.01)).of("ktrans")
    assert (item.ratio, item.ci_low) == (0, 0)
    assert item.ci_high > 0
    assert item.evaluable


def test_three_voxels_are_too_few_to_be_judged():
    made = example(VITAL, NORMAL, 0.02)
    few = np.zeros_like(made.lesion)
    few[3, 4, 3:6] = True
    item = measured(replace(made, lesion=few)).of("vp")
    assert item.flags == (RatioFlag.FEW_LESION_VOXELS,)
    assert item.lesion_voxels == 3
    assert np.isfinite(item.ratio)
    assert not item.evaluable


def test_a_small_reference_is_flagged_unless_its_voxels_are_means():
    made = example(VITAL, NORMAL)
    one = np.zeros_like(made.reference)
    one[3, 4, 16] = True
    flagged, taken = (measured(replace(made, reference=one), fewest_reference=n).of("vp") for n in (20, 1))
    assert flagged.flags == (RatioFlag.FEW_REFERENCE_VOXELS,)
    assert taken.flags == ()
    assert taken.reference_voxels == 1
    assert taken.ratio == pytest.approx(2.5, rel=0.01)


def test_failed_fits_are_counted_and_too_many_of_them_flagged():
    made = example(VITAL, NORMAL, 0.01)
    for failed, flagged in ((20, False), (48, True)):
        concentration = made.prepared.concentration.copy()
        concentration[:, *np.argwhere(made.lesion)[:failed].T] = np.nan
        ratios = measured(replace(made, prepared=prepared_visit(concentration)))
        assert ratios.evaluable_fraction == pytest.approx(1 - failed / 80)
        assert (RatioFlag.FAILED_FITS in ratios.of("vp").flags) == flagged
        assert np.isnan(ratios.of("vp").ratio) == flagged


def test_parameters_that_the_data_does_not_determine_have_no_ratio():
    ratios = measured(example(VITAL, NORMAL, 0.03))
    for name in ("ve", "kep"):
        assert ratios.of(name).flags == (RatioFlag.NOT_DETERMINED,)
        assert np.isnan(ratios.of(name).ratio)
    for item in ratios.sensitivity:
        assert np.isfinite(item.eroded) == np.isfinite(item.dilated) == (item.parameter in ("ktrans", "vp"))


def test_one_layer_less_and_one_more_tell_how_much_the_border_matters():
    made = example(times(3), EXCHANGING)
    (whole,) = (item for item in measured(made).sensitivity if item.parameter == "vp")
    assert whole.eroded == pytest.approx(3, rel=1e-3)
    assert whole.dilated == pytest.approx(1, rel=1e-3)  # most voxels are then those around it
    thin = np.zeros_like(made.lesion)
    thin[3, 3:7, 2:7] = True
    (sheet,) = (item for item in measured(replace(made, lesion=thin)).sensitivity if item.parameter == "vp")
    assert np.isnan(sheet.eroded)


def test_without_its_core_a_lesion_has_ratios_of_its_own():
    made = example(times(3), EXCHANGING)
    core = np.zeros_like(made.lesion)
    core[3:5, 4:6, 3:6] = True
    concentration = made.prepared.concentration.copy()
    concentration[:, core] = curve(EXCHANGING)[:, None]
    hollow = replace(made, prepared=prepared_visit(concentration))
    ratios = measured(hollow, core=core)
    assert {(item.parameter, item.statistic) for item in ratios.enhancing} == {
        (name, "median") for name in ("ktrans", "vp", "ve", "kep")
    }
    assert ratios.enhancing[0].ratio == pytest.approx(3, rel=1e-3)
    assert ratios.enhancing[0].lesion_voxels == 80 - 12
    assert ratios.of("ktrans", "mean").ratio == pytest.approx((68 * 3 + 12) / 80, rel=1e-3)
    assert measured(hollow).enhancing == ()
    assert measured(hollow, core=np.zeros_like(core)).enhancing == ()
    assert measured(hollow, core=made.lesion).enhancing == ()


@pytest.mark.parametrize("region", ["lesion", "reference"])
def test_a_region_without_a_value_is_unevaluable_and_nothing_is_warned_of(region, recwarn):
    made = example(EXCHANGING, EXCHANGING)
    made.prepared.concentration[:, getattr(made, region)] = np.nan
    ratios = measured(made)
    assert not ratios.of("ktrans").evaluable
    assert np.isnan(getattr(ratios.curves, region)).all()
    assert not recwarn.list


def test_the_curves_are_means_of_the_regions():
    made = example(VITAL, NORMAL)
    curves = measured(made).curves
    np.testing.assert_allclose(curves.lesion, curve(VITAL), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(curves.reference, leaking(**NORMAL), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("model", "delay"),
    [
        *((model, "none") for model in ("tofts", "patlak", "2cxm", "2cum", "auto")),
        *(("extended-tofts", "global"), ("extended-tofts", "voxel"), ("patlak", "global"), ("auto", "voxel")),
    ],
)
def test_every_model_and_delay_gives_ratios(model, delay):
    made = example(times(3), EXCHANGING, 0.005, VisitSettings(motion=False, model=model, delay=delay))
    ratios = medians(measured(made))
    assert ("vp" in ratios) == (model != "tofts")
    assert ratios["ktrans"] == pytest.approx(3, rel=0.25 if model == "2cum" else 0.1)


def test_a_series_without_a_baseline_is_measured_too():
    made = example(times(3), EXCHANGING, 0.005)
    concentrations = replace(made, prepared=replace(made.prepared, baseline=None))
    assert measured(concentrations).of("ktrans").ratio == pytest.approx(3, rel=0.02)


def test_masks_that_cannot_be_measured_are_refused():
    made = example(VITAL, NORMAL)
    nowhere = np.zeros_like(made.lesion)
    for changed, sentence in (
        ({"lesion": made.lesion[1:]}, r"The lesion is shaped \(7, 12, 20\) but the series \(8, 12, 20\)"),
        ({"reference": made.reference[..., 1:]}, r"The reference is shaped \(8, 12, 19\) but the series"),
        ({"lesion": nowhere}, "The lesion holds no voxel of the series"),
        ({"reference": nowhere}, "The reference holds no voxel of the series"),
        ({"reference": made.reference | made.lesion}, "Lesion and reference share 80 voxels: move the reference"),
    ):
        with pytest.raises(InputError, match=sentence):
            measured(replace(made, **changed))
