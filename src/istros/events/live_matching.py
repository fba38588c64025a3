"""Which faces may be compared now, and where: entry, its release, an operation's release and the profile, all at once (L1, L2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from istros.base.environment import Environment
from istros.base.said import say
from istros.base.time import Time
from istros.base.week_hours import in_week_hours, is_week_hours
from istros.compliance import releases
from istros.compliance.access import Access
from istros.compliance.models_record import may_run_on_persons
from istros.compliance.profile import Function, in_force
from istros.events.errors import MatchingRefused
from istros.events.persons import is_open, known_person
from istros.events.reasons import in_scope
from istros.store import Transaction
from istros.store.persons import PersonEntryRow
from istros.store.releases import Matter, ReleaseRow
from istros.store.rows import OperatorRow


@dataclass(frozen=True, slots=True)
class MatchingScope:
    """What an operation of live face matching covers, as its release says it."""

    objective: str
    cameras: tuple[str, ...]
    persons: tuple[str, ...]
    authorisation: str
    hours: str = ""
    duty_officer: str = ""

    def facts(self) -> dict[str, object]:
        """For the release's scope."""
        return {
            "objective": self.objective, "cameras": list(self.cameras), "persons": list(self.persons),
            "authorisation": self.authorisation, "hours": self.hours, "duty_officer": self.duty_officer,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class WatchedPerson:
    """An entry that may be compared with under one operation."""

    entry: PersonEntryRow
    operation_id: str
    cameras: tuple[str, ...]
    """Those of the operation, as far as the entry names them."""
    hours: tuple[str, str]
    """Those of the entry and of the operation."""
    until: Time

    def covers(self, camera_id: str, time: Time) -> bool:
        """Whether a face that a camera saw at a moment may be compared with it."""
        return camera_id in self.cameras and time < self.until and all(in_week_hours(each, time) for each in self.hours)


def scope_of(release: ReleaseRow) -> MatchingScope:
    """What an operation covers; what is missing covers nothing."""
    facts: Mapping[str, object] = release.scope_facts

    def names(word: str) -> tuple[str, ...]:
        found = facts.get(word)
        return tuple(str(each) for each in found) if isinstance(found, list) else ()

    return MatchingScope(
        objective=str(facts.get("objective", "")), cameras=names("cameras"), persons=names("persons"),
        authorisation=str(facts.get("authorisation", "")), hours=str(facts.get("hours", "")),
        duty_officer=str(facts.get("duty_officer", "")),
    )  # fmt: skip


def operations_now(tx: Transaction, now: Time) -> list[ReleaseRow]:
    """The operations under which faces may be compared live at this moment; none without the profile's leave,
    or while a change of models waits for its approval.
    """
    allowed = in_force(tx, now).allows(Function.FACES_MATCHED_LIVE) and may_run_on_persons(tx)
    return releases.all_standing(tx, Matter.FACE_MATCHING, now) if allowed else []


def watched_now(tx: Transaction, now: Time) -> list[WatchedPerson]:
    """Every entry that faces may be compared with at this moment, once an operation; none without the profile's leave."""
    operations = operations_now(tx, now)
    if not operations:
        return []
    found = []
    for entry in tx.persons.with_face(now):
        release = releases.standing(tx, Matter.WATCH_PERSON, entry.id, now)
        if release is not None:
            found += [watched for each in operations if (watched := _under(entry, release, each)) is not None]
    return found


def still_watched(
    tx: Transaction, entry_id: str, operation_id: str, camera_id: str, time: Time
) -> WatchedPerson | None:
    """The leave to compare a face seen at `time` with an entry, judged anew; None when there is none any more."""
    fitting = (
        each
        for each in watched_now(tx, time)
        if (each.entry.id, each.operation_id) == (entry_id, operation_id) and each.covers(camera_id, time)
    )
    return next(fitting, None)


def ask_matching(
    tx: Transaction, environment: Environment, operator: OperatorRow, scope: MatchingScope, reason: str,
    permit_id: str = "", *, emergency: bool = False, hours: float | None = None, origin: str = "server",
    access: Access | None = None,
) -> ReleaseRow:  # fmt: skip
    """Ask that faces be compared live, or begin at once in an emergency. Raises MatchingRefused, ReleaseRefused.

    The profile bounds cameras and hours (`releases.ask`); each person is open, has the objective, and is within reach of the cameras.
    """
    now = environment.clock.now()
    if not in_force(tx, now).allows(Function.FACES_MATCHED_LIVE):
        raise MatchingRefused(
            say(
                "function-barred",
                "The deployment profile of this node does not allow faces to be compared live.",
                function="faces-matched-live",
            ),
            "The administrator and the data-protection officer sign a profile that names the law.",
        )
    if emergency and not scope.duty_officer.strip():
        raise MatchingRefused(
            say("matching-duty-officer", "An urgent start names the duty officer who knows of it."), "Write the name."
        )
    if not is_week_hours(scope.hours):
        raise MatchingRefused(
            say("hours-wrong", f"'{scope.hours}' are no hours of the day or the week."),
            "Write them like 07:00-19:30, mon,tue or fri,sat 22:00-06:00.",
        )
    for person in scope.persons:
        _check_person(known_person(tx, person), scope, now)
    return releases.ask(
        tx, environment, operator, Matter.FACE_MATCHING, environment.ids.new(), reason, permit_id, emergency=emergency,
        scope=scope.facts(), hours=hours, origin=origin,
        access=access,
    )  # fmt: skip


def _check_person(entry: PersonEntryRow, scope: MatchingScope, now: Time) -> None:
    if not is_open(entry, now):
        raise MatchingRefused(
            say("matching-entry-over", f"The entry {entry.name} is over.", name=entry.name),
            "Leave it out, or open a new one.",
        )
    if entry.objective != scope.objective:
        raise MatchingRefused(
            say("matching-entry-objective", f"The entry {entry.name} serves another objective.", name=entry.name),
            "Ask for each objective by itself (AI Act, article 5).",
        )
    if not any(in_scope(entry.cameras, "", camera, now) for camera in scope.cameras):
        raise MatchingRefused(
            say("matching-entry-cameras", f"The entry {entry.name} names none of these cameras.", name=entry.name),
            "Choose from the entry's cameras.",
        )


def _under(entry: PersonEntryRow, release: ReleaseRow, operation: ReleaseRow) -> WatchedPerson | None:
    scope = scope_of(operation)
    if entry.id not in scope.persons or entry.objective != scope.objective:
        return None
    cameras = tuple(camera for camera in scope.cameras if not entry.cameras or camera in entry.cameras)
    ends = [each for each in (entry.expires, release.expires, operation.expires) if each is not None]
    return WatchedPerson(entry, operation.id, cameras, (entry.hours, scope.hours), Time(min(ends)))
