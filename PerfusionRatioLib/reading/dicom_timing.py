"""The order of the images of a DICOM series in time, and when each frame was acquired."""

from dataclasses import dataclass, field

import numpy as np

from ..acquisition import Known
from ..errors import InputError
from ..series import check_times
from .dicom_clock import clock_times, seconds_of_date_time
from .dicom_headers import Frame
from .dicom_trigger import complete_trigger_times

# Two images of one slice at one value of these are two kinds of image, not two moments.
_FRAME_TAGS = ("TemporalPositionIdentifier", "TriggerTime")
_TOLD_APART = ("ImageType", "EchoTime", "FlipAngle", "RepetitionTime", "AcquisitionNumber", "ContentTime")


@dataclass(frozen=True)
class Clock:
    """What one tag says of time.

    Attributes:
        origin: the tag, as it is reported.
        seconds: for each image; NaN where missing.
        notes: sentences on how the values came about.
        absent: why it cannot be used, "" when it may.
    """

    origin: str
    seconds: np.ndarray
    notes: tuple[str, ...] = ()
    absent: str = ""


@dataclass(frozen=True)
class FrameOrder:
    """Images in order.

    Attributes:
        index: position of each image in the list of images, shaped (frames, slices).
        times: seconds from the first frame with their origin; None when no tag tells.
        notes: sentences on what was chosen, repaired or doubtful.
    """

    index: np.ndarray
    times: Known[np.ndarray] | None
    notes: tuple[str, ...] = field(default=())


def order_frames(frames: list[Frame], slice_of: np.ndarray, times_given: bool) -> FrameOrder:
    """Sort the images of every slice by time.

    Times come from the first of TriggerTime, TemporalPositionIdentifier × TemporalResolution, AcquisitionDateTime,
    AcquisitionTime and ContentTime that differs from frame to frame and makes a series of ten seconds to an hour. A
    frame's time is that of its earliest slice. When no tag tells, the order comes from TemporalPositionIdentifier,
    AcquisitionNumber or InstanceNumber and the times are None.

    Raises:
        InputError: slices have different numbers of images, two images share slice and frame, a TriggerTime that
            cannot be worked out, or no tag tells the order.
    """
    clocks = _clocks(frames, slice_of)
    _check_complete(slice_of, clocks)
    if len(frames) == slice_of.max() + 1:
        return FrameOrder(np.argsort(slice_of)[np.newaxis], None)
    _refuse_two_kinds(frames, slice_of)
    ranked, reasons = [], {}
    for clock in clocks:
        reason = clock.absent
        if not reason:
            index, reason = rank(clock.seconds, slice_of)
        if reason:
            reasons.setdefault(reason, []).append(clock.origin)
        else:
            ranked.append((clock, index, _frame_seconds(clock, index)))
    for clock, index, seconds in ranked:
        try:
            check_times(seconds, len(seconds), clock.origin)
        except InputError:
            reasons.setdefault(f"making the series last {seconds[-1]:.3g} s", []).append(clock.origin)
            continue
        notes = (*clock.notes, *_spread_note(clock, index), *_disagreements(clock, seconds, ranked))
        return FrameOrder(index, Known(seconds, f"DICOM {clock.origin}"), notes)
    broken = next((clock for clock in clocks if clock.absent and np.isfinite(clock.seconds).any()), None)
    if broken is not None and not times_given:
        raise InputError(
            f"{broken.origin} is {broken.absent}, and no other tag tells the times: give them with --times."
        )
    index, tag = _order_without_times(frames, slice_of)
    why = "; ".join(f"{', '.join(tags)}: {reason}" for reason, tags in reasons.items())
    untold = (f"No tag tells when each frame was acquired ({why}): give the times with --times.",)
    return FrameOrder(index, None, (*(() if times_given else untold), f"The frames were ordered by {tag}."))


def rank(values: np.ndarray, slice_of: np.ndarray) -> tuple[np.ndarray, str]:
    """Images of each slice ordered by ``values``, shaped (frames, slices), and why that is no order ("" when it is)."""
    slices = int(slice_of.max()) + 1
    index = np.lexsort((values, slice_of)).reshape(slices, -1).T
    table = values[index]
    if not np.isfinite(table).all():
        return index, "missing in some files" if np.isfinite(table).any() else "missing"
    if (np.ptp(table, axis=0) == 0).all():
        return index, "the same in all frames"
    if (np.diff(table, axis=0) <= 0).any():
        return index, "with repeated values"
    if (table.max(axis=1)[:-1] > table.min(axis=1)[1:]).any():
        return index, "mixing slices of several frames"
    return index, ""


def _clocks(frames: list[Frame], slice_of: np.ndarray) -> list[Clock]:
    numbers = {
        keyword: np.array([frame.number(keyword) for frame in frames])
        for keyword in ("TriggerTime", "TemporalPositionIdentifier", "TemporalResolution", "InstanceNumber")
    }
    trigger, note, problem = complete_trigger_times(numbers["TriggerTime"], slice_of, numbers["InstanceNumber"])
    positions = (numbers["TemporalPositionIdentifier"] - 1) * numbers["TemporalResolution"] / 1000
    clocks = [
        Clock("TriggerTime", trigger / 1000, (note,) if note else (), problem),
        Clock("TemporalPositionIdentifier with TemporalResolution", positions),
        Clock(
            "AcquisitionDateTime",
            np.array([seconds_of_date_time(frame.text("AcquisitionDateTime")) for frame in frames]),
        ),
    ]
    for keyword, date in (("AcquisitionTime", "AcquisitionDate"), ("ContentTime", "ContentDate")):
        seconds, midnight = clock_times([f.text(date) for f in frames], [f.text(keyword) for f in frames])
        clocks.append(Clock(keyword, seconds, ("The series crosses midnight.",) if midnight else ()))
    return clocks


def _frame_seconds(clock: Clock, index: np.ndarray) -> np.ndarray:
    first = clock.seconds[index].min(axis=1)
    return np.round(first - first[0], 6)


def _spread_note(clock: Clock, index: np.ndarray) -> tuple[str, ...]:
    spread = np.ptp(clock.seconds[index], axis=1).max()
    if spread < 1e-3:
        return ()
    return (f"The slices of a frame were acquired within {spread:.3g} s; each frame has the time of its first slice.",)


def _disagreements(chosen: Clock, seconds: np.ndarray, ranked: list) -> tuple[str, ...]:
    """Where another tag gives the series a duration that differs by more than 5% and two seconds."""
    return tuple(
        f"{other.origin} makes the series last {theirs[-1]:.4g} s, {chosen.origin} {seconds[-1]:.4g} s; "
        f"{chosen.origin} is used."
        for other, _, theirs in ranked
        if other is not chosen
        and other.origin != "ContentTime"  # often the moment of reconstruction
        and abs(theirs[-1] - seconds[-1]) > max(2.0, 0.05 * seconds[-1])
    )


def _order_without_times(frames: list[Frame], slice_of: np.ndarray) -> tuple[np.ndarray, str]:
    for keyword in ("TemporalPositionIdentifier", "AcquisitionNumber"):
        index, reason = rank(np.array([frame.number(keyword) for frame in frames]), slice_of)
        if not reason:
            return index, keyword
    numbers = np.array([frame.number("InstanceNumber") for frame in frames])
    index, reason = rank(numbers, slice_of)
    if reason == "mixing slices of several frames":
        # All frames of one slice may come before those of the next.
        table = numbers[index]
        table = table[:, np.argsort(table[0])]
        reason = "" if (table.max(axis=0)[:-1] < table.min(axis=0)[1:]).all() else reason
    if reason:
        raise InputError(
            f"No tag tells the order of the frames (InstanceNumber: {reason}): export the series again with "
            "acquisition times, or convert it to NIfTI."
        )
    return index, "InstanceNumber"


def _check_complete(slice_of: np.ndarray, clocks: list[Clock]) -> None:
    counts = np.bincount(slice_of)
    if counts.min() == counts.max():
        return
    usual = int(np.bincount(counts).argmax())
    odd = int(np.argmax(counts != usual))
    where = _odd_frame(clocks, slice_of, odd, int(np.argmax(counts == usual)))
    raise InputError(
        f"Slice {odd + 1} of {len(counts)} has {counts[odd]} images and the others {usual}{where}: "
        "every frame must have every slice; copy the missing files again, or take the incomplete frame out."
    )


def _odd_frame(clocks: list[Clock], slice_of: np.ndarray, odd: int, complete: int) -> str:
    """Which frame lacks the slice, as far as a tag tells."""
    for clock in clocks:
        ours, theirs = (np.unique(clock.seconds[slice_of == one]) for one in (odd, complete))
        missing = np.flatnonzero(~np.isin(theirs, ours))
        if len(theirs) == np.count_nonzero(slice_of == complete) and np.isfinite(theirs).all() and missing.size:
            return f" (frame {missing[0] + 1} lacks it)" if len(missing) == len(theirs) - len(ours) else ""
    return ""


def _refuse_two_kinds(frames: list[Frame], slice_of: np.ndarray) -> None:
    """Refuse a series in which each slice has several images at each value of a tag that numbers the frames."""
    images = np.count_nonzero(slice_of == 0)
    for keyword in _FRAME_TAGS:
        values = np.array([frame.number(keyword) for frame in frames])
        moments, which = np.unique(values, return_inverse=True)
        if not np.isfinite(moments).all() or not 1 < len(moments) < images:
            continue
        table = np.bincount(which * (slice_of.max() + 1) + slice_of, minlength=len(moments) * (slice_of.max() + 1))
        if (table == images // len(moments)).all():
            alike = [frame for frame, same in zip(frames, (which == 0) & (slice_of == 0), strict=True) if same]
            apart = [tag for tag in _TOLD_APART if len({frame.text(tag) for frame in alike}) == len(alike)]
            raise InputError(
                f"Each slice has {len(alike)} images at each of {len(moments)} values of {keyword}, told apart by "
                f"{' and '.join(apart) if apart else 'no standard tag'}: the series mixes several kinds of image; "
                "export the one with the dynamic signal alone."
            )
