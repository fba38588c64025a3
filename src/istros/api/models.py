"""Which models run, when they changed, and the officer's approval (rule L23)."""

from __future__ import annotations

import json
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


class RunningModel(Shape):
    """A model and the SHA-256 of its weights."""

    name: str
    sha256: str


class ModelStep(Shape):
    """What is on the record: the first models, a change, a return to approved ones, an approval with its reports' hashes."""

    time: Moment
    step: str
    by: str
    changed: list[str]
    reason: str
    measured_by: str
    reports: dict[str, str]


class NodeModels(Shape):
    """What runs, since when, and whether it is approved; `set` is one hash over all."""

    models: list[RunningModel]
    set: str
    since: Moment | None
    approved: bool
    steps: list[ModelStep]


class ModelApproval(Shape):
    """The officer's word on the set, who measured, and the reports of `istros evaluate`; without them the reason says why."""

    set: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    measured_by: Text
    reason: Text
    before: ReportText = ""
    after: ReportText = ""


@router.get("/models")
async def get_models(caller: Annotated[Caller, Depends(needs("models.read"))]) -> NodeModels:
    """What recognises on this node, and its history."""
    return await caller.disclose(READING, lambda tx: _shape(models_record.standing(tx)))


@router.post("/models/approve")
async def approve_models(
    body: ModelApproval, caller: Annotated[Caller, Depends(needs("models.approve"))]
) -> NodeModels:
    """Approve the models that run now: faces are matched and people described again."""
    approval = Approval(body.measured_by, body.reason, body.before, body.after)
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
        steps=[_step(row) for row in reversed(found.rows)],
    )  # fmt: skip


def _step(row: AuditRow) -> ModelStep:
    said = json.loads(row.detail)
    reports = {
        name: f"{each['kind']} {each['folder']} {each['sha256']}" for name, each in said.get("reports", {}).items()
    }
    return ModelStep(
        time=row.time, step=row.action, by=said.get("started_by", row.actor), changed=said.get("changed", []),
        reason=said.get("reason", ""), measured_by=said.get("measured_by", ""), reports=reports,
    )  # fmt: skip
