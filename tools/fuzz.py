"""Fuzzing the parsers of everything that comes from outside: `just fuzz SECONDS [TARGET…]`.

With atheris (`pip install --group fuzz`) mutations follow the code that they reach; without it they are made blindly from the
committed corpus, which finds less. What crashes a target is written into its corpus, where `./istros test` replays it.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import random
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LARGEST = 1 << 16
_TOKENS = (
    b"\r\n\r\n", b"$\0", b"RTSP/1.0 ", b"Content-Length: ", b"<!DOCTYPE", b"&#0;", b"%00", b"../", b"\xff\xff\xff\xff", b"\0" * 8,
    b"a=fmtp:96 ", b"169.254.169.254", b"secret-42", b"moof", b"trun", b"{}", b"[]", b"null", b"-1", b"1e999", b'"' * 3,
)  # fmt: skip


def main() -> int:
    """Fuzz each target for its share of the seconds; 1 when something was found."""
    parser = argparse.ArgumentParser(prog="just fuzz", description=__doc__)
    parser.add_argument("seconds", type=float, help="altogether")
    parser.add_argument("targets", nargs="*", help="all of them when none is named")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    wishes = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    known = names()
    targets = wishes.targets or known
    if unknown := set(targets) - set(known):
        parser.error(f"there is no target {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    if wishes.one:
        return one(targets[0], wishes.seconds)
    share = wishes.seconds / len(targets)
    seeing = importlib.util.find_spec("atheris") is not None
    print(
        f"{share:.0f} s for each of {len(targets)} targets, {'by coverage' if seeing else 'blindly: atheris is not installed'}"
    )
    return max(each(target, share) for target in targets)


def names() -> list[str]:
    """Every target."""
    from tests.fuzz.targets import TARGETS

    return list(TARGETS)


def each(target: str, seconds: float) -> int:
    """One target in a process of its own, which a crash may take with it."""
    command = [sys.executable, "-m", "tools.fuzz", str(seconds), target, "--one"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    said = (done.stdout + done.stderr).splitlines()
    told = [line for line in said if line.startswith(("runs ", "found "))] or said[-15:]
    print(f"{target}: " + "\n  ".join(told), flush=True)
    return 1 if done.returncode else 0


def one(target: str, seconds: float) -> int:
    """Fuzz in this process."""
    if importlib.util.find_spec("atheris") is None:
        return blindly(target, seconds)
    return by_coverage(target, seconds)


def blindly(target: str, seconds: float) -> int:
    """Mutations of the corpus, without knowing what they reach."""
    from tests.fuzz.targets import TARGETS, corpus_of

    seeds = [path.read_bytes() for path in corpus_of(target)] or [b""]
    chance = random.Random(f"{target} {os.getpid()}")
    end, runs = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        data = mutated(chance, seeds)
        runs += 1
        if not taken(TARGETS[target], target, data):
            return 1
    print(f"runs {runs}")
    return 0


def by_coverage(target: str, seconds: float) -> int:
    """libFuzzer through atheris; it ends the process itself."""
    import atheris

    with atheris.instrument_imports(include=["istros"]):
        from tests.fuzz.targets import CORPUS, TARGETS, scratch

    runs = 0
    end = time.monotonic() + seconds

    def look(data: bytes) -> None:
        nonlocal runs
        runs += 1
        if not taken(TARGETS[target], target, data):
            os._exit(1)
        if time.monotonic() > end:
            print(f"runs {runs}", flush=True)
            shutil.rmtree(scratch(), ignore_errors=True)
            os._exit(0)  # libFuzzer would end the process with a report of its own, and without what atexit does.

    folder = CORPUS / target
    grown = Path(os.environ.get("ISTROS_FUZZ_CORPUS", f"/tmp/istros-fuzz-corpus-{os.getuid()}")) / target
    grown.mkdir(parents=True, exist_ok=True, mode=0o700)
    options = [f"-max_len={LARGEST}", "-timeout=20", "-rss_limit_mb=3000", "-verbosity=0"]
    atheris.Setup(["fuzz", *options, str(grown), str(folder)], look)
    atheris.Fuzz()
    return 0


def taken(work: Callable[[bytes], None], target: str, data: bytes) -> bool:
    """Whether the target took the input; what it did not is kept, with the reason told."""
    try:
        work(data)
    except Exception:
        kept = ROOT / "tests/fuzz/corpus" / target / f"crash-{hashlib.sha256(data).hexdigest()[:12]}"
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(data)
        print(f"found {kept.relative_to(ROOT)}: {traceback.format_exc().splitlines()[-1]}", flush=True)
        traceback.print_exc()
        return False
    return True


def mutated(chance: random.Random, seeds: list[bytes]) -> bytes:
    """A seed with some of its bytes changed, removed, repeated, or crossed with another seed."""
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(6):
            case 0 if data:
                data[at % len(data)] ^= 1 << chance.randrange(8)
            case 1 if data:
                data[at % len(data)] = chance.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF, chance.randrange(256)))
            case 2:
                data[at:at] = chance.choice(_TOKENS)
            case 3:
                del data[at : at + chance.randint(1, 32)]
            case 4:
                data[at:at] = data[at : at + chance.randint(1, 200)] * chance.randint(1, 4)
            case _:
                other = chance.choice(seeds)
                data[at:] = other[chance.randrange(len(other) + 1) :]
    return bytes(data[:LARGEST])


if __name__ == "__main__":
    sys.exit(main())
