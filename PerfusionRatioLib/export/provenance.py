"""Where results come from: software, command, parameters with their origins, checksums of the input."""

import hashlib
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from .. import __version__
from ..acquisition import Known
from ..errors import InputError

LIBRARIES = ("numpy", "scipy", "SimpleITK", "pydicom", "highdicom")


def provenance(
    command: Sequence[str], inputs: Mapping[str, str | Path], parameters: Mapping[str, Known], **details: Any
) -> dict[str, Any]:
    """What is needed to know, and to repeat, how results were made. Holds no name from the images; paths
    are kept as they were given.

    Args:
        command: the command line, program first.
        inputs: what each input was used for, and its file or folder.
        parameters: every parameter with its origin.
        details: further entries.

    Raises:
        InputError: an input cannot be read.
    """
    return {
        "software": "PerfusionRatio",
        "version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": list(command),
        "python": platform.python_version(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "inputs": [_described(role, Path(path)) for role, path in inputs.items()],
        "parameters": dict(parameters),
        **details,
    }


def checksum(path: Path) -> str:
    """SHA-256 of a file; of a folder, that of its files' names and checksums, in the order of their names.

    Raises:
        InputError: it cannot be read.
    """
    try:
        if not path.is_dir():
            with path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        lines = [f"{checksum(file)}  {file.relative_to(path).as_posix()}\n" for file in _files(path)]
        return hashlib.sha256("".join(lines).encode()).hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error


def _files(folder: Path) -> list[Path]:
    return sorted((file for file in folder.rglob("*") if file.is_file()), key=lambda file: file.as_posix())


def _described(role: str, path: Path) -> dict[str, Any]:
    entry = {"role": role, "path": str(path), "sha256": checksum(path)}
    return entry | {"files": len(_files(path))} if path.is_dir() else entry


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None
