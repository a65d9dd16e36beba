"""The command keeps the threads of the linear algebra from standing in the way of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TASKS = Path("/proc/self/task")
CODE = """
import os, sys
import PerfusionRatioLib.cli
import numpy as np
np.ones((1000, 1000)) @ np.ones((1000, 1000))
print(os.environ["OPENBLAS_NUM_THREADS"], len(os.listdir("/proc/self/task")))
"""


@pytest.mark.skipif(not TASKS.exists(), reason="The threads of a process are not counted in /proc here.")
@pytest.mark.parametrize("given", [None, "2"])
def test_one_thread_of_linear_algebra_unless_more_are_asked_for(given):
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    if given is not None:
        environment["OPENBLAS_NUM_THREADS"] = given
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, env=environment, cwd=root)
    told, threads = run.stdout.split()

    assert told == (given or "1")
    assert int(threads) == min(int(told), os.cpu_count())
