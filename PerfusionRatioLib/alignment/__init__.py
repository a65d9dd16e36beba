"""Bringing images into line: the motion of the head between the frames of a series."""

from .motion import FrameMotion, MotionCorrected, correct_motion
from .rigid import Rigid

__all__ = ["FrameMotion", "MotionCorrected", "Rigid", "correct_motion"]
