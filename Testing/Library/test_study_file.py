"""Study files: what a good one gives, and the sentence on each thing that is wrong in a bad one."""

import datetime
import json
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.ratio.criteria import PRESETS
from PerfusionRatioLib.study import Marks, Study, read_study, study_files
from PerfusionRatioLib.study.visit_section import KEYS
from PerfusionRatioLib.visit_files import visit_settings

PAGE = (Path(__file__).parents[2] / "Docs" / "study-file.md").read_text()
EXAMPLE = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1]
FILES = ["t1map.nii.gz", "b1.nii.gz", "aif.csv", "times.txt", "reference.nii.gz", "brain.nii.gz"]

SHORT = """
[pre]
dce = "pre/dce"
{pre}
[follow_up]
dce = "follow_up/dce"
{follow_up}
[[lesion]]
name = "left frontal"
pre = {{ seed = [-32.5, 41, 18] }}
follow_up = {{ seed = [-30, 43, 17] }}
{rest}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Every file and folder that the studies of these tests name; nothing of them is read."""
    folder = tmp_path_factory.mktemp("patient")
    for visit in ("pre", "follow_up"):
        for name in ("dce", "t1_post", "fa02", "fa05", "fa15"):
            (folder / visit / name).mkdir(parents=True)
    for name in [*FILES, "follow_up/cerebellum.nii.gz"]:
        (folder / name).touch()
    return folder


@pytest.fixture
def study(folder):
    """``study(pre=..., follow_up=..., rest=...)`` reads a short study with lines added to its sections."""

    def read(pre: str = "", follow_up: str = "", rest: str = "") -> Study:
        return read_text(folder, SHORT.format(pre=pre, follow_up=follow_up, rest=rest))

    return read


def read_text(folder: Path, text: str) -> Study:
    (folder / "study.toml").write_text(text, encoding="utf-8", newline="")
    return read_study(folder / "study.toml")


def test_the_example_of_the_documentation_is_read(folder):
    study = read_text(folder, EXAMPLE)
    assert study.patient.srs_date == datetime.date(2026, 1, 20)
    assert study.pre.dce == folder / "pre" / "dce"
    assert study.follow_up.vfa == tuple(folder / "follow_up" / name for name in ("fa02", "fa05", "fa15"))
    assert [lesion.name for lesion in study.lesions] == ["left frontal", "cerebellum"]
    assert study.lesions[1].pre is None
    assert study.lesions[1].follow_up == Marks(mask=folder / "follow_up" / "cerebellum.nii.gz")
    assert study.fit == {"haematocrit": 0.4, "relaxivity": 4.5}
    assert (study.criteria.ktrans, study.criteria.vp, study.criteria.rule) == (1.5, 1.5, "either")
    assert study.include_core


@pytest.mark.parametrize("key", [*KEYS, "srs_date", "same_patient", "seeds", "amount", "blood_t10", "variation_vp"])
def test_the_documentation_has_every_key(key):
    assert f"`{key}`" in PAGE


def test_positions_become_lps(folder):
    lesion = read_text(folder, EXAMPLE).lesions[0]
    assert lesion.pre == Marks(seeds=((32.5, -41, 18),))
    assert lesion.follow_up.seeds == ((30, -43, 17), (36, -40, 20))
    assert lesion.follow_up.background == ((45, -60, 18),)


def test_what_is_left_out_has_its_default(study):
    read = study()
    assert read.patient.srs_date is None and not read.patient.same_patient
    assert read.fit == {}
    assert read.criteria.origin == PRESETS["protocol"].origin
    assert read.pre.t1_post is None and read.pre.reference is None and not read.pre.resample
    assert visit_settings(read.pre, read.fit).known("haematocrit").origin == "default"


def test_the_numbers_and_files_of_a_visit(study, folder):
    visit = study(
        pre="""
        series = 5
        date = "2026-01-01"
        tr = 0.005
        flip_angle = 15
        times = 5
        baseline = [1, 6]
        t10 = "t1map.nii.gz"
        t10_unit = "ms"
        b1 = "b1.nii.gz"
        aif = "aif.csv"
        mask = "all"
        resample = true
        reference = "reference.nii.gz"
        """
    ).pre
    assert (visit.series, visit.date) == ("5", datetime.date(2026, 1, 1))
    assert (visit.repetition_time, visit.flip_angle, visit.times, visit.baseline) == (0.005, 15, 5, (1, 6))
    assert (visit.t10, visit.t10_unit, visit.b1) == (folder / "t1map.nii.gz", "ms", folder / "b1.nii.gz")
    assert (visit.aif, visit.mask, visit.resample) == (folder / "aif.csv", "all", True)
    assert (visit.reference, visit.reference_centre) == (folder / "reference.nii.gz", None)


def test_settings_say_that_the_study_file_gave_them(study):
    read = study(pre='aif = "parker"\nt10 = 1300\nt10_unit = "ms"', rest='[fit]\nhematocrit = 0.4\nmodel = "patlak"')
    chosen = visit_settings(read.pre, read.fit)
    assert (chosen.aif, chosen.t10, chosen.haematocrit, chosen.model) == ("parker", 1.3, 0.4, "patlak")
    assert chosen.known("haematocrit").origin == chosen.known("t10").origin == "study file"


def test_a_reference_can_be_moved(study):
    assert study(pre="reference_centre = [30, 0, 20]").pre.reference_centre == (-30, 0, 20)


def test_thresholds_and_rule_replace_those_of_the_preset(study):
    criteria = study(rest='[reading]\npreset = "hatzoglou-vp"\nthreshold_vp = 2.5').criteria
    assert (criteria.vp, criteria.rule) == (2.5, "rvp")
    assert criteria.origin.startswith("study file") and "Hatzoglou" in criteria.origin
    criteria = study(rest='[reading]\nthreshold = 2\nrule = "both"\nvariation_vp = 0.2').criteria
    assert (criteria.ktrans, criteria.vp, criteria.rule, criteria.origin) == (2, 2, "both", "study file")
    assert criteria.variation == {"ktrans": 0.14, "vp": 0.2}


def test_the_core_can_be_left_out(study):
    assert not study(rest="[reading]\ninclude_core = false").include_core


def test_every_file_is_accounted_for(folder):
    files = study_files(read_text(folder, EXAMPLE))
    assert files["study"] == folder / "study.toml"
    assert files["pre DCE"] == folder / "pre" / "dce"
    assert files["follow_up post-contrast T1"] == folder / "follow_up" / "t1_post"
    assert files["follow_up lesion cerebellum"] == folder / "follow_up" / "cerebellum.nii.gz"
    assert {path for path in files.values() if path.parent.name == "pre"} == {
        folder / "pre" / name for name in ("dce", "t1_post", "fa02", "fa05", "fa15")
    }


def test_one_folder_may_hold_both_visits_as_two_series(folder):
    text = SHORT.format(pre="series = 5", follow_up='series = "DCE 2"', rest="").replace("follow_up/dce", "pre/dce")
    assert read_text(folder, text).follow_up.series == "DCE 2"


SECOND = '[[lesion]]\nname = "second"\n'
SEED = "pre = { seed = [1, 2, 3] }"
VISIT_REFUSALS = {
    "an unknown key": ("flip_angel = 15", "[pre] flip_angel is not known: did you mean flip_angle?"),
    "a key with a hyphen": ('t1-post = "pre/t1_post"', "[pre] t1-post is not known: did you mean t1_post?"),
    "a key like none": ("colour = 1", "[pre] colour is not known: choose among dce, series"),
    "a key that is no word": ('"" = 1', '[pre] "" is not known'),
    "a number for a file": ("b1 = 3", "[pre] b1 is 3; the name of a file or folder, in quotes is needed."),
    "an empty name": ('t1_post = " "', '[pre] t1_post is " "; the name of a file'),
    "a missing file": ('t1_post = "gone"', "[pre] t1_post: There is no file or folder "),
    "a name no file has": (r't1_post = "a\u0000b"', r'[pre] t1_post is "a\u0000b"; the name of a file'),
    "a missing map": ('t10 = "gone.nii.gz"', "[pre] t10: There is no file or folder "),
    "a missing image": ('vfa = ["pre/fa02", "pre/fa99"]', "[pre] vfa: There is no file or folder "),
    "a word that is none": ('aif = "auot"', "auot: did you mean auto?"),
    "no word at all": ('mask = "gone.nii.gz"', "gone.nii.gz: name another, or choose brain or all."),
    "TR as text": ('tr = "5 ms"', '[pre] tr is "5 ms"; a number of seconds, such as 0.005 is needed.'),
    "TR that is true": ("tr = true", "[pre] tr is true; a number of seconds"),
    "TR in milliseconds": ("tr = 5.0", "[pre]: The repetition time is 5 s (study file)"),
    "TR that is infinite": ("tr = inf", "[pre] tr is inf; a number"),
    "a number too large": ("tr = 1" + 400 * "0", "[pre] tr is a number of too many digits; a number"),
    "a flip angle of zero": ("flip_angle = 0", "give the right one with [pre] flip_angle."),
    "an interval of zero": ("times = 0", "[pre] times is 0; a number of seconds between frames above zero is needed."),
    "missing times": ('times = "gone.txt"', "[pre] times: There is no file or folder "),
    "one image of a flip angle": ('vfa = ["pre/fa02"]', "at least two different flip angles is needed"),
    "images as a text": ('vfa = "pre/fa02"', '[pre] vfa is "pre/fa02"; a list of names of files or folders'),
    "T10 twice": ('t10 = 1.4\nvfa = ["pre/fa02", "pre/fa05"]', "use [pre] t10 or [pre] vfa, not both."),
    "a T10 in milliseconds": ("t10 = 1400", 'so add [pre] t10_unit = "ms".'),
    "a T10 of zero": ("t10 = 0", "[pre]: T10 is 0 s"),
    "a unit without T10": ('t10_unit = "ms"', "[pre] t10_unit is the unit of [pre] t10, which is not given"),
    "another unit": ('t10 = 1.4\nt10_unit = "min"', '[pre] t10_unit is "min"; "s" or "ms" is needed.'),
    "a unit that is a list": ("t10 = 1.4\nt10_unit = []", "[pre] t10_unit is []"),
    "flip angles without images": ("vfa_flip_angles = [2, 5]", "name them with [pre] vfa."),
    "flip angles for other images": (
        'vfa = ["pre/fa02", "pre/fa05"]\nvfa_flip_angles = [2]',
        "flip angles in [pre] vfa_flip_angles is 1, that of images in [pre] vfa 2",
    ),
    "flip angles as text": ('vfa_flip_angles = ["2"]', '[pre] vfa_flip_angles is ["2"]; a list of degrees'),
    "a baseline of no frame": ("baseline = [5, 5]", "[pre] baseline is [5, 5]; [START, STOP] in frames"),
    "a baseline of fractions": ("baseline = [0, 5.5]", "[pre] baseline is [0, 5.5]; [START, STOP]"),
    "a baseline that is true": ("baseline = [false, true]", "[pre] baseline is [false, true]; [START, STOP]"),
    "a date as a number": ("date = 20260101", "[pre] date is 20260101; a date, such as 2026-01-15 is needed."),
    "a date of no calendar": ('date = "2026-02-30"', '[pre] date is "2026-02-30"; a date'),
    "a date with a time": ("date = 2026-01-01T10:00:00", "[pre] date is 2026-01-01 10:00:00; a date"),
    "a choice in nothing": ("t1_post_series = 3", "[pre] t1_post_series chooses in t1_post, which is not given"),
    "a series of less than zero": ("series = -1", "[pre] series is -1; the number, description or UID"),
    "a flag as text": ('resample = "yes"', '[pre] resample is "yes"; true or false is needed.'),
    "a position of two numbers": ("reference_centre = [1, 2]", "[pre] reference_centre is [1, 2]; three numbers in mm"),
    "a reference twice": (
        'reference = "reference.nii.gz"\nreference_centre = [1, 2, 3]',
        "[pre] reference_centre moves the reference that is found, but reference names a mask",
    ),
}


@pytest.mark.parametrize(("lines", "sentence"), VISIT_REFUSALS.values(), ids=VISIT_REFUSALS.keys())
def test_a_wrong_value_of_a_visit_is_told_with_its_key(study, lines, sentence):
    assert_one_sentence(lambda: study(pre=lines), sentence)


def assert_one_sentence(read, sentence: str) -> None:
    with pytest.raises(InputError) as refusal:
        read()
    told = str(refusal.value)
    assert sentence in told
    assert "\n" not in told and told.endswith((".", "?"))
    assert "--" not in told


REFUSALS = {
    "an unknown section": ("[readin]", "readin is no section of a study file: did you mean reading?"),
    "a section in capitals": ("[Fit]", "Fit is no section of a study file: did you mean fit?"),
    "a section twice": ("[[fit]]", "fit is [a table]; a section [fit], once, is needed."),
    "a second lesion without a name": ("[[lesion]]\npre = {}", "[[lesion]] 2: name is missing"),
    "a name that is empty": ('[[lesion]]\nname = ""', '[[lesion]] 2: name is ""; a text with letters or digits'),
    "a name without letters": ('[[lesion]]\nname = "?!"', '[[lesion]] 2: name is "?!"; a text with letters'),
    "a name of two lines": (r'[[lesion]]' + '\nname = "a\\u0007b"', "a text with letters or digits"),
    "a name too long": (f'[[lesion]]\nname = "{51 * "a"}"', "of 50 characters at most is needed"),
    "a name that is a number": ("[[lesion]]\nname = 2", "[[lesion]] 2: name is 2; a text"),
    "one name twice": (SECOND.replace("second", "left frontal") + SEED, "[[lesion]] 1 and 2 have one name"),
    "one name in two ways": (SECOND.replace("second", " Left-FRONTAL") + SEED, "[[lesion]] 1 and 2 have one name"),
    "no visit": (SECOND, '[[lesion]] 2 "second": no visit marks it; add pre or follow_up'),
    "another visit": (SECOND + "post = {}", '[[lesion]] 2 "second": post is not known'),
    "a visit as a list": (SECOND + "pre = [1, 2, 3]", '"second": pre is [1, 2, 3]; a table in braces'),
    "no seed": (SECOND + "pre = {}", '"second": pre has neither seed nor mask: add seed = [R, A, S], or leave pre out'),
    "a seed of two numbers": (SECOND + "pre = { seed = [1, 2] }", '"second": pre.seed is [1, 2]; three numbers in mm'),
    "a seed of text": (SECOND + 'pre = { seed = ["1", 2, 3] }', '"second": pre.seed is ["1", 2, 3]; three numbers'),
    "a seed that is no number": (SECOND + "pre = { seed = [nan, 2, 3] }", "pre.seed is [nan, 2, 3]; three numbers"),
    "a seed that is true": (SECOND + "pre = { seed = [true, 2, 3] }", "pre.seed is [true, 2, 3]; three numbers"),
    "seeds that are one": (SECOND + "pre = { seeds = [1, 2, 3] }", "pre.seeds is [1, 2, 3]; a list of positions"),
    "a wrong one among seeds": (SECOND + "pre = { seeds = [[1, 2, 3], [1]] }", "pre.seeds is [1]; three numbers in mm"),
    "no seeds": (SECOND + "pre = { seeds = [] }", "pre.seeds is []; a list of positions"),
    "seed and seeds": (SECOND + "pre = { seed = [1, 2, 3], seeds = [[1, 2, 3]] }", "pre.seed and seeds are both given"),
    "background alone": (SECOND + "pre = { background = [[1, 2, 3]] }", "pre has neither seed nor mask"),
    "mask and seed": (SECOND + 'pre = { mask = "b1.nii.gz", seed = [1, 2, 3] }', "so seed means nothing"),
    "a missing mask": (SECOND + 'pre = { mask = "gone.nii.gz" }', '"second": pre.mask: There is no file or folder'),
    "a key of a mark": (SECOND + "pre = { sed = [1, 2, 3] }", '"second": pre.sed is not known: did you mean seed?'),
    "another model": ('[fit]\nmodel = "toft"', "[fit]: There is no model called 'toft'; choose one of tofts"),
    "a model as a number": ("[fit]\nmodel = 2", "[fit] model is 2; the name of a model"),
    "motion as text": ('[fit]\nmotion = "off"', '[fit] motion is "off"; true or false is needed.'),
    "haematocrit in per cent": ("[fit]\nhaematocrit = 42", "[fit]: The haematocrit is 42"),
    "haematocrit twice": ("[fit]\nhaematocrit = 0.4\nhematocrit = 0.4", "[fit] haematocrit is given twice"),
    "relaxivity of zero": ("[fit]\nrelaxivity = 0", "[fit]: "),
    "the T10 of blood in ms": ("[fit]\nblood_t10 = 1650", "[fit]: The T10 of blood is 1650 s"),
    "a rule that asks for more than the preset has": (
        '[reading]\npreset = "hatzoglou-vp"\nrule = "either"',
        "The rule either needs a threshold for ktrans, which the preset hatzoglou-vp has not: add threshold_ktrans",
    ),
    "another preset": ('[reading]\npreset = "mine"', "[reading]: There is no preset 'mine'; choose one of protocol"),
    "another rule": ('[reading]\nrule = "any"', "[reading]: There is no rule 'any'; choose one of either"),
    "a threshold of zero": ("[reading]\nthreshold = 0", "[reading]: The threshold of rktrans is 0"),
    "thresholds that contradict": ("[reading]\nthreshold = 1\nthreshold_vp = 2", "so threshold_vp contradicts it"),
    "a threshold without effect": (
        '[reading]\nrule = "rvp"\nthreshold_ktrans = 2',
        "[reading] threshold_ktrans has no effect, as the rule is rvp",
    ),
    "a variation in per cent": ("[reading]\nvariation_vp = 14", "[reading]: The coefficient of variation of vp is 14"),
    "an unknown key": ("[reading]\nthreshhold = 2", "[reading] threshhold is not known: did you mean threshold?"),
    "a patient's age": ("[patient]\nage = 60", "[patient] age is not known: choose among srs_date"),
    "a wrong date": ('[patient]\nsrs_date = "soon"', '[patient] srs_date is "soon"; a date, such as 2026-01-15'),
    "resection before radiosurgery": (
        "[patient]\nsrs_date = 2026-02-01\nresection_date = 2026-01-01",
        "The resection (2026-01-01) is earlier than radiosurgery (2026-02-01)",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "sentence"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_wrong_section_is_told_with_its_key(study, lines, sentence):
    assert_one_sentence(lambda: study(rest=lines), sentence)


TEXTS = {
    "nothing": ("", "[pre] is missing: add the section, with the dynamic series as dce."),
    "one visit": ('[pre]\ndce = "pre/dce"', "[follow_up] is missing"),
    "no series": ("[pre]\n[follow_up]", "[pre] dce is missing: name the dynamic series"),
    "a visit that is none": ('pre = "pre/dce"', 'pre is "pre/dce"; a section [pre], once, is needed.'),
    "no lesion": ('[pre]\ndce = "pre/dce"\n[follow_up]\ndce = "follow_up/dce"', "There is no lesion: mark one"),
    "a lesion in one bracket": (
        '[pre]\ndce = "pre/dce"\n[follow_up]\ndce = "follow_up/dce"\n[lesion]\nname = "a"',
        "[lesion] is written with two brackets, [[lesion]]",
    ),
    "lesions that are none": (
        'lesion = [1]\n[pre]\ndce = "pre/dce"\n[follow_up]\ndce = "follow_up/dce"',
        "lesion is [1]; a section [[lesion]] for each lesion is needed.",
    ),
    "one series for both": ('[pre]\ndce = "pre/dce"\n[follow_up]\ndce = "pre/../pre/dce"', "dce are the same ("),
    "one post-contrast T1 for both": (
        '[pre]\ndce = "pre/dce"\nt1_post = "b1.nii.gz"\n[follow_up]\ndce = "follow_up/dce"\nt1_post = "b1.nii.gz"',
        "[pre] t1_post and [follow_up] t1_post are the same (",
    ),
    "a syntax error": (
        '[pre]\ndce = "pre/dce\n',
        "(at line 2, column 15); texts stand in quotes, dates as 2026-01-15.",
    ),
    "a key twice": ("[pre]\ndce = 1\ndce = 2\n", "is not valid TOML: cannot overwrite a value (at "),
    "a name without quotes": ("[pre]\ndce = pre/dce", "is not valid TOML: invalid value (at line 2, column 7); texts"),
    "a backslash": ('[pre]\ndce = "C:\\path"', "(at line 2, column "),
    "brackets without end": ("x = " + 5000 * "[", "brackets are nested too deep"),
    "a number without end": ("x = " + 5000 * "1", "a number is too long"),
}


@pytest.mark.parametrize(("text", "sentence"), TEXTS.values(), ids=TEXTS.keys())
def test_a_wrong_file_is_told(folder, text, sentence):
    assert_one_sentence(lambda: read_text(folder, text), sentence)


def test_what_is_no_study_file_is_told(folder, tmp_path):
    (tmp_path / "image.dcm").write_bytes(b"DICM\xff\xfe\x00")
    (tmp_path / "large.nii").write_bytes(bytes(2_000_000))
    for path, sentence in (
        (folder, "is a folder; a study file is a short text"),
        (tmp_path / "gone.toml", "There is no file or folder"),
        (tmp_path / "image.dcm", "is not a text in UTF-8, so it is no study file."),
        (tmp_path / "large.nii", "has 2,000,000 bytes; a study file is a short text"),
        ("a\0b", "cannot be that of a file"),
    ):
        assert_one_sentence(lambda path=path: read_study(path), sentence)


# Whatever stands in the file, the answer is a study or one sentence. --------------------------------------------------

SCALARS = (
    st.text(max_size=10)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.dates()
    | st.sampled_from(["auto", "brain", "pre/dce", "b1.nii.gz", ".", "..", "/", "2026-01-15"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def toml(value) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool | str):
        return json.dumps(value)
    return str(value)


def only_a_study_or_one_sentence(folder: Path, text: str) -> None:
    try:
        assert isinstance(read_text(folder, text), Study)
    except InputError as error:
        assert "\n" not in str(error)


PLACES = [
    *((section,) for section in ("patient", "pre", "follow_up", "lesion", "fit", "reading")),
    *(("patient", key) for key in ("srs_date", "resection_date", "same_patient")),
    *(("pre", key) for key in KEYS),
    *(("lesion", 0, key) for key in ("name", "pre", "follow_up")),
    *(("lesion", 0, "pre", key) for key in ("seed", "seeds", "background", "amount", "mask")),
    *(("fit", key) for key in ("model", "delay", "motion", "hematocrit", "relaxivity", "blood_t10")),
    *(("reading", key) for key in ("preset", "threshold", "threshold_vp", "rule", "variation_vp", "include_core")),
]


@settings(max_examples=400, deadline=None)
@given(place=st.sampled_from(PLACES), value=VALUES)
def test_any_value_in_any_place_gives_a_study_or_one_sentence(folder, place, value):
    study = table = tomllib.loads(EXAMPLE)
    for step in place[:-1]:
        table = table[step]
    table[place[-1]] = value
    only_a_study_or_one_sentence(folder, "\n".join(f"{key} = {toml(value)}" for key, value in study.items()))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_damage_to_a_file_gives_a_study_or_one_sentence(folder, data):
    start = data.draw(st.integers(0, len(EXAMPLE)))
    stop = data.draw(st.integers(start, min(start + 20, len(EXAMPLE))))
    only_a_study_or_one_sentence(folder, EXAMPLE[:start] + data.draw(st.text(max_size=8)) + EXAMPLE[stop:])


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=60))
def test_any_bytes_give_one_sentence(folder, content):
    (folder / "bytes.toml").write_bytes(content)
    with pytest.raises(InputError):
        read_study(folder / "bytes.toml")
