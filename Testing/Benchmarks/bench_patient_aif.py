"""The automatic arterial input of digital patients, found as ``compare`` finds it.

    python Testing/Benchmarks/bench_patient_aif.py [--patients 25] [--first 0] [--processes 2]

Both visits of each patient, the scenarios in turn, are acquired in ways drawn for it: voxels of 1.8 or 2.2 mm by 4 mm,
frames 3 to 6 s apart for five minutes, signal-to-noise ratio 20 to 60, head motion of up to 1 mm and 1 degree or none,
a coil of uneven sensitivity, T1 from images at three flip angles with half the noise. Boluses are 11 to 14 s wide with
a peak of 5 to 7.5 mM. The errors are those of the plasma curve at the frame times. Rarer conditions (boluses from 6 s,
frames to 8 s, SNR from 15, inflow) are in ``bench_automatic_aif.py``.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from bench_readings import compared_visit

from PerfusionRatioLib.errors import NoAnswerError
from PerfusionRatioLib.phantom.patient import FULL, MEDIUM, PatientVisit, make_patient
from PerfusionRatioLib.phantom.scenarios import SCENARIOS
from PerfusionRatioLib.visit import find_arterial_input
from PerfusionRatioLib.visit_preparation import prepare_visit

DURATION = 300.0  # s
PEAK_BAR, AREA_BAR = 0.10, 0.05


@dataclass(frozen=True)
class Row:
    """One visit: how it was acquired and the relative errors of its arterial input; not-a-number without one."""

    told: str
    peak: float
    area: float


def acquired_visits(number: int) -> tuple[PatientVisit, ...]:
    """The visits of a patient, each acquired in its own way."""
    scenario = list(SCENARIOS)[number % len(SCENARIOS)]
    visits = []
    for which in range(2):
        random = np.random.default_rng((number, which))
        interval = float(random.uniform(3, 6))
        scale = (FULL, MEDIUM)[random.integers(2)]
        scale = replace(scale, interval=interval, frames=int(DURATION / interval))
        most = float(random.choice([0.0, 0.5, 1.0]))
        motion = (most, most) if most else None
        visits.append(make_patient(scenario, number, scale, random.uniform(20, 60), motion).visits[which])
    return tuple(visits)


def row_of(visit: PatientVisit) -> Row:
    """Find the arterial input of a visit."""
    inputs = compared_visit(visit, still=visit.motion is None)
    times, truth = inputs.series.require_times(), visit.truth.aif
    told = (
        f"{visit.patient_id} {visit.name}: voxels {inputs.series.grid.spacing[0]:.1f} mm, frames "
        f"{visit.scale.interval:.1f} s, SNR {visit.snr:.0f}, motion {visit.motion[0] if visit.motion else 0:.1f} mm"
    )
    try:
        prepared = prepare_visit(inputs.series, inputs.settings, t10=inputs.inputs.t10)
        found = find_arterial_input(prepared).plasma_concentration
    except NoAnswerError as error:
        return Row(f"{told}: {error}", float("nan"), float("nan"))
    peak, area = found.max() / truth.max() - 1, np.trapezoid(found, times) / np.trapezoid(truth, times) - 1
    return Row(f"{told}: peak {peak:+.1%}, area {area:+.1%}", float(peak), float(area))


def rows_of(number: int) -> list[Row]:
    """Both visits of a patient."""
    return [row_of(visit) for visit in acquired_visits(number)]


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=25)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    rows = []
    with ProcessPoolExecutor(chosen.processes) as pool:
        for done in pool.map(rows_of, range(chosen.first, chosen.first + chosen.patients)):
            for row in done:
                print(row.told, flush=True)
            rows += done
    for name, bar in (("peak", PEAK_BAR), ("area", AREA_BAR)):
        errors = np.array([getattr(row, name) for row in rows])
        size = np.abs(errors)
        print(
            f"{name}: within {bar:.0%} in {np.count_nonzero(size <= bar)} of {len(rows)}; median "
            f"{np.nanmedian(errors):+.1%}, median size {np.nanmedian(size):.1%}, largest {np.nanmax(size):.1%}"
        )


if __name__ == "__main__":
    _main()
