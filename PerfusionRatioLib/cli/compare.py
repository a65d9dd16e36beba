"""``perfusion-ratio compare``: two visits, from a study file to one reading."""

import argparse
from typing import Any

from .console import Console

SUMMARY = "compare two visits: ratios to normal brain, the reading of each lesion, and a report"
EXAMPLES = """  perfusion-ratio compare study.toml -o results
  perfusion-ratio compare study.toml -o results --overwrite --json

a study file:
  [patient]
  srs_date = 2026-01-15
  [pre]
  dce = "pre/dce"
  t1_post = "pre/t1_post"
  [follow_up]
  dce = "follow_up/dce"
  t1_post = "follow_up/t1_post"
  [[lesion]]
  name = "left frontal"
  pre = { seed = [-31.0, 34.0, 22.0] }        # R, A, S in mm
  follow_up = { seed = [-30.0, 35.5, 20.0] }

files written:
  report.html, ratios.csv, comparison.json, provenance.json, and for each visit a folder with its maps and masks"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The study, the output, and whether the report names the patient."""
    parser.add_argument("study", metavar="STUDY.toml", help="the study file: patient, visits, lesions")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="folder for the results")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace earlier results of compare in OUT (nothing else)"
    )
    parser.add_argument(
        "--names",
        action="store_true",
        help="put the patient's name and birth date, from the DICOM files, in the report",
    )


def run(arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Compare the visits and write the folder; show the ratios and the reading, return them with their account."""
    from ..comparison.from_study import compare_study
    from ..export.comparison_folder import comparison_account, write_comparison
    from ..export.folder import atomic_folder
    from ..export.provenance import provenance
    from ..progress import advance, part
    from ..reading.patient_names import read_patient_names
    from ..reporting.extras import require_extras
    from ..study import study_files
    from ..study.study_file import read_study

    require_extras()
    study = read_study(arguments.study)
    inputs = study_files(study)
    with atomic_folder(
        arguments.output, arguments.overwrite, inputs.values(), verb="compare", completed=console.completing(arguments)
    ) as folder:
        names = read_patient_names(study.pre.dce) if arguments.names else None
        comparison = compare_study(study, part(console.progress, 0, 0.9))
        advance(console.progress, 0.9, "writing the report")
        known = provenance(["perfusion-ratio", *arguments.command_line], inputs, {})
        dates = {"radiosurgery": study.patient.srs_date, "resection": study.patient.resection_date}
        write_comparison(folder, comparison, known, **dates, names=names)
        account = comparison_account(comparison, **dates)
    show_comparison(console, comparison, arguments.output)
    return {"output": arguments.output} | account


def show_comparison(console: Console, comparison, output: str) -> None:
    """The ratios, the reading of each lesion, what is to be known, and where the report is."""
    from pathlib import Path

    from ..comparison.remarks import remarks
    from ..export.ratio_table import ratio_text

    console.show(ratio_text(comparison))
    for remark in remarks(comparison):
        console.show(f"! {remark}")
    console.show()
    console.show(f"report  {Path(output, 'report.html')}")
