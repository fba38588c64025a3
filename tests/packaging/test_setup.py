"""What the set-up promises: it says what is wrong, repeats what is unfinished, and pins what it installs."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest

from tests.house.places import ROOT
from tools import bootstrap, modelbuild, webbuild
from tools.node import BuildProblem


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pinned() -> set[str]:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return {name.lower().replace("_", "-") for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)}


def test_every_package_of_the_project_is_pinned() -> None:
    described = project()
    # Trainings bring PyTorch, which nobody else shall have to install; the fuzzer's coverage has few wheels.
    groups = [entries for name, entries in described["dependency-groups"].items() if name not in ("training", "fuzz")]  # type: ignore[attr-defined]
    named = [*described["project"]["dependencies"], *(entry for group in groups for entry in group)]  # type: ignore[index]
    names = {re.split(r"[\[=<>; ]", entry)[0].lower() for entry in named if isinstance(entry, str)}
    assert names - pinned() == set()


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("error: No space left on device (os error 28)", "The disk is full"),
        ("Failed to establish a new connection: Temporary failure in name resolution", "cannot be reached"),
        ("npm error code ENOTFOUND", "cannot be reached"),
        ("invalid peer certificate: UnknownIssuer", "certificate is not trusted"),
        ("EACCES: permission denied, mkdir", "cannot be written"),
    ],
)
def test_a_cause_is_told_in_a_sentence(said: str, meaning: str) -> None:
    assert meaning in bootstrap.explain(said)


def test_an_unfinished_environment_is_not_current(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin/python"
    program.parent.mkdir()
    program.touch()
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "PYTHON", program)
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "stamp")
    assert not bootstrap.venv_is_current()
    (tmp_path / "stamp").write_text(bootstrap.wanted_stamp(), encoding="utf-8")
    assert bootstrap.venv_is_current()


def test_built_parts_follow_their_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = webbuild.digest()
    monkeypatch.setattr(webbuild, "WEB", tmp_path)
    (tmp_path / "index.html").write_text("<h1>Istros</h1>", encoding="utf-8")
    first = webbuild.digest()
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules/noise.js").write_text("", encoding="utf-8")
    assert webbuild.digest() == first != before


def test_screens_and_weights_are_there() -> None:
    assert webbuild.is_there()
    assert modelbuild.is_there()


def test_wheels_that_carry_weights_are_pinned_with_their_hashes() -> None:
    for name in modelbuild.CARRIERS:
        block = modelbuild._pin_with_hashes(name).splitlines()
        assert block[0].startswith(f"{name}==")
        assert len(block) > 1
        assert all("--hash=sha256:" in line for line in block[1:])


def test_a_carrier_that_is_not_pinned_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(modelbuild, "CARRIERS", ("no-such-carrier",))
    with pytest.raises(BuildProblem, match="no-such-carrier is not in"):
        modelbuild.fetch_carriers(tmp_path)


@pytest.mark.parametrize(
    ("named", "cores", "spread"), [([], 2, "2"), ([], 16, "4"), ([], 1, ""), (["tests/base"], 8, "")]
)
def test_the_whole_suite_is_spread_over_the_cores_and_named_tests_are_not(
    named: list[str], cores: int, spread: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def become_it(program: Path, words: list[str]) -> None:
        raise SystemExit(" ".join(words[3:]))

    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(cores)))
    monkeypatch.setattr(os, "execv", become_it)
    monkeypatch.setattr(os, "chdir", lambda folder: None)
    with pytest.raises(SystemExit) as asked:
        bootstrap.become("test", named)
    assert asked.value.code == (f"--numprocesses {spread} --dist loadfile" if spread else " ".join(named))


def test_a_node_keeps_its_bytecode_where_the_shell_says_no(monkeypatch: pytest.MonkeyPatch) -> None:
    def become_it(program: Path, words: list[str]) -> None:
        raise SystemExit(os.environ.get("PYTHONDONTWRITEBYTECODE", "kept"))

    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(os, "execv", become_it)
    with pytest.raises(SystemExit) as asked:
        bootstrap.become("demo", [])
    assert asked.value.code == "kept"
