"""ZoneMinder 1.36, recording only: a MariaDB of its own, one `zmc` a camera, decoding off."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.bench_video.cameras import address
from tools.bench_video.processes import Group

OVERRIDES = Path("/etc/zm/conf.d/99-istros-bench.conf")
SCHEMA = Path("/usr/share/zoneminder/db/zm_create.sql")
MONITOR = (
    "INSERT INTO Monitors (Id, Name, Type, Function, Enabled, DecodingEnabled, Path, Method, Width, Height, Colours, "
    "SaveJPEGs, VideoWriter, OutputContainer, RecordAudio, SectionLength, StorageId) VALUES "
    "({id}, 'C{number:02d}', 'Ffmpeg', 'Record', 1, 0, '{url}', 'rtpRtsp', 1920, 1080, 4, 0, 2, 'mp4', 0, 10, 1);\n"
)


@dataclass(slots=True)
class Running:
    """ZoneMinder at work."""

    group: Group
    files: Callable[[int], list[Path]]
    finish: Callable[[], None]


def start(folder: Path, port: int, count: int) -> Running:
    """Make a database, tell it the cameras, start one capture process a camera. Needs root, as its configuration does."""
    folder.mkdir(parents=True)
    for part in ("database", "events", "run", "log"):
        (folder / part).mkdir()
    _open_to_others(folder)
    socket = folder / "run/mysql.sock"
    database = _database(folder, socket)
    _load(folder, socket, port, count)
    OVERRIDES.write_text(
        f"ZM_DB_HOST=localhost:{socket}\nZM_PATH_LOGS={folder}/log\nZM_PATH_SOCKS={folder}/run\n"
        f"ZM_PATH_MAP={folder}/run\nZM_PATH_SWAP={folder}/run\n",
        encoding="utf-8",
    )
    group = Group("zoneminder", [database])
    for number in range(count):
        group.start(["zmc", "-m", str(number + 1)], folder / "log.txt")
        time.sleep(0.1)
    return Running(group, lambda number: _files(folder, number), lambda: OVERRIDES.unlink(missing_ok=True))


def _open_to_others(folder: Path) -> None:
    """MariaDB runs under an account of its own."""
    for parent in (folder, *folder.parents):
        if parent in (Path("/"), Path("/tmp")):
            break
        parent.chmod(parent.stat().st_mode | 0o011)
    shutil.chown(folder / "database", "mysql")
    (folder / "run").chmod(0o777)


def _database(folder: Path, socket: Path) -> subprocess.Popen[bytes]:
    data = folder / "database"
    made = ["mariadb-install-db", f"--datadir={data}", "--user=mysql", "--skip-test-db", "--auth-root-socket-user=root"]
    subprocess.run(made, check=True, capture_output=True)
    command = ["mariadbd", "--no-defaults", f"--datadir={data}", f"--socket={socket}", "--skip-networking"]
    with (folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            [*command, "--user=mysql", f"--pid-file={folder}/run/mysql.pid"], stdout=log, stderr=log
        )
    for _ in range(300):
        if socket.exists():
            return process
        time.sleep(0.1)
    raise RuntimeError(f"MariaDB did not start; see {folder}/log.txt")


def _load(folder: Path, socket: Path, port: int, count: int) -> None:
    monitors = "".join(
        MONITOR.format(id=number + 1, number=number, url=address(port, number, "main")) for number in range(count)
    )
    text = SCHEMA.read_text(encoding="utf-8", errors="replace")
    text += (
        "\nUSE zm;\nCREATE USER 'zmuser'@'localhost' IDENTIFIED BY 'zmpass';\n"
        "GRANT ALL ON zm.* TO 'zmuser'@'localhost';\nDELETE FROM Storage;\n"
        f"INSERT INTO Storage (Id, Path, Name, Scheme) VALUES (1, '{folder}/events', 'bench', 'Shallow');\n{monitors}"
    )
    done = subprocess.run(
        ["mariadb", f"--socket={socket}", "-u", "root", "-f"], input=text.encode(), capture_output=True
    )
    if done.returncode and b"zmuser" in done.stderr:
        raise RuntimeError(f"ZoneMinder's database could not be made: {done.stderr.decode()[-400:]}")


def _files(folder: Path, number: int) -> list[Path]:
    found = (folder / "events" / str(number + 1)).rglob("*.mp4")
    return sorted(found, key=lambda path: (int("".join(filter(str.isdigit, path.parent.name)) or 0), path.name))


def missing() -> str:
    """Why it cannot run here; empty when it can."""
    if os.geteuid() != 0:
        return "ZoneMinder's configuration can be read by root alone"
    lacking = [name for name in ("zmc", "mariadbd", "mariadb-install-db") if shutil.which(name) is None]
    return f"{', '.join(lacking)} not installed (apt-get install zoneminder mariadb-server)" if lacking else ""
