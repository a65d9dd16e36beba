"""The BIDS sidecar: a JSON file beside an image that says how it was acquired."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..acquisition import Known
from ..errors import InputError
from ..series import Identity
from .sources import check_readable

_SUFFIXES = (".nii.gz", ".seq.nrrd", ".nii", ".nrrd", ".nhdr", ".mha", ".mhd")
_TIMES = ("VolumeTiming", "FrameTimesStart")


@dataclass(frozen=True)
class Sidecar:
    """What a sidecar says; empty when there is none.

    Attributes:
        acquisition: by the names of `Acquisition`, in its units.
        times: seconds, one a frame, None when not given.
        identity: manufacturer, model and description.
    """

    acquisition: dict[str, Known[float]] = field(default_factory=dict)
    times: Known[np.ndarray] | None = None
    identity: Identity = field(default_factory=Identity)


def read_sidecar(image_path: Path) -> Sidecar:
    """Read the JSON file that has the name of ``image_path`` with the ending ``.json``, when there is one.

    RepetitionTimeExcitation is preferred to RepetitionTime, which BIDS also uses for the time between volumes.

    Raises:
        InputError: the file may not be read, is not a JSON object, or a value in it has the wrong type.
    """
    path = sidecar_path(image_path)
    if not path.is_file():
        return Sidecar()
    check_readable(path)
    try:
        values = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        raise InputError(f"The sidecar {path} is not valid JSON: correct or remove it.") from None
    if not isinstance(values, dict):
        raise InputError(f"The sidecar {path} holds a {type(values).__name__}; a JSON object was expected.")
    excitation = "RepetitionTimeExcitation"
    keywords = {
        "repetition_time": excitation if excitation in values else "RepetitionTime",
        "flip_angle": "FlipAngle",
        "echo_time": "EchoTime",
        "field_strength": "MagneticFieldStrength",
    }
    timing = next((keyword for keyword in _TIMES if keyword in values), None)
    return Sidecar(
        acquisition={
            name: Known(_number(values[keyword], keyword, path), f"sidecar {keyword}")
            for name, keyword in keywords.items()
            if values.get(keyword) is not None
        },
        times=timing and Known(_numbers(values[timing], timing, path), f"sidecar {timing}"),
        identity=Identity(
            series_uid=str(values.get("SeriesInstanceUID", "")),
            series_description=str(values.get("SeriesDescription", "")),
            manufacturer=str(values.get("Manufacturer", "")),
            model=str(values.get("ManufacturersModelName", "")),
        ),
    )


def sidecar_path(image_path: Path) -> Path:
    """Where the sidecar of ``image_path`` would be."""
    name = image_path.name
    for suffix in _SUFFIXES:
        if name.lower().endswith(suffix):
            return image_path.with_name(name[: -len(suffix)] + ".json")
    return image_path.with_suffix(".json")


def _number(value, keyword: str, path: Path) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(f"{keyword} in the sidecar {path} is {value!r}; a number was expected.")
    return float(value)


def _numbers(value, keyword: str, path: Path) -> np.ndarray:
    if not isinstance(value, list):
        raise InputError(f"{keyword} in the sidecar {path} is {value!r}; a list of seconds was expected.")
    return np.array([_number(one, keyword, path) for one in value])
