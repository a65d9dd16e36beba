"""``perfusion-ratio segment``: the entire enhancing lesion from a point in it."""

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from ..file_names import check_name
from .console import Console, table

if TYPE_CHECKING:
    import numpy as np

SUMMARY = "outline a lesion on a post-contrast T1 from one point in it"
EXAMPLES = """  perfusion-ratio segment t1_post.nii.gz --seed -31,34,22 -o lesion.nrrd
  perfusion-ratio segment t1_post/ --seed -31,34,22 --seed -25,40,20 --background -10,34,22 -o lesion.nii.gz
  perfusion-ratio segment t1_post.nii.gz --seed -31,34,22 --amount 0.3 -o lesion.nrrd --overwrite

labels in the file: 1 what enhances, 2 the necrotic core"""

ENDINGS = (".nrrd", ".nii.gz", ".nii", ".mha")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The image, points, and the file to write."""
    parser.add_argument("image", metavar="T1POST", help="post-contrast T1: an image file or a DICOM folder")
    parser.add_argument("--series", metavar="WHICH", help="number, description or UID, in a folder of several series")
    parser.add_argument(
        "--seed",
        action="append",
        type=_point,
        required=True,
        metavar="R,A,S",
        help="a point in the lesion, mm; repeatable",
    )
    parser.add_argument(
        "--background", action="append", type=_point, metavar="R,A,S", help="a point that is not of it; repeatable"
    )
    parser.add_argument("--amount", type=float, default=0.0, metavar="X", help="less (to -1) or more (to 1) of it")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="mask to write, .nrrd or .nii.gz")
    parser.add_argument("--overwrite", action="store_true", help="replace FILE")


def run(arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Segment the lesion, write its mask, and show its size."""
    from dataclasses import asdict

    from ..export.mask_file import write_mask_file
    from ..reading import read_volume
    from ..segmentation.lesion import segment_lesion
    from ..segmentation.lesion_size import measure_lesion

    output = Path(arguments.output)
    _check_output(output, Path(arguments.image), arguments.overwrite)
    image = read_volume(arguments.image, series=arguments.series)
    seeds, background = (_lps(points) for points in (arguments.seed, arguments.background))
    found = segment_lesion(image, seeds, background=background, amount=arguments.amount, progress=console.progress)
    size = measure_lesion(found)
    write_mask_file(output, found.mask.astype(int) + found.core, found.grid)  # the core is part of the mask
    rows = [
        ["volume", f"{size.volume_ml:.2f} ml"],
        ["  enhancing", f"{size.enhancing_ml:.2f} ml"],
        ["  necrotic core", f"{size.core_ml:.2f} ml"],
        ["longest diameter", f"{size.longest_diameter_mm:.1f} mm"],
        ["perpendicular to it", f"{size.perpendicular_diameter_mm:.1f} mm"],
    ]
    console.show(table([["lesion", ""], *rows]))
    for note in found.notes:
        console.show(f"! {note}")
    console.show(f"the mask is in {output}")
    return {"output": str(output), "size": asdict(size), "notes": found.notes}


def _check_output(output: Path, image: Path, overwrite: bool) -> None:
    check_name(output)
    if not output.name.endswith(ENDINGS):
        raise InputError(f"{output} does not end in {', '.join(ENDINGS)}: give the mask such a name.")
    if output.is_dir():
        raise InputError(f"{output} is a folder; the mask needs a file: choose another name.")
    if output.exists() and image.exists() and output.samefile(image):
        raise InputError(f"{output} is the image itself: choose another name for the mask.")
    if output.exists() and not overwrite:
        raise InputError(f"{output} exists: choose another name, or replace it with --overwrite.")
    if not output.parent.is_dir():
        raise InputError(f"There is no folder {output.parent} to write the mask to: make it first.")


def _point(text: str) -> tuple[float, float, float]:
    try:
        values = tuple(float(word) for word in text.split(","))
    except ValueError:
        values = ()
    if len(values) != 3 or not all(map(math.isfinite, values)):
        raise argparse.ArgumentTypeError(f"'{text}' is not a point R,A,S in mm, such as -31,34,22")
    return values


def _lps(points: list[tuple[float, float, float]] | None) -> "np.ndarray | None":
    import numpy as np

    return None if points is None else np.array(points) * (-1, -1, 1)
