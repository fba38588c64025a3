"""The audit chain: every act is a row that carries the SHA-256 of itself and of the row before it.

The row is written in the transaction of the act, so neither exists without the other. The hash covers the canonical
JSON (RFC 8785) of every field but itself. `istros.compliance.chain` finds out where a chain was tampered with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import rfc8785

from istros.base.environment import Environment
from istros.compliance.chain import ChainReport as ChainReport
from istros.compliance.chain import hash_of
from istros.compliance.chain import verify as verify
from istros.compliance.chain import verify_now as verify_now
from istros.compliance.errors import AuditDetail
from istros.store import Transaction
from istros.store.rows import AuditRow

_MOST_LETTERS = 500
"""Longest text kept of what came from outside (names, addresses)."""


def append(
    tx: Transaction,
    environment: Environment,
    *,
    actor: str,
    origin: str,
    action: str,
    subject: str,
    permit: str | None = None,
    result: str = "done",
    detail: Mapping[str, object] | None = None,
) -> AuditRow:
    """Record an act in its own transaction; the row as written.

    `actor` is the operator's sign-in name or `istros` for the node itself, `origin` an address or process, `action` a
    word of `docs/design/0002`, `subject` what it was done to (an id), `permit` the permit's id, `result` `done` or
    `refused` or a word of the act, `detail` plain data (texts, whole numbers, floats, lists, dicts). Control
    characters are replaced and long texts cut, for much of it comes from outside. `AuditDetail` when it is not plain.
    """
    sequence, previous = tx.audit.tip()
    row = AuditRow(
        sequence=sequence + 1,
        time=environment.clock.now(),
        actor=_clean(actor),
        origin=_clean(origin),
        action=_clean(action),
        subject=_clean(subject),
        permit_id=permit,
        result=_clean(result),
        detail=_canonical(action, detail or {}),
        previous=previous,
        hash="",
    )
    linked = replace(row, hash=hash_of(row))
    tx.audit.append(linked)
    return linked


def _canonical(action: str, detail: Mapping[str, object]) -> str:
    try:
        return rfc8785.dumps(_plain(dict(detail))).decode()
    except (rfc8785.CanonicalizationError, TypeError) as error:
        raise AuditDetail(
            f"The detail of the audit row for '{action}' cannot be written: {error}.",
            "Give texts, whole numbers below 2^53, finite numbers, lists and dictionaries with text keys.",
        ) from error


def _plain(value: Any) -> Any:
    """The value with clean texts, tuples and sets as lists."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, Mapping):
        return {_clean(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return [_plain(item) for item in sorted(value)]
    return value


def _clean(text: str) -> str:
    """One line of printable text that every database can hold."""
    whole = str(text)[:_MOST_LETTERS].encode("utf-8", "replace").decode()
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in whole)
