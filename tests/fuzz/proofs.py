"""What people bring to the server to prove or to hand over something: passkeys, stamps, anchors, files of entries."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from istros.base.stamping import StampProblem, load_authority, stamped_time, verify
from istros.base.time import DAY
from istros.compliance import anchors as anchor_files
from istros.compliance.anchors import AnchorsUnreadable
from istros.compliance.errors import ProofRefused
from istros.compliance.passkeys import RelyingParty, challenge_of, made_key, proven_key
from istros.events.errors import ImportRefused
from istros.events.watchlist_file import lines_of
from tests.events.city import hand_environment

PARTY = RelyingParty("istros.example", "https://istros.example")
CHALLENGE = bytes(40)
PASSKEY = bytes.fromhex(
    "a5010203262001215820"  # COSE: EC2, ES256, P-256 (RFC 9053), with the generator of the curve as its point
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "225820"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
STAMPED = b"istros"
AUTHORITY = load_authority("local", "https://local.example/tsa", Path(__file__).parent / "authority.pem")


def passkey(data: bytes) -> None:
    """What a browser answers when it was asked for a passkey."""
    try:
        credential = json.loads(data)
    except (ValueError, RecursionError):
        return
    if not isinstance(credential, dict):  # the interface takes objects alone
        return
    with suppress(ProofRefused):
        challenge_of(credential)
    with suppress(ProofRefused):
        made_key(credential, CHALLENGE, PARTY)
    with suppress(ProofRefused):
        proven_key(credential, CHALLENGE, PARTY, PASSKEY, 3)


def stamp(data: bytes) -> None:
    """Tokens of time-stamping authorities."""
    with suppress(StampProblem):
        stamped_time(data, STAMPED)
    with suppress(StampProblem):
        verify(AUTHORITY, data, STAMPED)


def anchors(data: bytes) -> None:
    """Files of a partner's signed heads."""
    anchor_files.is_anchors(data)
    try:
        file = anchor_files.read(data)
    except AnchorsUnreadable:
        return
    for authorities in ((), (AUTHORITY,)):
        anchor_files.check(file, authorities)


def watchlist_file(data: bytes) -> None:
    """Files of sought plates, as a browser reads them: text."""
    environment, _ = hand_environment()
    text = data.decode("utf-8", "replace")
    for format in ("csv", "json"):
        try:
            lines = lines_of(environment, format, text, "police", {"IZ-07"})
        except ImportRefused:
            continue
        for line in lines:
            assert (line.asked is None) == (line.problem is not None), "each line is taken or refused in words"
            assert line.asked is None or line.asked.reasons.expires < environment.clock.now() + 31 * DAY
