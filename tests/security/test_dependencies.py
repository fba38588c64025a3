"""What Istros is built from: pinned by hash, under licences that go with its own, and the audit tells what it does not know."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tools import audit


def test_every_locked_package_has_a_hash_and_a_licence_that_fits() -> None:
    assert list(audit.offline()) == []
    assert len(audit.pins()) > 100


@pytest.mark.parametrize("licence", ["MIT", "Apache-2.0 OR BSD-3-Clause", "LGPL-3.0-only", "MPL-2.0", "ISC"])
def test_licences_that_fit(licence: str) -> None:
    assert audit.is_allowed(licence)


@pytest.mark.parametrize(
    "licence",
    ["", "GPL-3.0-only", "AGPL-3.0", "GNU General Public License v3", "Commercial", "CC-BY-NC-4.0", "SSPL-1.0", "WTF"],
)
def test_licences_that_do_not_fit(licence: str) -> None:
    assert not audit.is_allowed(licence)


def test_what_was_not_looked_up_is_not_called_sound(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "offline", lambda: iter(()))
    monkeypatch.setattr(audit, "taken_back", lambda: None)
    monkeypatch.setattr(audit, "weaknesses", lambda: ([], ["7 of 120 packages could not be looked up."]))
    assert audit.main() == 2
    assert "2 questions left open" in capsys.readouterr().out
    monkeypatch.setattr(audit, "weaknesses", lambda: (["h11 0.1: CVE-1, mended in 0.2."], []))
    assert audit.main() == 1


def test_pip_audits_skipped_packages_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """pip-audit calls a package that it did not find "no known vulnerabilities"."""
    answer = {"dependencies": [
        {"name": "a", "skip_reason": "not found"},
        {"name": "b", "version": "1", "vulns": [{"id": "CVE-2", "fix_versions": ["2"]}]},
    ]}  # fmt: skip

    def run(*command: Any, **how: Any) -> Any:
        return subprocess.CompletedProcess(command, 0, json.dumps(answer), "")

    monkeypatch.setattr(audit.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(audit.subprocess, "run", run)
    assert audit.weaknesses() == (["b 1: CVE-2, mended in 2."], ["1 of 2 packages could not be looked up."])


def test_the_command_is_there() -> None:
    done = subprocess.run([sys.executable, "-c", "import tools.audit"], capture_output=True)
    assert done.returncode == 0
