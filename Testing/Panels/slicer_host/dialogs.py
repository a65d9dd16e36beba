"""Dialogs that a test answers beforehand, and messages that it can read afterwards; nothing ever waits for a user."""

from dataclasses import dataclass, field

from .qt_module import qt


@dataclass
class Answers:
    """What dialogs of files are answered with, one after the other; without an answer they are cancelled."""

    paths: list[str] = field(default_factory=list)
    asked: list[tuple] = field(default_factory=list)

    def next_path(self, what: str, given: tuple) -> str:
        """The next answer."""
        self.asked.append((what, *given))
        return self.paths.pop(0) if self.paths else ""


ANSWERS = Answers()
"""Those of the host that was made last."""


def _answering(what: str):
    def answer(*given, **_options) -> str:
        return ANSWERS.next_path(what, given)

    answer.__doc__ = "The path that the test has given for this; one text, as PythonQt has it."
    return staticmethod(answer)


class QFileDialog(qt.QFileDialog):
    """``qt.QFileDialog``, whose questions the test answers."""

    _host_class = True
    getOpenFileName = _answering("open")
    getSaveFileName = _answering("save")
    getExistingDirectory = _answering("folder")
