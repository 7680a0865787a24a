"""`python -m classifiers.training`: what `rasoat train` does, for those who work on the room itself."""

from __future__ import annotations

import sys

from classifiers.training.run import train
from rasoat.settings import ROOT

if __name__ == "__main__":
    sys.stdout.write(f"{train(ROOT / 'data', ROOT / 'models', progress=lambda line: print(line, file=sys.stderr))}\n")
