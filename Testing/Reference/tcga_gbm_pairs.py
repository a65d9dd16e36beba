"""A glioblastoma at three visits, compared two by two by the code that compares the visits of a patient.

What is there are concentrations: of the tumour's voxels, of muscle (one mean curve a visit) and of plasma (one voxel a
visit). So the series holds the box around the tumour, and apart from it one voxel with the curve of muscle, which is
the reference. Muscle is not brain and leaks a lot, and what was done to this glioblastoma between the visits is not
known: verdicts and readings show that the code takes them to the end, and mean nothing for the patient.

``python -m Testing.Reference.tcga_gbm_pairs FOLDER`` prints the comparison.
"""

import sys
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy import ndimage

from PerfusionRatioLib.acquisition import Known
from PerfusionRatioLib.aif.arterial_input import ArterialInput
from PerfusionRatioLib.aif.consistency import AifConsistency, compare_aifs
from PerfusionRatioLib.comparison.exchanged_input import at_visit
from PerfusionRatioLib.kinetics import fit
from PerfusionRatioLib.ratio.change import Change, change_of
from PerfusionRatioLib.ratio.criteria import Criteria
from PerfusionRatioLib.ratio.doubts import Doubts
from PerfusionRatioLib.ratio.measure import measure_ratios
from PerfusionRatioLib.ratio.measurement import RatioMeasurement, Ratios
from PerfusionRatioLib.ratio.reading import Reading, read_pair
from PerfusionRatioLib.ratio.verdict import NAMES, Verdict, judge
from PerfusionRatioLib.ratio.voxel_estimates import estimate_voxels
from PerfusionRatioLib.series import DceSeries, Grid
from PerfusionRatioLib.visit_preparation import PreparedVisit, prepare_visit
from PerfusionRatioLib.visit_settings import VisitSettings

from .tcga_gbm import VISITS, Visit, made_again, read_visit

PARAMETERS = ("ktrans", "vp")
CRITERIA = Criteria()
SETTINGS = VisitSettings(content="concentration", motion=False)
INPUT_ONLY = Doubts(drift=0.0, spill=0.0)
"""A box around the tumour, and muscle: what is around voxels is not what they are compared with."""


@dataclass(frozen=True)
class MeasuredVisit:
    """The tumour at one visit.

    Attributes:
        number: of the visit, 1 to 3.
        source: what the authors give.
        prepared: the series of the tumour's box, with the voxel of muscle.
        aif: the arterial input that the authors measured in one voxel.
        tumour: the voxels that the authors fitted, bool shaped (k, j, i).
        muscle: the one voxel that holds the curve of muscle, likewise.
        ratios: tumour to muscle.
        verdict: what they say.
    """

    number: int
    source: Visit
    prepared: PreparedVisit
    aif: ArterialInput
    tumour: np.ndarray
    muscle: np.ndarray
    ratios: Ratios
    verdict: Verdict

    def their_ratio(self, parameter: str) -> float:
        """The ratio by the authors' maps."""
        tumour = self.source.theirs[parameter][self.source.kept]
        return float(np.median(tumour) / self.source.muscle_theirs[parameter])


@dataclass(frozen=True)
class ComparedPair:
    """Two visits: the changes of rKtrans and rVp, also with the arterial inputs exchanged, and what they say."""

    changes: tuple[Change, ...]
    exchanged: tuple[Change, ...]
    reading: Reading
    aif: AifConsistency


def measure_visit(folder: Path, number: int) -> MeasuredVisit:
    """Measure the tumour at a visit, relative to muscle."""
    source = read_visit(folder, number)
    series, tumour, muscle = _series(source)
    prepared = prepare_visit(series, SETTINGS, mask=tumour | muscle)
    aif = ArterialInput(source.times, source.plasma, haematocrit=0.0, origin="the data's authors, one voxel")
    ratios = _ratios(prepared, aif.plasma_concentration, tumour, muscle)
    return MeasuredVisit(number, source, prepared, aif, tumour, muscle, ratios, judge(ratios, CRITERIA))


def compare_pair(before: MeasuredVisit, now: MeasuredVisit) -> ComparedPair:
    """Compare two visits as ``compare_visits`` does."""
    curves = (before.aif.times, before.aif.plasma_concentration, now.aif.times, now.aif.plasma_concentration)
    return ComparedPair(
        _changes(before.ratios, now.ratios),
        _changes(_with_input_of(now, before), _with_input_of(before, now)),
        read_pair(before.verdict, now.verdict),
        compare_aifs(*curves),
    )


def medians_made_again(visit: MeasuredVisit) -> dict[str, tuple[float, float]]:
    """Medians of the tumour that are known, and what is found of them, by parameter.

    The tumour is made again from the parameters of the bounded fit with new noise (``tcga_gbm.made_again``).
    """
    source = visit.source
    maps = fit(source.tissue, source.times, source.plasma)
    concentration = visit.prepared.concentration.copy()
    concentration[:, visit.tumour] = made_again(source, maps)[:, source.kept]
    found = estimate_voxels(replace(visit.prepared, concentration=concentration), source.plasma, visit.tumour).values
    return {
        name: (float(np.median(getattr(maps, name)[source.kept])), float(np.median(found[name]))) for name in PARAMETERS
    }


def _series(source: Visit) -> tuple[DceSeries, np.ndarray, np.ndarray]:
    """The box around the tumour with muscle in a corner of its last slice, which touches no slice of the tumour.

    The size of the voxels is not stored, and nothing here depends on it.
    """
    fitted = source.mask.copy()
    fitted[source.mask] = source.kept
    box = ndimage.find_objects(fitted.astype(np.int8))[0]
    tumour = np.pad(fitted[box], ((0, 2), (0, 0), (0, 0)))
    muscle = np.zeros_like(tumour)
    muscle[-1, 0, 0] = True
    concentration = np.full((len(source.times), *tumour.shape), np.nan, np.float32)
    concentration[:, tumour] = source.tissue[:, source.kept]
    concentration[:, muscle] = source.muscle[:, None]
    return DceSeries(concentration, Known(source.times, "the authors"), Grid(tumour.shape[::-1])), tumour, muscle


def _ratios(prepared: PreparedVisit, plasma: np.ndarray, tumour: np.ndarray, muscle: np.ndarray) -> Ratios:
    return measure_ratios(prepared, plasma, tumour, muscle, doubts=INPUT_ONLY, fewest_reference=1, normal_brain=False)


def _with_input_of(other: MeasuredVisit, own: MeasuredVisit) -> Ratios:
    return _ratios(own.prepared, at_visit(other.aif, own.aif), own.tumour, own.muscle)


def _changes(before: Ratios, now: Ratios) -> tuple[Change, ...]:
    return tuple(change_of(before.of(name), now.of(name), CRITERIA) for name in PARAMETERS)


def _main(folder: Path) -> None:
    visits = {number: measure_visit(folder, number) for number in VISITS}
    pairs = {pair: compare_pair(*(visits[number] for number in pair)) for pair in combinations(VISITS, 2)}
    _print_visits(visits.values())
    _print_changes(visits, pairs)
    _print_made_again(visits.values())
    for (before, now), pair in pairs.items():
        print(f"- {before} to {now}: {pair.reading.sentence} {pair.aif.sentence}")


def _print_visits(visits) -> None:
    print("| visit | voxels | | tumour | muscle | ratio | authors' ratio | perfusion |")
    print("|---|---:|---|---|---|---|---:|---|")
    for visit in visits:
        for name in PARAMETERS:
            found = visit.ratios.of(name)
            regions = ((found.lesion_value, found.lesion_interval), (found.reference_value, found.reference_interval))
            cells = [_estimate(value, *interval, digits=4) for value, interval in regions]
            cells.append(_ratio(found))
            cells += [f"{visit.their_ratio(name):.3f}", visit.verdict.perfusion if name == PARAMETERS[0] else ""]
            print(f"| {visit.number} | {found.lesion_voxels} | {name} | {' | '.join(cells)} |")


def _print_changes(visits: dict[int, MeasuredVisit], pairs: dict[tuple[int, int], ComparedPair]) -> None:
    print("\n| visits | | change | repeatability | measurement error | inputs exchanged | authors' maps |")
    print("|---|---|---|---:|---|---|---:|")
    for (before, now), pair in pairs.items():
        for change, exchanged in zip(pair.changes, pair.exchanged, strict=True):
            theirs = visits[now].their_ratio(change.parameter) / visits[before].their_ratio(change.parameter) - 1
            limit = "not known" if change.repeatability is None else f"{change.repeatability:.0%}"
            cells = [
                f"{before} to {now}",
                NAMES[change.parameter],
                _change(change),
                limit,
                {True: "beyond", False: "within", None: "not known"}[change.beyond_error],
                _change(exchanged),
                f"{theirs:+.0%}",
            ]
            print(f"| {' | '.join(cells)} |")
    print()


def _print_made_again(visits) -> None:
    print("| visit | | median made again | found | found / made |")
    print("|---|---|---:|---:|---:|")
    for visit in visits:
        for name, (true, found) in medians_made_again(visit).items():
            print(f"| {visit.number} | {name} | {true:.4f} | {found:.4f} | {found / true:.2f} |")
    print()


def _estimate(value: float, low: float, high: float, digits: int) -> str:
    return f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _ratio(found: RatioMeasurement) -> str:
    if not found.evaluable:
        return f"at least {found.ci_low:.3f}"
    return _estimate(found.ratio, found.ci_low, found.ci_high, digits=3)


def _change(change: Change) -> str:
    if change.beyond_error is None:
        return "not known"
    return f"{change.relative:+.0%} ({change.ci_low:+.0%} to {change.ci_high:+.0%})"


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
