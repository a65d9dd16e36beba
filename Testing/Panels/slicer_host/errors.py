"""What the host raises where Slicer would fail, or would do nothing."""


class StrictError(AttributeError):
    """Something that would not work in Slicer, or would do nothing there."""


class NotInHostError(StrictError):
    """Slicer has it, but the host has not."""
