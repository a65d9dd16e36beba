"""Images of a visit: what they tell, what is entered in its place, and which are chosen by themselves."""

import numpy as np
import pytest
import slicer

from PerfusionRatioLib.acquisition import Acquisition, Known
from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.series import DceSeries, Grid
from PerfusionRatioLib.signal.spoiled_gradient_echo import spgr_signal

GRID = Grid((6, 5, 4), (2.0, 2.0, 3.0))
TIMES = np.arange(12) * 10.0
KNOWN = Acquisition(Known(0.005, "test"), Known(15.0, "test"), Known(0.002, "test"))
ANGLES, T10, TIME = (2.0, 5.0, 15.0), 1.2, 0.008
LABELS, TAG, UNIT = (
    f"MultiVolume.{name}" for name in ("FrameLabels", "FrameIdentifyingDICOMTagName", "FrameIdentifyingDICOMTagUnits")
)
TR, ANGLE, ECHO, FIELD = (
    f"MultiVolume.DICOM.{name}" for name in ("RepetitionTime", "FlipAngle", "EchoTime", "MagneticFieldStrength")
)


def tissue() -> np.ndarray:
    """Where the images have signal; the rest is air."""
    inside = np.zeros(GRID.shape, bool)
    inside[:, 1:4, 1:5] = True
    return inside


def new_series(scene, name: str = "DCE", times=TIMES):
    """A dynamic series in the scene."""
    from PerfusionRatioScene.volumes import new_sequence

    signal = np.where(tissue(), np.float32(100), np.float32(1)) * np.ones((len(times), 1, 1, 1), np.float32)
    return new_sequence(scene, DceSeries(signal, Known(times, "test"), GRID, KNOWN), name)


def new_t1(scene, name: str = "T1 post contrast"):
    """A post-contrast T1 in the scene."""
    from PerfusionRatioScene.volumes import new_volume

    return new_volume(scene, np.ones(GRID.shape, np.float32), GRID, name)


def new_flip_angles(scene, time: float | None = TIME, name: str = "Flip angles"):
    """Images of tissue with a T1 of 1.2 s, taken with a TR of 8 ms that is told or not."""
    from PerfusionRatioScene.flip_angles import new_flip_angle_sequence

    signals = [1000 * spgr_signal(1 / T10, TIME, angle) * np.ones(GRID.shape) for angle in ANGLES]
    known = Acquisition() if time is None else Acquisition(repetition_time=Known(time, "test"))
    return new_flip_angle_sequence(scene, np.array(signals, np.float32), GRID, ANGLES, known, name)


@pytest.fixture
def scene(host):
    return host.scene


@pytest.fixture
def visit(panel, scene):
    """A visit with its two images."""
    panel.visit.series, panel.visit.t1 = new_series(scene), new_t1(scene)
    panel.refresh()
    return panel.visit


def missing(visit) -> dict[str, str]:
    from PerfusionRatioScene.visit_inputs import what_is_missing

    return what_is_missing(visit)


def gathered(panel):
    """What the library gets."""
    from PerfusionRatioScene.visit_inputs import gathered

    return gathered(panel.parameters, "pre")


def test_two_images_that_tell_all_are_enough(visit, user):
    assert missing(visit) == {}
    assert user.maps.ui.computeButton.enabled


def test_numbers_with_a_decimal_point_can_be_typed(visit, user):
    """A number counts when it is complete: what is shown meanwhile is left to the user."""
    for box, name in (
        ("repetitionTimeSpinBox", "repetition_time"),
        ("flipAngleSpinBox", "flip_angle"),
        ("intervalSpinBox", "frame_interval"),
        ("t10SpinBox", "t10"),
    ):
        user.type_in(getattr(user.images.ui, box), "2.5")
        assert getattr(visit, name) == 2.5


# TR of the flip angle images


def test_flip_angle_images_without_tr_ask_for_theirs(visit, panel, scene, user):
    """They have a TR of 8 ms, the series one of 5 ms: taking the series' would make T1 too short by that."""
    box, origin = user.images.ui.flipAnglesTimeSpinBox, user.images.ui.flipAnglesTimeOrigin
    assert not box.enabled and origin.text == ""
    visit.flip_angle_images = new_flip_angles(scene, time=None)
    panel.refresh()
    assert list(missing(visit)) == ["flip_angles_repetition_time"]
    assert "TR" in user.images.ui.missingLabel.text and not user.maps.ui.computeButton.enabled
    assert box.enabled and origin.text == "not told by the images"
    with pytest.raises(InputError, match="flip angle images do not tell their repetition time"):
        gathered(panel)
    user.type_in(box, "8")
    assert visit.flip_angles_repetition_time == 8 and user.maps.ui.computeButton.enabled
    np.testing.assert_allclose(gathered(panel).inputs.t10, T10, rtol=1e-3)


def test_the_tr_of_flip_angle_images_is_theirs_unless_another_is_entered(visit, panel, scene, user):
    visit.flip_angle_images = new_flip_angles(scene)
    panel.refresh()
    assert missing(visit) == {} and user.images.ui.flipAnglesTimeOrigin.text == "images: 8 ms"
    np.testing.assert_allclose(gathered(panel).inputs.t10, T10, rtol=1e-3)
    visit.flip_angles_repetition_time = 4.0
    np.testing.assert_allclose(gathered(panel).inputs.t10, T10 / 2, rtol=0.02)
    visit.flip_angle_images.SetAttribute(TR, "eight")
    assert missing(visit) == {}
    visit.flip_angles_repetition_time = 0.0
    assert "'eight', not a number" in missing(visit)["flip_angles_repetition_time"]


def test_no_tr_is_asked_for_where_a_map_serves(visit, panel, scene, user):
    visit.flip_angle_images, visit.t10_map = new_flip_angles(scene, time=None), new_t1(scene, "T1 map")
    panel.refresh()
    assert missing(visit) == {} and not user.images.ui.flipAnglesTimeSpinBox.enabled


@pytest.mark.parametrize(("tag", "unit", "served"), [("FlipAngle", "degrees", True), ("AcquisitionTime", "ms", False)])
def test_flip_angles_are_read_as_importers_write_them(visit, panel, scene, tag, unit, served):
    node = new_flip_angles(scene)
    node.SetIndexName("")
    node.SetIndexUnit("")
    for name, value in ((LABELS, "2,5,15"), (TAG, tag), (UNIT, unit)):
        node.SetAttribute(name, value)
    visit.flip_angle_images = node
    if served:
        np.testing.assert_allclose(gathered(panel).inputs.t10, T10, rtol=1e-3)
    else:
        with pytest.raises(InputError, match="does not tell the flip angle of each image"):
            gathered(panel)


# field and T1 of blood


def test_an_unknown_field_is_told_and_can_be_entered(visit, panel, user):
    ui = user.images.ui
    assert ui.fieldOrigin.text == "not told: 3 T assumed"
    assert ui.bloodT10Origin.text == "1.65 s, usual at 3 T"
    assert gathered(panel).series.acquisition.field_strength is None
    user.type_in(ui.fieldSpinBox, "1.5")
    assert gathered(panel).series.acquisition.field_strength == Known(1.5, "entered in the panel")
    assert ui.bloodT10Origin.text == "1.48 s, usual at 1.5 T"
    assert "assumed" not in ui.fieldOrigin.text


def test_the_field_is_that_of_the_images_unless_another_is_entered(visit, panel, user):
    visit.series.SetAttribute(FIELD, "7")
    panel.refresh()
    assert user.images.ui.fieldOrigin.text == "images: 7 T"
    assert gathered(panel).series.acquisition.field_strength == Known(7.0, f"node attribute {FIELD}")
    visit.series.SetAttribute(FIELD, "15000")  # gauss
    assert "15000 T" in missing(visit)["field_strength"]
    visit.field_strength = 1.5
    assert missing(visit) == {} and gathered(panel).series.acquisition.field_strength.value == 1.5


def test_the_t1_of_blood_that_is_entered_is_used(visit, panel, user, scene):
    assert gathered(panel).settings.blood_t10 is None
    visit.flip_angle_images = new_flip_angles(scene)
    panel.refresh()
    assert user.images.ui.bloodT10Origin.text == "of the T1 map"
    user.type_in(user.images.ui.bloodT10SpinBox, "1.8")
    assert gathered(panel).settings.blood_t10 == 1.8
    assert user.images.ui.bloodT10Origin.text == ""


def test_the_field_goes_with_a_digital_patient(panel, user, host):
    from patients import load

    load("recurrence", host)
    panel.enter()
    assert user.images.ui.fieldOrigin.text == "images: 3 T"
    assert missing(panel.visit) == {}


# T1 map


@pytest.mark.parametrize(("value", "seconds"), [(0.1, 0.1), (1.4, 1.4), (9.9, 9.9), (101, 0.101), (1400, 1.4)])
@pytest.mark.parametrize("air", [0.001, 5.0, 90000, np.inf, np.nan])
def test_the_unit_of_a_t1_map_is_told_by_tissue(visit, panel, scene, value, seconds, air):
    from PerfusionRatioScene.volumes import new_volume

    array = np.where(tissue(), np.float32(value), np.float32(air))
    visit.t10_map = new_volume(scene, array, GRID, "T1 map")
    np.testing.assert_allclose(gathered(panel).inputs.t10[tissue()], seconds, rtol=1e-6)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (0.05, r"median of 0\.05 where the series has tissue; 0\.1 to 10 \(seconds\) or 100 to 10000"),
        (30, r"median of 30 where"),
        (20000, r"median of 2e\+04 where"),
        (0, "no positive value where the series has tissue"),
        (np.inf, "no positive value where the series has tissue"),
    ],
)
def test_a_map_of_something_else_is_refused(visit, panel, scene, value, sentence):
    from PerfusionRatioScene.volumes import new_volume

    visit.t10_map = new_volume(scene, np.where(tissue(), np.float32(value), np.float32(1.4)), GRID, "T1 map")
    with pytest.raises(InputError, match=sentence):
        gathered(panel)


# attributes that are of no use


@pytest.mark.parametrize(
    ("attribute", "text", "field", "entered", "used"),
    [
        (TR, "five", "repetition_time", 5.0, 0.005),
        (TR, "5000", "repetition_time", 5.0, 0.005),
        (ANGLE, "fifteen", "flip_angle", 15.0, 15.0),
        (ANGLE, "0.26", "flip_angle", 15.0, 15.0),
        (FIELD, "three", "field_strength", 3.0, 3.0),
    ],
)
def test_what_is_entered_stands_in_for_a_wrong_attribute(visit, panel, user, attribute, text, field, entered, used):
    visit.series.SetAttribute(attribute, text)
    panel.refresh()
    assert list(missing(visit)) == [field] and "give the value in the panel" in missing(visit)[field]
    assert "--" not in missing(visit)[field]
    setattr(visit, field, entered)
    panel.refresh()
    assert missing(visit) == {} and user.images.ui.missingLabel.text == ""
    found = getattr(gathered(panel).series.acquisition, field)
    assert (found.value, found.origin) == (pytest.approx(used), "entered in the panel")


def test_a_wrong_echo_time_can_only_be_corrected(visit):
    visit.series.SetAttribute(ECHO, "two")
    assert missing(visit)["series"].endswith("correct it, or remove it.")


@pytest.mark.parametrize(("field", "value"), [("repetition_time", 0.1), ("flip_angle", 0.2), ("field_strength", 0.01)])
def test_what_is_entered_out_of_range_is_told(visit, field, value):
    setattr(visit, field, value)
    sentence = missing(visit)[field]
    assert "(entered in the panel)" in sentence and sentence.endswith("correct what was entered.")
    assert "--" not in sentence


# frame times


def test_times_that_make_no_dynamic_series_ask_for_the_interval(visit, panel, user):
    """As the importer writes them where it takes TR times frame number for a time: 12 frames of 5 ms."""
    visit.series.SetAttribute(LABELS, ",".join(str(5.0 * n) for n in range(12)))
    visit.series.SetAttribute(TAG, "Time")
    visit.series.SetAttribute(UNIT, "ms")
    panel.refresh()
    assert missing(visit) == {
        "frame_interval": "The frame times of the images make no dynamic series (the series would last 0.055 s; a DCE "
        "series lasts more than ten seconds): give the seconds between frames."
    }
    assert not user.maps.ui.computeButton.enabled
    assert user.images.ui.intervalOrigin.text == "images: 12 frames, 0.055 s"
    user.type_in(user.images.ui.intervalSpinBox, "10")
    assert missing(visit) == {} and user.maps.ui.computeButton.enabled
    np.testing.assert_allclose(gathered(panel).series.times.value, TIMES)


@pytest.mark.parametrize("labels", ["0,10", "0,a,b,c,d,e,f,g,h,i,j,k", ",".join(["7"] * 12)])
def test_times_that_mean_nothing_ask_for_the_interval(visit, panel, labels):
    for name, value in ((LABELS, labels), (TAG, "AcquisitionTime"), (UNIT, "ms")):
        visit.series.SetAttribute(name, value)
    assert list(missing(visit)) == ["frame_interval"] and "--" not in missing(visit)["frame_interval"]
    visit.frame_interval = 10.0
    assert missing(visit) == {}
    np.testing.assert_allclose(gathered(panel).series.times.value, TIMES)


def test_an_interval_that_makes_no_dynamic_series_is_told(visit):
    visit.frame_interval = 0.01
    assert "The frame interval that was entered makes no dynamic series" in missing(visit)["frame_interval"]
    assert "0.11 s" in missing(visit)["frame_interval"]


@pytest.mark.parametrize("by", ["index", "attributes"])
def test_flip_angles_are_no_dynamic_series_whatever_is_entered(visit, scene, by):
    node = new_series(scene, "angles")
    if by == "index":
        node.SetIndexName("flip angle")
        node.SetIndexUnit("degrees")
    else:
        node.SetAttribute(TAG, "FlipAngle")
        node.SetAttribute(UNIT, "degrees")
    visit.series, visit.frame_interval = node, 10.0
    assert "not in time: choose the dynamic series here" in missing(visit)["series"]


# suggestions


class Studies:
    """Studies in the subject hierarchy, as those of DICOM."""

    def __init__(self, scene):
        self.tree = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)

    def new(self, day: str = "") -> int:
        study = self.tree.CreateStudyItem(self.tree.GetSceneItemID(), f"study {day}")
        if day:
            constants = slicer.vtkMRMLSubjectHierarchyConstants
            self.tree.SetItemAttribute(study, constants.GetDICOMStudyDateAttributeName(), day)
        return study

    def put(self, study: int, *nodes) -> None:
        for node in nodes:
            self.tree.CreateItem(study, node)


@pytest.fixture
def studies(scene):
    return Studies(scene)


def suggested(panel) -> tuple[bool, list]:
    """Whether something was chosen, and the names of the dynamic series."""
    from PerfusionRatioScene.suggestions import suggest_images

    chosen = suggest_images(panel.scene, panel.parameters)
    series = [visit.series for visit in (panel.parameters.pre, panel.parameters.follow_up)]
    return chosen, [None if node is None else node.GetName() for node in series]


def test_the_earliest_and_the_latest_study_are_chosen(panel, scene, studies):
    for day in ("20250601", "20250101", "20251201"):
        studies.put(studies.new(day), new_series(scene, f"DCE {day}"), new_t1(scene, f"T1 post {day}"))
    assert suggested(panel) == (True, ["DCE 20250101", "DCE 20251201"])
    assert (panel.parameters.pre.date, panel.parameters.follow_up.date) == ("2025-01-01", "2025-12-01")
    assert panel.parameters.follow_up.t1.GetName() == "T1 post 20251201"


def test_of_a_study_with_several_dynamic_series_none_is_chosen(panel, scene, studies):
    first, last = studies.new("20250101"), studies.new("20250601")
    studies.put(first, new_series(scene, "DCE a"), new_series(scene, "DCE b"), new_t1(scene))
    studies.put(last, new_series(scene, "DCE c"))
    assert suggested(panel) == (True, [None, "DCE c"])
    assert panel.parameters.pre.t1 is None and panel.parameters.pre.date == ""


def test_an_ambiguous_study_is_not_passed_over_for_an_earlier_one(panel, scene, studies):
    for day, count in (("20250101", 1), ("20250601", 1), ("20251201", 2)):
        studies.put(studies.new(day), *(new_series(scene, f"DCE {day}") for _ in range(count)))
    assert suggested(panel) == (True, ["DCE 20250101", None])


def test_both_visits_never_come_from_one_study_or_day(panel, scene, studies):
    studies.put(studies.new("20250101"), new_series(scene, "DCE a"))
    studies.put(studies.new("20250101"), new_series(scene, "DCE b"))
    assert suggested(panel) == (False, [None, None])


def test_both_visits_never_come_from_one_study_without_a_date(panel, scene, studies):
    studies.put(studies.new(), new_series(scene, "DCE a"), new_series(scene, "DCE b"))
    assert suggested(panel) == (False, [None, None])


def test_one_study_is_that_before_radiosurgery(panel, scene, studies):
    studies.put(studies.new("20250101"), new_series(scene, "DCE a"))
    assert suggested(panel) == (True, ["DCE a", None])


def test_series_of_files_are_told_apart_by_their_order(panel, scene):
    new_series(scene, "first")
    new_series(scene, "second")
    assert suggested(panel) == (True, ["first", "second"])


def test_a_series_without_a_day_is_left_out_beside_dated_ones(panel, scene, studies):
    new_series(scene, "whenever")
    studies.put(studies.new("20250601"), new_series(scene, "DCE a"))
    assert suggested(panel) == (True, ["DCE a", None])


@pytest.mark.parametrize(
    "name",
    [
        "DSC",
        "ep2d_perf_dce",
        "T1 perfusion",
        "DWI b1000",
        "BOLD rest",
        "fMRI_motor",
        "pCASL_3d",
        "asl",
        "8: ax_dsc_perf",
    ],
)
def test_other_kinds_of_dynamic_series_are_never_suggested(panel, scene, name):
    new_series(scene, name)
    assert suggested(panel) == (False, [None, None])


@pytest.mark.parametrize("name", ["dce_perf", "t1_vibe_dynamic", "TWIST", "Basler DCE"])
def test_names_of_dce_are_none_of_other_kinds(panel, scene, name):
    new_series(scene, name)
    assert suggested(panel)[0]


def test_flip_angles_as_importers_leave_them_are_suggested_as_such(panel, scene, studies):
    angles = new_series(scene, "vibe")
    angles.SetIndexName("")
    angles.SetIndexUnit("")
    angles.SetAttribute(TAG, "FlipAngle")
    angles.SetAttribute(UNIT, "degrees")
    studies.put(studies.new("20250101"), angles, new_series(scene, "DCE"))
    assert suggested(panel) == (True, ["DCE", None])
    assert panel.parameters.pre.flip_angle_images is angles


def test_a_sequence_is_of_the_study_of_the_volume_that_shows_it(panel, scene, studies):
    """The DICOM module puts that volume into the study, not the sequence."""
    for day in ("20250601", "20250101"):
        sequence = new_series(scene, f"DCE {day}")
        browser = scene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode")
        browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
        shown = browser.AddProxyNode(new_t1(scene, f"T1 contrast DCE {day}"), sequence, False)
        studies.put(studies.new(day), shown, new_t1(scene, f"T1 {day}"))
    assert suggested(panel) == (True, ["DCE 20250101", "DCE 20250601"])
    assert panel.parameters.pre.date == "2025-01-01"
    assert panel.parameters.pre.t1.GetName() == "T1 20250101"


def test_nothing_that_the_user_chose_is_touched(visit, panel, scene, studies):
    studies.put(studies.new("20250101"), new_series(scene, "DCE a"))
    assert suggested(panel) == (False, ["DCE", None])
