"""Finds a Chromium for the tests: the one that ISTROS_CHROMIUM names, an installed one, or one from npm.

The npm package @sparticuz/chromium carries the browser itself and, for machines that lack them, the system libraries
that it links (nss, nspr, expat), so that a bare Debian needs nothing installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.node import BuildProblem, find_node

FOLDER = Path(__file__).resolve().parent / "browser"
UNPACKED = FOLDER / "bin"
INSTALLED = ("chromium", "chromium-browser", "google-chrome")
STAMP = ".digest"


def find() -> Path:
    """The browser's program, fetched first where there is none."""
    named = os.environ.get("ISTROS_CHROMIUM") or next(filter(None, map(shutil.which, INSTALLED)), None)
    if named:
        return Path(named)
    build()
    return UNPACKED / "chromium"


def arguments(program: Path) -> list[str]:
    """How to start it: never with GPU flags, which slow the software renderer down."""
    quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
    quiet.append("--autoplay-policy=no-user-gesture-required")
    return [*quiet, "--headless=shell", "--no-zygote"] if program.is_relative_to(FOLDER) else quiet


def environment(program: Path) -> dict[str, str | float | bool]:
    """The environment to start it in: with the package's own libraries and fonts where the machine lacks them."""
    known: dict[str, str | float | bool] = dict(os.environ)
    if not program.is_relative_to(FOLDER):
        return known
    if not _is_complete(program):
        known["LD_LIBRARY_PATH"] = str(UNPACKED / "al2023/lib")
    if not Path("/etc/fonts/fonts.conf").exists():
        known["FONTCONFIG_PATH"] = str(UNPACKED / "fonts")
    return known


def _is_complete(program: Path) -> bool:
    """Whether the machine has every library that the program links."""
    lister = shutil.which("ldd")
    if lister is None:
        return False
    return "not found" not in subprocess.run([lister, str(program)], capture_output=True, text=True, check=False).stdout


def is_needed() -> bool:
    """Whether no browser is installed and none was fetched yet."""
    if os.environ.get("ISTROS_CHROMIUM") or any(map(shutil.which, INSTALLED)):
        return False
    stamp, lock = UNPACKED / STAMP, (FOLDER / "package-lock.json").read_text(encoding="utf-8")
    return not (stamp.exists() and stamp.read_text(encoding="utf-8") == lock)


def build() -> bool:
    """Fetch and unpack the npm package's browser; whether there was anything to do."""
    if not is_needed():
        return False
    node = find_node()
    node.install(FOLDER)
    shutil.rmtree(UNPACKED, ignore_errors=True)
    UNPACKED.mkdir()
    node.run([node.program, str(FOLDER / "unpack.mjs"), str(UNPACKED)], FOLDER)
    lock = (FOLDER / "package-lock.json").read_text(encoding="utf-8")
    (UNPACKED / STAMP).write_text(lock, encoding="utf-8")
    return True


if __name__ == "__main__":
    try:
        print(find())
    except BuildProblem as problem:
        sys.exit(str(problem))
