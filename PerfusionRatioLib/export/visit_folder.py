"""The files of one visit."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .folder import write_marker
from .images import write_labels, write_map
from .json_text import write_json

if TYPE_CHECKING:
    from ..visit import Visit

MAPS = ("ktrans", "vp", "ve", "kep", "fp", "ps", "r2", "delay")
"""Maps that are written where the model has them, in the units of ``ParameterMaps``."""


def write_visit(folder: Path, visit: "Visit", quality: dict[str, Any], provenance: dict[str, Any]) -> None:
    """Write the maps, masks and arterial input of ``visit``, its ``quality`` and provenance into an existing folder.

    Maps are ``<name>.nii.gz`` (and ``<name>_se.nii.gz`` for standard errors), float32, NaN where there is no answer.

    Raises:
        OutputError: a file cannot be written.
    """
    from ..aif.from_file import write_aif

    grid, maps = visit.prepared.grid, visit.maps
    for name in MAPS:
        if getattr(maps, name) is not None:
            write_map(folder / f"{name}.nii.gz", getattr(maps, name), grid)
    for name, array in maps.standard_errors.items():
        write_map(folder / f"{name}_se.nii.gz", array, grid)
    if maps.model_index is not None:
        write_labels(folder / "model.nii.gz", maps.model_index, grid)
    write_labels(folder / "flags.nii.gz", maps.flags, grid)
    write_labels(folder / "mask.nii.gz", visit.prepared.mask, grid)
    if visit.aif.mask is not None:
        write_labels(folder / "aif_mask.nii.gz", visit.aif.mask, grid)
    write_aif(folder / "aif.csv", visit.aif)
    write_json(folder / "qc.json", quality)
    write_marker(folder, provenance | _account(visit))


def _account(visit: "Visit") -> dict[str, Any]:
    prepared, aif = visit.prepared, visit.aif
    return {
        "parameters": prepared.parameters,
        "arterial_input": {"origin": aif.origin, "voxels": aif.voxels, "notes": aif.notes},
        "excluded": prepared.excluded,
        "notes": visit.notes,
    }
