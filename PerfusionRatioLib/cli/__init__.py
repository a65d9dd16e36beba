"""The command ``perfusion-ratio``: one verb a job, one file a verb.

A verb is a module of this package named after it, with

- ``SUMMARY``, one line for the list of verbs, and ``EXAMPLES``, shown at the end of its ``--help``;
- ``add_arguments(parser)``;
- ``run(arguments, console)``, which shows its result with ``console.show``, passes ``console.progress`` on to the
  library, and returns what ``--json`` prints.

Nothing heavy is imported until a verb runs.
"""

from .command_line import main

__all__ = ["main"]
