"""`python -m tools.training.plates NAME ...`: fonts, recogniser or detector; without a name all of them in turn."""

from __future__ import annotations

import importlib
import importlib.util
import sys

NAMES = ("fonts", "recogniser", "detector")
"""What a training makes, in this order."""
OTHERS = ("boxes", "held_out")


def main(arguments: list[str]) -> int:
    """Run the part that the first word names with the other words."""
    if not arguments:
        return next((code for name in NAMES if (code := main([name]))), 0)
    if arguments[0] not in (*NAMES, *OTHERS):
        print(f"Say what to do: {', '.join((*NAMES, *OTHERS))}.", file=sys.stderr)
        return 2
    if arguments[0] in ("recogniser", "detector") and importlib.util.find_spec("torch") is None:
        print("Trainings need the dependency group `training`: pip install --group training.", file=sys.stderr)
        return 1
    module = importlib.import_module(f"tools.training.plates.{arguments[0]}")
    return int(module.main(arguments[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
