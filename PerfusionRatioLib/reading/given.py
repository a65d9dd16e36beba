"""Values read from files, and values given by the user that take their place."""

from collections.abc import Mapping

from ..acquisition import UNITS, Acquisition, Known


def as_known(value) -> Known | None:
    """``value`` with its origin: itself when it is a `Known`, else with the origin "given"; None stays None."""
    return value if value is None or isinstance(value, Known) else Known(value, "given")


def acquisition_of(
    read: dict[str, Known[float]],
    given: dict[str, Known[float] | None],
    differing: Mapping[str, str] | None = None,
) -> tuple[Acquisition, list[str]]:
    """The acquisition in which values that were given take the place of those that were read.

    A value is only checked when it is used, so a wrong one in a header can be corrected. The sentences returned say
    where what was given differs from what the files hold.

    Raises:
        InputError: a value that no spoiled gradient echo can have.
    """
    given = {name: known for name, known in given.items() if known is not None}
    notes = [
        f"The {name.replace('_', ' ')} of {known.value:g} {UNITS[name]} ({known.origin}) is used instead of "
        f"{read[name].value:g} {UNITS[name]} ({read[name].origin})."
        for name, known in given.items()
        if name in read and abs(known.value - read[name].value) > 1e-6 * abs(known.value)
    ]
    return Acquisition(**(read | given), differing=differing or {}), notes


def usable_acquisition(read: dict[str, Known[float]], differing: Mapping[str, str] | None = None) -> Acquisition:
    """The acquisition of an image that need not be a spoiled gradient echo: values outside its limits are left out."""
    acquisition = Acquisition(differing=differing or {})
    for name in UNITS:
        try:
            acquisition = acquisition.overridden(**{name: read.get(name)})
        except ValueError:
            continue
    return acquisition
