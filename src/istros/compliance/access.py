"""Who may do what: asks the Cedar policy in `policy.cedar`, and remembers its answers.

The policy is checked against a schema made of the roles, actions and attributes below, so that a misspelt name in it
is an error at start and not a door that never opens.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

import cedarpy

from istros.compliance.errors import PolicyFault
from istros.compliance.purposes import TO_OPEN

ROLES = (
    "operator",
    "shift_leader",
    "investigator",
    "patrol",
    "traffic_engineer",
    "protection_officer",
    "administrator",
)
"""Every role that an operator can have; `policy.cedar` says what each is for."""

PROGRAM = "program"
"""The role of a program with a key (docs/design/0030); nobody signs in with it."""

ACTIONS = (
    "cameras.read",
    "cameras.learn",
    "cameras.scale",
    "cameras.zones",
    "live.view",
    "ptz.move",
    "ptz.lead",
    "devices.find",
    "alarms.read",
    "alarms.answer",
    "playback.view",
    "exports.order",
    "exports.fetch",
    "departures.read",
    "corrections.write",
    "duties.read",
    "gaps.read",
    "plates.search",
    "plates.correct",
    "vehicles.search",
    "permits.open",
    "permits.oversee",
    "releases.read",
    "releases.ask",
    "releases.grant",
    "releases.emergency",
    "releases.withdraw",
    "searches.ask",
    "searches.grant",
    "profile.draft",
    "profile.sign",
    "assessments.write",
    "assessments.answer",
    "assessments.withdraw",
    "watchlist.read",
    "watchlist.write",
    "persons.read",
    "persons.write",
    "persons.picture",
    "persons.search",
    "persons.count",
    "faces.search",
    "faces.results",
    "faces.judge",
    "faces.report",
    "audit.read",
    "oversight.write",
    "policy.read",
    "storage.read",
    "retention.read",
    "holds.read",
    "holds.place",
    "holds.release",
    "holds.review",
    "sessions.end",
    "people.read",
    "people.write",
    "people.agree",
    "keys.read",
    "keys.write",
    "keys.release",
    "keys.revoke",
    "requests.take",
    "requests.handle",
    "breaches.report",
    "breaches.read",
    "breaches.handle",
    "breaches.close",
    "models.read",
    "models.approve",
)
"""Every action that the policy decides on (docs/design/0002)."""

_SCHEMA = f"""
entity Role;
entity Operator in [Role] {{ organisation: String, runsNode: Bool }};
entity CameraGroup;
entity Place in [CameraGroup] {{ organisation: String }};
action {", ".join(f'"{action}"' for action in ACTIONS)}
  appliesTo {{ principal: Operator, resource: Place, context: {{ purpose: String }} }};
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """Who asks, as far as the policy cares."""

    role: str
    organisation: str
    runs_node: bool = False
    """Whether the organisation runs this node (`compliance.divided`)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether it is allowed, and the rules that said so, by name (none when no rule allowed it). True when allowed."""

    allowed: bool
    rules: tuple[str, ...] = ()

    @property
    def policy_id(self) -> str:
        """The first of the rules; empty when there is none."""
        return self.rules[0] if self.rules else ""

    def __bool__(self) -> bool:
        return self.allowed


class Access:
    """One policy, parsed once; each different question is asked once.

    `groups` are the camera groups of each camera, as the node's settings name them.
    """

    def __init__(
        self, policy: str, source: str = "the access policy", groups: Mapping[str, Sequence[str]] = MappingProxyType({})
    ) -> None:
        """`PolicyFault`, naming `source`, when the policy has an error."""
        self.text = policy
        self.source = source
        self.sha256 = hashlib.sha256(policy.encode()).hexdigest()
        self._groups = {camera: frozenset(names) for camera, names in groups.items()}
        self._policies = _parsed(policy, source, self.group_names)
        self._answers: dict[tuple[str, str, bool, bool, str, frozenset[str]], Decision] = {}

    @property
    def group_names(self) -> frozenset[str]:
        """Every camera group of the node."""
        return frozenset[str]().union(*self._groups.values())

    @property
    def cameras_by_group(self) -> dict[str, list[str]]:
        """The cameras of each group, both sorted."""
        return {
            name: sorted(camera for camera, names in self._groups.items() if name in names)
            for name in sorted(self.group_names)
        }

    def allowed(
        self, subject: Subject, action: str, resource_organisation: str | None = None, purpose: str = "",
        groups: frozenset[str] = frozenset(),
    ) -> Decision:  # fmt: skip
        """Whether the subject may do the action to something of that organisation (None: of its own).

        `purpose` is what a permit is opened for; it counts for the action `permits.open` alone. `groups` are those of
        the camera that it is done with.
        """
        own = resource_organisation is None or resource_organisation == subject.organisation
        question = (subject.role, action, own, subject.runs_node, purpose, groups)
        answer = self._answers.get(question)
        if answer is None:
            answer = self._ask(*question)
            if subject.role in (*ROLES, PROGRAM) and action in ACTIONS and (not purpose or purpose in TO_OPEN):
                self._answers[question] = answer
        return answer

    def on_camera(self, subject: Subject, action: str, camera_id: str) -> Decision:
        """Whether the subject may do the action with that camera; one that is in no group counts as such."""
        return self.allowed(subject, action, groups=self._groups.get(camera_id, frozenset()))

    def actions_of(self, role: str) -> frozenset[str]:
        """What a role may do at least on its own organisation, with some camera; `permits.open` for any purpose."""
        subject = Subject(role, "")
        kinds = {frozenset[str](), *self._groups.values()}
        found = {action for action in ACTIONS if any(self.allowed(subject, action, groups=kind) for kind in kinds)}
        return frozenset(found | ({"permits.open"} if self.purposes_of(role) else set()))

    def purposes_of(self, role: str) -> frozenset[str]:
        """The purposes for which a role may open a permit."""
        subject = Subject(role, "")
        return frozenset(code for code in TO_OPEN if self.allowed(subject, "permits.open", purpose=code))

    def _ask(
        self, role: str, action: str, own: bool, runs_node: bool, purpose: str, groups: frozenset[str]
    ) -> Decision:
        if role not in (*ROLES, PROGRAM) or action not in ACTIONS:
            return Decision(False)
        request = {
            "principal": {"type": "Operator", "id": "asker"},
            "action": {"type": "Action", "id": action},
            "resource": {"type": "Place", "id": "thing"},
            "context": {"purpose": purpose},
        }
        answer = cedarpy.is_authorized(request, self._policies, _entities(role, own, runs_node, groups))
        named = answer.diagnostics.id_annotations_by_reason
        return Decision(
            answer.allowed, tuple(sorted(named.get(reason, reason) for reason in answer.diagnostics.reasons))
        )


def _entities(role: str, own: bool, runs_node: bool, groups: frozenset[str]) -> list[dict[str, object]]:
    """The least world in which the question can be asked: only role, camera group and whose thing it is can matter."""
    asker = {"uid": {"type": "Operator", "id": "asker"}, "attrs": {"organisation": "own", "runsNode": runs_node}}
    thing = {"uid": {"type": "Place", "id": "thing"}, "attrs": {"organisation": "own" if own else "other"}}
    inside = [{"type": "CameraGroup", "id": name} for name in sorted(groups)]
    world: list[dict[str, object]] = [
        {**asker, "parents": [{"type": "Role", "id": role}]},
        {**thing, "parents": inside},
        {"uid": {"type": "Role", "id": role}, "attrs": {}, "parents": []},
    ]
    for group in inside:
        world.append({"uid": group, "attrs": {}, "parents": []})
    return world


def _parsed(policy: str, source: str, groups: frozenset[str]) -> cedarpy.PolicySet:
    try:
        parsed = cedarpy.PolicySet.from_str(policy)
        found = [str(error) for error in cedarpy.validate_policies(policy, _SCHEMA).errors]
    except ValueError as error:
        found = [str(error)]
    # Cedar's schema cannot list the members of an entity type that has parents elsewhere.
    roles, named = (set(_names_after(kind, policy)) for kind in ("Role", "CameraGroup"))
    found += [f"it names the role '{role}', which does not exist" for role in sorted(roles - {*ROLES, PROGRAM})]
    found += [f"it names the camera group '{name}', in which no camera is" for name in sorted(named - groups)]
    if found:
        raise PolicyFault(
            f"The access policy in {source} has an error: {' '.join(found[0].split())}.",
            "Correct the file, or take it away to use the policy that comes with Istros.",
        )
    return parsed


def _names_after(kind: str, policy: str) -> list[str]:
    rules = "\n".join(line for line in policy.splitlines() if not line.lstrip().startswith("//"))
    pieces = rules.split(kind + '::"')[1:]
    return [piece.split('"', 1)[0] for piece in pieces]


def load_access(path: Path | None = None, groups: Mapping[str, Sequence[str]] = MappingProxyType({})) -> Access:
    """The policy in a file, or the one that comes with Istros. `PolicyFault` when it cannot be read or has an error."""
    if path is None:
        text = files("istros.compliance").joinpath("policy.cedar").read_text("utf-8")
        return Access(text, "policy.cedar", groups)
    try:
        return Access(path.read_text("utf-8"), str(path), groups)
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyFault(
            f"The access policy {path} cannot be read: {error}.", "Check that the file is there and readable."
        ) from error


@lru_cache(maxsize=1)
def standard_access() -> Access:
    """The policy that comes with Istros, parsed at the first use."""
    return load_access()


def allowed(subject: Subject, action: str, resource_organisation: str | None = None, purpose: str = "") -> Decision:
    """`Access.allowed` of the policy that comes with Istros."""
    return standard_access().allowed(subject, action, resource_organisation, purpose)


def actions_of(role: str) -> frozenset[str]:
    """`Access.actions_of` of the policy that comes with Istros."""
    return standard_access().actions_of(role)


def purposes_of(role: str) -> frozenset[str]:
    """`Access.purposes_of` of the policy that comes with Istros."""
    return standard_access().purposes_of(role)
