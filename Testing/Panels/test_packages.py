"""The packages of the report are offered where they are missing, and only there."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from conftest import MODULE

REQUIREMENTS = MODULE.parent / "Resources" / "requirements.txt"


@pytest.fixture
def asked(monkeypatch):
    """``asked(outcome)``: Slicer's own installer that does or raises it; gives what it was asked for."""
    calls = []

    def prepare(outcome=None):
        packaging = ModuleType("slicer.packaging")
        packaging.load_requirements = lambda path: Path(path).read_text().splitlines()

        def ensure(requirements, requester):
            calls.append((requirements, requester))
            if outcome is not None:
                raise outcome

        packaging.pip_ensure = ensure
        monkeypatch.setitem(sys.modules, "slicer.packaging", packaging)
        return calls

    return prepare


@pytest.fixture
def missing(monkeypatch):
    """matplotlib is not there."""
    import PerfusionRatioPanels.packages as packages

    monkeypatch.setattr(packages, "missing_extras", lambda: ["matplotlib"])


def offer():
    from PerfusionRatioPanels.packages import offer_report_packages

    offer_report_packages(str(REQUIREMENTS))


def test_nothing_is_asked_where_all_is_there(host, asked):
    calls = asked()
    offer()
    assert calls == []


@pytest.mark.parametrize("outcome", [None, RuntimeError("declined"), subprocess.CalledProcessError(1, "pip")])
def test_slicer_asks_where_one_is_missing_and_a_no_is_no_error(host, asked, missing, outcome):
    calls = asked(outcome)
    offer()
    ((requirements, requester),) = calls
    assert requester == "PerfusionRatio"
    assert any(line.startswith("matplotlib>=") for line in requirements)


def test_a_slicer_without_an_installer_is_no_error(host, missing, monkeypatch):
    monkeypatch.setitem(sys.modules, "slicer.packaging", None)
    offer()


def test_the_packages_are_those_of_the_extra():
    import tomllib

    wanted = tomllib.loads((MODULE.parents[1] / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    listed = [line for line in REQUIREMENTS.read_text().splitlines() if line and not line.startswith("#")]
    assert sorted(listed) == sorted(wanted["report"])
    assert all(importlib.util.find_spec(line.split(">=")[0]) for line in listed)
