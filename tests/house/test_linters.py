"""The rules that tools check: layers, circles, banned calls, form, types."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.house.places import ROOT

PROGRAMS = Path(sys.executable).parent


def run(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    said = [line for line in (done.stdout + done.stderr).splitlines() if ": note:" not in line]
    assert done.returncode == 0, "\n" + "\n".join(said)[-6000:]


def test_imports_point_towards_the_camera_and_never_in_a_circle() -> None:
    run(str(PROGRAMS / "lint-imports"), "--no-cache")


def test_no_banned_call_and_no_public_name_without_docstring() -> None:
    run(str(PROGRAMS / "ruff"), "check", "--no-cache", ".")


def test_code_has_its_form() -> None:
    run(str(PROGRAMS / "ruff"), "format", "--check", "--no-cache", ".")


def test_types_are_strict() -> None:
    run(sys.executable, "-m", "mypy")
