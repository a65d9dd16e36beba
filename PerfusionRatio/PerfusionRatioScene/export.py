"""Results as files, for those who do not have Slicer."""

import datetime
from collections.abc import Callable
from pathlib import Path

from PerfusionRatioLib.comparison.result import Comparison
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


def _free(parent: Path, name: str) -> Path:
    target, number = parent / name, 2
    while target.exists():
        target, number = parent / f"{name}-{number}", number + 1
    return target
