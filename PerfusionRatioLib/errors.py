"""The errors a user can meet. Each carries one sentence: what was found, what was expected, what to do."""


class PerfusionRatioError(Exception):
    """Base of every error this package raises on purpose; its text is one sentence for the user."""


class InputError(PerfusionRatioError, ValueError):
    """Something given (a file, a value, a mask, a set of parameters) cannot be used as it is."""


class OutputError(PerfusionRatioError, OSError):
    """Results cannot be written where they were asked for."""


class NoAnswerError(PerfusionRatioError):
    """The input is valid but holds no answer, such as a series in which no artery can be found."""


class Cancelled(PerfusionRatioError):
    """The user stopped the work; nothing of it was kept."""

    def __init__(self, message: str = "Stopped on request; nothing was written."):
        super().__init__(message)
