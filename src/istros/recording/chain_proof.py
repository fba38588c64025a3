"""What a chain proof says, checked from its JSON alone: no database, no node, no network (format in docs/design/0019)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from istros.base.canonical import GENESIS, linked
from istros.base.signing import PublicKey

FORMAT = "istros-chain-proof-1"
LINK_FACTS = ("camera", "stream", "number", "start", "end", "size", "frames", "mime", "sha256")
HEAD_FACTS = (
    "kind", "camera", "stream", "first", "number", "chain", "lowest", "highest", "time", "cleared", "key",
)  # fmt: skip

_LOOKED_AT = 20
"""Bad links among which places are tried: whoever rewrote more is told so all the same."""

Json = Mapping[str, Any]


class ChainFault(StrEnum):
    """What can be wrong with a chain."""

    REMOVED = "removed"
    ALTERED = "altered"
    INSERTED = "inserted"
    REORDERED = "reordered"
    REWRITTEN = "rewritten"
    HEAD_FORGED = "head-forged"
    HEAD_MISSING = "head-missing"
    NOT_IN_CHAIN = "not-in-chain"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class ChainFinding:
    """One thing that is wrong with the chain of a stream; `number` names the first link that it touches."""

    fault: ChainFault
    stream: str
    number: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.stream}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Claim:
    """A segment that an export says it was made from."""

    camera: str
    stream: str
    number: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ProofReport:
    """What a proof is worth. `unsigned` counts claimed segments that no signed head stands behind yet."""

    findings: tuple[ChainFinding, ...]
    segments: int
    heads: int
    unsigned: int
    keys: tuple[str, ...]
    """Ids of the keys that signed; whoever checks compares them with the node's published key."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong, and everything is signed."""
        return not self.findings and not self.unsigned


def check_proof(proof: Json, claims: Sequence[Claim], trusted: Mapping[str, PublicKey] | None = None) -> ProofReport:
    """Check a proof and that it covers the claims. `trusted` are the keys to believe; without it the proof's own."""
    try:
        return _Proof(proof, trusted).report(claims)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        sentence = f"the chain proof cannot be read ({type(error).__name__})."
        return ProofReport((ChainFinding(ChainFault.MALFORMED, "proof", 0, sentence),), 0, 0, 0, ())


class _Proof:
    """One proof being read."""

    def __init__(self, proof: Json, trusted: Mapping[str, PublicKey] | None) -> None:
        if proof["format"] != FORMAT:
            raise ValueError("another format")
        own = {key.id: key for key in (PublicKey.of_text(each["public"]) for each in proof["keys"])}
        self._keys = own if trusted is None else trusted
        self._stretches: list[Json] = list(proof["stretches"])
        self._findings: list[ChainFinding] = []
        self._signed_by: set[str] = set()

    def report(self, claims: Sequence[Claim]) -> ProofReport:
        """Everything that is wrong, in the order of the proof."""
        signed: dict[tuple[str, str, int], str] = {}
        unsigned: dict[tuple[str, str, int], str] = {}
        heads = 0
        for stretch in self._stretches:
            links = {(str(link["camera"]), str(link["stream"]), int(link["number"])): str(link["sha256"])
                     for link in stretch["links"]}  # fmt: skip
            heads += sum(stretch[side] is not None for side in ("before", "after"))
            (signed if self._stretch(stretch) else unsigned).update(links)
        for claim in claims:
            place = (claim.camera, claim.stream, claim.number)
            if (signed | unsigned).get(place) != claim.sha256:
                sentence = f"segment {claim.number} is not in the chain with the hash that the export names."
                self._find(ChainFault.NOT_IN_CHAIN, f"{claim.camera}/{claim.stream}", claim.number, sentence)
        waiting = sum((claim.camera, claim.stream, claim.number) in unsigned for claim in claims)
        return ProofReport(tuple(self._findings), len(claims), heads, waiting, tuple(sorted(self._signed_by)))

    def _stretch(self, stretch: Json) -> bool:
        """Check one stretch; whether a signed head stands behind it."""
        before, after, links = stretch["before"], stretch["after"], list(stretch["links"])
        name = f"{stretch['camera']}/{stretch['stream']}"
        heads = [head for head in (before, after) if head is not None]
        if any((part["camera"], part["stream"]) != (stretch["camera"], stretch["stream"]) for part in [*links, *heads]):
            raise ValueError("a part of another stream")
        for head in heads:
            self._head(head, name)
        first = int(before["number"]) + 1 if before is not None else 1
        previous = str(before["chain"]) if before is not None else GENESIS
        last = int(after["number"]) if after is not None else max([first, *(int(link["number"]) for link in links)])
        if after is not None and int(after["first"]) != first:
            self._find(
                ChainFault.HEAD_MISSING, name, first, f"a signed head before segment {after['first']} is missing."
            )
        self._findings += walk(name, previous, first, last, links, None if after is None else str(after["chain"]))
        return after is not None

    def _head(self, head: Json, name: str) -> None:
        self._signed_by.add(str(head["key"]))
        finding = check_head(head, name, self._keys)
        if finding is not None:
            self._findings.append(finding)

    def _find(self, fault: ChainFault, stream: str, number: int, sentence: str) -> None:
        self._findings.append(ChainFinding(fault, stream, number, sentence))


def check_head(head: Json, name: str, keys: Mapping[str, PublicKey]) -> ChainFinding | None:
    """Whether a head's signature holds under one of the keys."""
    key, number = keys.get(str(head["key"])), int(head["number"])
    if key is None:
        sentence = f"the head at segment {number} is signed with the key {head['key']}, which is not known here."
        return ChainFinding(ChainFault.HEAD_FORGED, name, number, sentence)
    if not key.holds({fact: head[fact] for fact in HEAD_FACTS}, str(head["signature"])):
        sentence = f"the signature of the head at segment {number} does not hold."
        return ChainFinding(ChainFault.HEAD_FORGED, name, number, sentence)
    return None


def walk(
    name: str, previous: str, first: int, last: int, links: Sequence[Json], chain: str | None
) -> list[ChainFinding]:
    """What is wrong with the links `first` to `last` that follow the hash `previous` and must end with `chain`."""
    findings: list[ChainFinding] = []
    expected, hash, bad = first, previous, []
    for link in links:
        number = int(link["number"])
        if number < expected or number > last:
            sentence = f"segment {number} stands in the chain a second time, or does not belong there."
            findings.append(ChainFinding(ChainFault.INSERTED, name, number, sentence))
            continue
        if number > expected:
            findings.append(_removed(name, expected, number - 1))
        elif _hash(link, hash) != link["chain"]:
            bad.append((link, hash))
        hash, expected = str(link["chain"]), number + 1
    if expected <= last:
        findings.append(_removed(name, expected, last))
    elif chain is not None and hash != chain:
        sentence = f"the segments {first} to {last} are not those that the head at segment {last} was signed over."
        findings.append(ChainFinding(ChainFault.REWRITTEN, name, first, sentence))
    return [*findings, *_judged(name, bad)]


def _judged(name: str, bad: list[tuple[Json, str]]) -> list[ChainFinding]:
    """Links whose hash does not follow: in another's place, or not what was recorded."""
    numbers = [int(link["number"]) for link, _ in bad[:_LOOKED_AT]]
    hashes = {hash for link, before in bad[:_LOOKED_AT] for hash in (before, str(link["chain"]))}
    found = []
    for link, _ in bad:
        number = int(link["number"])
        if number - 1 in numbers and _fits(link, [number], hashes):
            continue  # It is whole; the one before it, already reported, is not.
        moved = len(bad) > 1 and _fits(link, numbers, hashes)
        fault = ChainFault.REORDERED if moved else ChainFault.ALTERED
        verb = "stands in the place of another" if moved else "is not what was recorded, or the one before it is not"
        found.append(ChainFinding(fault, name, number, f"segment {number} {verb}."))
    return found


def _fits(link: Json, places: Sequence[int], hashes: Collection[str]) -> bool:
    """Whether the link's hash is right in one of the places, behind one of the hashes."""
    return any(_hash({**link, "number": place}, hash) == link["chain"] for place in places for hash in hashes)


def _removed(name: str, first: int, last: int) -> ChainFinding:
    which = f"segment {first} is" if first == last else f"the segments {first} to {last} are"
    return ChainFinding(ChainFault.REMOVED, name, first, f"{which} missing, and nothing says why.")


def _hash(link: Json, previous: str) -> str:
    return linked({fact: link[fact] for fact in LINK_FACTS}, previous)
