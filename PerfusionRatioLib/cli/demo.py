"""``perfusion-ratio demo``: a digital patient as DICOM, compared as any patient would be, beside the truth."""

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .compare import show_comparison
from .console import Console, table
from .numbers import seed

if TYPE_CHECKING:
    from ..comparison.result import Comparison

SUMMARY = "make a digital patient as DICOM, compare the two visits, and write the report"
EXAMPLES = """  perfusion-ratio demo
  perfusion-ratio demo my_demo --scenario never-hyperperfused --seed 3 --overwrite

courses of disease:
  recurrence            hyperperfused before and now
  necrosis              hyperperfused before; now without vessels (bright by itself, without contrast agent)
  never-hyperperfused   without vessels before and now: absence now says nothing
  new-hyperperfusion    without vessels before, hyperperfused now
  two-lesions           one recurs, one is necrotic
  leaky-necrosis        hyperperfused before; now leaking without vessels: rKtrans and rVp disagree

then, with the patient it made:
  perfusion-ratio info demo/patient/pre/dce
  perfusion-ratio compare demo/patient/study.toml -o results"""

SCENARIOS = (
    "recurrence", "necrosis", "never-hyperperfused", "new-hyperperfusion", "two-lesions", "leaky-necrosis",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, and which patient."""
    parser.add_argument(
        "output", nargs="?", default="demo", metavar="OUT", help="folder for the results (default demo)"
    )
    parser.add_argument("--scenario", choices=SCENARIOS, default="two-lesions", help="course of disease (two-lesions)")
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="of everything about the patient (default 0)")
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier demo in OUT (nothing else)")


def run(arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Make the patient, do what ``compare`` does with its study file, and show the result beside the truth."""
    from ..acquisition import Known
    from ..comparison.from_study import compare_study
    from ..export.comparison_folder import comparison_account, write_comparison
    from ..export.folder import atomic_folder
    from ..export.provenance import provenance
    from ..phantom.dicom_study import write_patient
    from ..phantom.patient import FULL, make_patient
    from ..phantom.patient_truth import truth_of
    from ..progress import advance, part
    from ..reporting.extras import require_extras
    from ..study import study_files
    from ..study.study_file import read_study

    require_extras()
    command = ["perfusion-ratio", *arguments.command_line]
    made_from = {"scenario": Known(arguments.scenario, "command line or default")}
    made_from |= {"seed": Known(arguments.seed, "command line or default")}
    with atomic_folder(
        arguments.output, arguments.overwrite, verb="demo", completed=console.completing(arguments)
    ) as folder:
        patient = make_patient(arguments.scenario, arguments.seed, FULL)
        study_file = write_patient(folder / "patient", patient, part(console.progress, 0, 0.35))
        truth = truth_of(patient)
        true_maps = {visit.name: (visit.truth.ktrans, visit.truth.vp, visit.lesions) for visit in patient.visits}
        del patient  # its images are read again, from the files
        study = read_study(study_file)
        comparison = compare_study(study, part(console.progress, 0.35, 0.93))
        advance(console.progress, 0.93, "writing the report")
        known = provenance(command, study_files(study), made_from)
        for entry in known["inputs"]:  # they will lie there once the folder is complete
            entry["path"] = str(Path(arguments.output, Path(entry["path"]).relative_to(folder)))
        dates = {"radiosurgery": study.patient.srs_date, "resection": study.patient.resection_date}
        write_comparison(folder, comparison, known, **dates)
        account = comparison_account(comparison, **dates)
    show_comparison(console, comparison, arguments.output)
    console.show(_beside_truth(comparison, truth, true_maps))
    console.show(f"patient {Path(arguments.output, 'patient')}")
    return {"output": arguments.output} | account | {"truth": truth}


def _beside_truth(comparison: "Comparison", truth: dict[str, Any], true_maps: dict[str, tuple]) -> str:
    """Each measured ratio beside that of the true maps, over the true lesion and the reference that was found."""
    import numpy as np

    rows = [["truth", "visit", "rKtrans", "true", "rVp", "true", "reading expected"]]
    numbered = {true["name"]: (number, true) for number, true in enumerate(truth["lesions"])}
    for measured in comparison.lesions:
        number, true = numbered[measured.name]
        for visit, lesion in measured.visits:
            *maps, lesions = true_maps[visit]
            cells = []
            for name, values in zip(("ktrans", "vp"), maps, strict=True):
                ratio = np.median(values[lesions[number]]) / np.median(values[lesion.reference])
                cells += [_figure(lesion.ratios.of(name).ratio), _figure(ratio)]
            rows.append([measured.name, visit, *cells, true["reading"]])
    return table(rows) + "\n"


def _figure(ratio: float) -> str:
    from ..ratio.verdict import written

    return written(ratio) if math.isfinite(ratio) else "-"
