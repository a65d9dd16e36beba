"""Time and memory of the whole demo, stage by stage: a digital patient as one is imaged, from nothing to the report.

    python Testing/Benchmarks/bench_demo.py [--scenario NAME] [--seed N]

The demo runs as from the command line, in this process. Its stages are told apart by what it reports while it works:
time counts for what was reported last. Seconds of the processor are those of all threads together, and do not depend
on what else the machine does. Memory is the resident memory of the process, looked at every 5 ms.
"""

import argparse
import math
import os
import resource
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from PerfusionRatioLib.cli import demo
from PerfusionRatioLib.cli.console import Console
from PerfusionRatioLib.comparison.result import WHEN
from PerfusionRatioLib.phantom.patient import FULL

MIB = 1 << 20
PAGE = os.sysconf("SC_PAGE_SIZE")
VISITS = tuple(WHEN.values())
MAKING, REPORT, OUTLINING = "making the patient", "report and files", "outlining the lesions"
OF_VISIT = {
    "motion": "motion",
    "baseline": "concentration",
    "signal to concentration": "concentration",
    "arter": "arterial input",
    "Fitting": "fit",
    "aligning": "aligning the T1",
}
"""Of one visit: what a report contains, and the stage it belongs to."""
OF_BOTH = {
    "making the": MAKING,
    "writing the report": REPORT,
    "writing the": "writing DICOM",
    "Reading": "reading DICOM",
    "reading": "reading DICOM",
    "T1 mapping": "mapping T10",
    "aligning": "aligning the visits",
    "outlining": OUTLINING,
    "surroundings": "fitting around lesions",
    "carrying": "reference",
    "reference": "reference",
    "measuring ratios": "ratios",
    "comparing": "ratios, inputs exchanged",
}
TO_A_MAP = ("motion", "concentration", "arterial input", "fit")
"""The stages of a visit that ``fit_visit`` consists of."""


@dataclass
class Stage:
    """What a stage took so far: seconds, seconds of the processor, and resident bytes at its begin and at most."""

    resident: int
    peak: int = 0
    seconds: float = 0.0
    processor: float = 0.0


class Stages:
    """A progress callback that accounts for time and memory by stage."""

    def __init__(self):
        self.found: dict[str, Stage] = {}
        self.outlined: set[str] = set()
        self._now = self._entered(MAKING)
        self._clock = time.perf_counter(), time.process_time()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def __call__(self, fraction: float, what: str) -> None:
        self._account()
        if what.startswith("outlining"):
            self.outlined.add(what)
        self._now = self._entered(stage_of(what))

    def stop(self) -> None:
        """Close the last stage."""
        self._account()
        self._done.set()
        self._thread.join()

    def _entered(self, name: str) -> Stage:
        if name not in self.found:
            self.found[name] = Stage(resident())
        return self.found[name]

    def _account(self) -> None:
        clock = time.perf_counter(), time.process_time()
        self._now.seconds += clock[0] - self._clock[0]
        self._now.processor += clock[1] - self._clock[1]
        self._clock = clock

    def _watch(self) -> None:
        while not self._done.wait(0.005):
            self._now.peak = max(self._now.peak, resident())


def resident() -> int:
    """Resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def stage_of(what: str) -> str:
    """The stage that a report of the demo belongs to."""
    visit, _, rest = what.partition(": ")
    own = visit in VISITS
    for part, stage in (OF_VISIT if own else OF_BOTH).items():
        if part in what:
            return f"{stage}, {visit}" if own else stage
    raise ValueError(f"No stage is known for {what!r}{' of a visit' if rest else ''}: add it to this benchmark.")


def run_demo(scenario: str, seed: int) -> Stages:
    """Run the demo in a folder that is removed."""
    parser = argparse.ArgumentParser()
    demo.add_arguments(parser)
    with tempfile.TemporaryDirectory() as folder:
        given = [str(Path(folder, "demo")), "--scenario", scenario, "--seed", str(seed)]
        arguments = parser.parse_args(given)
        arguments.command_line = ["demo", *given]
        console = Console()
        console.silent = True
        console.progress = stages = Stages()
        demo.run(arguments, console)
        stages.stop()
    return stages


def show(stages: Stages) -> None:
    """The stages, then the bars."""
    series = 4 * FULL.frames * math.prod(FULL.dce)
    print(
        f"{FULL.frames} frames of {' x '.join(map(str, FULL.dce))} voxels ({series / MIB:.0f} MiB a series), ", end=""
    )
    print(f"T1 of {FULL.t1:g} mm, {os.cpu_count()} processors\n")
    print(f"{'stage':<42}{'seconds':>9}{'processor':>11}{'peak MiB':>10}")
    for name, stage in stages.found.items():
        peak = max(stage.peak, stage.resident)
        print(f"{name:<42}{stage.seconds:>9.2f}{stage.processor:>11.2f}{peak / MIB:>10.0f}")
    print(f"\n{'what':<42}{'seconds':>9}{'processor':>11}{'bar':>10}")
    _show_sum("the whole demo", stages.found.values(), 120)
    first = list(stages.found).index("reading DICOM")
    _show_sum("both visits from DICOM to report", list(stages.found.values())[first:], 90)
    for visit in VISITS:
        _show_sum(f"motion correction, {visit}", [stages.found[f"motion, {visit}"]], 10)
    outlining = stages.found[OUTLINING]
    clicks = len(stages.outlined)  # on each lesion, at both visits at once
    print(f"{'one click to a lesion, mean':<42}{outlining.seconds / clicks:>9.2f}", end="")
    print(f"{outlining.processor / clicks / len(VISITS):>11.2f}{1:>10}")
    print(f"\n{'peak memory':<42}{'x series':>9}{'':>11}{'bar':>10}")
    for visit in VISITS:
        parts = [stages.found[f"{name}, {visit}"] for name in TO_A_MAP]
        grown = max(part.peak for part in parts) - parts[0].resident
        print(f"{'series to maps, ' + visit:<42}{1 + grown / series:>9.2f}{'':>11}{2.5:>10}")
    whole = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{'the process, both visits and libraries':<42}{whole / series:>9.2f}")


def _show_sum(what: str, stages, bar: float) -> None:
    seconds, processor = (sum(getattr(one, name) for one in stages) for name in ("seconds", "processor"))
    print(f"{what:<42}{seconds:>9.2f}{processor:>11.2f}{bar:>10}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", choices=demo.SCENARIOS, default="two-lesions")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    show(run_demo(arguments.scenario, arguments.seed))


if __name__ == "__main__":
    main()
