"""``perfusion-ratio demo``: a digital head with known kinetics, fitted and compared with the truth."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .console import Console, table

if TYPE_CHECKING:
    from ..phantom.head import HeadTruth
    from ..visit import Visit

SUMMARY = "make a small reference series with known kinetics, fit it, and compare"
EXAMPLES = """  perfusion-ratio demo
  perfusion-ratio demo my_demo --overwrite

then, with the series it made:
  perfusion-ratio info demo/series/dce.nii.gz
  perfusion-ratio fit demo/series/dce.nii.gz --t10 demo/series/t10.nii.gz -o maps"""

PARAMETERS = ("ktrans", "vp")
UNITS = {"ktrans": "10⁻³ min⁻¹", "vp": "ml/100 ml"}
FACTORS = {"ktrans": 1e3, "vp": 1e2}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, and how noisy."""
    parser.add_argument(
        "output", nargs="?", default="demo", metavar="OUT", help="folder for the results (default demo)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier demo in OUT")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the noise and the motion (default 0)")


def run(arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Make the series, fit it as ``fit`` would, and compare each tissue with the truth."""
    from ..acquisition import Known
    from ..export.folder import atomic_folder
    from ..export.json_text import write_json
    from ..export.provenance import provenance
    from ..export.visit_folder import write_visit
    from ..phantom.head import make_head_series
    from ..progress import advance, part
    from ..reading import read_dce, read_map
    from ..visit import fit_visit
    from ..visit_settings import VisitSettings

    with atomic_folder(arguments.output, arguments.overwrite) as folder:
        advance(console.progress, 0, "making the series")
        made = make_head_series(seed=arguments.seed, motion=(1.0, 1.0))
        files = _write_series(folder, made)
        series = read_dce(files["DCE"])
        settings = VisitSettings(
            haematocrit=made.truth.haematocrit,
            relaxivity=made.truth.relaxivity,
            origins=dict.fromkeys(("haematocrit", "relaxivity", "t10"), "the digital head"),
        )
        t10 = read_map(files["T10"], series.grid)
        visit = fit_visit(series, settings, t10=t10, progress=part(console.progress, 0.2, 1))
        (folder / "maps").mkdir()
        command = ["perfusion-ratio", *arguments.command_line]
        write_visit(folder / "maps", visit, provenance(command, files, {}))
        comparison = compare(visit, made.truth)
        seed = {"seed": Known(arguments.seed, "command line or default")}
        write_json(folder / "provenance.json", provenance(command, {}, seed, comparison=comparison))
    console.show(_text(comparison))
    console.show()
    console.show(f"series   {Path(arguments.output, 'series', 'dce.nii.gz')}")
    console.show(f"truth    {Path(arguments.output, 'truth')}")
    console.show(f"maps     {Path(arguments.output, 'maps')}")
    return {"output": arguments.output, "comparison": comparison}


def compare(visit: "Visit", truth: "HeadTruth") -> list[dict[str, Any]]:
    """Median of each parameter in each tissue (voxels of one tissue only), true and fitted, and the peak of the AIF."""
    from ..phantom.tissues import Label

    rows = []
    for label in (Label.GREY, Label.WHITE, Label.LESION):
        voxels = (truth.labels == label) & truth.pure & visit.prepared.mask
        for name in PARAMETERS:
            rows.append(
                {
                    "tissue": label.name.lower(),
                    "parameter": name,
                    "voxels": int(np.count_nonzero(voxels)),
                    "true": float(np.median(getattr(truth, name)[voxels])),
                    "fitted": float(np.nanmedian(getattr(visit.maps, name)[voxels])),
                }
            )
    return rows


def _write_series(folder: Path, made: Any) -> dict[str, Path]:
    from ..export.images import write_labels, write_map
    from ..export.series_file import write_series

    series, truth = folder / "series", folder / "truth"
    series.mkdir()
    truth.mkdir()
    grid = made.series.grid
    write_series(series / "dce.nii.gz", made.series)
    write_map(series / "t10.nii.gz", made.truth.t10, grid)
    for name in (*PARAMETERS, "ve"):
        write_map(truth / f"{name}.nii.gz", getattr(made.truth, name), grid)
    write_labels(truth / "labels.nii.gz", made.truth.labels, grid)
    return {"DCE": series / "dce.nii.gz", "T10": series / "t10.nii.gz"}


def _text(comparison: list[dict[str, Any]]) -> str:
    heading = ["tissue", "parameter", "voxels", "true", "fitted", "unit"]
    rows = []
    for row in comparison:
        factor = FACTORS[row["parameter"]]
        values = [f"{row[key] * factor:.2f}" for key in ("true", "fitted")]
        rows.append([row["tissue"], row["parameter"], f"{row['voxels']}", *values, UNITS[row["parameter"]]])
    return table([heading, *rows])
