"""What an export has done so far, one line a step, safe on disk before the next step begins."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


class StepJournal:
    """An append-only file of steps with their results; a torn last line is a step that was not done."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._done: dict[str, Any] = {}
        whole = 0
        if path.exists():
            for line in path.read_bytes().splitlines(keepends=True):
                if not line.endswith(b"\n"):
                    break
                step = json.loads(line)
                self._done[step["step"]] = step["result"]
                whole += len(line)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = path.open("ab")
        self._file.truncate(whole)

    def __contains__(self, step: str) -> bool:
        return step in self._done

    def __getitem__(self, step: str) -> Any:
        return self._done[step]

    def done(self, step: str, result: Any) -> None:
        """Record a step; returns when it is safe."""
        line = json.dumps({"step": step, "result": result}, separators=(",", ":")).encode() + b"\n"
        self._file.write(line)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._done[step] = json.loads(line)["result"]

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
