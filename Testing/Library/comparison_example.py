"""A comparison of two visits of the digital head put together from what is true of it, without the work of measuring.

The head lies differently at each visit, and T1 and series of a visit lie differently too; every transform is exact.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from PerfusionRatioLib.aif.arterial_input import ArterialInput
from PerfusionRatioLib.aif.consistency import compare_aifs
from PerfusionRatioLib.aif.quality import judge as judge_aif
from PerfusionRatioLib.alignment.registration import Alignment
from PerfusionRatioLib.comparison.result import Comparison, LesionAtVisit, LesionComparison, T10Shift, VisitResult
from PerfusionRatioLib.phantom.bolus import Bolus
from PerfusionRatioLib.phantom.head import HeadVisit, make_head_series
from PerfusionRatioLib.phantom.lesions import Lesion
from PerfusionRatioLib.phantom.post_contrast import PostContrast, make_post_contrast, t1_grid
from PerfusionRatioLib.phantom.scene import HeadPhantom
from PerfusionRatioLib.phantom.tissues import Label
from PerfusionRatioLib.ratio.change import change_of
from PerfusionRatioLib.ratio.criteria import Criteria
from PerfusionRatioLib.ratio.measurement import (
    PARAMETERS,
    STATISTICS,
    RatioFlag,
    RatioMeasurement,
    Ratios,
    RegionCurves,
    Sensitivity,
)
from PerfusionRatioLib.ratio.reading import read_pair
from PerfusionRatioLib.ratio.verdict import judge
from PerfusionRatioLib.rigid import Rigid
from PerfusionRatioLib.series import Grid
from PerfusionRatioLib.visit import Visit, fit_visit
from PerfusionRatioLib.visit_settings import VisitSettings

DATES = {"pre": datetime.date(2023, 1, 10), "follow_up": datetime.date(2023, 7, 4)}
RADIOSURGERY = datetime.date(2023, 1, 20)
POSES = {
    "pre": Rigid.of((2.0, -3.0, 4.0), (3.0, -2.0, 4.0)),
    "follow_up": Rigid.of((-4.0, 5.0, 2.0), (-4.0, 3.0, -5.0)),
}
"""How the head lies during the T1."""
BETWEEN_IMAGES = Rigid.of((1.0, 0.5, -1.0), (0.5, -1.0, 1.0))
"""How it moves from the series to the T1."""
BOLUSES = {"pre": Bolus(), "follow_up": Bolus(arrival=36.0, peak=5.2, width=10.0)}


@dataclass(frozen=True)
class Size:
    """How large the example is; tests use the default, a look at the report a finer one."""

    series: tuple[int, int, int] = (48, 54, 20)
    frames: int = 16
    t1_spacing: float = 2.5
    noise: float | None = 40.0


@dataclass(frozen=True)
class TrueLesion:
    """As ``segmentation.lesion.LesionSegmentation``."""

    grid: Grid
    mask: np.ndarray
    core: np.ndarray
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrueSize:
    """As ``segmentation.lesion_size.LesionSize``; the diameters are made up."""

    volume_ml: float
    enhancing_ml: float
    core_ml: float
    longest_diameter_mm: float = 21.5
    perpendicular_diameter_mm: float = 17.25


def rigid(matrix: np.ndarray) -> Rigid:
    """The transform with a 4×4 matrix."""
    return Rigid(matrix[:3, :3], matrix[:3, 3], np.zeros(3))


def alignment(matrix: np.ndarray) -> Alignment:
    """The images agree."""
    return Alignment(rigid(matrix), 0.9, "good", "The images agree well.")


@lru_cache(maxsize=4)
def made(visit: str, lesions: tuple[Lesion, ...], size: Size) -> tuple[HeadVisit, PostContrast, Visit]:
    """Series, T1 and maps of a visit."""
    phantom = HeadPhantom(lesions=lesions, bolus=BOLUSES[visit])
    t1_pose = POSES[visit]
    series_pose = rigid(np.linalg.inv(BETWEEN_IMAGES.matrix) @ t1_pose.matrix)
    seed = 1 if visit == "pre" else 2
    head = make_head_series(
        size.series, size.frames, 180 / size.frames, seed=seed, snr=size.noise, phantom=phantom, pose=series_pose
    )
    t1 = make_post_contrast(phantom, t1_grid(size.t1_spacing), t1_pose, snr=size.noise, seed=seed)
    times = head.series.require_times()
    aif = ArterialInput(
        times,
        head.truth.aif,
        head.truth.haematocrit,
        "automatic",
        head.truth.mask(Label.ARTERY),
        quality=judge_aif(times, head.truth.aif, 12),
        arrival_time=head.truth.bolus.arrival,
    )
    settings = VisitSettings(motion=False, relaxivity=head.truth.relaxivity, origins={"relaxivity": "digital head"})
    t10 = np.where(np.isfinite(head.truth.t10), head.truth.t10, 1.4)
    visit_made = fit_visit(head.series, settings, t10=t10, mask=head.truth.brain, aif=aif)
    return head, t1, visit_made


def measurement(parameter: str, statistic: str, lesion: np.ndarray, reference: np.ndarray) -> RatioMeasurement:
    """A ratio with an interval of 15% either way."""
    amounts = {
        "median": np.median,
        "mean": np.mean,
        "p90": lambda values: np.percentile(values, 90),
        "hot_spot": lambda values: np.sort(values)[-max(3, values.size // 20) :].mean(),
    }
    above = float(amounts[statistic](lesion))
    below = float(np.median(reference) if statistic in ("p90", "hot_spot") else amounts[statistic](reference))
    ratio = above / below if below > 0 else np.nan
    draws = ratio * np.exp(0.07 * np.random.default_rng(lesion.size).normal(size=400))
    return RatioMeasurement(
        parameter,
        statistic,
        above,
        below,
        (0.9 * above, 1.1 * above),
        (0.9 * below, 1.1 * below),
        ratio,
        0.87 * ratio,
        1.15 * ratio,
        lesion.size,
        reference.size,
        draws=draws,
    )


def near_zero(item: RatioMeasurement) -> RatioMeasurement:
    """The same with a reference that cannot be told from zero."""
    return replace(
        item,
        reference_value=2e-7,
        reference_interval=(-1e-4, 3e-4),
        ratio=item.lesion_value / 2e-7,
        ci_low=4.1234,
        ci_high=np.inf,
        flags=(RatioFlag.REFERENCE_NEAR_ZERO,),
    )


def at_visit(head: HeadVisit, t1: PostContrast, visit: Visit, number: int, criteria: Criteria) -> LesionAtVisit:
    """A lesion as it truly is; its reference is white matter on the other side of the head."""
    names = [name for name in (f"lesion {number}", f"core {number}") if name in head.truth.fractions]
    fraction = sum(head.truth.fractions[name] for name in names)
    region = (fraction > 0.5) & np.isfinite(visit.maps.ktrans)
    places = head.series.grid.positions(np.argwhere(region)[:, ::-1])
    middle = places.mean(axis=0)
    everywhere = head.series.grid.positions(np.moveaxis(np.indices(head.series.grid.shape)[::-1], 0, -1))
    white = head.truth.mask(Label.WHITE) & head.truth.pure & np.isfinite(visit.maps.ktrans)
    reference = white & (np.linalg.norm(everywhere - middle * (-1, 1, 1), axis=-1) < 16)
    measurements = tuple(
        measurement(parameter, statistic, values[region], values[reference])
        for parameter in PARAMETERS
        for statistic in STATISTICS
        for values in [np.nan_to_num(getattr(visit.maps, parameter))]
    )
    core = f"core {number}" in head.truth.fractions
    solid = region & (head.truth.fractions[f"lesion {number}"] > 0.5)
    enhancing = tuple(
        measurement(parameter, "median", values[solid], values[reference])
        for parameter in ("ktrans", "vp")
        for values in [getattr(visit.maps, parameter)]
        if core
    )
    concentration = visit.prepared.concentration
    ratios = Ratios(
        measurements,
        tuple(Sensitivity(item.parameter, 1.05 * item.ratio, 0.9 * item.ratio) for item in measurements[::4]),
        0.97,
        RegionCurves(
            visit.prepared.times,
            np.nanmean(concentration[:, region], axis=1),
            np.nanmean(concentration[:, reference], axis=1),
        ),
        enhancing,
    )
    mask, hollow = t1.lesions[number - 1], t1.cores[number - 1]
    voxel = t1.volume.grid.voxel_volume / 1000
    return LesionAtVisit(
        TrueLesion(t1.volume.grid, mask, hollow),
        TrueSize(mask.sum() * voxel, (mask & ~hollow).sum() * voxel, hollow.sum() * voxel),
        np.float32(fraction),
        np.float32(fraction),
        region,
        reference,
        "mirrored",
        1.0,
        ratios,
        judge(ratios, criteria),
    )


def compared(name: str, pre: LesionAtVisit | None, follow_up: LesionAtVisit | None, criteria: Criteria):
    """Both visits of a lesion, or the one at which it was marked."""
    pairs = []
    if pre is not None and follow_up is not None:
        known = [name for name in ("ktrans", "vp") if pre.ratios.of(name) and follow_up.ratios.of(name)]
        pairs = [(pre.ratios.of(name), follow_up.ratios.of(name)) for name in known]
    return LesionComparison(
        name,
        pre,
        follow_up,
        "both" if pairs else "new" if pre is None else "vanished",
        tuple(change_of(*pair, criteria) for pair in pairs),
        tuple(change_of(*pair, criteria) for pair in pairs),
        T10Shift((1.41, 1.62), (1.08, 1.09), 0.06, "") if pairs else None,
        read_pair(pre and pre.verdict, follow_up and follow_up.verdict),
    )


def example(
    names: Sequence[str] = ("right frontal",),
    lesions: Mapping[str, tuple[Lesion, ...]] | None = None,
    size: Size = Size(),
    missing: tuple[str, str] | None = None,
    changed=None,
) -> Comparison:
    """A comparison of the lesions called ``names``.

    Args:
        names: of the lesions.
        lesions: of the head at each visit, as many as names.
        size: how large.
        missing: the visit at which a lesion was not marked, and its name.
        changed: turns a ``Ratios`` into another before it is judged.
    """
    lesions = lesions or {"pre": (Lesion(volume=4.0),), "follow_up": (Lesion(volume=8.0, core=0.3, seed=1),)}
    criteria = Criteria()
    parts = {visit: made(visit, lesions[visit], size) for visit in ("pre", "follow_up")}
    found = []
    for number, name in enumerate(names, start=1):
        at = {visit: at_visit(*parts[visit], number, criteria) for visit in parts}
        if changed is not None:
            for visit, one in at.items():
                ratios = changed(visit, one.ratios)
                at[visit] = replace(one, ratios=ratios, verdict=judge(ratios, criteria))
        if missing and missing[1] == name:
            at[missing[0]] = None
        found.append(compared(name, at["pre"], at["follow_up"], criteria))
    results = [
        VisitResult(visit, DATES[visit], fitted, t1.volume, alignment(BETWEEN_IMAGES.matrix))
        for visit, (_, t1, fitted) in parts.items()
    ]
    between = POSES["follow_up"].matrix @ np.linalg.inv(POSES["pre"].matrix)
    inputs = [(fitted.aif.times, fitted.aif.plasma_concentration) for _, _, fitted in parts.values()]
    alike = compare_aifs(*inputs[0], *inputs[1])
    return Comparison(*results, alignment(between), tuple(found), alike, criteria, ("A note on both visits.",))
