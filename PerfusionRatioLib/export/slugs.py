"""Names as parts of file names."""

import re
import unicodedata
from collections.abc import Sequence


def slugs(names: Sequence[str]) -> tuple[str, ...]:
    """For each name a short one of small letters, digits and hyphens, all different: ``left-frontal``, ``lesion-2``."""
    found: list[str] = []
    for number, name in enumerate(names, start=1):
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or f"lesion-{number}"
        while slug in found:
            slug = f"{slug}-{number}"
        found.append(slug)
    return tuple(found)
