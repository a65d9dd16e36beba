"""Bringing images into line: the motion of the head between the frames of a series."""

from .motion import FrameMotion, MotionCorrected, correct_motion

__all__ = ["FrameMotion", "MotionCorrected", "correct_motion"]
