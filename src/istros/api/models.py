"""Which models run, when they changed, and the officer's approval (rule L23)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from istros.api.gate import Caller, needs
from istros.api.schemas import Moment, Shape
from istros.compliance import models_record
from istros.compliance.models_record import MOST_REPORT, SUBJECT, Approval, Standing, set_hash
from istros.store.rows import AuditRow

router = APIRouter(tags=["models"])

READING = "models-read"
"""What the rows of reading are about, so that they do not stand among those of the models."""
Text = Annotated[str, Field(min_length=1, max_length=2000)]
ReportText = Annotated[str, Field(max_length=MOST_REPORT)]
Reports = Annotated[list[ReportText], Field(max_length=10, default_factory=list)]


class RunningModel(Shape):
    """A model and the SHA-256 of its weights."""

    name: str
    sha256: str


class ModelStep(Shape):
    """What is on the record: the first models, a change, a return to approved ones, an approval with its reports' hashes.

    `unmeasured` are the changed models that were approved without a report.
    """

    time: Moment
    step: str
    by: str
    changed: list[str]
    reason: str
    measured_by: str
    reports: dict[str, str]
    unmeasured: list[str]


class NodeModels(Shape):
    """What runs, since when, and whether it is approved; `set` is one hash over all, `changed` what is not approved of it."""

    models: list[RunningModel]
    set: str
    since: Moment | None
    approved: bool
    changed: list[str]
    steps: list[ModelStep]


class ModelApproval(Shape):
    """The officer's word on the set, who measured, and the reports of `istros evaluate`; the reason names what none measures."""

    set: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    measured_by: Text
    reason: Text
    before: Reports
    after: Reports


@router.get("/models")
async def get_models(caller: Annotated[Caller, Depends(needs("models.read"))]) -> NodeModels:
    """What recognises on this node, and its history."""
    return await caller.disclose(READING, lambda tx: _shape(models_record.standing(tx)))


@router.post("/models/approve")
async def approve_models(
    body: ModelApproval, caller: Annotated[Caller, Depends(needs("models.approve"))]
) -> NodeModels:
    """Approve the models that run now: faces are matched and people described again."""
    approval = Approval(body.measured_by, body.reason, tuple(body.before), tuple(body.after))
    return _shape(
        await caller.act(
            SUBJECT,
            lambda tx: models_record.approve(
                tx, caller.node.environment, caller.operator, body.set, approval, origin=caller.origin
            ),
        )
    )


def _shape(found: Standing) -> NodeModels:
    return NodeModels(
        models=[RunningModel(name=name, sha256=sha256) for name, sha256 in sorted(found.models.items())],
        set=set_hash(found.models), since=found.since, approved=found.approved,
        changed=[] if found.approved else models_record.changed(found),
        steps=[_step(row) for row in reversed(found.rows)],
    )  # fmt: skip


def _step(row: AuditRow) -> ModelStep:
    """Rows of versions before this one hold one report of before and one of after, not lists of them."""
    said = json.loads(row.detail)
    reports = {
        name: "; ".join(map(_report, each if isinstance(each, list) else [each]))
        for name, each in said.get("reports", {}).items()
        if each
    }
    return ModelStep(
        time=row.time, step=row.action, by=said.get("started_by", row.actor), changed=said.get("changed", []),
        reason=said.get("reason", ""), measured_by=said.get("measured_by", ""), reports=reports,
        unmeasured=said.get("unmeasured", []),
    )  # fmt: skip


def _report(report: Mapping[str, str]) -> str:
    return f"{report['kind']} {report['folder']} {report['sha256']}"
