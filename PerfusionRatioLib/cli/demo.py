"""``perfusion-ratio demo``: a digital head with known kinetics, fitted and compared with the truth."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .console import Console, table
from .numbers import seed

if TYPE_CHECKING:
    from ..phantom.head import HeadTruth, HeadVisit
    from ..visit import Visit

SUMMARY = "make a small reference series with known kinetics, fit it, and compare"
EXAMPLES = """  perfusion-ratio demo
  perfusion-ratio demo my_demo --overwrite

then, with the series it made:
  perfusion-ratio info demo/series/dce.nii.gz
  perfusion-ratio fit demo/series/dce.nii.gz --vfa demo/series/fa??.nii.gz -o maps"""

SIZE = (96, 108, 30)
"""Voxels (i, j, k) of 2.2 x 2.2 x 4 mm, fine enough for some to lie within an artery altogether."""
FLIP_ANGLES = (2.0, 5.0, 15.0)
MOTION = (1.0, 1.0)
"""Largest translation (mm) and rotation (degrees) of a frame."""

PARAMETERS = ("ktrans", "vp")
UNITS = {"ktrans": "10⁻³ min⁻¹", "vp": "ml/100 ml"}
FACTORS = {"ktrans": 1e3, "vp": 1e2}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, and how noisy."""
    parser.add_argument(
        "output", nargs="?", default="demo", metavar="OUT", help="folder for the results (default demo)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier demo in OUT (nothing else)")
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="of the noise and the motion (default 0)")


def run(arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Make the series, fit it as ``fit`` would, and compare each tissue with the truth."""
    from ..acquisition import Known
    from ..export.folder import atomic_folder, write_marker
    from ..export.provenance import provenance
    from ..export.qc import quality
    from ..export.visit_folder import write_visit
    from ..phantom.head import make_head_series
    from ..progress import advance

    command = ["perfusion-ratio", *arguments.command_line]
    with atomic_folder(
        arguments.output, arguments.overwrite, verb="demo", completed=console.completing(arguments)
    ) as folder:
        advance(console.progress, 0, "making the series")
        made = make_head_series(size=SIZE, seed=arguments.seed, motion=MOTION)
        files = _write_series(folder, made, arguments.seed)
        visit = _fit(files, made.truth, console)
        comparison = compare(visit, made.truth)
        made_from = {"seed": Known(arguments.seed, "command line or default")}
        known = provenance(command, files, made_from, comparison=comparison)
        for entry in known["inputs"]:  # they will lie there once the folder is complete
            entry["path"] = str(Path(arguments.output, Path(entry["path"]).relative_to(folder)))
        (folder / "maps").mkdir()
        write_visit(folder / "maps", visit, quality(visit), known)
        text = _text(comparison, visit, made.truth)
        write_marker(folder, known)
    console.show(text)
    console.show()
    for name, place in (("series", "series/dce.nii.gz"), ("truth", "truth"), ("maps", "maps")):
        console.show(f"{name:<8}{Path(arguments.output, place)}")
    return {"output": arguments.output, "comparison": comparison}


def _fit(files: dict[str, Path], truth: "HeadTruth", console: Console) -> "Visit":
    """What ``fit --vfa`` does with these files, told the contrast agent and the patient's haematocrit."""
    from ..progress import part
    from ..reading import read_dce, read_volume
    from ..signal.flip_angles import t1_from_flip_angles
    from ..visit import fit_visit
    from ..visit_settings import VisitSettings

    series = read_dce(files["DCE"])
    images = [read_volume(path) for role, path in files.items() if role.startswith("flip angle")]
    t10 = t1_from_flip_angles(
        np.stack([image.array for image in images]),
        [image.acquisition.require("flip_angle") for image in images],
        [image.acquisition.require("repetition_time") for image in images],
        progress=part(console.progress, 0.15, 0.2),
    ).t10
    settings = VisitSettings(
        haematocrit=truth.haematocrit,
        relaxivity=truth.relaxivity,
        origins={"haematocrit": "digital head", "relaxivity": "digital head", "t10": f"{len(images)} flip angles"},
    )
    return fit_visit(series, settings, t10=t10, progress=part(console.progress, 0.2, 1))


def compare(visit: "Visit", truth: "HeadTruth") -> list[dict[str, Any]]:
    """Median of each parameter in each tissue (voxels of one tissue only), true and fitted."""
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


def _write_series(folder: Path, made: "HeadVisit", seed: int) -> dict[str, Path]:
    """Write what a scanner would give, and the truth; returns what each of the scanner's files is for."""
    from ..export.images import write_labels, write_map
    from ..export.series_file import write_series, write_volume
    from ..phantom.flip_angle_images import make_flip_angle_images

    series, truth = folder / "series", folder / "truth"
    series.mkdir()
    truth.mkdir()
    grid = made.series.grid
    files = {"DCE": series / "dce.nii.gz"}
    write_series(files["DCE"], made.series)
    for image in make_flip_angle_images(grid, FLIP_ANGLES, made.truth.noise / 2, seed):
        angle = image.acquisition.require("flip_angle")
        files[f"flip angle {angle:g}"] = series / f"fa{angle:02.0f}.nii.gz"
        write_volume(files[f"flip angle {angle:g}"], image)
    for name in ("t10", "ktrans", "vp", "ve"):
        write_map(truth / f"{name}.nii.gz", getattr(made.truth, name), grid)
    write_labels(truth / "labels.nii.gz", made.truth.labels, grid)
    return files


def _text(comparison: list[dict[str, Any]], visit: "Visit", truth: "HeadTruth") -> str:
    heading = ["tissue", "parameter", "voxels", "true", "fitted", "unit"]
    rows = []
    for row in comparison:
        factor = FACTORS[row["parameter"]]
        values = [f"{row[key] * factor:.2f}" for key in ("true", "fitted")]
        rows.append([row["tissue"], row["parameter"], f"{row['voxels']}", *values, UNITS[row["parameter"]]])
    peaks = [f"{curve.max():.2f}" for curve in (truth.aif, visit.aif.plasma_concentration)]
    rows.append(["artery", "peak", f"{np.count_nonzero(visit.aif.mask)}", *peaks, "mM"])
    return table([heading, *rows])
