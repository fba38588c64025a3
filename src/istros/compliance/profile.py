"""The deployment profile in force: what this node may do now, and nothing in code can exceed it (DESIGN rule 3).

A profile counts when the administrator and the data-protection officer have both signed what it says with the node's key,
until its review. Each look checks both signatures over the words as they stand in the database: what was changed there
behind the node's back is not signed, and the strictest holds. docs/design/0031.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from istros.base.said import say
from istros.base.signing import PublicKey
from istros.base.time import DAY, Time, to_iso
from istros.compliance.deployment import FunctionNotAllowed as FunctionNotAllowed
from istros.compliance.functions import STRICTEST_PROFILE as STRICTEST_PROFILE
from istros.compliance.functions import Function as Function
from istros.compliance.functions import Limits as Limits
from istros.compliance.functions import Profile as Profile
from istros.compliance.functions import limits_of
from istros.store import Transaction
from istros.store.profiles import ProfileRow, ProfileSignatureRow

SIGNERS = ("administrator", "protection_officer")
"""The two roles that sign, each by a person of its own."""

NOTICE_US = 14 * DAY
"""A node that comes to this rule with older plate reads has so long to sign a profile before they are erased."""


def in_force(tx: Transaction, now: Time) -> Profile:
    """The profile that counts at this moment: the newest that both signed, or the strictest."""
    row = tx.profiles.newest_signed()
    if row is None or row.ended is not None or now >= row.review:
        return STRICTEST_PROFILE
    signatures = tuple(tx.profiles.signatures(row.version))
    return profile_of(row.version, row.content) if _is_signed(row, signatures) else STRICTEST_PROFILE


def row_in_force(tx: Transaction, now: Time) -> ProfileRow | None:
    """The signed version that counts at this moment; None while the strictest holds."""
    version = in_force(tx, now).version
    return tx.profiles.get(version) if version else None


def require_function(tx: Transaction, now: Time, function: Function) -> Profile:
    """The profile, when it allows the function. `FunctionNotAllowed` names the way out."""
    profile = in_force(tx, now)
    if not profile.allows(function):
        raise not_allowed(function)
    return profile


def not_allowed(function: Function) -> FunctionNotAllowed:
    """The refusal, in a sentence."""
    return FunctionNotAllowed(
        say(
            "function-barred",
            f"The deployment profile of this node does not allow '{function}'.",
            function=function.value,
        ),
        "See 'What this node may do'; the administrator and the data-protection officer sign a profile that names its ground.",
    )


def recording_days(tx: Transaction, now: Time) -> float | None:
    """How many days recordings are kept at most by the profile in force; None while it does not bound them yet.

    The strictest profile holds of a node that was upgraded only after the two weeks' notice, as with plate reads.
    """
    until = plate_reads_until(tx, now)
    return None if until is not None and now < until else in_force(tx, now).limits.recording_hours / 24


def kept_days(tx: Transaction, now: Time, configured: float) -> float:
    """How long plate reads are kept: as configured, within the profile's bound (docs/design/0031)."""
    until = plate_reads_until(tx, now)
    if until is not None and now < until:
        return configured
    return min(configured, in_force(tx, now).limits.plate_hours / 24)


def plate_reads_until(tx: Transaction, now: Time) -> Time | None:
    """From when on the strictest profile's bound holds for plate reads; None when a signed profile says how long.

    A node that was upgraded is warned for two weeks before what it kept by its configuration is erased.
    """
    if in_force(tx, now).version:
        return None
    since = tx.profiles.notice_since()
    return Time((now if since is None else since) + NOTICE_US)


def statement(row: ProfileRow, role: str, signer: str, time: Time) -> dict[str, object]:
    """The facts that one person signs; anyone can check the signature over them with the public key."""
    return {
        "what": "istros deployment profile", "version": row.version, "sha256": row.sha256, "role": role,
        "signer": signer, "time": to_iso(time),
    }  # fmt: skip


def faults(row: ProfileRow, signatures: Iterable[ProfileSignatureRow], trusted: Mapping[str, PublicKey]) -> list[str]:
    """What is wrong with a signed version, in sentences; `trusted` are the node's public keys by id."""
    found = [] if _sha256(row.content) == row.sha256 else [f"Profile {row.version}: its words are not those signed."]
    for each in signatures:
        if not _holds(row, each):
            found.append(f"Profile {row.version}: the signature of {each.signer} does not hold.")
        elif PublicKey.of_text(each.public_key).id not in trusted:
            found.append(f"Profile {row.version}: {each.signer} signed with a key that is not this node's.")
    return found


@lru_cache(maxsize=16)
def profile_of(version: int, content: str) -> Profile:
    """What a version says. ValueError when it is no profile."""
    facts = json.loads(content)
    grounds = {Function(code): str(ground) for code, ground in facts["functions"].items()}
    return Profile(
        version=version, simulated=bool(facts["simulated"]), answers=MappingProxyType(dict(facts["answers"])),
        grounds=MappingProxyType(grounds), limits=limits_of(facts["limits"]), review=Time(facts["review"]),
    )  # fmt: skip


def document(row: ProfileRow, signatures: Iterable[ProfileSignatureRow]) -> dict[str, object]:
    """A version with all that is needed to check it elsewhere, as plain data."""
    return {
        "version": row.version, "sha256": row.sha256, "content": row.content,
        "signatures": [
            {"statement": statement(row, each.role, each.signer, each.time), "publicKey": each.public_key,
             "signature": each.signature}
            for each in signatures
        ],
    }  # fmt: skip


@lru_cache(maxsize=16)
def _is_signed(row: ProfileRow, signatures: tuple[ProfileSignatureRow, ...]) -> bool:
    roles = {each.role: each.signer for each in signatures if _holds(row, each)}
    both = all(role in roles for role in SIGNERS) and len(set(roles.values())) == len(roles)
    return both and _sha256(row.content) == row.sha256 and json.loads(row.content)["review"] == row.review


def _holds(row: ProfileRow, each: ProfileSignatureRow) -> bool:
    try:
        key = PublicKey.of_text(each.public_key)
    except ValueError:
        return False
    return key.holds(statement(row, each.role, each.signer, each.time), each.signature)


def _sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()
