"""The rows of the audit record that say what the node erased by itself: one form for every class."""

from __future__ import annotations

from collections.abc import Mapping

from istros.base.environment import Environment
from istros.compliance.audit import append
from istros.store import Transaction


def record_erased(
    tx: Transaction, environment: Environment, action: str, subject: str, count: int, cause: str,
    detail: Mapping[str, object], *, origin: str = "server",
) -> None:  # fmt: skip
    """Say how many went and why: `cause` is `age`, `profile`, `space` or `quota`; `detail` is the class's own."""
    append(
        tx, environment, actor="istros", origin=origin, action=action, subject=subject,
        detail={"count": count, "cause": cause} | dict(detail),
    )  # fmt: skip
