"""The policy on the record: a node that starts with other rules than before says so in the audit log."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from istros.base.environment import Environment
from istros.compliance import audit
from istros.compliance.access import Access
from istros.store import Transaction

SUBJECT = "access policy"
ACTION = "policy.change"

_RULE = re.compile(r'(?P<comment>(?:^//[^\n]*\n)*)@id\("(?P<id>[^"]+)"\)\s*(?P<text>(?:[^;"]|"[^"]*")*;)', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule as it stands in the file: its name, the words above it, and the rule itself."""

    id: str
    comment: str
    text: str


def rules_of(access: Access) -> dict[str, RuleText]:
    """The named rules of a policy, by name, in the order of the file; words above several rules count for each of them."""
    found = {}
    comment = ""
    for match in _RULE.finditer(access.text):
        comment = " ".join(line.removeprefix("//").strip() for line in match["comment"].splitlines()) or comment
        found[match["id"]] = RuleText(match["id"], comment, match["text"].strip())
    return found


def record_policy(tx: Transaction, environment: Environment, access: Access, *, by: str) -> bool:
    """Write down which policy and which camera groups count, when either is another than before; whether it was.

    `by` is the account that started the node.
    """
    rows = tx.audit.about(SUBJECT)
    before = json.loads(rows[-1].detail) if rows else {}
    now = {"after": access.sha256, "groups": access.cameras_by_group}
    if all(before.get(key) == value for key, value in now.items()):
        return False
    audit.append(
        tx, environment, actor="istros", origin="server", action=ACTION, subject=SUBJECT,
        detail={
            **now, "before": str(before.get("after", "")), "groups_before": dict(before.get("groups", {})),
            "source": access.source, "started_by": by,
        },
    )  # fmt: skip
    return True
