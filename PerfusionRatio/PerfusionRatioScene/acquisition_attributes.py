"""TR, flip angle, echo time and field as nodes carry them: attributes that Slicer's multi-volume importers write."""

from PerfusionRatioLib.acquisition import Acquisition, Known
from PerfusionRatioLib.errors import InputError

ATTRIBUTES = {
    "repetition_time": ("MultiVolume.DICOM.RepetitionTime", 1e-3),
    "flip_angle": ("MultiVolume.DICOM.FlipAngle", 1.0),
    "echo_time": ("MultiVolume.DICOM.EchoTime", 1e-3),
    "field_strength": ("MultiVolume.DICOM.MagneticFieldStrength", 1.0),
}
"""Of each parameter: where it is, and what takes it to the library's units (the attributes hold ms, degrees and T)."""
LOWEST_FIELD, HIGHEST_FIELD = 0.1, 12.0
"""Tesla; scanners in which a patient lies are between."""


def acquisition_of(node) -> Acquisition:
    """What a node knows of its acquisition; None for the rest.

    Raises:
        InputError: an attribute that is no number, or one out of range.
    """
    return Acquisition(**{name: attribute_of(node, name) for name in ATTRIBUTES})


def attribute_of(node, name: str) -> Known[float] | None:
    """The parameter ``name`` of an acquisition as a node tells it, in the library's units; None where it does not.

    Raises:
        InputError: the attribute is no number, or out of range.
    """
    attribute, factor = ATTRIBUTES[name]
    text = node.GetAttribute(attribute)
    if not text or not text.strip():
        return None
    way_on = "remove it" if name == "echo_time" else "give the value in the panel"
    try:
        value = float(text)
    except ValueError:
        raise InputError(
            f"The attribute {attribute} of '{node.GetName()}' is '{text}', not a number: correct it, or {way_on}."
        ) from None
    known = Known(value * factor, f"node attribute {attribute}")
    return checked(name, known, f"correct the attribute of '{node.GetName()}', or {way_on}.")


def checked(name: str, known: Known[float], advice: str) -> Known[float]:
    """``known``, where it can be the parameter ``name`` of an acquisition.

    Raises:
        InputError: it is out of range; the sentence ends with ``advice``.
    """
    try:
        Acquisition(**{name: known})
    except InputError as error:
        raise InputError(with_advice(error, advice)) from None
    if name == "field_strength" and not LOWEST_FIELD <= known.value <= HIGHEST_FIELD:
        raise InputError(
            f"The field strength is {known.value:g} T ({known.origin}); a scanner has {LOWEST_FIELD:g} to "
            f"{HIGHEST_FIELD:g} T: {advice}"
        )
    return known


def with_advice(error: InputError, advice: str) -> str:
    """What the library found, with a way on that there is in the panel."""
    return f"{finding(error)}: {advice}"


def finding(error: InputError) -> str:
    """What the library found and expected, without its way on and without a full stop."""
    sentence = str(error).rstrip(".")
    return sentence.rpartition(": ")[0] or sentence


def set_acquisition(node, acquisition: Acquisition) -> None:
    """Write what is known into the attributes of ``node``."""
    for name, (attribute, factor) in ATTRIBUTES.items():
        known = getattr(acquisition, name)
        node.SetAttribute(attribute, None if known is None else f"{known.value / factor:.9g}")
