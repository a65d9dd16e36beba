"""Whether every scenario of the digital patient gets its right reading, by the whole automatic chain.

    python Testing/Benchmarks/bench_readings.py [--seeds 20] [--first 0] [--scenarios necrosis ...] [--small] [--still]

Both visits are made as images of the size of the demo (series of 128 x 128 x 30 voxels, 60 frames of 5 s with head
motion, T1 of 1 mm, images at three flip angles), and go through everything a patient's do: motion correction, T1
mapping, automatic arterial input, alignment, segmentation from one seed, reference, ratios with intervals, reading.
Each lesion is a line; a table of the scenarios follows. ``--small`` makes them with 96 x 108 x 30 voxels of the series
and T1 of 1.5 mm: fewer voxels in a lesion, so more noise. ``--still`` leaves out motion and its correction, which take
most of the time.
"""

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from PerfusionRatioLib.comparison.compare import compare_visits
from PerfusionRatioLib.comparison.inputs import ComparedVisit, LesionMark, MarkedLesion
from PerfusionRatioLib.comparison.result import LesionAtVisit
from PerfusionRatioLib.errors import PerfusionRatioError
from PerfusionRatioLib.phantom.patient import FULL, MEDIUM, PatientVisit, make_patient
from PerfusionRatioLib.phantom.scenarios import SCENARIOS
from PerfusionRatioLib.ratio.reading import Conclusion
from PerfusionRatioLib.signal.flip_angles import t1_from_flip_angles
from PerfusionRatioLib.visit_reading import VisitInputs
from PerfusionRatioLib.visit_settings import VisitSettings

RATIOS = ("ktrans", "vp")
EXPECTED = {
    "recurrence": Conclusion.RECURRENCE,
    "recurrence-new": Conclusion.RECURRENCE,
    "necrosis": Conclusion.NECROSIS,
    "unreliable": Conclusion.UNRELIABLE,
}


@dataclass(frozen=True)
class Line:
    """One lesion of one patient: what its reading must be and was, both visits in figures, and of each ratio whether
    its interval holds the truth."""

    scenario: str
    seed: int
    expected: str
    found: str
    figures: str
    held: tuple[tuple[str, bool], ...] = ()

    @property
    def right(self) -> bool:
        """Whether it was read as it must be."""
        return self.found == self.expected


def compared_visit(visit: PatientVisit, still: bool) -> ComparedVisit:
    """A visit of the digital patient as ``compare`` reads it from files."""
    images = visit.flip_angle_images
    mapped = t1_from_flip_angles(
        np.stack([image.array for image in images]),
        [image.acquisition.require("flip_angle") for image in images],
        [image.acquisition.require("repetition_time") for image in images],
    )
    phantom = visit.phantom
    settings = VisitSettings(motion=not still, haematocrit=phantom.haematocrit, relaxivity=phantom.relaxivity)
    return ComparedVisit(
        visit.series, visit.post_contrast.volume, settings, VisitInputs(t10=mapped.t10), date=visit.date
    )


def lines_of(scenario: str, seed: int, small: bool, still: bool) -> list[Line]:
    """Compare the visits of a patient."""
    patient = make_patient(scenario, seed, MEDIUM if small else FULL, **({"motion": None} if still else {}))
    courses = patient.scenario.lesions
    marks = [[LesionMark(seeds=(v.seeds[n] * (-1, -1, 1))[None]) for v in patient.visits] for n in range(len(courses))]
    lesions = [MarkedLesion(course.name, *pair) for course, pair in zip(courses, marks, strict=True)]
    try:
        compared = compare_visits(*(compared_visit(visit, still) for visit in patient.visits), lesions)
    except PerfusionRatioError as error:
        return [Line(scenario, seed, EXPECTED[course.reading], str(error), "") for course in courses]
    lines, found = [], {lesion.name: lesion for lesion in compared.lesions}
    for number, course in enumerate(courses):
        lesion = found.get(course.name)
        if lesion is None:
            lines.append(Line(scenario, seed, EXPECTED[course.reading], "left out", " ".join(compared.notes)))
            continue
        pairs = [(there, visit, number) for (_, there), visit in zip(lesion.visits, patient.visits, strict=True)]
        told, held = " | ".join(figures(*pair) for pair in pairs), tuple(one for pair in pairs for one in holds(*pair))
        lines.append(Line(scenario, seed, EXPECTED[course.reading], lesion.reading.conclusion, told, held))
    return lines


def figures(found: LesionAtVisit, visit: PatientVisit, number: int) -> str:
    """Both ratios beside those of the true maps over the true lesion and the same reference."""
    told = []
    for name in RATIOS:
        true, measured = true_ratio(name, found, visit, number), found.ratios.of(name)
        told.append(f"{name} {true:.2f}: {measured.ratio:.2f} ({measured.ci_low:.2f} to {measured.ci_high:.2f})")
    return ", ".join(told)


def holds(found: LesionAtVisit, visit: PatientVisit, number: int) -> list[tuple[str, bool]]:
    """Of each ratio, whether its interval holds the true one."""
    intervals = {name: found.ratios.of(name) for name in RATIOS}
    return [
        (name, bool(item.ci_low <= true_ratio(name, found, visit, number) <= item.ci_high))
        for name, item in intervals.items()
    ]


def true_ratio(name: str, found: LesionAtVisit, visit: PatientVisit, number: int) -> float:
    """That of the true maps, over the true lesion and the reference found."""
    true = getattr(visit.truth, name)
    return float(np.median(true[visit.lesions[number]]) / np.median(true[found.reference]))


def _work(job: tuple[str, int, bool, bool]) -> list[Line]:
    return lines_of(*job)


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--scenarios", nargs="+", default=list(SCENARIOS), choices=list(SCENARIOS))
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--still", action="store_true")
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    jobs = [(scenario, seed, chosen.small, chosen.still) for seed in seeds for scenario in chosen.scenarios]
    start, lines = time.perf_counter(), []
    with ProcessPoolExecutor(chosen.processes) as pool:
        for done in pool.map(_work, jobs):
            for line in done:
                sign = " " if line.right else "!"
                print(f"{sign} {line.scenario} {line.seed}: {line.found} [{line.figures}]", flush=True)
            lines += done
    print(f"\n{len(jobs)} patients in {time.perf_counter() - start:.0f} s\n")
    print("| scenario | lesions | read rightly | indeterminate | read wrongly |\n|---|---:|---:|---:|---:|")
    for scenario in chosen.scenarios:
        of = [line for line in lines if line.scenario == scenario]
        right = sum(line.right for line in of)
        undecided = sum(not line.right and line.found == Conclusion.INDETERMINATE for line in of)
        print(f"| {scenario} | {len(of)} | {right} | {undecided} | {len(of) - right - undecided} |")
    for name in RATIOS:
        held = [inside for line in lines for ratio, inside in line.held if ratio == name]
        print(f"\nThe interval of {name} holds the truth in {sum(held)} of {len(held)}.")


if __name__ == "__main__":
    _main()
