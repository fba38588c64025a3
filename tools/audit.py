"""Auditing what Istros is built from: `just audit`, and the part of it that needs no network as a test.

Offline: every locked package has its hash and a licence that goes with EUPL-1.2. Online: which locked versions were taken
back by their makers (pip's report), and which have known weaknesses (pip-audit, where it is installed). What could not be
looked up is told as such and never counted as sound.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
_LICENCES = re.compile(
    r"MIT|BSD|0BSD|Apache|ISC|PSF|Python-2.0|Python Software Foundation|MPL|Mozilla Public|Unlicense|CC0|Zlib|BlueOak"
    r"|LGPL|Lesser General|OFL|UFL"
)
"""Permissive ones, and those with copyleft for their own files alone (MPL, LGPL): all may be used beside EUPL-1.2."""

_REFUSED = re.compile(r"\bA?GPL|Affero|(?<!Lesser )General Public|Commercial|Proprietary|NonCommercial|-NC\b|SSPL|BUSL")
KNOWN = {
    "axe-playwright-python": "MIT", "cedarpy": "Apache-2.0", "colorama": "BSD-3-Clause", "httpx2-jsfetch": "BSD-3-Clause",
    "tzdata": "Apache-2.0",
}  # fmt: skip
"""Read at the packages' own pages: their wheels do not say it, or are not installed on every platform."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One locked package and what stands behind it in the lock."""

    name: str
    version: str
    block: str


def pins() -> list[Pin]:
    """Every package of `requirements.lock`."""
    blocks = re.split(r"\n(?=\S)", LOCK.read_text(encoding="utf-8"))
    return [Pin(found[1], found[2], block) for block in blocks if (found := _PIN.match(block))]


def licence_of(name: str) -> str:
    """What the installed package says of its licence; from KNOWN where it says nothing; empty when neither knows."""
    try:
        facts = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return KNOWN.get(name, "")
    said = _field(facts, "License-Expression") or " ".join(
        each.rpartition("::")[2].strip() for each in facts.get_all("Classifier") or () if each.startswith("License ::")
    )
    return said or _field(facts, "License").partition("\n")[0][:80] or KNOWN.get(name, "")


def _field(facts: importlib.metadata.PackageMetadata, name: str) -> str:
    return str(facts[name]) if name in facts else ""


def is_allowed(licence: str) -> bool:
    """Whether a licence goes with EUPL-1.2 in the way that Istros uses packages."""
    return bool(_LICENCES.search(licence)) and not _REFUSED.search(licence)


def offline() -> Iterator[str]:
    """What is wrong, a sentence each."""
    for pin in pins():
        if "--hash=sha256:" not in pin.block:
            yield f"{pin.name} has no hash in the lock."
        licence = licence_of(pin.name)
        if not is_allowed(licence):
            yield f"{pin.name} {pin.version} has the licence '{licence or 'not told'}', which is not on the list."
    for path in sorted(ROOT.glob("**/package-lock.json")):
        if "node_modules" not in path.parts:
            yield from _of_npm(path)


def _of_npm(path: Path) -> Iterator[str]:
    for name, facts in json.loads(path.read_text(encoding="utf-8"))["packages"].items():
        if not name or facts.get("link"):
            continue
        if "integrity" not in facts:
            yield f"{name} of {path.parent.name} has no hash in its lock."
        if not is_allowed(str(facts.get("license", ""))):
            yield f"{name} of {path.parent.name} has the licence '{facts.get('license', 'not told')}', not on the list."


def taken_back() -> list[str] | None:
    """Locked versions that were taken back ("yanked") for this platform; None when the registry does not answer."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps", "--require-hashes",
            "--only-binary=:all:", "--quiet", "--report", str(report), "-r", str(LOCK),
        ]  # fmt: skip
        if subprocess.run(command, cwd=folder, capture_output=True).returncode or not report.exists():
            return None
        found = json.loads(report.read_text(encoding="utf-8"))["install"]
    return [
        f"{each['metadata']['name']} {each['metadata']['version']} was taken back by its makers."
        for each in found
        if each["is_yanked"]
    ]


def weaknesses() -> tuple[list[str], list[str]]:
    """(known weaknesses, what could not be looked up), a sentence each, by pip-audit."""
    if importlib.util.find_spec("pip_audit") is None:
        return [], ["Known weaknesses were not looked up: install pip-audit beside Istros."]
    command = [
        sys.executable, "-m", "pip_audit", "-r", str(LOCK), "--no-deps", "--disable-pip", "--format", "json",
        "--progress-spinner", "off",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return [], ["Known weaknesses were not looked up: pip-audit got no answer."]
    skipped = [each["name"] for each in found if "skip_reason" in each]
    weak = [
        f"{each['name']} {each['version']}: {vulnerability['id']}, mended in {', '.join(vulnerability['fix_versions']) or 'no version'}."
        for each in found
        for vulnerability in each.get("vulns", ())
    ]
    return weak, [f"{len(skipped)} of {len(found)} packages could not be looked up."] if skipped else []


def main() -> int:
    """0: sound. 1: something is wrong. 2: nothing is known to be wrong, and not everything could be looked up."""
    wrong, unknown = list(offline()), []
    back = taken_back()
    if back is None:
        unknown.append("Whether versions were taken back was not looked up: the registry does not answer.")
    weak, not_looked_up = weaknesses()
    wrong += [*(back or ()), *weak]
    unknown += not_looked_up
    for sentence in [*wrong, *unknown]:
        print(sentence)
    print(f"{len(pins())} packages of Python looked at; {len(wrong)} faults, {len(unknown)} questions left open.")
    return 1 if wrong else 2 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
