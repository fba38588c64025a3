"""Pins every package with its hashes for every platform, naming no host: `python -m tools.lock`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
OPTIONS = (
    "--group",
    "dev",
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
)


def main() -> int:
    """Resolve pyproject.toml anew, keeping the pins that still fit."""
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "compile", "--quiet", "pyproject.toml", *OPTIONS, "--output-file", str(LOCK)]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "UV_SYSTEM_CERTS": "1"}).returncode


if __name__ == "__main__":
    sys.exit(main())
