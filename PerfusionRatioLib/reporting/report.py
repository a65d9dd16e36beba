"""The report of a comparison as one HTML file that needs nothing else."""

import datetime
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from .. import __version__
from ..comparison.remarks import remarks_on_visits
from ..comparison.result import Comparison
from ..reading.patient_names import PatientNames
from . import words
from .explanation import how_to_read
from .extras import require_extras
from .lesion_section import lesion_section
from .quality_section import quality_section
from .settings_section import settings_section

TITLE = "Perfusion before and after radiosurgery"
RESEARCH_ONLY = "For research only: not a medical device."


def write_report(
    path: Path,
    comparison: Comparison,
    *,
    title: str = TITLE,
    radiosurgery: datetime.date | None = None,
    resection: datetime.date | None = None,
    command: Sequence[str] | None = None,
    names: PatientNames | None = None,
) -> None:
    """Write the report of ``comparison`` to ``path``: HTML with its images inside, without script.

    Args:
        path: of the file.
        comparison: two visits.
        title: of the report.
        radiosurgery, resection: their dates.
        command: the command line that made it.
        names: of the patient; None: nothing that names the patient is written.

    Raises:
        InputError: matplotlib or jinja2 is missing.
    """
    path.write_text(
        report_html(
            comparison, title=title, radiosurgery=radiosurgery, resection=resection, command=command, names=names
        ),
        encoding="utf-8",
    )


def report_html(
    comparison: Comparison,
    *,
    title: str = TITLE,
    radiosurgery: datetime.date | None = None,
    resection: datetime.date | None = None,
    command: Sequence[str] | None = None,
    names: PatientNames | None = None,
) -> str:
    """The text of the report; arguments and errors as of ``write_report``."""
    require_extras()
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    resources = files(__package__) / "resources"
    template = environment.from_string((resources / "report.html.j2").read_text(encoding="utf-8"))
    return template.render(
        style=(resources / "report.css").read_text(encoding="utf-8"),
        title=title,
        research=RESEARCH_ONLY,
        version=__version__,
        made=words.date(datetime.date.today()),
        command=" ".join(command) if command else "",
        names=names,
        explanation=how_to_read(comparison.criteria),
        first=tuple(words.minus(sentence) for sentence in remarks_on_visits(comparison)),
        dates=_dates(comparison, radiosurgery, resection),
        lesions=[
            lesion_section(comparison, lesion, number) for number, lesion in enumerate(comparison.lesions, start=1)
        ],
        left_out=comparison.left_out,
        quality=quality_section(comparison),
        settings=settings_section(comparison),
    )


def _dates(
    comparison: Comparison, radiosurgery: datetime.date | None, resection: datetime.date | None
) -> list[tuple[str, str, str]]:
    """The visits and the treatments in the order of time: what, when, and how far from the one before."""
    pre, follow_up = comparison.pre.date, comparison.follow_up.date
    histology = words.days_between(resection, follow_up, "the follow-up")
    treatment = [("Radiosurgery", words.date(radiosurgery), "")] if radiosurgery else []
    then, reference = (radiosurgery, "radiosurgery") if radiosurgery else (pre, "the first visit")
    return [
        ("Before radiosurgery", words.date(pre), words.days_between(pre, radiosurgery, "radiosurgery")),
        *treatment,
        ("Follow-up", words.date(follow_up), words.days_between(follow_up, then, reference)),
        *([("Resection", words.date(resection), histology)] if resection else []),
    ]
