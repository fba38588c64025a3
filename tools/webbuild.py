"""Builds the web client of web/ into src/istros/_web. Standard library only: the build hook of the wheel runs it too."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.node import BuildProblem, find_node

ROOT = Path(__file__).resolve().parent.parent
WEB, OUT = ROOT / "web", ROOT / "src/istros/_web"
STAMP = ".digest"
NOT_SOURCES = {"node_modules", "e2e", "dist"}


def digest() -> str:
    """The SHA-256 of everything that the built client depends on."""
    sum_ = hashlib.sha256()
    for path in sources():
        name = path.relative_to(WEB).as_posix()
        sum_.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return sum_.hexdigest()


def sources() -> list[Path]:
    """Every file of the client's sources, sorted."""
    found: list[Path] = []
    for folder, folders, files in os.walk(WEB):
        folders[:] = [name for name in folders if name not in NOT_SOURCES]
        found.extend(Path(folder, name) for name in files)
    return sorted(found)


def is_current() -> bool:
    """Whether the built client is the one of the sources as they are now."""
    stamp = OUT / STAMP
    return (OUT / "index.html").exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == digest()


def is_there() -> bool:
    """Whether there is a built client at all (a source distribution carries one)."""
    return (OUT / "index.html").exists()


def build(force: bool = False) -> bool:
    """Build the client if its sources changed; whether it was built."""
    if not force and is_current():
        return False
    node, wanted, fresh = find_node(), digest(), OUT.with_name("_web.new")
    shutil.rmtree(fresh, ignore_errors=True)
    node.install(WEB)
    vite = str(WEB / "node_modules/vite/bin/vite.js")
    node.run([node.program, vite, "build", "--logLevel=warn", "--emptyOutDir", "--outDir", str(fresh)], WEB)
    (fresh / STAMP).write_text(wanted, encoding="utf-8")
    shutil.rmtree(OUT, ignore_errors=True)
    fresh.rename(OUT)
    return True


if __name__ == "__main__":
    try:
        build("--force" in sys.argv)
    except BuildProblem as problem:
        sys.exit(str(problem))
