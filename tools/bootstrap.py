"""Sets up what a checkout needs, then becomes the command: `./istros demo`, `./istros test`, `./istros setup`.

Standard library only, for it runs before anything is installed. Each step is skipped when its stamp says that it is
done; stamps are written last, so that a set-up that was interrupted is simply done again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("ISTROS_VENV", ROOT / ".venv")).absolute()
PYTHON = VENV / "bin/python"
STAMP, UNFINISHED = VENV / ".istros-stamp", VENV / ".istros-unfinished"
LOCK, INSTALLER_LOCK = ROOT / "requirements.lock", ROOT / "tools/bootstrap.lock"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
FREE_BYTES_MIN = 3_000_000_000
PIP_INSTALL = (
    "install",
    "--quiet",
    "--no-input",
    "--disable-pip-version-check",
    "--no-deps",
    "--require-hashes",
    "--retries",
    "2",
)

# What package managers say when the cause lies outside Istros, and what a person can do about it.
CAUSES = (
    (("No space left", "ENOSPC"), "The disk is full: free at least 3 GB and run the command again."),
    (
        ("certificate", "UnknownIssuer", "CERT_", "SSLError"),
        "The package index's certificate is not trusted here: install ca-certificates, or set SSL_CERT_FILE to yours.",
    ),
    (
        (
            "resolution",
            "resolve",
            "dns error",
            "Connection refused",
            "ENOTFOUND",
            "EAI_AGAIN",
            "ECONNREFUSED",
            "unreachable",
        ),
        "The package index cannot be reached: connect this machine to the internet, or set PIP_INDEX_URL and "
        "npm_config_registry to mirrors, and run the command again; what is done already is kept.",
    ),
    (("timed out", "ETIMEDOUT", "Timeout"), "The network is too slow or cut off: run the command again."),
    (("ermission denied", "EACCES", "Read-only"), "This folder cannot be written: copy the project to one that can."),
)


class SetupProblem(Exception):
    """The set-up cannot go on; the message is for the person who started it."""


@dataclass
class Progress:
    """Tells the person what goes on: one line when a step starts, one when it ends."""

    steps: int
    step: int = 0

    def __post_init__(self) -> None:
        self._started = time.monotonic()

    def do(self, name: str, work: Callable[[], None]) -> None:
        """Do one step, told with its number and how long it took."""
        self.step += 1
        started = time.monotonic()
        tell(f"{self.step}/{self.steps} {name} …")
        work()
        tell(f"{self.step}/{self.steps} {name}: done in {time.monotonic() - started:.0f} s")

    def end(self) -> None:
        """The sum."""
        tell(f"ready after {time.monotonic() - self._started:.0f} s")


def tell(text: str) -> None:
    """A line for the person; on standard error, so that a command's output stays clean."""
    print(f"istros: {text}", file=sys.stderr, flush=True)


def wanted_stamp() -> str:
    """What the virtual environment depends on: the two locks, its Python, and where it lies."""
    parts = (LOCK.read_bytes(), INSTALLER_LOCK.read_bytes(), bytes(PYTHON.resolve()), bytes(VENV), bytes(ROOT))
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def venv_is_current() -> bool:
    """Whether every package of the lock is installed."""
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted_stamp()


def installing_environment() -> dict[str, str]:
    """The environment of pip and uv: both trust the system's certificates and both use the same index."""
    known = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    if CERTIFICATES.exists():
        known.setdefault("UV_SYSTEM_CERTS", "1")
        known.setdefault("PIP_CERT", known.get("SSL_CERT_FILE", str(CERTIFICATES)))
    for pip_name, uv_name in (("PIP_INDEX_URL", "UV_DEFAULT_INDEX"), ("PIP_FIND_LINKS", "UV_FIND_LINKS")):
        if known.get(pip_name):
            known.setdefault(uv_name, known[pip_name].replace(" ", ","))
    if not os.access(os.path.expanduser("~"), os.W_OK):
        known |= {"UV_NO_CACHE": "1", "PIP_NO_CACHE_DIR": "1"}
    return known


def run(*command: str | Path) -> None:
    """Run a program to its end; when it fails, its last words and their meaning are the problem's text."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=ROOT, env=installing_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        raise SetupProblem(explain((done.stdout + done.stderr).strip()))


def explain(said: str) -> str:
    """The last lines of a failed program, and what they mean for the person."""
    told = [line for line in said.splitlines() if "Retrying" not in line]
    lines = "\n".join(f"    {line}" for line in told[-12:])
    meaning = next((text for signs, text in CAUSES if any(sign in said for sign in signs)), "")
    return f"{lines}\n{meaning}".strip("\n")


def make_venv() -> None:
    """The virtual environment with every package of the lock; an unfinished one is made anew."""
    if UNFINISHED.exists() or not fits():
        create_venv()
    UNFINISHED.touch()  # also where an environment that was whole is changed
    STAMP.unlink(missing_ok=True)
    run(*installer(), *PIP_INSTALL, "-r", INSTALLER_LOCK)
    uv = (VENV / "bin/uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--python", PYTHON)
    try:
        run(*uv, "-r", LOCK)
    except (OSError, SetupProblem):
        tell("uv could not install the packages; pip does it, which takes about a minute")
        run(*installer(), *PIP_INSTALL, "-r", LOCK)
    site = next((VENV / "lib").glob("python3.*")) / "site-packages"
    (site / "istros-dev.pth").write_text(f"{ROOT / 'src'}\n", encoding="utf-8")
    STAMP.write_text(wanted_stamp(), encoding="utf-8")
    UNFINISHED.unlink()


def fits() -> bool:
    """Whether the environment that is there runs, on the Python that it was made for."""
    if not PYTHON.exists():
        return False
    asked = [str(PYTHON), "-c", "import sys; print(f'python3.{sys.version_info[1]}')"]
    said = subprocess.run(asked, capture_output=True, text=True).stdout.strip()
    return said in ("python3.11", "python3.12", "python3.13") and (VENV / "lib" / said / "site-packages").is_dir()


def create_venv() -> None:
    """An empty virtual environment, with pip inside where this Python carries it (Debian's does not)."""
    shutil.rmtree(VENV, ignore_errors=True)
    own_pip = subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True).returncode == 0
    if not own_pip and subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True).returncode:
        raise SetupProblem(
            "This Python has neither venv nor pip: install them (Debian: sudo apt install python3-venv)."
        )
    VENV.mkdir(parents=True)
    UNFINISHED.touch()
    run(sys.executable, "-m", "venv", *([] if own_pip else ["--without-pip"]), VENV)


def installer() -> tuple[str | Path, ...]:
    """The Python that runs pip for the environment: its own, or the one outside pointed at it."""
    inside = any((VENV / "lib").glob("python3.*/site-packages/pip/__init__.py"))
    return (PYTHON, "-m", "pip") if inside else (sys.executable, "-m", "pip", "--python", PYTHON)


def build(tool: str) -> None:
    """Run one of the build tools inside the environment."""
    run(PYTHON, ROOT / "tools" / tool)


def missing_steps(command: str) -> list[tuple[str, Callable[[], None]]]:
    """The steps that are still to be done for this command, by name."""
    sys.path.insert(0, str(ROOT))
    from tools import browser, modelbuild, webbuild

    steps: list[tuple[str, Callable[[], None]]] = []
    if not venv_is_current():
        steps.append(("Python packages", make_venv))
    if not webbuild.is_current():
        steps.append(("the screens", lambda: build("webbuild.py")))
    if not modelbuild.is_current():
        steps.append(("the models' weights", lambda: build("modelbuild.py")))
    if command == "test" and browser.is_needed():
        steps.append(("a browser for the tests", lambda: build("browser.py")))
    return steps


@contextmanager
def alone() -> Iterator[None]:
    """Only one set-up at a time: a second one waits for the first and then finds everything done."""
    VENV.parent.mkdir(parents=True, exist_ok=True)
    with (VENV.parent / f"{VENV.name}.lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            tell("another set-up of this folder is at work; waiting for it …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def set_up(command: str) -> None:
    """Everything that the command needs; nothing when it is there already."""
    if not missing_steps(command):
        return
    with alone():
        steps = missing_steps(command)
        if steps and shutil.disk_usage(VENV.parent).free < FREE_BYTES_MIN:
            raise SetupProblem(f"Less than 3 GB are free on the disk of {VENV.parent}: make room and try again.")
        progress = Progress(len(steps))
        for name, work in steps:
            progress.do(name, work)
        if steps:
            progress.end()


def whole_suite() -> list[str]:
    """pytest's options where no test is named: file by file on each core, four at most, for each starts its own servers.

    Named tests stay in one process, where `-s`, `-x` and a debugger work as everybody expects.
    """
    workers = min(len(os.sched_getaffinity(0)), 4)
    return ["--numprocesses", str(workers), "--dist", "loadfile"] if workers > 1 else []


def become(command: str, arguments: list[str]) -> None:
    """Turn this process into the command itself."""
    sys.stdout.flush()
    # A node is nine processes: without kept bytecode each compiles every package anew, 5 s of CPU at every start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if command == "test":
        os.chdir(ROOT)
        os.execv(PYTHON, [str(PYTHON), "-m", "pytest", *(arguments or whole_suite())])
    if command == "setup":
        return
    os.execv(PYTHON, [str(PYTHON), "-m", "istros", *([command] if command else []), *arguments])


def main() -> int:
    """Set up, then run; 1 with a sentence when the set-up fails, 130 when it is interrupted."""
    command, arguments = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("", [])
    try:
        set_up(command)
        become(command, arguments)
    except SetupProblem as problem:
        tell(f"the set-up stopped:\n{problem}")
        return 1
    except OSError as problem:
        tell(f"the set-up stopped: {problem}\n{explain(str(problem))}")
        return 1
    except KeyboardInterrupt:
        tell("interrupted; run the command again and it goes on")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
