"""Who did it, and the audit row that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from istros.base.environment import Environment
from istros.compliance import audit
from istros.store import Transaction


@dataclass(frozen=True, slots=True)
class Author:
    """Who takes a step: the operator's name, the address it came from, and the permit it was taken under."""

    actor: str
    origin: str
    permit_id: str | None = None


NODE = Author("istros", "server")
"""The node itself: what it raises, folds and escalates."""


def record(
    tx: Transaction,
    environment: Environment,
    author: Author,
    action: str,
    subject: str,
    detail: Mapping[str, object],
    result: str = "done",
) -> None:
    """Append one audit row about `subject` in the transaction that changes it, or that reads it."""
    audit.append(
        tx, environment, actor=author.actor, origin=author.origin, action=action, subject=subject,
        permit=author.permit_id, result=result, detail=detail,
    )  # fmt: skip
