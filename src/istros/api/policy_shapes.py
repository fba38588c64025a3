"""What crosses to the browser about the access policy (docs/design/0032)."""

from __future__ import annotations

from typing import Literal

from istros.api.releases_shapes import MatterName
from istros.api.schemas import Moment, Shape

RoleName = Literal[
    "operator", "shift_leader", "investigator", "patrol", "traffic_engineer", "protection_officer", "administrator"
]


class PolicyRule(Shape):
    """One rule as it stands in the file: its name, the words above it, the rule itself; `usual`: as it comes with Istros,
    so that the screens know what it means."""

    id: str
    comment: str
    text: str
    usual: bool


class CameraGroup(Shape):
    """A camera group of the node's settings."""

    name: str
    cameras: list[str]


class PolicyPerson(Shape):
    """Somebody who may sign in, by the name that the audit log uses."""

    name: str
    role: str
    organisation: str
    disabled: bool


class Policy(Shape):
    """The rules that count now. `since` is when the node first started with them."""

    source: str
    sha256: str
    since: Moment | None
    started_by: str
    rules: list[PolicyRule]
    roles: list[str]
    actions: list[str]
    purposes: list[str]
    groups: list[CameraGroup]
    people: list[PolicyPerson]


class PolicyRelease(Shape):
    """A release that the action takes: the matter, the roles that may give it, and what the profile must allow for it."""

    matter: MatterName
    by: list[RoleName]
    function: str
    alone: bool


class PolicyAnswer(Shape):
    """Who may do this, and why. `permit`: none, the standing one of the shift, or one of its own for a purpose."""

    allowed: bool
    role: str
    why_not: Literal["", "no-rule", "forbidden", "disabled", "purpose"]
    rules: list[PolicyRule]
    permit: Literal["none", "standing", "own"]
    purposes: list[str]
    releases: list[PolicyRelease]
