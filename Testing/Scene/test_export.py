"""The scene as a file beside the other results."""

import numpy as np
import pytest
import slicer

from PerfusionRatioLib.errors import OutputError
from PerfusionRatioLib.series import Grid
from PerfusionRatioScene.export import save_scene
from PerfusionRatioScene.volumes import new_volume

GRID = Grid((4, 3, 2), (1.0, 2.0, 3.0), (0.0, 0.0, 0.0))


def test_the_scene_that_is_exported_can_be_opened(host, tmp_path):
    array = np.arange(24, dtype=np.float32).reshape(GRID.shape)
    new_volume(host.scene, array, GRID, "map")
    folder = tmp_path / "results"
    folder.mkdir()
    save_scene(host.scene, folder / "scene.mrb")
    assert [path.name for path in folder.iterdir()] == ["scene.mrb"]
    host.reopen(folder / "scene.mrb")
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(host.scene.GetFirstNodeByName("map")), array)


def test_a_scene_that_cannot_be_written_is_told_in_one_sentence(host, tmp_path):
    new_volume(host.scene, np.zeros(GRID.shape, np.float32), GRID, "map")
    (tmp_path / "results").write_text("a file where the folder should be")
    with pytest.raises(OutputError, match=r"The scene could not be written to .*scene\.mrb: .+"):
        save_scene(host.scene, tmp_path / "results" / "scene.mrb")
    assert (tmp_path / "results").is_file()
