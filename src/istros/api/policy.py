"""The access policy, read aloud: the rules that count, and who may do this by them, and why."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from istros.api.gate import Caller, needs
from istros.api.policy_shapes import (
    CameraGroup,
    Policy,
    PolicyAnswer,
    PolicyPerson,
    PolicyRelease,
    PolicyRule,
    RoleName,
)
from istros.api.problems import BadRequest, NotFound
from istros.compliance import simulator
from istros.compliance.access import ACTIONS, ROLES, standard_access
from istros.compliance.policy_record import SUBJECT, RuleText, rules_of
from istros.compliance.purposes import TO_OPEN
from istros.store import Transaction
from istros.store.rows import OperatorRow

router = APIRouter(tags=["policy"])

Reader = Annotated[Caller, Depends(needs("policy.read"))]
Word = Annotated[str, Query(max_length=100)]


@router.get("/policy")
async def get_policy(caller: Reader) -> Policy:
    """The rules as they stand in the file, the camera groups, and who may sign in."""
    access = caller.node.access

    def work(tx: Transaction) -> Policy:
        changes = tx.audit.about(SUBJECT)
        return Policy(
            source=access.source, sha256=access.sha256, since=changes[-1].time if changes else None,
            started_by=str(json.loads(changes[-1].detail).get("started_by", "")) if changes else "",
            rules=[_rule(rule) for rule in rules_of(access).values()],
            roles=list(ROLES), actions=list(ACTIONS), purposes=list(TO_OPEN),
            groups=[CameraGroup(name=name, cameras=each) for name, each in access.cameras_by_group.items()],
            people=[_person(row) for row in tx.operators.all()],
        )  # fmt: skip

    return await caller.disclose("policy", work)


@router.get("/policy/answer")
async def ask_policy(
    caller: Reader,
    action: Word,
    role: RoleName | None = None,
    person: Word = "",
    group: Word = "",
    purpose: Word = "",
    own: bool = True,
) -> PolicyAnswer:
    """Whether a role, or a person, may do the action with a camera of the group, and what else would be needed."""
    _require_known(caller, action, group, purpose)
    if (role is None) == (person == ""):
        raise BadRequest("Name a role or a person, and not both.", "Choose one of them.")

    def work(tx: Transaction) -> PolicyAnswer:
        found = tx.operators.by_name(person) if person else None
        if person and found is None:
            raise NotFound(f"Nobody has the sign-in name '{person}'.", "Choose one from the list.")
        asked = simulator.Question(found.role if found else str(role), action, group, purpose, own)
        answer = simulator.ask(caller.node.access, asked)
        return _answer(answer, asked.role, is_disabled=found is not None and found.disabled)

    detail: dict[str, object] = {
        "ask": action, "role": role or "", "person": person, "group": group, "purpose": purpose, "own": own,
    }  # fmt: skip
    return await caller.disclose("policy", work, detail)


def _require_known(caller: Caller, action: str, group: str, purpose: str) -> None:
    for word, value, known in (
        ("action", action, ACTIONS),
        ("camera group", group, ("", *caller.node.access.group_names)),
        ("purpose", purpose, ("", *TO_OPEN)),
    ):
        if value not in known:
            raise BadRequest(f"There is no {word} '{value}'.", "Choose one from the list.")


def _answer(answer: simulator.Answer, role: str, *, is_disabled: bool) -> PolicyAnswer:
    why: Literal["", "no-rule", "forbidden", "disabled", "purpose"] = ""
    if is_disabled:
        why = "disabled"
    elif not answer.allowed:
        why = "forbidden" if answer.rules else "no-rule"
    elif answer.purpose_covers is False:
        why = "purpose"
    return PolicyAnswer(
        allowed=not why, role=role, why_not=why, rules=[_rule(rule) for rule in answer.rules], permit=answer.permit,
        purposes=list(answer.purposes), releases=[_release(each) for each in answer.releases],
    )  # fmt: skip


def _release(need: simulator.ReleaseNeed) -> PolicyRelease:
    return PolicyRelease(
        matter=need.matter.value, by=list(need.by), function=need.function, alone=need.alone,  # type: ignore[arg-type]
    )  # fmt: skip


def _rule(rule: RuleText) -> PolicyRule:
    usual = rules_of(standard_access()).get(rule.id)
    return PolicyRule(
        id=rule.id, comment=rule.comment, text=rule.text, usual=usual is not None and usual.text == rule.text
    )


def _person(row: OperatorRow) -> PolicyPerson:
    return PolicyPerson(name=row.name, role=row.role, organisation=row.organisation, disabled=row.disabled)
