"""From a stroke in the region of the artery to maps that have followed, in the module's panel on the test host.

    python Testing/Benchmarks/bench_live_update.py

256 x 256 x 40 voxels, 60 frames: the digital head sampled on that grid, seen in three slice views. Printed are the
seconds from the stroke until the Ktrans map has followed in what the views show, and until all of it has; those of the
fit of the whole map alone (in the same process), the ratios to it, and how long the interface kept anybody waiting
meanwhile: the longest time between two turns of its event loop.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "PerfusionRatio"), str(ROOT / "Testing" / "Panels"), str(Path(__file__).parent)]
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import slicer  # noqa: E402
from bench_visit import large_head  # noqa: E402
from slicer_host import install  # noqa: E402

STROKES = 5


def opened(folder: Path):
    """The panel with the head as its visit before radiosurgery, computed."""
    host = install(folder)
    panel = host.open_module(ROOT / "PerfusionRatio" / "PerfusionRatio.py").panel
    from PerfusionRatioScene.volumes import new_sequence, new_volume

    series, *_ = large_head()
    panel.parameters.motion = False
    panel.visit.series = new_sequence(host.scene, series, "DCE")
    panel.visit.t1 = new_volume(host.scene, series.signal[-1], series.grid, "T1")
    panel.compute()
    host.pump(lambda: not panel.worker.busy, 600, "the first fit")
    assert panel.visit.ktrans is not None, panel.ui.messageLabel.text
    return host, panel


def region(panel) -> np.ndarray:
    """A segment for the artery, and the voxels that were found automatically."""
    from PerfusionRatioScene.parameters import AifSource

    found = panel.visit.aif_voxels
    voxels = slicer.util.arrayFromSegmentBinaryLabelmap(
        found, found.GetSegmentation().GetNthSegmentID(0), panel.visit.ktrans
    )
    panel.visit.aif_source = AifSource.REGION
    panel.panels[1]._new_region()
    return voxels


def stroke(host, panel, voxels: np.ndarray) -> tuple[float, float, float]:
    """Draw the region.

    Returns:
        Seconds until the views show another map, until the whole map is another, and the longest time without a turn of
        the event loop.
    """
    before, kept = panel.visit.ktrans.GetImageData().GetMTime(), panel.fitted()
    start = last = time.perf_counter()
    slicer.util.updateSegmentBinaryLabelmapFromArray(
        voxels, panel.visit.aif_region, panel.visit.aif_segment, panel.visit.ktrans
    )
    longest, seen = 0.0, None
    while panel.fitted() is kept:
        host.pump()
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
        if seen is None and panel.visit.ktrans.GetImageData().GetMTime() != before:
            seen = now - start
        assert now - start < 120, panel.ui.messageLabel.text
    return seen, now - start, longest


def fit_alone(panel) -> float:
    """Seconds of ``kinetics.fit`` on the same voxels."""
    from PerfusionRatioLib.kinetics import fit

    visit = panel.fitted().result.visit
    prepared = visit.prepared
    start = time.perf_counter()
    curve = visit.aif.plasma_concentration
    fit(prepared.concentration, prepared.times, curve, prepared.settings.model, prepared.mask)
    return time.perf_counter() - start


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        host, panel = opened(Path(folder))
        voxels = region(panel)
        slicer.app.layoutManager().resetSliceViews()
        mask, seen = panel.fitted().result.visit.prepared.mask, panel.session.in_view("pre")
        print(f"{mask.sum():,} voxels in the mask, {seen.sum():,} of them in view; a stroke waits 0.1 s for another")
        print("   stroke to view (s)   to whole map (s)   whole fit alone (s)   ratios        longest wait (s)")
        for number in range(STROKES):
            drawn = voxels * (np.cumsum(voxels).reshape(voxels.shape) > number)
            view, whole, longest = stroke(host, panel, drawn)
            alone = fit_alone(panel)
            print(
                f"   {view:18.2f}   {whole:16.2f}   {alone:19.2f}   {view / alone:4.2f}, {whole / alone:4.2f}"
                f"   {longest:17.2f}"
            )
        host.close()


if __name__ == "__main__":
    main()
