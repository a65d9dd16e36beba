"""``python -m PerfusionRatioLib`` is the command ``perfusion-ratio``."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
