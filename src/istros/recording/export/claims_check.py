"""Checks the C2PA claims that a package's manifest names, and those that it does not name; asks no network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from istros.base.claim_key import Certificates
from istros.recording.export.claims import CLAIMED, FILM, PICTURE, ClaimUnreadable, Reading, read_claim
from istros.recording.export.container import Container, PackageUnreadable
from istros.recording.export.manifest import CERTIFICATES

_SAYINGS = {
    "assertion.bmffHash.mismatch": "its film is not the one that the claim was made for",
    "assertion.dataHash.mismatch": "its picture is not the one that the claim was made for",
    "assertion.hashedURI.mismatch": "what the claim says was edited",
    "claimSignature.mismatch": "the claim's signature does not hold",
    "signingCredential.untrusted": "it is signed with another certificate than this package's",
}

Say = Callable[[str, str], None]
"""Takes the path and the sentence of what is wrong."""


def check_claims(container: Container, manifest: Mapping[str, Any], say: Say) -> int:
    """How many claims hold. Files that are missing are passed over: that was said."""
    there = set(container.names())
    named = {str(file["path"]): file for file in manifest["files"] if file["what"] in CLAIMED}
    files = {path: file for path, file in named.items() if path in there}
    certificates = _certificates(container, manifest, say)
    if certificates is None:
        for path, file in files.items():
            if "claim" in file:
                say(path, f"The C2PA claim of {path} cannot be checked: nothing tells the node's certificate.")
        return 0
    held = 0
    for path, file in files.items():
        problems = list(_problems(container, path, file, certificates))
        for problem in problems:
            say(path, problem)
        held += "claim" in file and not problems
    return held


def _certificates(container: Container, manifest: Mapping[str, Any], say: Say) -> Certificates | None:
    """The node's certificate, when it is the one that the signed manifest names; None in packages from before claims."""
    if manifest.get("claims") is None:
        return None
    try:
        found = Certificates.of_pem(b"".join(container.pieces(CERTIFICATES)))
    except (PackageUnreadable, ValueError):
        say(CERTIFICATES, f"{CERTIFICATES} is missing or damaged: no C2PA claim can be checked.")
        return None
    if found.sha256 != manifest["claims"]["certificate_sha256"]:
        say(CERTIFICATES, f"{CERTIFICATES} is another certificate than the manifest names.")
        return None
    return found


def _problems(
    container: Container, path: str, file: Mapping[str, Any], certificates: Certificates
) -> Iterator[str]:  # fmt: skip
    wanted = file["claim"]["manifest"] if "claim" in file else None
    media = FILM if path.endswith(".mp4") else PICTURE
    try:
        with container.opened(path) as opened:
            reading = read_claim(opened, media, certificates.issuer)
    except (ClaimUnreadable, PackageUnreadable, OSError) as error:
        if wanted is not None:
            yield f"The C2PA claim of {path} is damaged or was removed: {error}."
        return
    if reading is None:
        if wanted is not None:
            yield f"The C2PA claim of {path} was removed."
    elif wanted is None:
        yield f"{path} carries a C2PA claim that the manifest does not name: it was put in."
    else:
        yield from _faults(path, wanted, reading, certificates)


def _faults(path: str, wanted: str, reading: Reading, certificates: Certificates) -> Iterator[str]:
    if reading.label != wanted:
        yield f"The C2PA claim of {path} was swapped: the file carries the claim {reading.label}, not its own."
    for code in reading.problems:
        yield f"The C2PA claim of {path} does not hold: {_SAYINGS.get(code, 'the library says')} ({code})."
    if reading.problems:
        return
    if reading.state != "Trusted" or reading.serial != certificates.serial:
        yield f"The C2PA claim of {path} is not signed with this package's certificate."
