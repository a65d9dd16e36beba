"""The report: one file that needs nothing else, says what was measured, and never more than that."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from PerfusionRatioLib.alignment.motion import FrameMotion
from PerfusionRatioLib.comparison.result import Comparison
from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.phantom.lesions import Lesion
from PerfusionRatioLib.reading.patient_names import PatientNames
from PerfusionRatioLib.reporting import extras, words
from PerfusionRatioLib.reporting.report import RESEARCH_ONLY, report_html, write_report
from Testing.Library.comparison_example import RADIOSURGERY, example, near_zero

VOID = {"meta", "img", "br", "link", "input"}
TWO = {
    "pre": (Lesion(volume=3.0), Lesion("left parietal", volume=3.0)),
    "follow_up": (Lesion(volume=5.0, core=0.3, seed=1), Lesion("left parietal", volume=2.0)),
}
NAMES = ("<b>one</b>", 'two "&')


class Page(HTMLParser):
    """Elements with their attributes, and the text by the section it stands in."""

    def __init__(self, text: str):
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.open: list[tuple[str, dict]] = []
        self.text: dict[str, str] = {}
        self.cells: list[list[str]] = []
        self.feed(text)
        assert not self.open, "every element is closed"

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag == "tr":
            self.cells.append([])
        if tag in ("td", "th"):
            self.cells[-1].append("")
        if tag not in VOID:
            self.open.append((tag, dict(attributes)))

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        section = next((found.get("id", "") for tag, found in self.open[::-1] if tag == "section"), "")
        self.text[section] = self.text.get(section, "") + data
        if any(tag in ("td", "th") for tag, _ in self.open):
            self.cells[-1][-1] += data

    def having(self, tag: str, **wanted: str) -> list[dict]:
        return [found for name, found in self.elements if name == tag and wanted.items() <= found.items()]


@pytest.fixture(scope="module")
def two_lesions() -> Comparison:
    """Two lesions with names that are HTML; the second was not marked at follow-up."""
    return example(NAMES, TWO, missing=("follow_up", NAMES[1]))


@pytest.fixture(scope="module")
def html(two_lesions, tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(path, two_lesions, radiosurgery=RADIOSURGERY, command=["perfusion-ratio", "compare"])
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html) -> Page:
    return Page(html)


@pytest.fixture(scope="module")
def page_near_zero() -> Page:
    """Of a lesion whose rKtrans before radiosurgery has a reference near zero; the patient's name was asked for."""
    comparison = example(changed=with_reference_near_zero)
    assert comparison.lesions[0].pre.ratios.of("ktrans").ratio > 1e5
    return Page(report_html(comparison, names=PatientNames("Doe^Jane", "1960-01-01", "4711")))


def with_reference_near_zero(visit, ratios):
    """rKtrans before radiosurgery has a reference that cannot be told from zero."""
    if visit != "pre":
        return ratios
    items = tuple(near_zero(item) if item.parameter == "ktrans" else item for item in ratios.measurements)
    return replace(ratios, measurements=items)


def test_each_lesion_has_a_section_with_its_reading(page, two_lesions):
    assert len(page.having("section", **{"class": "lesion"})) == 2
    for number, lesion in enumerate(two_lesions.lesions, start=1):
        assert lesion.reading.sentence in page.text[f"lesion-{number}"]
        assert lesion.reading.why in page.text[f"lesion-{number}"]


def test_names_of_lesions_are_text(page):
    assert not page.having("b", **{"class": "one"})
    assert NAMES[0] in page.text["lesion-1"] and NAMES[1] in page.text["lesion-2"]


def test_every_image_is_described(page):
    images = page.having("img") + page.having("svg", role="img")
    assert len(images) > 20
    assert all(found.get("alt") or found.get("aria-label") for found in images)
    assert all(found.get("aria-hidden") or found.get("role") == "img" for found in page.having("svg"))


def test_nothing_is_fetched(page, html):
    assert not page.having("script") and not page.having("link")
    sources = [found[key] for _, found in page.elements for key in ("src", "href") if key in found]
    assert sources and all(source.startswith(("data:", "#")) for source in sources)
    assert "http" not in re.sub(r"data:[\w/+]+;base64,[A-Za-z0-9+/=]+", "", html)
    assert "@import" not in html and "url(" not in html


def test_the_table_holds_what_was_measured(page, two_lesions):
    written = [
        [float(number) for number in re.findall(r"[\d.]+", " ".join(cells[-4:-1]))]
        for cells in page.cells
        if len(cells) >= 5 and " to " in cells[-2]
    ]
    factors = {"ktrans": 1e3, "kep": 1e3, "vp": 100, "ve": 100}
    for lesion in two_lesions.lesions:
        for _, at_visit in lesion.visits:
            for item in (*at_visit.ratios.measurements, *at_visit.ratios.enhancing):
                values = np.multiply((item.lesion_value, item.reference_value), factors[item.parameter])
                expected = [*values, item.ratio, item.ci_low, item.ci_high]
                near = [
                    np.isclose(row, expected, rtol=5.1e-3, atol=[0, 0, *3 * [5.1e-3]])
                    for row in written
                    if len(row) == 5
                ]
                assert any(one.all() for one in near), item


def test_a_ratio_without_a_limit_has_only_its_lower_one(page_near_zero):
    row = next(cells for cells in page_near_zero.cells if "rKtrans median" in " ".join(cells))
    assert row[-2].startswith("≥ 4.12") and "cannot be told from zero" in row[-2]
    text = page_near_zero.text["lesion-1"]
    assert not re.search(r"\d{5}|\binf\b|e\+\d", text)


def test_a_lesion_that_was_not_marked_is_shown_without_outline(page, two_lesions):
    assert "Marked before radiosurgery only." in page.text["lesion-2"]
    shown = [found["aria-label"] for found in page.having("svg", role="img")]
    of_second = [label for label in shown if "around " + NAMES[1] in label]
    assert len(of_second) == 6
    assert all(("outline" in label) == label.startswith("Before") for label in of_second)


def test_dates_are_told_by_their_distance_from_treatment(page):
    assert "10 days before radiosurgery" in page.text[""]
    assert "165 days after radiosurgery" in page.text[""]


def test_names_stand_in_it_only_when_asked_for(page, page_near_zero):
    assert "digital head" not in page.text[""]
    assert "Doe^Jane · 1960-01-01 · 4711" in page_near_zero.text[""]


def test_it_says_twice_that_it_is_for_research(page):
    assert "".join(page.text.values()).count(RESEARCH_ONLY) == 2


def test_every_note_and_setting_is_told(page, html, two_lesions):
    head = html.split("<main>")[0]
    for note in two_lesions.notes:
        assert note in head.split("Before you rely on this")[1]
    for visit in two_lesions.visits:
        for note in visit.visit.notes:
            assert note in page.text["quality"]
        for known in visit.visit.prepared.parameters.values():
            assert known.origin in page.text["settings"]


def test_it_is_small(html):
    assert len(html) < 3e6


def test_a_missing_package_is_named(monkeypatch, two_lesions):
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "jinja2" else object())
    with pytest.raises(InputError, match=r"jinja2, which is not installed: pip install 'perfusion-ratio\[report\]'"):
        report_html(two_lesions)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.5, "1.50"),
        (9.996, "10.0"),
        (99.96, "100"),
        (999.6, "1000"),
        (123456.0, "123456"),
        (0.01234, "0.0123"),
        (0.0009, "< 0.001"),
        (-0.5, "−0.500"),
        (float("nan"), "–"),
        (float("inf"), "no limit"),
    ],
)
def test_numbers_have_three_digits_and_no_exponent(value, text):
    assert words.number(value) == text


def without_vp(visit, ratios):
    return replace(ratios, measurements=tuple(item for item in ratios.measurements if item.parameter != "vp"))


def test_what_a_visit_does_not_have_is_left_out(page):
    """A model without vp, a population's arterial input, and a frame whose motion was not found."""
    made = example(changed=without_vp)
    frames = (FrameMotion((0, 0, 1), (0, 0, 0), 1.25, True), FrameMotion((0, 0, 0), (0, 0, 0), 0, False, "dark"))
    visits = [
        replace(
            one,
            date=None,
            visit=replace(
                one.visit,
                prepared=replace(one.visit.prepared, motion=frames),
                maps=replace(one.visit.maps, vp=None),
                aif=replace(one.visit.aif, quality=None, mask=None, arrival_time=None, origin="population (Parker)"),
            ),
        )
        for one in made.visits
    ]
    found = Page(report_html(replace(made, pre=visits[0], follow_up=visits[1])))
    assert len(page.having("image")) - len(found.having("image")) == 2 * 10 * 2 - 2 * 6
    assert found.text[""].count("date unknown") == 2
    assert "1.2 mm at most" in found.text["quality"] and "not found in 1 of 2 frames" in found.text["quality"]
    assert "Population (Parker)" in found.text["quality"]
