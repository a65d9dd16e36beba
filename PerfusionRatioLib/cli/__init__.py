"""The command ``perfusion-ratio``: one verb a job, one file a verb.

A verb is a module of this package named after it, with

- ``SUMMARY``, one line for the list of verbs, and ``EXAMPLES``, shown at the end of its ``--help``;
- ``add_arguments(parser)``;
- ``run(arguments, console)``, which shows its result with ``console.show``, passes ``console.progress`` on to the
  library, and returns what ``--json`` prints.

Nothing heavy is imported until a verb runs.
"""

import os

# Work is spread over threads of our own; those of the linear algebra, whose matrices are small, would only wait for
# each other. NumPy reads this when it is imported, which nothing has done yet.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from .command_line import main

__all__ = ["main"]
