"""The committed OpenAPI document is the one that the code makes."""

from __future__ import annotations

from pathlib import Path

from istros.api.schema_file import schema_text

COMMITTED = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"


def test_the_committed_document_is_current() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == schema_text(), "run: python -m istros.api.schema_file"
