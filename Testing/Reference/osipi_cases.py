"""Our answers to OSIPI's reference tables, beside the expected ones.

The tables are those of OSIPI's DCE-DSC-MRI code collection (Apache-2.0), read from their folder; the tolerances are
their owners'. ``python -m Testing.Reference.osipi_cases FOLDER`` prints the mean absolute errors, and beside them those
of the programs that others handed in to OSIPI where a summary of them lies in the folder.
"""

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from PerfusionRatioLib.aif.arterial_input import ArterialInput
from PerfusionRatioLib.aif.population import georgiou, parker
from PerfusionRatioLib.kinetics import fit
from PerfusionRatioLib.signal.flip_angles import t1_from_flip_angles
from PerfusionRatioLib.signal.spoiled_gradient_echo import concentration_from_signal


@dataclass(frozen=True)
class Case:
    """One row of a reference table: what we found and what is expected.

    Attributes:
        table: which reference table.
        label: which row of it.
        quantity: what is found.
        unit: of both values.
        found: ours, one value or a curve.
        expected: the table's, shaped alike.
        absolute, relative: the owners' tolerance is ``absolute + relative · |expected|``.
    """

    table: str
    label: str
    quantity: str
    unit: str
    found: np.ndarray
    expected: np.ndarray
    absolute: float
    relative: float

    @property
    def tolerance(self) -> str:
        """The owners' tolerance in words."""
        return f"{self.absolute:g}" + (f" + {100 * self.relative:g}%" if self.relative else "")

    @property
    def errors(self) -> np.ndarray:
        """Absolute errors."""
        return np.atleast_1d(np.abs(self.found - self.expected))

    @property
    def worst(self) -> float:
        """The largest error as a fraction of its tolerance; infinite when an answer is missing."""
        fraction = self.errors / (self.absolute + self.relative * np.abs(np.atleast_1d(self.expected)))
        return float(np.where(np.isfinite(fraction), fraction, np.inf).max())


@dataclass(frozen=True)
class _Quantity:
    """A parameter of the models: the tables' column, what it is called and measured in, and its tolerance."""

    column: str
    name: str
    unit: str
    absolute: float
    relative: float = 0.0


_QUANTITIES = {
    "ktrans": _Quantity("Ktrans", "Ktrans", "1/min", 0.005, 0.1),
    "ps": _Quantity("ps", "PS", "1/min", 0.005, 0.1),
    "fp": _Quantity("fp", "Fp", "ml/100 ml/min", 5, 0.1),
    "ve": _Quantity("ve", "ve", "", 0.05),
    "vp": _Quantity("vp", "vp", "", 0.025),
    "delay": _Quantity("delay", "delay", "s", 1),
}
_MODEL_FILES = {
    "tofts": ("dce_DRO_data_tofts.csv", None),
    "extended-tofts": ("dce_DRO_data_extended_tofts.csv", None),
    "patlak": ("patlak_sd_0.02_delay_0.csv", "patlak_sd_0.02_delay_5.csv"),
    "2cum": ("2cum_sd_0.0025_delay_0.csv", "2cum_sd_0.0025_delay_5.csv"),
    "2cxm": ("2cxm_sd_0.001_delay_0.csv", "2cxm_sd_0.001_delay_5.csv"),
}
MODELS = tuple(_MODEL_FILES)
_SHIFT = 5
"""Frames by which the tables of the Tofts models say to shift their tissue curves, as they have no delayed set."""


def model_cases(osipi: Path, model: str, delayed: bool) -> list[Case]:
    """Each parameter of a model in each row of its table; of the delayed set with the delay of each voxel fitted."""
    without, late = _MODEL_FILES[model]
    rows = _rows(osipi / "test" / "DCEmodels" / "data" / (late if delayed and late else without))
    table = f"{model} delayed" if delayed else model
    cases = []
    for aif, members in _by_arterial_input(rows).items():
        times = _numbers(members[0]["t"])
        curves = np.stack([_tissue(row, shifted=delayed and late is None) for row in members], axis=1)
        maps = fit(curves, times, np.array(aif), model, delay="voxel" if delayed else "none")
        for voxel, row in enumerate(members):
            expected = _expected(row, model)
            if delayed:
                expected["delay"] = float(row["arterial_delay"]) if late else _SHIFT * (times[1] - times[0])
            for name, value in expected.items():
                kind = _QUANTITIES[name]
                found = np.asarray(getattr(maps, name)[voxel], float)
                tolerance = kind.absolute, kind.relative
                cases.append(Case(table, row["label"], kind.name, kind.unit, found, np.asarray(value), *tolerance))
    return cases


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
        cases.append(Case("signal", row["label"], "concentration", "mM", found, _numbers(row["conc"])[1:], 1e-5, 1e-5))
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
    return Case(table, row["label"], "R1", "1/s", 1 / np.asarray(t10, float), np.asarray(expected), 0.05, 0.05)


def _population_cases(table: str, path: Path, population: Callable[..., ArterialInput]) -> list[Case]:
    curves = defaultdict(list)
    for row in _rows(path):
        curves[row["label"], float(row.get("delay", 0))].append((60 * float(row["time"]), float(row["Cb"])))
    cases = []
    for (label, delay), samples in curves.items():
        times, expected = np.array(samples).T
        found = population(times, arrival_time=delay).blood_concentration
        cases.append(Case(table, label, "concentration", "mM", found, expected, 1e-4, 0.01))
    return cases


def _by_arterial_input(rows: list[dict[str, str]]) -> dict[tuple[float, ...], list[dict[str, str]]]:
    """The rows that share an arterial input, which is plasma concentration in mM."""
    groups = defaultdict(list)
    for row in rows:
        groups[tuple(_numbers(row.get("cp_aif") or row["ca"]))].append(row)
    return groups


def _tissue(row: dict[str, str], shifted: bool) -> np.ndarray:
    curve = _numbers(row.get("C_t") or row["C"]).astype(np.float32)
    return np.concatenate([np.zeros(_SHIFT, np.float32), curve[:-_SHIFT]]) if shifted else curve


def _expected(row: dict[str, str], model: str) -> dict[str, float]:
    """The table's parameters by our names; the PS of its Patlak model is our Ktrans."""
    values = {name: float(row[kind.column]) for name, kind in _QUANTITIES.items() if kind.column in row}
    if model == "patlak":
        values["ktrans"] = values.pop("ps")
    return values


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return [{name.strip(): cell for name, cell in row.items()} for row in csv.DictReader(file)]


def _numbers(cell: str) -> np.ndarray:
    return np.array(cell.split(), float)


def all_cases(osipi: Path) -> list[Case]:
    """Every case of every table."""
    cases = [*signal_cases(osipi), *t1_cases(osipi), *population_cases(osipi)]
    for model in MODELS:
        cases += [*model_cases(osipi, model, delayed=False), *model_cases(osipi, model, delayed=True)]
    return cases


def error_table(cases: Iterable[Case]) -> str:
    """Mean absolute errors by table and quantity, in Markdown."""
    groups = defaultdict(list)
    for case in cases:
        groups[case.table, case.quantity].append(case)
    lines = [
        "| table | quantity | cases | tolerance | mean absolute error | largest error | largest / tolerance |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for (table, quantity), members in groups.items():
        errors = np.concatenate([case.errors for case in members])
        worst = max(case.worst for case in members)
        name = f"{quantity} ({members[0].unit})" if members[0].unit else quantity
        lines.append(
            f"| {table} | {name} | {len(members)} | {members[0].tolerance} | {errors.mean():.2g} | {errors.max():.2g} "
            f"| {worst:.2g} |"
        )
    return "\n".join(lines)


_OTHERS = Path("rocketship_peer_reference", "osipi_peer_error_summary.json")
_THEIR_NAMES = {
    "tofts": ("DCEmodels", "tofts"),
    "extended-tofts": ("DCEmodels", "etofts"),
    "patlak": ("DCEmodels", "patlak"),
    "2cum": ("DCEmodels", "2CUM"),
    "2cxm": ("DCEmodels", "2CXM"),
    "T1": ("T1mapping", "nonlinear"),
    "signal": ("SI_to_Conc", ""),
}


def comparison_table(cases: Iterable[Case], osipi: Path) -> str:
    """Our errors beside those of the programs handed in to OSIPI, in Markdown.

    Theirs are pooled over programs and over the sets with and without delay, so ours are pooled alike. Delays are left
    out: in their mean programs that hold the delay at zero count with an error of none in the sets without delay.
    """
    groups = defaultdict(list)
    for case in cases:
        pooled = case.table.removesuffix(" delayed")
        pooled = "T1" if pooled in ("T1 brain", "T1 QIBA", "T1 prostate") else pooled
        if pooled in _THEIR_NAMES and case.quantity != "delay":
            groups[pooled, case.quantity].append(case.errors)
    theirs = json.loads((osipi / _OTHERS).read_text())["metrics"]
    lines = [
        "| model | quantity | our mean absolute error | of other programs | our largest error | of other programs |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for (pooled, quantity), parts in groups.items():
        part, name = _THEIR_NAMES[pooled]
        known = {key.lower(): value for key, value in theirs[part][name].items()}
        key = {"concentration": "conc"}.get(quantity, quantity.lower())
        key = "ps" if (pooled, key) == ("patlak", "ktrans") else key
        errors = np.concatenate(parts)
        lines.append(
            f"| {pooled} | {quantity} | {errors.mean():.2g} | {known[key]['mae']:.2g} | {errors.max():.2g} "
            f"| {known[key]['max_abs_error']:.2g} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    root = Path(sys.argv[1])
    every = all_cases(root)
    print(error_table(every))
    if (root / _OTHERS).exists():
        print()
        print(comparison_table(every, root))
