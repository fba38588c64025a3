"""Where things lie in the repository, and which files are ours."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src/istros"
GENERATED = ("package-lock.json", "requirements.lock", "bootstrap.lock", "LICENSE", "openapi.json", "schema.d.ts")
TEXT = {"", ".py", ".md", ".toml", ".json", ".ts", ".tsx", ".css", ".html", ".mjs", ".cedar", ".lock", ".sh"}


@cache
def kept_files() -> tuple[Path, ...]:
    """Every file of the repository: what git keeps, or would keep."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return tuple(ROOT / name for name in sorted(filter(None, listed)) if (ROOT / name).is_file())


def written_files(*suffixes: str) -> list[Path]:
    """The text files that people wrote; only those with these endings, if any are given."""
    wanted = set(suffixes) or TEXT
    return [path for path in kept_files() if path.suffix in wanted and path.name not in GENERATED]


def name_of(path: Path) -> str:
    """A file's name as people say it: from the root of the repository."""
    return path.relative_to(ROOT).as_posix()
