"""The packages only a report needs."""

from importlib.util import find_spec

from ..errors import InputError

PACKAGES = ("jinja2", "matplotlib")


def missing_extras() -> list[str]:
    """The packages that are not there, by name."""
    return [name for name in PACKAGES if find_spec(name) is None]


def require_extras() -> None:
    """Say how to install what a report needs, where it is missing; call it before long work that ends with a report.

    Raises:
        InputError: a package is missing.
    """
    missing = missing_extras()
    if missing:
        raise InputError(
            f"A report needs {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed: "
            "pip install 'perfusion-ratio[report]'."
        )
