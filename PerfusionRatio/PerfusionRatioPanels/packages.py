"""Python packages that Slicer does not bring."""

import importlib
import subprocess

from PerfusionRatioLib.reporting.extras import missing_extras


def offer_report_packages(requirements: str) -> None:
    """Where the packages of the report are missing, let Slicer ask whether to install them; a no is no error.

    Args:
        requirements: path of the file that lists them.
    """
    if not missing_extras():
        return
    try:
        packaging = importlib.import_module("slicer.packaging")
        packaging.pip_ensure(packaging.load_requirements(requirements), requester="PerfusionRatio")
    except (ImportError, RuntimeError, subprocess.CalledProcessError):  # an older Slicer, a no, or no network
        return
    importlib.invalidate_caches()
