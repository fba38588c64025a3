"""A whole node at work, and then: is any of its secrets in a log, an argument, an environment or the database's texts?"""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.assessed import assess_node
from tests.line.demo_run import WAIT, DemoRun, demo_run, wait_for

TYPED = "typed-in-haste-7731"
"""What somebody types as a password that is wrong, and then by mistake as the name."""

BROKEN = """data = "data"
[server]
port = {port}
[analysis]
enabled = false
[[camera]]
id = "B-1"
name = "Nobody answers"
town = "Izmail"
owner = "City"
main = "rtsp://eye:planted-rtsp-7731@127.0.0.1:9/a?token=planted-token-7731"
sub = "http://eye:planted-http-7731@127.0.0.1:9/b"
onvif = "http://eye:planted-onvif-7731@127.0.0.1:9/onvif/device_service"
[[camera]]
id = "B-2"
name = "Speaks nonsense"
town = "Izmail"
owner = "City"
main = "rtsps://eye:planted-tls-7731@127.0.0.1:{port}1/a"
sub = "rtmp://eye:planted-rtmp-7731@127.0.0.1:9/live/planted-path-key"
"""
PLANTED = re.compile(r"planted-(?:rtsp|http|onvif|token|tls|rtmp)-7731")


def family(root: int) -> list[int]:
    """The process and every descendant of it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        each = waiting.pop()
        found.append(each)
        waiting += children.get(each, [])
    return found


def seen_by_ps(root: int) -> str:
    """Arguments and environments of the family, as anybody of the same account can read them."""
    texts: list[str] = []
    for pid in family(root):
        for name in ("cmdline", "environ"):
            try:
                texts.append((Path("/proc") / str(pid) / name).read_bytes().decode("utf-8", "replace"))
            except OSError:
                continue
    return "\n".join(texts)


def texts_of(database: Path) -> str:
    """Every text (and every other value as text) of every table."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [row for table in tables for row in connection.execute(f'SELECT * FROM "{table}"')]
    return "\n".join(str(value) for row in rows for value in row)


def work(run: DemoRun) -> dict[str, str]:
    """Sign in, ask, mistype, search; the secrets that came up."""
    secrets: dict[str, str] = {}
    for name in ("investigator", "admin"):
        client = run.sign_in(name)
        secrets[f"session of {name}"] = client.cookies["istros_session"]
        secrets[f"CSRF token of {name}"] = str(client.headers["X-CSRF-Token"])
        for path in ("/api/cameras", "/api/storage", "/api/devices", "/api/audit?limit=50", "/api/session"):
            client.get(path)
    for name, password in (("operator", TYPED), (TYPED, "x" * 20), ("operator", TYPED * 40)):
        assert httpx2.post(
            f"{run.url}/api/session", json={"name": name, "password": password}, timeout=20
        ).status_code in (
            401,
            422,
        )
    return secrets


@pytest.mark.slow
def test_no_secret_leaves_its_place(tmp_path: Path, free_port: int) -> None:
    data = tmp_path / "demo"
    with demo_run(data, free_port, "--cameras", "1") as run:
        plan = json.loads((data / "cameras.json").read_text())
        secrets = {"camera's password": plan["password"], "typed password": TYPED}
        secrets |= {f"password of {name}": word for name, word in run.passwords.items()}
        secrets |= work(run)
        for key in (data / "keys").glob("*.key"):
            secrets[f"key {key.name}"] = (
                key.read_text().splitlines()[1] if key.read_bytes().isascii() else key.read_bytes().hex()
            )
        client = run.sign_in("operator")
        wait_for("recordings", lambda: client.get("/api/cameras").json()[0]["streams"][0]["recording"], 60)
        shown = seen_by_ps(run.process.pid)
        assert "istros" in shown
    log = (data.parent / "demo.log").read_text(encoding="utf-8")
    assert "started" in log
    texts = texts_of(data / "istros.sqlite3")
    found = [
        f"{what} in {place}"
        for what, secret in secrets.items()
        for place, text in (("the log", log), ("arguments or environment", shown), ("the database", texts))
        if secret in text
    ]
    assert found == [] and len(secrets) >= 10 and len(texts) > 1000
    assert open_to_others(data) == []


def open_to_others(folder: Path) -> list[str]:
    """What lies in a data folder with rights for group or others."""
    return [
        f"{path.relative_to(folder)} {stat.S_IMODE(path.lstat().st_mode):04o}"
        for path in folder.rglob("*")
        if not path.is_symlink() and path.lstat().st_mode & 0o077
    ]


@pytest.mark.slow
def test_cameras_that_fail_do_not_tell_their_passwords(tmp_path: Path, free_port: int) -> None:
    config = tmp_path / "istros.toml"
    config.touch(0o600)
    config.write_text(BROKEN.format(port=free_port).replace(f"{free_port}1", "9"), encoding="utf-8")
    assess_node(config)
    log = tmp_path / "node.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "istros", "serve", "--config", str(config)]
        node = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        wait_for("the database", lambda: (tmp_path / "data/istros.sqlite3").exists(), 60)

        def told() -> bool:
            texts = texts_of(tmp_path / "data/istros.sqlite3")
            return texts.count("127.0.0.1:9") >= 2

        wait_for("the cameras' troubles", told, 90)
        WAIT.wait(2)
        shown = seen_by_ps(node.pid)
    finally:
        os.kill(node.pid, signal.SIGTERM)
        node.wait(60)
    for place, text in (
        ("log", log.read_text("utf-8", "replace")), ("database", texts_of(tmp_path / "data/istros.sqlite3")), ("processes", shown),
    ):  # fmt: skip
        assert PLANTED.findall(text) == [], place
