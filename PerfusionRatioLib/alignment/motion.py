"""Undoing the motion of the head between the frames of a dynamic series."""

from dataclasses import dataclass, replace

import numpy as np

from ..brain.brain_mask import find_brain
from ..brain.coil import coil_sensitivity, on_grid
from ..brain.shrink import shrink
from ..errors import InputError, NoAnswerError
from ..progress import Progress, part
from ..rigid import Rigid
from ..series import DceSeries, Grid, Volume
from ..signal.chunks import map_chunks
from .gauss_newton import Alignment, Level, Smoothed, Template, align
from .resampling import filled, resampled

COARSE = Level(voxel=4.0, blur=6.0, points=4000, block=40.0)
FINE = Level(voxel=2.0, blur=2.0, points=15000, block=16.0)
ROUGHLY, CLOSELY = 0.1, 0.02
"""Millimetres; a smaller step ends the search at the coarse and at the fine level."""
STILL = 0.03
"""Millimetres; a frame that moved less is left as it is, bit for bit."""
FEW_SLICES = 4
"""With fewer slices, motion is looked for in their plane only."""
FEWEST_POINTS = 50
UNCERTAIN = 0.5
"""Millimetres; a frame that fits best where it lies was not found elsewhere by more than noise can do."""
COIL_BLOCK = 7.0
"""Millimetres of the blocks in which the coil is learnt."""
LIKENESS = 0.2
"""Least share of a frame's variation that the reference must explain for the frame's motion to be believed."""


@dataclass(frozen=True)
class FrameMotion:
    """How the head moved from the reference frame to a frame.

    Attributes:
        translation: millimetres along L, P, S of the middle of the head.
        rotation: degrees about L, P, S through the middle of the head, applied in this order about fixed axes.
        displacement: mean distance over the brain, in millimetres.
        corrected: whether the frame was resampled; False where it moved too little to matter or ``problem`` is set.
        problem: why no motion could be found, in words; empty where it was.
    """

    translation: tuple[float, float, float]
    rotation: tuple[float, float, float]
    displacement: float
    corrected: bool
    problem: str = ""


@dataclass(frozen=True)
class MotionCorrected:
    """A series with the motion of the head undone.

    Attributes:
        series: as given, with an array of its own; NaN where a frame has nothing from outside its field of view.
        motion: what was found and undone, one a frame.
        transforms: leads from the reference frame to each frame, in LPS millimetres.
        reference: the frame all others were brought to, counted from 0.
        in_plane: whether motion was looked for in the plane of the slices only.
        lost: samples that became NaN because they lay outside the field of view.
        notes: sentences on what was doubtful.
    """

    series: DceSeries
    motion: tuple[FrameMotion, ...]
    transforms: tuple[Rigid, ...]
    reference: int
    in_plane: bool
    lost: int
    notes: tuple[str, ...]


def correct_motion(
    series: DceSeries,
    mask: np.ndarray | None = None,
    progress: Progress | None = None,
    *,
    reference: int | None = None,
) -> MotionCorrected:
    """Bring every frame of ``series`` to where the head lay in a frame before the bolus.

    Each frame is aligned with the reference frame by robust Gauss-Newton (``gauss_newton.align``), coarse then fine, at
    points of the brain where the image has edges; contrast may change freely from block to block (``LocalContrast``),
    so that the bolus does not pass for motion. A frame whose motion cannot be found is tried once more from where the
    nearest other frame lay; when it still fits no better than before, it is left as it is and told. A frame is
    resampled once, with cubic B-splines. The coil stays where it is while the head moves in it, which by itself would
    change the signal by some per mille, as much as the leakage of normal brain does: its sensitivity, learnt in the
    reference frame, is taken out of each frame before it is resampled, and put back where the head has come to lie.

    Args:
        series: its array is not changed; NaN samples are harmless.
        mask: where to look, bool shaped ``(k, j, i)``; None: the brain, or everything where no brain is found.
        progress: reports, and can stop the work.
        reference: a frame counted from 0; None: of the first frames the one most like the others.

    Raises:
        InputError: a mask of another shape or an empty one, or a reference that is no frame.
        NoAnswerError: the reference frame shows nothing that could be aligned with.
        Cancelled: ``progress`` asked to stop.
    """
    frames = len(series.signal)
    if reference is None:
        reference = _calm_frame(series)
    if not 0 <= reference < frames:
        raise InputError(f"Frame {reference} is to be the reference, but the series has frames 0 to {frames - 1}.")
    in_plane = series.grid.size[2] < FEW_SLICES
    region, notes = _region(series, reference, mask)
    coil = None if in_plane or notes else _coil(series, reference, region)
    patterns = _patterns(series, reference, region, in_plane)
    rest = Rigid.identity(patterns[-1].centre)
    aligned = _aligned(series, reference, patterns, rest, part(progress, 0, 0.6))
    motion = tuple(_frame_motion(one, patterns[-1].positions) for one in aligned)
    transforms = tuple(rest if one is None else one.transform for one in aligned)
    signal, lost = _undone(series, motion, transforms, coil, part(progress, 0.6, 1))
    return MotionCorrected(
        replace(series, signal=signal),
        motion,
        transforms,
        reference,
        in_plane,
        lost,
        (*notes, *_told(motion, series, in_plane, lost)),
    )


def _whole(frame: np.ndarray) -> np.ndarray:
    known = np.isfinite(frame)
    return frame if known.all() else filled(frame, known)


def _calm_frame(series: DceSeries) -> int:
    """Of the first frames, which the bolus has not reached yet, the one that is most like the others."""
    frames = len(series.signal)
    first = 1 if frames > 3 else 0  # magnetisation may not be steady in the very first frame
    last = first + max(3, min(10, frames // 8))
    early = np.stack([shrink(_whole(frame), series.grid, 6.0)[0].ravel() for frame in series.signal[first:last]])
    unlike = [np.median([np.abs(one - other).mean() for other in early]) for one in early]
    return first + int(np.argmin(unlike))


def _region(series: DceSeries, reference: int, mask: np.ndarray | None) -> tuple[np.ndarray, tuple[str, ...]]:
    if mask is not None:
        if mask.shape != series.grid.shape:
            raise InputError(
                f"The mask is shaped {mask.shape} but the series {series.grid.shape}: give one on the same grid."
            )
        if not mask.any():
            raise InputError("The mask in which motion is looked for is empty: give one that covers the brain.")
        return mask.astype(bool), ()
    try:
        return find_brain(series.signal[reference], series.grid), ()
    except NoAnswerError:
        everywhere = np.ones(series.grid.shape, bool)
        return everywhere, ("No brain was found, so the frames were aligned by all they show.",)


def _patterns(series: DceSeries, reference: int, region: np.ndarray, in_plane: bool) -> tuple[Template, Template]:
    """The reference frame, coarse and fine, turning about one centre."""
    along_i, along_j, along_k = np.reshape(series.grid.direction, (3, 3)).T
    still = np.zeros(3)
    plane = np.stack([[*along_i, *still], [*along_j, *still], [*still, *along_k]], axis=1)
    fixed = _whole(series.signal[reference])
    found = []
    for level in (COARSE, FINE):
        inside = shrink(region.astype(np.float32), series.grid, level.voxel)[0] > 0.5
        image = Smoothed.of(fixed, series.grid, level)
        found.append(Template.of(image, inside, level, plane if in_plane else np.eye(6)))
    coarse, fine = found
    if coarse is None or fine is None or len(fine.positions) < FEWEST_POINTS:
        raise NoAnswerError(
            f"Frame {reference + 1} shows too little for the other frames to be aligned with it: "
            "check the series, or switch motion correction off with --motion off."
        )
    return coarse, fine


def _aligned(
    series: DceSeries, reference: int, patterns: tuple[Template, Template], rest: Rigid, progress: Progress | None
) -> list[Alignment | None]:
    """Where the head lies in each frame; None where that cannot be told."""
    what, frames = "finding the motion of the head", len(series.signal)

    def attempt(frame: int, start: Rigid) -> Alignment | None:
        if frame == reference:
            return Alignment(rest, True, 1.0, np.zeros(0))
        return _alignment(_whole(series.signal[frame]), series.grid, patterns, start, rest)

    found = map_chunks(lambda chunk: attempt(chunk.start, rest), frames, 1, part(progress, 0, 0.9), what)
    good = [n for n, one in enumerate(found) if one is not None]
    failed = [n for n, one in enumerate(found) if one is None]

    def again(chunk: slice) -> Alignment | None:
        frame = failed[chunk.start]
        return attempt(frame, found[min(good, key=lambda n: abs(n - frame))].transform)

    retried = map_chunks(again, len(failed), 1, part(progress, 0.9, 1), what)
    for frame, one in zip(failed, retried, strict=True):
        found[frame] = one
    return found


def _alignment(
    frame: np.ndarray, grid: Grid, patterns: tuple[Template, Template], start: Rigid, rest: Rigid
) -> Alignment | None:
    coarse, fine = patterns
    roughly = align(Smoothed.of(frame, grid, COARSE), coarse, start, small_step=ROUGHLY)
    image = Smoothed.of(frame, grid, FINE)
    found = align(image, fine, roughly.transform if roughly.settled else start, small_step=CLOSELY)
    before = align(image, fine, rest, iterations=0)
    if found.settled and found.likeness > LIKENESS and found.fits_better_than(before):
        return found
    astray = found.transform.displacement(fine.positions) > UNCERTAIN
    return None if astray or not found.settled or before.likeness <= LIKENESS else before


def _frame_motion(alignment: Alignment | None, positions: np.ndarray) -> FrameMotion:
    if alignment is None:
        nothing = (0.0, 0.0, 0.0)
        return FrameMotion(nothing, nothing, 0.0, False, "no motion makes it fit the reference frame better")
    transform = alignment.transform
    displacement = transform.displacement(positions)
    return FrameMotion(
        tuple(map(float, transform.translation)),
        tuple(map(float, transform.angles)),
        displacement,
        displacement >= STILL,
    )


def _coil(series: DceSeries, reference: int, brain: np.ndarray) -> np.ndarray:
    """The coil's sensitivity, float32 [k, j, i]; beyond the brain no lower and no higher than in it."""
    learnt = coil_sensitivity(Volume(_whole(series.signal[reference]), series.grid), brain, COIL_BLOCK)
    found = on_grid(learnt, series.grid)
    return np.clip(found, found[brain].min(), found[brain].max())


def _undone(
    series: DceSeries,
    motion: tuple[FrameMotion, ...],
    transforms: tuple[Rigid, ...],
    coil: np.ndarray | None,
    progress: Progress | None,
) -> tuple[np.ndarray, int]:
    """The frames brought back to the reference, and how many samples they lost on the way."""
    signal = np.empty_like(series.signal)

    def undo(chunk: slice) -> int:
        frame = chunk.start
        if not motion[frame].corrected:
            signal[frame] = series.signal[frame]
            return 0
        seen = series.signal[frame] if coil is None else series.signal[frame] / coil
        signal[frame], outside = resampled(seen, series.grid, transforms[frame])
        if coil is not None:
            signal[frame] *= coil
        return outside

    return signal, sum(map_chunks(undo, len(signal), 1, progress, "undoing the motion of the head"))


def _told(motion: tuple[FrameMotion, ...], series: DceSeries, in_plane: bool, lost: int) -> tuple[str, ...]:
    left = ", ".join(str(n + 1) for n, one in enumerate(motion) if one.problem)
    slices = series.grid.size[2]
    told = (
        (in_plane, f"With {slices} slice{'s' * (slices > 1)}, motion was corrected in their plane only."),
        (left, f"Frames left as they are because no motion makes them fit the reference better: {left}."),
        (lost, f"Undoing motion left {lost} of {series.signal.size} samples without a value at the edges."),
    )
    return tuple(sentence for happened, sentence in told if happened)
