"""Pictures of the panels and layouts along the whole way of a user, for README and manual.

    python Testing/Panels/screenshots.py Resources/Screenshots

The panels are the real ones on the test host; the slice views are rendered from the same scene.
"""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(path) for path in (HERE, HERE.parent / "Scene", ROOT, ROOT / "PerfusionRatio")]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from slicer_host import install  # noqa: E402

SCENARIO = "recurrence"
WIDTH, HEIGHT = 1500, 900
"""Pixels of a picture of panel and view."""
PANEL_WIDTH = 560
GAP = 4


class Studio:
    """The module with slice views beside it."""

    def __init__(self, folder: Path, target: Path):
        from slice_view import SliceView
        from user import User

        from PerfusionRatioScene.layouts import COLUMNS, VISITS, view_name

        self.host, self.target = install(folder), target
        self.panel = self.host.open_module(ROOT / "PerfusionRatio" / "PerfusionRatio.py").panel
        self.user = User(self.host, self.panel)
        scene_host, beside = self.host._scene_host, (WIDTH - PANEL_WIDTH, HEIGHT)
        self.view = SliceView(scene_host, "Red", beside)
        self.tiles = {
            (visit, column): SliceView(scene_host, view_name(visit, column), (WIDTH // 3, WIDTH // 3))
            for visit in VISITS
            for column in COLUMNS
        }

    def shoot(self, name: str, *shown: int, place=None) -> None:
        """The panel, with the panels of these numbers open, and beside it the axial slice at a place (RAS)."""
        self._open(shown)
        panel = pixels(self.panel.widget.parentWidget().grab().toImage())
        self._open(range(len(self.panel.panels)))
        if place is None:
            self.write(name, panel)
            return
        self.view.fit(float(place[2]))
        self.write(name, beside(panel, self._slice()))

    def _open(self, shown) -> None:
        for number, one in enumerate(self.panel.panels):
            one.widget.findChild("ctkCollapsibleButton", "").collapsed = number not in shown
        widget = self.panel.widget.parentWidget()
        widget.resize(PANEL_WIDTH, HEIGHT)
        self.host.pump(0.2)
        widget.resize(PANEL_WIDTH, widget.layout().totalHeightForWidth(PANEL_WIDTH))  # as low as its content
        self.host.pump(0.2)

    def _slice(self) -> np.ndarray:
        """With what the active effect draws in the view."""
        import slicer

        drawn = list(slicer.app.layoutManager().sliceWidget("Red")._actors)
        for actor in drawn:
            self.view.renderer.AddViewProp(actor)
        effect = self.user.lesions.ui.segmentEditor.activeEffect()
        if effect is not None and effect.self() is not None:
            effect.self().processViewNodeEvents(self.view.node, 0, slicer.app.layoutManager().sliceWidget("Red"))
        picture = self.view.picture()
        for actor in drawn:
            self.view.renderer.RemoveViewProp(actor)
        return picture

    def shoot_side_by_side(self, name: str) -> None:
        """The six views of the layout."""
        rows = []
        for visit in ("pre", "follow_up"):
            row = []
            for column in ("t1", "ktrans", "vp"):
                row.append(self.tiles[visit, column].picture())
            rows.append(np.hstack([padded(one) for one in row]))
        self.write(name, np.vstack(rows))

    def write(self, name: str, picture: np.ndarray) -> None:
        """As PNG."""
        from PySide6 import QtGui

        data = np.ascontiguousarray(picture[..., :3])
        height, width, _ = data.shape
        image = QtGui.QImage(data.tobytes(), width, height, 3 * width, QtGui.QImage.Format.Format_RGB888)
        path = self.target / f"{name}.png"
        assert image.save(str(path)), f"{path} could not be written."
        print(path)


def pixels(image) -> np.ndarray:
    """Of a QImage, uint8 (height, width, 3)."""
    from PySide6 import QtGui

    image = image.convertToFormat(QtGui.QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def beside(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Two pictures in a row, the lower one on black or grey to the height of the other."""
    height = max(len(left), len(right))
    return np.hstack([filled(left, height, 240), np.full((height, GAP, 3), 90, np.uint8), filled(right, height, 0)])


def filled(picture: np.ndarray, height: int, grey: int) -> np.ndarray:
    """To a height."""
    below = np.full((height - len(picture), *picture.shape[1:]), grey, np.uint8)
    return np.vstack([picture, below])


def padded(picture: np.ndarray) -> np.ndarray:
    """With a thin frame."""
    return np.pad(picture, ((0, GAP), (0, GAP), (0, 0)), constant_values=90)


def seeds_of(scenario: str):
    """Where the lesions are at each visit, RAS."""
    from PerfusionRatioLib.phantom.patient import make_patient
    from PerfusionRatioScene.digital_patient import SCALE

    return {visit.name: np.asarray(visit.seeds) for visit in make_patient(scenario, 0, SCALE).visits}


def story(studio: Studio) -> None:
    """From an empty scene to the side-by-side layout."""
    user, panel = studio.user, studio.panel
    seeds = seeds_of(SCENARIO)
    before, after = seeds["pre"][0], seeds["follow_up"][0]
    studio.shoot("1-start", 0, 1, 2, 3, 4)
    user.click(panel.ui.tryButton)
    studio.shoot("2-images", 0, place=before)
    user.click(user.maps.ui.computeButton)
    studio.shoot("3-maps", 2, place=before)
    studio.shoot("4-arterial-input", 1, place=before)
    user.choose(user.maps.ui.showComboBox, "No map")
    user.click(user.lesions.ui.addLesionButton)
    user.click_in_slice(before)
    studio.shoot("5-click-in-the-lesion", 3, place=before)
    user.click(user.effect_button("EnhancingLesionApply"))
    studio.shoot("6-lesion", 3, place=before)
    user.click(panel.ui.followUpButton)
    user.outline(after)
    user.choose(user.maps.ui.showComboBox, "Ktrans")
    user.click(user.comparison.ui.compareButton)
    studio.shoot("7-comparison", 4, place=before)
    user.click(user.comparison.ui.sideBySideButton)
    studio.shoot_side_by_side("8-side-by-side")


def main() -> None:
    """Write the pictures to the folder named in the command."""
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder), target)
        story(studio)
        assert not studio.host.errors, "\n".join(studio.host.errors)
        studio.host.close()


if __name__ == "__main__":
    main()
