"""No way round privacy masks: what gives out naked pictures is called by those alone that paint for themselves."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "istros"

NAKED = {"read_relay", "read_units", "picture_at", "keyframe_near"}
"""What reads packets and pictures as the camera sent them."""

CALLERS = {
    "video/painter.py", "video/repaint.py", "recording/pictures.py", "recording/export/making.py",  # they paint
    "app/analyser.py",  # blanks what is private
    "app/server.py",  # hands the relay to `video.masked` alone
}  # fmt: skip


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def test_only_painters_read_naked_pictures() -> None:
    parts = ("api", "app", "events", "reports", "recording", "recognition", "video")
    paths = [path for part in parts for path in (SOURCE / part).rglob("*.py")]
    assert {str(path.relative_to(SOURCE)) for path in paths if names_in(path) & NAKED} == CALLERS


def test_no_route_reads_naked_pictures() -> None:
    for path in (SOURCE / "api").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "read":
                owner = ast.unparse(node.value)
                allowed = path.name == "application.py"  # hands it to `Pictures`, which paints
                assert not owner.endswith("playback") or allowed, f"{path.name} reads recordings as they are"
