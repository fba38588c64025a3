"""Writes `docs/reference/openapi.json`: `python -m istros.api.schema_file [PATH]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from istros.api.application import describe

DEFAULT_PATH = Path("docs/reference/openapi.json")


def schema_text() -> str:
    """The OpenAPI document as it is committed."""
    return json.dumps(describe(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    """Write the document to the path given, or to its place in the repository."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_PATH
    path.write_text(schema_text(), encoding="utf-8")
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
