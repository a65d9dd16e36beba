"""``perfusion-ratio fit``: one visit, from the series to its maps."""

import argparse
from typing import TYPE_CHECKING, Any

from .console import Console, table
from .series_options import add_series_arguments
from .visit_options import add_visit_arguments, fit_choices, visit_files

if TYPE_CHECKING:
    from ..visit import Visit

SUMMARY = "fit one visit: maps of Ktrans, vp and more from a dynamic series"
EXAMPLES = """  perfusion-ratio fit dce.nii.gz -o maps
  perfusion-ratio fit dicom_folder/ -o maps --t10 t1map.nii.gz --relaxivity 3.6 --hematocrit 0.42
  perfusion-ratio fit dce.nii.gz -o maps --vfa fa02.nii.gz fa05.nii.gz fa10.nii.gz --model auto --standard-errors
  perfusion-ratio fit dce.nii.gz -o maps --tr 0.005 --flip-angle 15 --times 5.2 --aif artery.nii.gz --delay voxel
  perfusion-ratio fit concentration.nii.gz -o maps --input concentration --times times.txt --aif aif.csv

files written:
  ktrans, vp, ve, kep, fp, ps, r2 (.nii.gz, those the model has); *_se, delay and model when asked for;
  mask, flags, aif_mask; aif.csv; qc.json; provenance.json. Ktrans, kep, PS in 1/min, Fp in ml/100 ml/min, delay in s,
  vp and ve as fractions; voxels without an answer are NaN."""

UNITS = {"ktrans": "1/min", "kep": "1/min", "ps": "1/min", "fp": "ml/100 ml/min", "delay": "s"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The series, the output and every choice for the visit."""
    add_series_arguments(parser)
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="folder for the results")
    parser.add_argument("--overwrite", action="store_true", help="replace earlier results of fit in OUT (nothing else)")
    add_visit_arguments(parser)


def run(arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Fit the visit and write its folder; show and return its quality."""
    from ..export.folder import atomic_folder
    from ..export.provenance import provenance
    from ..export.qc import quality
    from ..export.visit_folder import write_visit
    from ..progress import part
    from ..visit import fit_visit
    from ..visit_files import input_files, visit_settings
    from ..visit_reading import read_visit

    files = visit_files(arguments)
    settings, inputs = visit_settings(files, fit_choices(arguments)), input_files(files)
    with atomic_folder(
        arguments.output, arguments.overwrite, inputs.values(), verb="fit", completed=console.completing(arguments)
    ) as folder:
        series, given = read_visit(files, settings, part(console.progress, 0, 0.15))
        visit = fit_visit(
            series,
            settings,
            t10=given.t10,
            b1=given.b1,
            mask=given.mask,
            aif=given.aif,
            progress=part(console.progress, 0.15, 1),
        )
        result = quality(visit)
        text = _text(visit, result, arguments.output)
        write_visit(folder, visit, result, provenance(["perfusion-ratio", *arguments.command_line], inputs, {}))
    console.show(text)
    return {"output": arguments.output} | result


def _text(visit: "Visit", result: dict[str, Any], output: str) -> str:
    heading = ["", "median", "5%", "95%", "unit"]
    rows = [
        [name, *(f"{values[rank]:.4g}" if values["voxels"] else "-" for rank in ("p50", "p5", "p95")), unit]
        for name, values in result["parameters"].items()
        for unit in [UNITS.get(name, "")]
    ]
    lines = [table([heading, *rows]), ""]
    if visit.aif.quality is not None:
        lines.append(f"arterial input  {visit.aif.quality.verdict}: {visit.aif.quality.sentence}")
    if result["motion"] is not None:
        lines.append(f"motion          up to {result['motion']['largest_displacement_mm']:.2f} mm, corrected")
    counts = result["voxels"]
    lines.append(f"voxels          {counts['fitted']} fitted of {result['voxels_in_mask']} in the mask")
    lines += [f"! {note}" for note in result["notes"]]
    return "\n".join([*lines, f"maps and their quality are in {output}"])
