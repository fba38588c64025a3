"""Anchors: signed heads with their time stamps in one file, for the partner organisation to keep (docs/design/0032).

Whoever owns a node owns its keys, too, and could write another history and sign it. What a partner keeps, he cannot
change: `istros check --anchors FILE` holds the chain against it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.base.said import say
from istros.base.signing import ALGORITHM, PublicKey
from istros.base.stamping import Authority
from istros.base.time import DAY, Time, from_iso, to_iso
from istros.compliance import audit
from istros.compliance.head_check import (
    HeadFault,
    HeadFinding,
    fault_of,
    forged_sentence,
    signature_holds,
    stamp_finding,
)
from istros.store import Transaction
from istros.store.audit_heads import AuditHeadRow, PartnerAnchorRow

FORMAT = "istros-audit-anchors-1"
LARGEST = 16 << 20
"""Bytes of a file that is read at all: five thousand heads with two stamps each."""
MOST_HEADS = 5000
DAYS = 31
"""Days that a file covers unless more are asked for."""

Json = Mapping[str, Any]


class AnchorsUnreadable(IstrosError):
    """The file holds no anchors, or not in the form in which a node writes them."""

    code = "anchors-unreadable"


class AnchorsRefused(IstrosError):
    """The anchors do not hold, or contradict those that are kept already."""

    code = "anchors-refused"


@dataclass(frozen=True, slots=True)
class Anchor:
    """One head as a file carries it: with tokens by the authority's name."""

    head: AuditHeadRow
    stamps: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Anchors:
    """A file that was read. `node` is what the file says of its maker; only the keys prove it."""

    node: str
    made: Time
    keys: dict[str, PublicKey]
    anchors: tuple[Anchor, ...]


@dataclass(frozen=True, slots=True)
class AnchorReport:
    """What checking a file came to."""

    node: str
    heads: int
    stamps: int
    unchecked: int
    """Stamps of authorities whose certificates were not at hand: over the right heads, but nobody checked whose they are."""
    keys: tuple[str, ...]
    newest: AuditHeadRow | None
    findings: tuple[HeadFinding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def export(tx: Transaction, keys: Mapping[str, PublicKey], node: str, now: Time, days: float = DAYS) -> dict[str, Any]:
    """The file's content: the heads of the last `days` days, the newest in any case."""
    heads = tx.audit_heads.since(Time(now - round(days * DAY)), MOST_HEADS)
    tokens = tx.audit_heads.stamps(heads[0].number, heads[-1].number) if heads else []
    of: dict[int, list[dict[str, str]]] = {}
    for stamp in tokens:
        of.setdefault(stamp.number, []).append(
            {"authority": stamp.authority, "token": base64.b64encode(stamp.token).decode()}
        )
    signers = sorted({head.key_id for head in heads} & keys.keys())
    return {
        "format": FORMAT,
        "node": node,
        "made": to_iso(now),
        "keys": [{"id": id, "algorithm": ALGORITHM, "public": keys[id].text} for id in signers],
        "heads": [{**head.facts(), "signature": head.signature, "stamps": of.get(head.number, [])} for head in heads],
    }


def text_of(content: Json) -> str:
    """As it is written to a file."""
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def is_anchors(data: bytes) -> bool:
    """Whether the bytes look like such a file, before they are read."""
    return data.lstrip()[:1] == b"{" and FORMAT.encode() in data


def read(data: bytes) -> Anchors:
    """The anchors in a file. Raises AnchorsUnreadable; whether they hold is not asked yet."""
    if len(data) > LARGEST:
        raise AnchorsUnreadable(f"A file of anchors has at most {LARGEST >> 20} MiB.", "Export fewer days.")
    try:
        return _parsed(json.loads(data))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise AnchorsUnreadable(
            "The file holds no anchors of an audit chain, or was edited.",
            "Ask the partner for it anew (`istros anchors export`).",
        ) from error


def _parsed(content: Json) -> Anchors:
    if content["format"] != FORMAT or len(content["heads"]) > MOST_HEADS:
        raise ValueError(content["format"])
    keys = [PublicKey.of_text(key["public"]) for key in content["keys"]]
    return Anchors(
        _text(content["node"]),
        from_iso(content["made"]),
        {key.id: key for key in keys},
        tuple(_anchor(head) for head in content["heads"]),
    )


def _anchor(content: Json) -> Anchor:
    head = AuditHeadRow(
        _whole(content["number"]), _whole(content["sequence"]), _text(content["hash"]), Time(_whole(content["time"])),
        _text(content["key"]), _text(content["signature"]),
    )  # fmt: skip
    stamps = [(_text(stamp["authority"]), base64.b64decode(stamp["token"])) for stamp in content["stamps"]]
    return Anchor(head, tuple(stamps))


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value < 1 << 53:
        raise ValueError("no whole number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 500 or not value.isprintable():
        raise ValueError("no text")
    return value


def check(
    file: Anchors, authorities: Sequence[Authority] = (), keys: Mapping[str, PublicKey] | None = None
) -> AnchorReport:
    """Whether signatures and stamps hold; `keys` are those to believe, without them the file's own.

    A stamp's own signature is checked against the certificates of `authorities`; of any other it is counted as unchecked.
    """
    trusted = file.keys if keys is None else keys
    by_name = {authority.name: authority for authority in authorities}
    findings: list[HeadFinding] = []
    seen: dict[int, AuditHeadRow] = {}
    for anchor in file.anchors:
        head = anchor.head
        if not signature_holds(head, trusted):
            findings.append(HeadFinding(HeadFault.FORGED, head.number, head.sequence, forged_sentence(head, trusted)))
        if seen.setdefault(head.number, head) != head:
            text = f"The file holds two different heads with the number {head.number}."
            told = say("chain-head-doubled", text, head=head.number)
            findings.append(HeadFinding(HeadFault.FORGED, head.number, head.sequence, told))
        stamps = [stamp_finding(head, name, token, by_name.get(name)) for name, token in anchor.stamps]
        findings += [found for found in stamps if found is not None]
    newest = max((anchor.head for anchor in file.anchors), key=lambda head: head.number, default=None)
    names = [name for anchor in file.anchors for name, _ in anchor.stamps]
    unchecked = sum(name not in by_name for name in names)
    return AnchorReport(file.node, len(seen), len(names), unchecked, tuple(sorted(file.keys)), newest, tuple(findings))


def check_own(
    tx: Transaction, file: Anchors, keys: Mapping[str, PublicKey], authorities: Sequence[Authority] = ()
) -> AnchorReport:
    """Hold this node's own chain against a file of its anchors that somebody else kept."""
    report = check(file, authorities, keys)
    findings = list(report.findings)
    good = 0
    for anchor in sorted(file.anchors, key=lambda each: each.head.number):
        if not signature_holds(anchor.head, keys):
            continue
        fault = fault_of(tx, anchor.head, good + 1)
        if fault is None:
            good = anchor.head.sequence
        elif not (fault.fault is HeadFault.CUT and any(found.fault is HeadFault.CUT for found in findings)):
            findings.append(fault)
    return replace(report, findings=tuple(findings))


def keep(
    tx: Transaction, environment: Environment, file: Anchors, partner: str, *, actor: str, origin: str,
    authorities: Sequence[Authority] = (),
) -> list[PartnerAnchorRow]:  # fmt: skip
    """Keep a partner's anchors, on the record; those that are new.

    `AnchorsRefused` when a signature or a stamp does not hold, and when one contradicts what is kept already: then the
    partner's chain was written anew. The refusal is the caller's to record: this transaction is undone.
    """
    report = check(file, authorities)
    if not report.ok:
        raise AnchorsRefused(
            f"The anchors of {partner} do not hold: {report.findings[0]}", "Ask the partner for them anew."
        )
    now = environment.clock.now()
    fresh = [row for anchor in file.anchors if (row := _fresh(tx, anchor, file, partner, now, actor)) is not None]
    for row in fresh:
        tx.audit_heads.add_anchor(row)
    audit.append(
        tx, environment, actor=actor, origin=origin, action="anchors.keep", subject=partner,
        detail={"heads": len(file.anchors), "new": len(fresh), "keys": list(report.keys)},
    )  # fmt: skip
    return fresh


def _fresh(
    tx: Transaction, anchor: Anchor, file: Anchors, partner: str, now: Time, actor: str
) -> PartnerAnchorRow | None:
    head = anchor.head
    known = tx.audit_heads.anchor(partner, head.number)
    if known is not None:
        if known.head.facts() != head.facts():
            raise AnchorsRefused(
                f"Head {head.number} of {partner} contradicts the one that was kept on {to_iso(known.received)}: "
                f"the partner's audit chain was written anew.",
                "Keep both files, and tell the data-protection officers of both sides.",
            )
        return None
    stamps = json.dumps(
        [{"authority": name, "token": base64.b64encode(token).decode()} for name, token in anchor.stamps]
    )
    return PartnerAnchorRow(
        partner, head.number, head.key_id, head.sequence, head.hash, head.time, file.keys[head.key_id].text,
        head.signature, stamps, now, actor,
    )  # fmt: skip
