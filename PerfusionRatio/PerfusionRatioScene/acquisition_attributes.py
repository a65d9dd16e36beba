"""TR, flip angle and echo time as nodes carry them: attributes that Slicer's multi-volume importers write."""

from PerfusionRatioLib.acquisition import Acquisition, Known
from PerfusionRatioLib.errors import InputError

ATTRIBUTES = {
    "repetition_time": ("MultiVolume.DICOM.RepetitionTime", 1e-3),
    "flip_angle": ("MultiVolume.DICOM.FlipAngle", 1.0),
    "echo_time": ("MultiVolume.DICOM.EchoTime", 1e-3),
}
"""Of each parameter: where it is, and what takes it to the library's units (the attributes hold ms and degrees)."""


def acquisition_of(node) -> Acquisition:
    """What a node knows of its acquisition; None for the rest.

    Raises:
        InputError: an attribute that is no number, or one out of range.
    """
    found = {name: _known(node, attribute, factor) for name, (attribute, factor) in ATTRIBUTES.items()}
    return Acquisition(**found)


def set_acquisition(node, acquisition: Acquisition) -> None:
    """Write what is known into the attributes of ``node``."""
    for name, (attribute, factor) in ATTRIBUTES.items():
        known = getattr(acquisition, name)
        node.SetAttribute(attribute, None if known is None else f"{known.value / factor:.9g}")


def _known(node, attribute: str, factor: float) -> Known[float] | None:
    text = node.GetAttribute(attribute)
    if not text or not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        raise InputError(
            f"The attribute {attribute} of '{node.GetName()}' is '{text}', not a number: correct it, or give the value "
            "in the panel."
        ) from None
    return Known(value * factor, f"node attribute {attribute}")
