"""`python -m tools.training.plates NAME ...`: fonts, recogniser or detector."""

from __future__ import annotations

import importlib
import sys

NAMES = ("fonts", "recogniser", "detector")


def main(arguments: list[str]) -> int:
    """Run the part that the first word names with the other words."""
    if not arguments or arguments[0] not in NAMES:
        print(f"Say what to make: {', '.join(NAMES)}.", file=sys.stderr)
        return 2
    module = importlib.import_module(f"tools.training.plates.{arguments[0]}")
    return int(module.main(arguments[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
