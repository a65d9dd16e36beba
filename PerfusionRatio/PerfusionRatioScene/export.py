"""Results as files, for those who do not have Slicer."""

import datetime
from collections.abc import Callable
from pathlib import Path

import slicer

from PerfusionRatioLib.comparison.result import Comparison
from PerfusionRatioLib.errors import OutputError
from PerfusionRatioLib.export.comparison_folder import write_comparison
from PerfusionRatioLib.export.folder import atomic_folder
from PerfusionRatioLib.export.provenance import provenance
from PerfusionRatioLib.export.slugs import slugs
from PerfusionRatioLib.progress import Progress, advance
from PerfusionRatioLib.reporting.extras import missing_extras


def export_comparison(
    comparison: Comparison, parent: Path, patient: str, radiosurgery: datetime.date | None = None
) -> Callable[[Progress], Path]:
    """The work of writing a folder of its own in ``parent``; the report comes with it where its packages are there."""
    stem = slugs([patient or "comparison"])[0]
    target = _free(parent, f"{stem}-{datetime.date.today():%Y%m%d}")

    def work(progress: Progress) -> Path:
        advance(progress, 0.1, "writing results")
        with atomic_folder(target) as folder:
            known = provenance(["3D Slicer"], {}, {})
            write_comparison(folder, comparison, known, radiosurgery=radiosurgery, report=not missing_extras())
            advance(progress, 0.9, "writing results")
        return target

    return work


def save_scene(scene, path: Path) -> None:
    """Write the whole scene as a bundle (.mrb), as Slicer's own dialog does; nothing half-written stays.

    Raises:
        OutputError: it cannot be written.
    """
    for node in slicer.util.getNodesByClass("vtkMRMLStorableNode", scene):
        if node.GetSaveWithScene() and not node.GetHideFromEditors():
            node.AddDefaultStorageNode()
    messages = slicer.vtkMRMLMessageCollection()
    if not scene.WriteToMRB(str(path), None, messages):
        if path.exists():
            path.unlink()
        why = " ".join(messages.GetAllMessagesAsString().split())
        raise OutputError(f"The scene could not be written to {path}: {why or 'no reason was given'}.")


def _free(parent: Path, name: str) -> Path:
    target, number = parent / name, 2
    while target.exists():
        target, number = parent / f"{name}-{number}", number + 1
    return target
