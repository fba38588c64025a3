"""Which models run, on the record: a start with other weights is a change that the data-protection officer approves (rule L23).

All of it is told by the audit chain itself (docs/design/0040), so that nobody approves without a row, and no row is lost.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from istros.base.canonical import canonical
from istros.base.environment import Environment
from istros.base.plain_words import is_plain
from istros.base.said import say
from istros.base.time import Time
from istros.compliance import audit
from istros.compliance.errors import ModelsRefused as ModelsRefused
from istros.store import Transaction
from istros.store.rows import AuditRow, OperatorRow

SUBJECT = "models"
FIRST, CHANGE, ROLLBACK, APPROVE = "models.first", "models.change", "models.rollback", "models.approve"
MOST_LETTERS = 2000
MOST_REPORT = 4_000_000
MOST_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Standing:
    """The models of the newest start, and whether they count as approved. No start on record: nothing waits."""

    models: Mapping[str, str]
    since: Time | None
    approved: bool
    rows: tuple[AuditRow, ...]
    """What is on the record of models, oldest first."""


@dataclass(frozen=True, slots=True)
class Approval:
    """What the officer approves on: who measured, the reports of `istros evaluate` before and after, the reason."""

    measured_by: str
    reason: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def set_hash(models: Mapping[str, str]) -> str:
    """One hash over names and hashes of weights."""
    return hashlib.sha256(canonical(models)).hexdigest()


def standing(tx: Transaction) -> Standing:
    """What runs, since when, and whether it is approved."""
    rows = [row for row in tx.audit.about(SUBJECT, MOST_ROWS) if row.result == "done"]
    starts = [row for row in rows if row.action in (FIRST, CHANGE, ROLLBACK)]
    if not starts:
        return Standing({}, None, True, tuple(rows))
    models: dict[str, str] = json.loads(starts[-1].detail)["after"]
    return Standing(models, starts[-1].time, set_hash(models) in _approved(rows), tuple(rows))


def may_run_on_persons(tx: Transaction, running: Mapping[str, str] | None = None) -> bool:
    """Whether faces may be matched and people described by these models (None: those of the newest start)."""
    found = standing(tx)
    if running is None or found.since is None:
        return found.approved
    return set_hash(running) in _approved(found.rows)


def record_models(tx: Transaction, environment: Environment, models: Mapping[str, str], *, by: str) -> bool:
    """Write down which models a start has, when they are others than before; whether it was.

    The first ones of a node count as approved: it is them that its first profile is signed over. Ones that were approved
    once need no new word.
    """
    before = standing(tx)
    if before.since is not None and dict(before.models) == dict(models):
        return False
    known = set_hash(models) in _approved(before.rows)
    action = FIRST if before.since is None else ROLLBACK if known else CHANGE
    changed = sorted(name for name in {*models, *before.models} if models.get(name) != before.models.get(name))
    audit.append(
        tx, environment, actor="istros", origin="server", action=action, subject=SUBJECT,
        detail={
            "after": dict(models), "before": dict(before.models), "changed": changed, "set": set_hash(models),
            "started_by": by,
        },
    )  # fmt: skip
    return True


def approve(
    tx: Transaction, environment: Environment, operator: OperatorRow, wanted: str, approval: Approval, *, origin: str
) -> Standing:
    """Approve the models that run now, whose set has the hash `wanted`. Raises ModelsRefused.

    Each model that changed must be measured by a report of after the change, or be named in the reason.
    """
    found = standing(tx)
    if found.since is None or found.approved:
        raise ModelsRefused(say("models-wait-not", "No change of models waits."), "Look at the list again.")
    if set_hash(found.models) != wanted:
        raise ModelsRefused(say("models-other", "Other models run by now."), "Look at them again.")
    measured_by = _line(approval.measured_by, "name of who measured")
    if measured_by == operator.name:
        raise ModelsRefused(say("models-own", "Whoever measured does not approve."), "Have the administrator measure.")
    reports = {
        "before": [_figures(text) for text in approval.before],
        "after": [_figures(text) for text in approval.after],
    }
    _require_these_weights(found, reports)
    reason = _line(approval.reason, "reason")
    unmeasured = _unmeasured(found, reports["after"])
    _require_named(unmeasured, reason)
    audit.append(
        tx, environment, actor=operator.name, origin=origin, action=APPROVE, subject=SUBJECT,
        detail={"set": wanted, "measured_by": measured_by, "reason": reason, "reports": reports, "unmeasured": unmeasured},
    )  # fmt: skip
    return standing(tx)


def _approved(rows: tuple[AuditRow, ...] | list[AuditRow]) -> set[str]:
    return {json.loads(row.detail)["set"] for row in rows if row.action in (FIRST, APPROVE)}


def changed(found: Standing) -> list[str]:
    """The models that run now and are others than those approved last; one that runs no more is not among them."""
    was = _approved_last(found.rows)
    return sorted(name for name, sha256 in found.models.items() if was.get(name) != sha256)


def _unmeasured(found: Standing, after: Sequence[Mapping[str, Any]]) -> list[str]:
    measured = {model for report in after for model in report["weights"]}
    return [name for name in changed(found) if name not in measured]


def _require_named(unmeasured: Sequence[str], reason: str) -> None:
    """The reason names each of these models as a word of its own. What it says of them, people judge."""
    missing = ", ".join(name for name in unmeasured if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", reason))
    if missing:
        raise ModelsRefused(
            say("models-not-measured", f"No report after the change measures {missing}.", models=missing),
            "Attach the reports that do, or name each of them in the reason and say why it was not measured.",
        )


def _require_these_weights(found: Standing, reports: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """What the reports measured are, before the change, the weights that were approved last, and after it those that run.

    Versions that wrote no weights into their reports can have measured what was before, and nothing that runs now.
    """
    was = _approved_last(found.rows)
    for report in reports["after"]:
        _require_running(report["weights"], found.models)
    for model, measured in [each for report in reports["before"] for each in report["weights"].items()]:
        if was.get(model) != measured:
            raise ModelsRefused(
                say(
                    "report-before-of-others",
                    f"The report before the change measured other weights of {model} ({measured[:16]}…) than those approved last.",
                    model=model, measured=measured[:16],
                ),
                "Choose the report of those, or leave it out and say why.",
            )  # fmt: skip


def _require_running(measured: Mapping[str, str], running: Mapping[str, str]) -> None:
    if not measured:
        raise ModelsRefused(
            say("report-without-weights", "The report after the change does not say which weights it measured."),
            "Measure again with the version that runs.",
        )
    for model, sha256 in measured.items():
        if running.get(model) != sha256:
            raise ModelsRefused(
                say(
                    "report-after-of-others",
                    f"The report after the change measured other weights of {model} ({sha256[:16]}…) than those that run.",
                    model=model, measured=sha256[:16],
                ),
                "Measure with the weights that run now.",
            )  # fmt: skip


def _approved_last(rows: tuple[AuditRow, ...]) -> Mapping[str, str]:
    """The models of the newest start whose set is approved; none where there was none."""
    approved = _approved(rows)
    starts = (json.loads(row.detail) for row in reversed(rows) if row.action in (FIRST, CHANGE, ROLLBACK))
    return next((dict(start["after"]) for start in starts if start["set"] in approved), {})


def _figures(text: str) -> dict[str, Any]:
    """Hash, kind, folder and weights of a report that `istros evaluate --out` wrote. Raises ModelsRefused."""
    try:
        said: Any = json.loads(text) if len(text) <= MOST_REPORT else None
        kind, folder, tables = str(said["kind"]), str(said["folder"]), said["tables"]
        weights = {str(each["model"]): str(each["sha256"]) for each in said.get("weights", [])}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ModelsRefused(
            say("models-no-report", "This is no report of `istros evaluate`."),
            "Choose the JSON file that it wrote with --out.",
        ) from None
    if not isinstance(tables, list) or not tables:
        raise ModelsRefused(say("models-no-figures", "This report has no figures."), "Measure again.")
    return {
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "kind": kind[:100],
        "folder": folder[:300],
        "weights": weights,
    }


def _line(text: str, name: str) -> str:
    text = text.strip()
    if not text or not is_plain(text, MOST_LETTERS):
        raise ModelsRefused(
            say("models-text", f"The {name} is missing or too long.", what=name), "Write it in some words."
        )
    return text
