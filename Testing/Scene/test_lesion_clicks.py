"""Clicks become an outline, an outline a segment: on real nodes, wherever the volume lies, and nothing by the way."""

from dataclasses import replace

import numpy as np
import pytest
import slicer
import vtk
from slice_view import SliceView

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.phantom.head_phantom import HeadPhantom
from PerfusionRatioLib.phantom.lesions import Lesion
from PerfusionRatioLib.phantom.post_contrast import make_post_contrast, t1_grid
from PerfusionRatioLib.rigid import Rigid
from PerfusionRatioLib.series import Grid
from PerfusionRatioScene.geometry import ALIGNMENT, to_lps
from PerfusionRatioScene.layouts import set_transform
from PerfusionRatioScene.lesion_clicks import LesionClicks, keep_core, labelmap_of
from PerfusionRatioScene.lesion_preview import INSIDE, OUTLINE, OUTSIDE, LesionPreview, surface_of
from PerfusionRatioScene.segments import (
    CORE_SUFFIX,
    core_segment,
    lesion_of_core,
    mask_of,
    new_segmentation,
    set_segment,
)
from PerfusionRatioScene.volumes import new_volume, set_volume

SOLID, RING = range(2)
GRID = Grid((40, 40, 40), (1.0, 1.0, 1.0), (-20.0, -10.0, 5.0))
OBLIQUE = replace(
    GRID, direction=tuple(Rigid.of(rotation=(12.0, -20.0, 35.0)).rotation.ravel()), spacing=(1.0, 1.2, 0.9)
)
MOVE = Rigid.of((2.0, -3.0, 1.5), rotation=(4.0, -6.0, 5.0))
MIDDLE = (20, 20, 20)


@pytest.fixture(scope="module")
def head():
    lesions = (Lesion("right frontal", 4.0, seed=1), Lesion("left parietal", 6.0, core=0.35, seed=2))
    return make_post_contrast(HeadPhantom(lesions=lesions, spacing=4.0), t1_grid(2.0), snr=30)


@pytest.fixture
def t1(scene, head):
    return new_volume(scene, head.volume.array, head.volume.grid, "T1")


def ball(centre=MIDDLE, radius=8.0, bright=1.6) -> np.ndarray:
    """An image of even brightness 1 with a brighter ball; the centre is (k, j, i)."""
    distance = np.linalg.norm(np.indices(GRID.shape) - np.reshape(centre, (3, 1, 1, 1)), axis=0)
    return np.float32(1 + (bright - 1) * np.clip(radius + 0.5 - distance, 0, 1))


def rim() -> np.ndarray:
    return np.minimum(ball(radius=9.0), 2.2 - ball(radius=6.0, bright=2.4))


@pytest.fixture
def two_balls(scene):
    """Two bodies that touch each other."""
    image = np.maximum(ball((20, 20, 14), 7.0), ball((20, 20, 27), 7.0))
    return new_volume(scene, image, GRID, "T1")


@pytest.fixture
def rim_volume(scene):
    return new_volume(scene, rim(), GRID, "T1")


def ras_of(voxel, grid=GRID) -> np.ndarray:
    """Where a voxel (k, j, i) is."""
    return to_lps(grid.positions(np.array(voxel)[::-1]))


def a_voxel(mask: np.ndarray, seed=0) -> np.ndarray:
    places = np.argwhere(mask)
    return places[np.random.default_rng(seed).integers(len(places))]


def dice(first: np.ndarray, second: np.ndarray) -> float:
    return 2 * np.count_nonzero(first & second) / (np.count_nonzero(first) + np.count_nonzero(second))


class Editor:
    """A segment editor without its widget: a segmentation of ``volume`` with segments, the first of which is chosen."""

    def __init__(self, scene, volume, *names, reference=None):
        self.volume = volume
        self.segmentation = new_segmentation(scene, "Lesions", reference or volume)
        segments = self.segmentation.GetSegmentation()
        self.keys = [segments.AddEmptySegment("", name) for name in names or ("Lesion 1",)]
        self.node = scene.AddNewNodeByClass("vtkMRMLSegmentEditorNode")
        self.node.SetAndObserveSegmentationNode(self.segmentation)
        self.node.SetAndObserveSourceVolumeNode(volume)
        self.logic = slicer.vtkSlicerSegmentEditorLogic()
        self.logic.SetMRMLScene(scene)
        self.logic.SetSegmentEditorNode(self.node)
        self.select(0)

    def select(self, number: int) -> None:
        self.node.SetSelectedSegmentID(self.keys[number])

    def apply(self, outline, with_core: bool = True) -> None:
        """As the effect does it, through the editor's logic, so that it can be undone."""
        logic, key = self.logic, self.node.GetSelectedSegmentID()
        logic.UpdateReferenceGeometryImage()
        reference = logic.GetReferenceGeometryImage()
        labelmap = labelmap_of(outline, self.volume, self.segmentation, reference, with_core)
        logic.SaveStateForUndo()
        logic.ModifySegmentByLabelmap(self.segmentation, key, labelmap, logic.ModificationModeSet, True, False)
        keep_core(outline, self.volume, self.segmentation, key, reference, with_core)

    def mask(self, number: int = 0) -> np.ndarray:
        return mask_of(self.segmentation, self.keys[number], self.volume)

    def is_empty(self, number: int = 0) -> bool:
        with pytest.raises(InputError, match="holds no voxel"):
            self.mask(number)
        return True

    def names(self) -> list[str]:
        segments = self.segmentation.GetSegmentation()
        return [segments.GetNthSegment(number).GetName() for number in range(segments.GetNumberOfSegments())]


def transform_above(scene, volume, rigid: Rigid = MOVE):
    node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "moved")
    set_transform(node, rigid)
    volume.SetAndObserveTransformNodeID(node.GetID())
    return node


def world_of(voxel, volume) -> np.ndarray:
    """Where a voxel (k, j, i) of a node is seen in the views."""
    ijk_to_ras, above = vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(ijk_to_ras)
    volume.GetParentTransformNode().GetMatrixTransformToWorld(above)
    matrix = slicer.util.arrayFromVTKMatrix(above) @ slicer.util.arrayFromVTKMatrix(ijk_to_ras)
    return (matrix @ [*np.array(voxel)[::-1], 1])[:3]


@pytest.mark.parametrize("number", [SOLID, RING], ids=["solid", "ring"])
def test_one_click_in_a_head_finds_the_lesion(t1, head, number):
    voxel = a_voxel(head.lesions[number] & ~head.cores[number])
    found = LesionClicks(t1).add(ras_of(voxel, head.volume.grid))
    assert dice(found.mask, head.lesions[number]) > 0.8
    assert not found.notes


@pytest.mark.parametrize(
    ("place", "sentence"),
    [((0.0, 0.0, 500.0), "outside the image"), ((0.0, 118.0, 60.0), "outside the brain"), ((-25, -20, 30), "enhance")],
    ids=["nowhere", "air", "white matter"],
)
def test_a_click_that_cannot_mean_a_lesion_is_told_in_one_sentence_and_changes_nothing(scene, t1, place, sentence):
    clicks, before = LesionClicks(t1), scene.GetNumberOfNodes()
    with pytest.raises(InputError, match=sentence) as told:
        clicks.add(np.array(place, float))
    assert "\n" not in str(told.value)
    assert clicks.clicks == ()
    assert clicks.outline() is None
    assert scene.GetNumberOfNodes() == before


def test_a_refused_click_leaves_the_outline_of_those_before(two_balls):
    clicks = LesionClicks(two_balls)
    found = clicks.add(ras_of((20, 20, 12)))
    with pytest.raises(InputError, match="outside the image"):
        clicks.add(np.array([500.0, 0, 0]))
    assert clicks.outline() is found


def test_what_is_not_lesion_is_taken_away_and_comes_back(two_balls):
    clicks = LesionClicks(two_balls)
    both = clicks.add(ras_of((20, 20, 12)))
    one = clicks.add(ras_of((20, 20, 28)), in_lesion=False)
    assert both.mask[20, 20, 28]
    assert not one.mask[20, 20, 28]
    assert dice(one.mask, ball((20, 20, 14), 7.0) > 1.3) > 0.9
    clicks.undo()
    np.testing.assert_array_equal(clicks.outline().mask, both.mask)


def test_the_first_click_is_in_the_lesion(two_balls):
    with pytest.raises(InputError, match="Click in the lesion first"):
        LesionClicks(two_balls).add(ras_of((20, 20, 12)), in_lesion=False)


def test_more_is_never_less(two_balls):
    clicks = LesionClicks(two_balls)
    clicks.add(ras_of((20, 20, 12)))
    volumes = []
    for amount in (-1, -0.5, 0, 0.5, 1):
        clicks.amount = amount
        volumes.append(int(clicks.outline().mask.sum()))
    assert volumes == sorted(volumes)
    assert volumes[0] < volumes[2] < volumes[4]


def test_undo_and_clear(two_balls):
    clicks = LesionClicks(two_balls)
    first = clicks.add(ras_of((20, 20, 12))).mask
    clicks.add(ras_of((20, 20, 25)))
    clicks.undo()
    np.testing.assert_array_equal(clicks.outline().mask, first)
    clicks.undo()
    clicks.undo()
    assert clicks.outline() is None
    clicks.add(ras_of((20, 20, 12)))
    clicks.clear()
    assert clicks.clicks == ()
    assert clicks.outline() is None


def test_nothing_is_computed_twice_and_a_changed_volume_is_read_again(two_balls):
    clicks = LesionClicks(two_balls)
    found = clicks.add(ras_of((20, 20, 12)))
    assert clicks.outline() is found
    slicer.util.arrayFromVolume(two_balls)[:] = ball((20, 20, 14), 4.0)
    slicer.util.arrayFromVolumeModified(two_balls)
    assert 0 < clicks.outline().mask.sum() < found.mask.sum()
    set_volume(two_balls, ball((20, 20, 14), 7.0), GRID)
    assert dice(clicks.outline().mask, ball((20, 20, 14), 7.0) > 1.3) > 0.9


def test_placing_points_leaves_the_scene_alone(scene, two_balls):
    editor, before = Editor(scene, two_balls), scene.GetNumberOfNodes()
    clicks = LesionClicks(two_balls)
    clicks.add(ras_of((20, 20, 12)))
    clicks.add(ras_of((20, 20, 28)), in_lesion=False)
    assert scene.GetNumberOfNodes() == before
    assert editor.is_empty()


@pytest.mark.parametrize("above", ["nothing", "volume", "both", "segmentation", "alignment"])
def test_the_segment_has_the_voxels_of_the_outline_wherever_the_volume_lies(scene, above):
    volume = new_volume(scene, ball(), OBLIQUE, "T1")
    editor = Editor(scene, volume)
    node = transform_above(scene, volume)
    if above in ("both", "segmentation"):
        editor.segmentation.SetAndObserveTransformNodeID(node.GetID())
    if above == "alignment":
        node.SetAttribute(ALIGNMENT, "1")
        editor.segmentation.SetAndObserveTransformNodeID(node.GetID())
    seen = world_of(MIDDLE, volume)
    if above in ("nothing", "segmentation"):
        volume.SetAndObserveTransformNodeID(None)
        seen = ras_of(MIDDLE, OBLIQUE)
    outline = LesionClicks(volume).add(seen)
    assert outline.mask[MIDDLE]
    editor.apply(outline)
    share = dice(editor.mask(), outline.mask)
    assert share == 1 if above in ("nothing", "both", "alignment") else share > 0.9


def test_points_stay_in_the_lesion_when_the_volume_is_moved(scene, two_balls):
    clicks = LesionClicks(two_balls)
    before = clicks.add(ras_of((20, 20, 12))).mask
    transform_above(scene, two_balls)
    assert dice(clicks.outline().mask, before) > 0.99


def test_a_lesion_beyond_the_voxels_of_the_segmentation_is_told_and_changes_nothing(scene, two_balls):
    small = new_volume(scene, np.zeros((8, 8, 8), np.float32), replace(GRID, size=(8, 8, 8)), "small")
    editor = Editor(scene, two_balls, reference=small)
    with pytest.raises(InputError, match="reaches beyond the voxels of 'Lesions'"):
        editor.apply(LesionClicks(two_balls).add(ras_of((20, 20, 12))))
    assert editor.is_empty()
    assert not editor.logic.CanUndo()


def test_applying_can_be_undone_in_one_step(scene, rim_volume):
    editor = Editor(scene, rim_volume)
    outline = LesionClicks(rim_volume).add(ras_of((20, 12, 20)))
    editor.apply(outline)
    np.testing.assert_array_equal(editor.mask(), outline.mask)
    assert editor.names() == ["Lesion 1", "Lesion 1" + CORE_SUFFIX]
    editor.logic.Undo()
    assert editor.is_empty()
    assert editor.names() == ["Lesion 1"]


def test_applying_again_takes_the_place_of_what_was_there(scene, two_balls):
    editor, clicks = Editor(scene, two_balls), LesionClicks(two_balls)
    editor.apply(clicks.add(ras_of((20, 20, 12))))
    less = clicks.add(ras_of((20, 20, 28)), in_lesion=False)
    editor.apply(less)
    np.testing.assert_array_equal(editor.mask(), less.mask)


def test_two_lesions_in_two_segments(scene, t1, head):
    editor = Editor(scene, t1, "frontal", "parietal")
    for number in (SOLID, RING):
        editor.select(number)
        voxel = a_voxel(head.lesions[number] & ~head.cores[number])
        editor.apply(LesionClicks(t1).add(ras_of(voxel, head.volume.grid)))
    for number in (SOLID, RING):
        assert dice(editor.mask(number), head.lesions[number]) > 0.8


def test_the_core_is_filled_or_left_out(scene, rim_volume):
    editor = Editor(scene, rim_volume)
    outline = LesionClicks(rim_volume).add(ras_of((20, 12, 20)))
    assert outline.core[MIDDLE]
    editor.apply(outline)
    assert editor.mask()[MIDDLE]
    core = editor.segmentation.GetSegmentation().GetSegmentIdBySegmentName("Lesion 1" + CORE_SUFFIX)
    np.testing.assert_array_equal(mask_of(editor.segmentation, core, rim_volume), outline.core)
    editor.apply(outline, with_core=False)
    np.testing.assert_array_equal(editor.mask(), outline.enhancing)
    assert editor.names() == ["Lesion 1"]


def test_the_core_lies_in_its_lesion_in_a_segmentation_that_is_not_moved_with_the_volume(scene, rim_volume):
    outline = LesionClicks(rim_volume).add(ras_of((20, 12, 20)))
    transform_above(scene, rim_volume)
    editor = Editor(scene, rim_volume)
    editor.segmentation.SetAndObserveTransformNodeID(None)
    editor.apply(outline)
    core = core_segment(editor.segmentation, editor.keys[0])
    middles = [np.array(editor.segmentation.GetSegmentCenterRAS(key)) for key in (editor.keys[0], core)]
    expected = world_of(np.argwhere(outline.core).mean(axis=0), rim_volume)
    np.testing.assert_allclose(middles[1], expected, atol=1.0)
    np.testing.assert_allclose(middles[0], middles[1], atol=1.5)


def test_a_core_stays_with_its_lesion_under_another_name(scene, rim_volume):
    editor = Editor(scene, rim_volume)
    editor.apply(LesionClicks(rim_volume).add(ras_of((20, 12, 20))))
    core = core_segment(editor.segmentation, editor.keys[0])
    editor.segmentation.GetSegmentation().GetSegment(editor.keys[0]).SetName("left frontal")
    assert core and core_segment(editor.segmentation, editor.keys[0]) == core
    assert lesion_of_core(editor.segmentation.GetSegmentation().GetSegment(core)) == editor.keys[0]
    editor.apply(LesionClicks(rim_volume).add(ras_of((20, 12, 20))))
    assert editor.names() == ["left frontal", "left frontal core"]


def test_the_masks_of_the_editor_hold(scene, two_balls):
    editor = Editor(scene, two_balls, "Lesion 1", "half")
    half = np.zeros(GRID.shape, bool)
    half[:20] = True
    set_segment(editor.segmentation, "half", half, two_balls, (1, 0, 0), editor.keys[1])
    editor.node.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedInsideSingleSegment)
    editor.node.SetMaskSegmentID(editor.keys[1])
    outline = LesionClicks(two_balls).add(ras_of((20, 20, 12)))
    editor.apply(outline)
    np.testing.assert_array_equal(editor.mask(), outline.mask & half)


def test_a_finer_segmentation_takes_the_same_place(scene, two_balls):
    fine = new_volume(scene, np.zeros((80, 80, 80), np.uint8), Grid((80,) * 3, (0.5,) * 3, (-20.0, -10.0, 5.0)), "fine")
    outline = LesionClicks(two_balls).add(ras_of((20, 20, 12)))
    editor = Editor(scene, two_balls, reference=fine)
    editor.logic.UpdateReferenceGeometryImage()
    reference = editor.logic.GetReferenceGeometryImage()
    labelmap = labelmap_of(outline, two_balls, editor.segmentation, reference)
    assert labelmap.GetDimensions() == (80, 80, 80)
    editor.apply(outline)
    assert dice(editor.mask(), outline.mask) > 0.95


def coloured(picture: np.ndarray, colour) -> np.ndarray:
    return (np.abs(picture.astype(int) - np.round(np.multiply(colour, 255))) < 40).all(axis=2)


def span(seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Middle and extent of the pixels that are seen, (row, column)."""
    where = np.argwhere(seen)
    return (where.min(axis=0) + where.max(axis=0)) / 2, np.ptp(where, axis=0) + 1


@pytest.mark.parametrize("moved", [False, True], ids=["as acquired", "moved for the eye"])
def test_the_preview_is_drawn_where_the_lesion_is_seen(host, moved):
    view = SliceView(host)
    volume = new_volume(host.scene, ball(), GRID, "T1")
    volume.GetDisplayNode().SetAutoWindowLevel(False)
    volume.GetDisplayNode().SetWindowLevelMinMax(0, 20)
    view.logic.GetSliceCompositeNode().SetBackgroundVolumeID(volume.GetID())
    place = ras_of(MIDDLE)
    if moved:
        node = transform_above(host.scene, volume, Rigid.of((6.0, 0.0, 0.0)))
        node.SetAttribute(ALIGNMENT, "1")
        place = world_of(MIDDLE, volume)
    view.fit(place[2])
    clicks, preview = LesionClicks(volume), LesionPreview()
    for actor in preview.actors:
        view.renderer.AddViewProp(actor)
    outline = clicks.add(place)
    surface = surface_of(outline, volume)
    clicks.add(place + np.array([15.0, 0.0, 0.0]), in_lesion=False)
    preview.show(view.node, surface, clicks.clicks, volume)
    picture = view.picture()
    scale = 400 / view.node.GetFieldOfView()[0]
    middle, size = span(coloured(picture, OUTLINE))
    _, expected = span(outline.mask[MIDDLE[0]])
    np.testing.assert_allclose(size, expected * scale, atol=0.5 * scale)
    at, _ = span(coloured(picture, INSIDE))
    np.testing.assert_allclose(at, middle, atol=0.5 * scale)
    beside, _ = span(coloured(picture, OUTSIDE))
    np.testing.assert_allclose(
        beside, middle + np.array([0, -15 * scale]), atol=0.5 * scale
    )  # the patient's right is left
    preview.show(view.node, surface_of(None, volume), (), volume)
    assert not coloured(view.picture(), OUTLINE).any()


def test_the_preview_follows_the_slice(host):
    view = SliceView(host)
    volume = new_volume(host.scene, ball(), GRID, "T1")
    view.logic.GetSliceCompositeNode().SetBackgroundVolumeID(volume.GetID())
    clicks, preview = LesionClicks(volume), LesionPreview()
    for actor in preview.actors:
        view.renderer.AddViewProp(actor)
    surface = surface_of(clicks.add(ras_of(MIDDLE)), volume)
    sizes = []
    for away in (0.0, 6.0, 12.0):
        view.fit(ras_of(MIDDLE)[2] + away)
        preview.show(view.node, surface, clicks.clicks, volume)
        picture = view.picture()
        seen = coloured(picture, OUTLINE)
        sizes.append(span(seen)[1].max() if seen.any() else 0)
        assert coloured(picture, INSIDE).any() == (away == 0)
    assert sizes[0] > sizes[1] > sizes[2] == 0
