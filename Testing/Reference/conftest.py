"""Third-party reference data, found through PERFUSIONRATIO_REFERENCE_DATA; see Docs/reference-data.md."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def reference_data() -> Callable[[str], Path]:
    """The folder of one reference set by name; the test is skipped, with the reason, where it is absent."""

    def folder(name: str) -> Path:
        root = os.environ.get("PERFUSIONRATIO_REFERENCE_DATA")
        if not root:
            pytest.skip("PERFUSIONRATIO_REFERENCE_DATA is not set: the reference data is not here.")
        path = Path(root) / name
        if not path.exists():
            pytest.skip(f"The reference set {name} is not in {root}.")
        return path

    return folder
