"""Messages about an option of the command line, told as the key of a study file that does the same."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import InputError, NoAnswerError

_OPTION = re.compile(r"(?<![\w/.-])--([a-z][a-z0-9-]*)(?: (off|ms|START:STOP|concentration)\b)?")
_OF_A_VISIT = (
    *("series", "t1_post_series", "tr", "flip_angle", "times", "baseline", "t10", "t10_unit"),
    *("vfa", "vfa_flip_angles", "vfa_tr", "b1", "aif", "mask", "resample"),
)
_OF_BOTH_VISITS = ("model", "delay", "motion", "haematocrit", "hematocrit", "relaxivity", "blood_t10")
_VALUES = {"off": "false", "ms": '"ms"', "START:STOP": "[START, STOP]"}


def in_keys(text: str, section: str) -> str:
    """``text`` with each option replaced by its key: ``--vfa-tr`` becomes ``[pre] vfa_tr``.

    Args:
        text: a message or note of the library.
        section: of the visit it is about, such as "pre".
    """

    def key(found: re.Match) -> str:
        option, value = found[1].replace("-", "_"), found[2]
        if option == "input":
            return f"perfusion-ratio fit {found[0]}"
        if option not in (*_OF_A_VISIT, *_OF_BOTH_VISITS):
            return found[0]
        where = "fit" if option in _OF_BOTH_VISITS else section
        if option == "resample":
            value = "true"
        return f"[{where}] {option}" + (f" = {_VALUES.get(value, value)}" if value else "")

    return _OPTION.sub(key, text)


@contextmanager
def told_in_keys(section: str) -> Iterator[None]:
    """Errors within are told in keys, and say which section of the study file they are about.

    Raises:
        InputError, NoAnswerError: those met within, in other words.
    """
    try:
        yield
    except (InputError, NoAnswerError) as error:
        told = in_keys(str(error), section)
        raise type(error)(told if f"[{section}]" in told else f"[{section}]: {told}") from error
