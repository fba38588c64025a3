"""What must not lie in the repository: hosts in locks, secrets, paths of somebody's machine."""

from __future__ import annotations

import re

from tests.house.places import ROOT, kept_files, name_of, written_files

SECRETS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\n[A-Za-z0-9+/]{20}"),
    "a cloud key": re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    "a token": re.compile(r"\b(?:(?:ghp|npm)_[A-Za-z0-9]{36}|github_pat_\w{20,}|(?:glpat|pypi)-[\w-]{20,})"),
    "a web token": re.compile(r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\."),
}
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|root|Users|work)/\w+")
FILE_BYTES_MAX, REPOSITORY_BYTES_MAX = 8_000_000, 60_000_000


def test_locks_name_no_host() -> None:
    for name in ("requirements.lock", "tools/bootstrap.lock"):
        assert "://" not in (ROOT / name).read_text(encoding="utf-8"), name
    for path in kept_files():
        if path.name == "package-lock.json":
            assert '"resolved"' not in path.read_text(encoding="utf-8"), name_of(path)
    assert not (ROOT / "uv.lock").exists() or ROOT / "uv.lock" not in kept_files()


def test_every_package_has_its_hash() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    packages = [block for block in re.split(r"\n(?=\S)", text) if block.strip()]
    assert [block.splitlines()[0] for block in packages if "--hash=sha256:" not in block] == []


def test_no_secrets() -> None:
    found = [
        f"{name_of(path)}: {what}"
        for path in written_files()
        for what, pattern in SECRETS.items()
        if pattern.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


def test_no_path_of_a_machine() -> None:
    found = [
        f"{name_of(path)}:{number} {line.strip()[:80]}"
        for path in written_files()
        if path.name != "test_repository.py"
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert found == []


def test_nothing_unfinished() -> None:
    unfinished = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
    found = [
        f"{name_of(path)}:{number}"
        for path in written_files(".py", ".ts", ".tsx", ".md", ".css")
        if path.name != "test_repository.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if unfinished.search(line)
    ]
    assert found == []


def test_no_marks_of_a_merge() -> None:
    marks = re.compile(r"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)
    assert [name_of(path) for path in written_files() if marks.search(path.read_text("utf-8", "replace"))] == []


def test_repository_stays_small() -> None:
    sizes = {name_of(path): path.stat().st_size for path in kept_files()}
    assert {name: size for name, size in sizes.items() if size > FILE_BYTES_MAX} == {}
    assert sum(sizes.values()) < REPOSITORY_BYTES_MAX
