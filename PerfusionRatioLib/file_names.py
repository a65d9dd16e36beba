"""Names of files that can be written down."""

import os
from pathlib import Path

from .errors import InputError


def check_name(path: Path) -> None:
    """Refuse a name that is no text, such as one of an old archive in another encoding: results name their inputs.

    Raises:
        InputError: with the name as far as it can be shown.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        shown = os.fsencode(path).decode(errors="replace")
        raise InputError(f"The name {shown} is not UTF-8 text: rename the file or folder.") from None
