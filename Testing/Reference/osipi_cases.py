"""Our answers to OSIPI's reference tables of signal, T1 and population arterial inputs, beside the expected ones.

The tables are those of OSIPI's DCE-DSC-MRI code collection (Apache-2.0), read from their folder; the tolerances are
their owners'. ``python -m Testing.Reference.osipi_cases FOLDER`` prints the mean absolute errors.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from PerfusionRatioLib.aif.arterial_input import ArterialInput
from PerfusionRatioLib.aif.population import georgiou, parker
from PerfusionRatioLib.signal.flip_angles import t1_from_flip_angles
from PerfusionRatioLib.signal.spoiled_gradient_echo import concentration_from_signal


@dataclass(frozen=True)
class Case:
    """One row of a reference table: what we found and what is expected.

    Attributes:
        table: which reference table.
        label: which row of it.
        unit: of both values.
        found: ours, one value or a curve.
        expected: the table's, shaped alike.
        absolute, relative: the owners' tolerance is ``absolute + relative · |expected|``.
    """

    table: str
    label: str
    unit: str
    found: np.ndarray
    expected: np.ndarray
    absolute: float
    relative: float

    @property
    def errors(self) -> np.ndarray:
        """Absolute errors."""
        return np.atleast_1d(np.abs(self.found - self.expected))

    @property
    def worst(self) -> float:
        """The largest error as a fraction of its tolerance; infinite when an answer is missing."""
        fraction = self.errors / (self.absolute + self.relative * np.abs(np.atleast_1d(self.expected)))
        return float(np.where(np.isfinite(fraction), fraction, np.inf).max())


def t1_cases(osipi: Path) -> list[Case]:
    """R1 from flip angles: brain (in vivo), QIBA (synthetic) and prostate (in vivo), the last also with B1."""
    folder = osipi / "test" / "T1_mapping" / "data"
    brain = [_r1_case("T1 brain", row, float(row["R1"]), 1.0) for row in _rows(folder / "t1_brain_data.csv")]
    qiba = [_r1_case("T1 QIBA", row, 1000 * float(row["R1"]), 1.0) for row in _rows(folder / "t1_quiba_data.csv")]
    prostate, corrected = [], []
    for row in _rows(folder / "t1_prostate_data.csv"):
        prostate.append(_r1_case("T1 prostate", row, 1000 / float(row["T1 nonlinear"]), 1e-3))
        expected = 1000 / float(row["T1 nonlinear B1cor"])
        corrected.append(_r1_case("T1 prostate with B1", row, expected, 1e-3, float(row["B1"]) / 100))
    return brain + qiba + prostate + corrected


def signal_cases(osipi: Path) -> list[Case]:
    """Concentration from signal. The table leaves out the first frame, of its baseline too."""
    cases = []
    for row in _rows(osipi / "test" / "SI_to_Conc" / "data" / "SI2Conc_data.csv"):
        found = concentration_from_signal(
            _numbers(row["s"])[:, None].astype(np.float32),
            slice(1, int(row["numbaselinepts"])),
            float(row["T1base"]),
            float(row["TR"]),
            float(row["FA"]),
            float(row["r1"]),
        ).array[1:, 0]
        cases.append(Case("signal", row["label"], "mM", found, _numbers(row["conc"])[1:], 1e-5, 1e-5))
    return cases


def population_cases(osipi: Path) -> list[Case]:
    """Blood concentration of the population arterial inputs. A delayed curve is zero until it begins."""
    folder = osipi / "test" / "PopulationAIF_DCE" / "data"
    return [
        *_population_cases("Parker", folder / "ParkerAIF_ref.csv", parker),
        *_population_cases("Parker delayed", folder / "ParkerAIF_ref_with_delay.csv", parker),
        *_population_cases("Georgiou", folder / "GeorgiouAIF_ref.csv", georgiou),
    ]


def _r1_case(table: str, row: dict[str, str], expected: float, seconds: float, b1: float | None = None) -> Case:
    times = seconds * _numbers(row["TR"])
    t10 = t1_from_flip_angles(_numbers(row["s"]), _numbers(row["FA"]), times, b1).t10
    return Case(table, row["label"], "1/s", 1 / np.asarray(t10, float), np.asarray(expected), 0.05, 0.05)


def _population_cases(table: str, path: Path, population: Callable[..., ArterialInput]) -> list[Case]:
    curves = defaultdict(list)
    for row in _rows(path):
        curves[row["label"], float(row.get("delay", 0))].append((60 * float(row["time"]), float(row["Cb"])))
    cases = []
    for (label, delay), samples in curves.items():
        times, expected = np.array(samples).T
        found = population(times, arrival_time=delay).blood_concentration
        cases.append(Case(table, label, "mM", found, expected, 1e-4, 0.01))
    return cases


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return [{name.strip(): cell for name, cell in row.items()} for row in csv.DictReader(file)]


def _numbers(cell: str) -> np.ndarray:
    return np.array(cell.split(), float)


def error_table(cases: Iterable[Case]) -> str:
    """Mean absolute errors by table, in Markdown."""
    tables = defaultdict(list)
    for case in cases:
        tables[case.table].append(case)
    lines = [
        "| table | cases | mean absolute error | largest error | largest / tolerance |",
        "|---|---:|---:|---:|---:|",
    ]
    for table, members in tables.items():
        errors = np.concatenate([case.errors for case in members])
        worst = max(case.worst for case in members)
        unit = members[0].unit
        lines.append(
            f"| {table} | {len(members)} | {errors.mean():.2g} {unit} | {errors.max():.2g} {unit} | {worst:.2g} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    root = Path(sys.argv[1])
    print(error_table([*signal_cases(root), *t1_cases(root), *population_cases(root)]))
