"""Time stamps (RFC 3161) over a package's manifest.

A stamp is younger than the manifest, so the manifest cannot hold its hash; it names the authorities instead whose stamps
belong to the package, and those that gave none. So a stamp that is taken out is missed, and one that is put in is found.
It carries the certificates that the node trusts for each, to which a stamp must lead: a token that somebody made for
himself leads to none of them.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import structlog

from istros.base.stamping import (
    Asking,
    Authority,
    AuthorityAway,
    StampProblem,
    ask,
    authority_of,
    policy_of,
    stamped_time,
    verify,
)
from istros.base.time import Time, to_iso
from istros.recording.export.manifest import MANIFEST, STAMPS

_LOG = structlog.get_logger("istros.exporter")


def seal_and_stamp(
    folder: Path, seal: Callable[[dict[str, Any]], str], authorities: Sequence[Authority], asking: Asking
) -> str:
    """Seal the package in `folder` and have each authority stamp it; the manifest's SHA-256. Blocks.

    `seal` writes the manifest with what it is told of stamps. An authority that gives none costs its stamp, never the
    package: the manifest is sealed anew and says so, and the others stamp what it says then.
    """
    expected, without = list(authorities), list[dict[str, str]]()
    while True:
        digest = seal(_told(expected, without))
        refused = dict(_stamp(folder, expected, asking))
        if not refused:
            return digest
        expected = [authority for authority in expected if authority.name not in refused]
        without += [{"authority": name, "why": why} for name, why in refused.items()]


def _told(expected: Sequence[Authority], without: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """What the manifest says of stamps; `roots` are the certificates of each expected authority, in DER as base64."""
    return {
        "expected": [authority.name for authority in expected],
        "roots": {authority.name: [base64.b64encode(der).decode() for der in authority.ders] for authority in expected},
        "without": list(without),
    }


def _stamp(folder: Path, authorities: Sequence[Authority], asking: Asking) -> Iterator[tuple[str, str]]:
    """Lay the stamps beside the manifest; yields the authorities that gave none, and why in a word."""
    shutil.rmtree(folder / STAMPS, ignore_errors=True)
    data = (folder / MANIFEST).read_bytes()
    for authority in authorities:
        try:
            token = ask(authority, data, asking)
        except StampProblem as problem:
            _LOG.warning("an export was not stamped", authority=authority.name, problem=str(problem))
            yield authority.name, "away" if isinstance(problem, AuthorityAway) else "broken"
            continue
        place = folder / stamp_path(authority.name)
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(token)


def stamp_path(authority: str) -> str:
    """Where an authority's stamp lies in the package."""
    return f"{STAMPS}/{authority}.tsr"


def is_stamp(name: str) -> bool:
    """Whether a stamp lies at that path."""
    return name.startswith(f"{STAMPS}/") and name.endswith(".tsr") and name.count("/") == 1


@dataclass(frozen=True, slots=True)
class HeldStamp:
    """A stamp over the manifest, and what it says of when the manifest was there.

    `roots` are the SHA-256 of the certificates to one of which it leads. Where the manifest carries none, there are none:
    then nobody checked whose stamp it is, nor its signature.
    """

    authority: str
    time: Time
    roots: tuple[str, ...]
    policy: str
    """The number of the policy under which the authority stamps; it publishes what that promises."""

    def __str__(self) -> str:
        """For people."""
        said = f"Stamped at {to_iso(self.time)} by '{self.authority}' under its policy {self.policy}"
        if not self.roots:
            return (
                f"{said}, as the stamp itself says: whose it is was NOT checked, for the manifest carries no certificate of "
                "that authority (openssl ts -verify compares it with one that you have)."
            )
        return f"{said}; its signature leads to the certificate that the node trusts for it (SHA-256 {', '.join(self.roots)})."


def check_stamps(
    manifest: Mapping[str, Any], data: bytes, there: Mapping[str, bytes], say: Callable[[str, str], None]
) -> list[HeldStamp]:
    """The stamps in `there` (by path) that are over `data`, the manifest's bytes; `say` takes faults.

    Signature, chain and purpose are checked against the certificates that the manifest carries for the authority.
    """
    told = manifest.get("stamps")
    if told is not None:
        expected = {stamp_path(str(name)): name for name in told["expected"]}
        for path in expected.keys() - there.keys():
            say(path, f"The time stamp of '{expected[path]}' was removed: the manifest says that it belongs here.")
        for path in there.keys() - expected.keys():
            say(path, f"{path} was added to the package: the manifest names no such time stamp.")
    roots = (told or {}).get("roots", {})
    held = []
    for path, token in there.items():
        name = PurePosixPath(path).stem
        try:
            held.append(_held(name, token, data, roots.get(name, ())))
        except StampProblem as problem:
            say(path, f"{path} does not hold: {problem.message}")
    return held


def _held(name: str, token: bytes, data: bytes, roots: Sequence[str]) -> HeldStamp:
    if not roots:
        return HeldStamp(name, stamped_time(token, data), (), policy_of(token))
    ders = [base64.b64decode(root, validate=True) for root in roots]
    shown = tuple(hashlib.sha256(der).hexdigest() for der in ders)
    return HeldStamp(name, verify(authority_of(name, ders), token, data), shown, policy_of(token))


def stamps_missing(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Why a whole package has no stamp, or fewer than there are authorities, for people."""
    told = manifest.get("stamps")
    if told is None:
        yield (
            "The package is of a version whose manifest does not say which time stamps belong to it: whether one was "
            "removed cannot be told."
        )
        return
    for one in told["without"]:
        why = "it did not answer" if one["why"] == "away" else "its answer did not hold"
        yield f"The authority '{one['authority']}' gave no time stamp when the package was made: {why}."
    if not told["expected"]:
        yield "There is no time stamp, as the manifest says: nobody but the node says when the package was made."
