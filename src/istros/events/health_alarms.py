"""From bad states to alarms: one cause, one alarm, however many cameras it takes down (docs/design/0022)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from istros.base.environment import Environment
from istros.base.said import Said, say
from istros.base.time import MINUTE, SECOND, Time
from istros.devices.camera import Camera
from istros.events.audit_health import AUDIT_KINDS
from istros.events.bounds import bounds_of
from istros.events.health_record import canonical
from istros.events.one_cause import SEVERAL, Fallen, Together, find_together, network_of
from istros.events.raising import fold_into, new_alarm, raise_alarm
from istros.events.record import NODE, record
from istros.settings import AlarmWorth, HealthSettings
from istros.store import Database, Transaction
from istros.store.alarm_causes import AlarmCauseRow
from istros.store.health import HealthStateRow
from istros.store.rows import AlarmRow, AlarmState, Priority, Verdict

SETTLED = 10 * MINUTE
"""Microseconds after which an alarm that was acknowledged and whose cause is over closes itself."""

MOST_NAMED = 200
"""Cameras that an alarm names."""

FAMILIES: dict[str, str] = {
    "offline": "offline", "not-recording": "not-recording", "clock": "clock", "recorder-silent": "recorder-silent",
    "frame-rate": "unsteady", "bitrate": "unsteady", "loss": "unsteady", "reconnects": "unsteady",
    "no-keyframe": "unsteady", "covered": "covered", "defocused": "defocused", "moved": "moved", "frozen": "frozen",
    "dark": "dark", "analysis-short": "analysis-short", "review-due": "review-due", "review-overdue": "review-overdue",
    "audit-unsigned": "audit-unsigned", "audit-unstamped": "audit-unstamped", "anchors-late": "anchors-late",
}  # fmt: skip
"""States that one alarm tells of: a bad line shows in its frame rate, its losses and its keyframes alike."""

ONE_STREAM = "stream"
"""The family of a stream that is offline while another of its camera still comes: half a camera is no lost camera."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A bad state that is worth an alarm."""

    fallen: Fallen
    family: str
    worth: AlarmWorth
    value: float | None
    bound: float | None


class HealthAlarms:
    """Compares what is bad with what alarms stand for, and makes the difference good in one transaction.

    Everything it knows is in the tables, so that a process that starts again raises nothing anew and forgets nothing.
    """

    def __init__(
        self, environment: Environment, database: Database, cameras: Sequence[Camera], settings: HealthSettings
    ) -> None:
        self._environment = environment
        self._database = database
        self._settings = settings
        self._bounds = bounds_of(settings)
        self._networks = {camera.id: network_of(camera) for camera in cameras}
        self._sizes = Counter(self._networks.values())
        self._streams = {camera.id: len(camera.streams) for camera in cameras}

    async def look(self) -> None:
        """Raise, grow, shrink, end and close what is due."""
        if await self._database.read(self._is_due):
            await self._database.write(self._work)

    def _is_due(self, tx: Transaction) -> bool:
        bad = {(cause.fallen.thing, cause.fallen.since) for cause in self._causes(tx.health.bad_ones())}
        known = {(row.thing, row.since) for row in self._open_causes(tx)}
        untold = [each for each in bad - known if tx.alarm_causes.get(each[0], each[1]) is None]
        return bool(untold or known - bad or tx.alarms.settled(self._settled_before()))

    def _settled_before(self) -> Time:
        return Time(self._environment.clock.now() - SETTLED)

    def _work(self, tx: Transaction) -> None:
        causes = self._causes(tx.health.bad_ones())
        lasting = {(cause.fallen.thing, cause.fallen.since) for cause in causes}
        over = [row for row in self._open_causes(tx) if (row.thing, row.since) not in lasting]
        self._end_causes(tx, over)
        fresh = [cause for cause in causes if tx.alarm_causes.get(cause.fallen.thing, cause.fallen.since) is None]
        for family, worth in sorted({(cause.family, cause.worth) for cause in fresh}):
            self._place(tx, [cause for cause in fresh if (cause.family, cause.worth) == (family, worth)])
        for alarm in tx.alarms.settled(self._settled_before()):
            self._close(tx, alarm, "true", {"settled": True})

    # ---- what is bad

    def _causes(self, rows: Iterable[HealthStateRow]) -> list[Cause]:
        """Bad states that are worth an alarm; the streams of a camera that is wholly offline are one."""
        found: list[Cause] = []
        offline: dict[str, list[HealthStateRow]] = {}
        for row in rows:
            if row.kind == "offline":
                offline.setdefault(row.camera_id, []).append(row)
            elif row.kind in FAMILIES:
                found.append(self._cause(row, FAMILIES[row.kind], row.stream, row.since))
        for camera, streams in offline.items():
            if len(streams) >= self._streams.get(camera, 1):
                last = max(streams, key=lambda row: row.since)
                found.append(self._cause(last, "offline", "", last.since))
            else:
                found += [self._cause(row, ONE_STREAM, row.stream, row.since) for row in streams]
        return [cause for cause in found if cause.worth != "none"]

    def _cause(self, row: HealthStateRow, family: str, subject: str, since: Time) -> Cause:
        network = self._networks.get(row.camera_id, row.camera_id)
        fallen = Fallen((row.camera_id, row.kind, subject), network, since)
        worth = self._bounds[row.kind].alarm
        return Cause(fallen, family, worth, row.value, row.bound)

    def _open_causes(self, tx: Transaction) -> list[AlarmCauseRow]:
        """What alarms stand for; signals have causes too, which end by signals."""
        return [row for row in tx.alarm_causes.open_ones() if row.kind in FAMILIES]

    # ---- what is over

    def _end_causes(self, tx: Transaction, over: Sequence[AlarmCauseRow]) -> None:
        now = self._environment.clock.now()
        tx.alarm_causes.put([replace(row, until=now) for row in over])
        for alarm_id in sorted({row.alarm_id for row in over}):
            self._after_loss(tx, alarm_id, [row for row in over if row.alarm_id == alarm_id], now)

    def _after_loss(self, tx: Transaction, alarm_id: str, over: Sequence[AlarmCauseRow], now: Time) -> None:
        alarm = tx.alarms.get(alarm_id)
        if alarm is None or alarm.state is AlarmState.CLOSED:
            return
        left = [row for row in tx.alarm_causes.of([alarm_id]).get(alarm_id, []) if row.until is None]
        well = sorted({row.camera_id for row in over})
        if left:
            record(tx, self._environment, NODE, "alarm.shrink", alarm_id, {"cameras": well, "left": len(left)})
            self._tell(tx, alarm, left)
        else:
            record(tx, self._environment, NODE, "alarm.return", alarm_id, {"cameras": well})
            tx.alarms.returned(alarm_id, now)

    def _close(self, tx: Transaction, alarm: AlarmRow, verdict: Verdict, detail: dict[str, object]) -> None:
        tx.alarms.end(alarm.id, self._environment.clock.now(), NODE.actor, verdict)
        facts: dict[str, object] = {"verdict": verdict, "kind": alarm.kind, "camera": alarm.camera_id}
        record(tx, self._environment, NODE, "alarm.close", alarm.id, facts | detail)

    # ---- what is new

    def _place(self, tx: Transaction, fresh: Sequence[Cause]) -> None:
        """Fresh causes of one family and worth: into an alarm that stands, into one for all of them, or each its own."""
        family, worth = fresh[0].family, fresh[0].worth
        standing = [alarm for alarm in self._standing(tx) if alarm.kind in _kinds_of(family)]
        causes = tx.alarm_causes.of([alarm.id for alarm in standing])
        rest = self._join_standing(tx, fresh, standing, causes)
        lately = self._lately(rest, causes)
        groups, alone = find_together([cause.fallen for cause in rest] + lately, self._sizes, self._settings)
        named = {cause.fallen: cause for cause in rest}
        for group in groups:
            if any(member in named for member in group.members):
                self._gather(tx, group, family, worth, standing, causes)
        for fallen in alone:
            if fallen in named and self._has_waited(family, fallen):
                self._raise_alone(tx, named[fallen])

    @staticmethod
    def _standing(tx: Transaction) -> list[AlarmRow]:
        return tx.alarms.by_states((AlarmState.NEW, AlarmState.ACKNOWLEDGED), 1000)

    def _join_standing(
        self, tx: Transaction, fresh: Sequence[Cause], standing: Sequence[AlarmRow],
        causes: dict[str, list[AlarmCauseRow]],
    ) -> list[Cause]:  # fmt: skip
        """Hand to alarms that stand what is theirs: one of the camera, or of all of its network. Returns the rest."""
        now = self._environment.clock.now()
        rest, taken = list(fresh), set()
        for alarm in standing:
            rows = causes.get(alarm.id, [])
            members = [cause for cause in rest if self._takes(alarm, rows, cause.fallen, now)]
            self._join(tx, alarm, [cause.fallen for cause in members], rows)
            taken.update(members)
            rest = [cause for cause in rest if cause not in taken]
        return rest

    def _takes(self, alarm: AlarmRow, rows: Sequence[AlarmCauseRow], fallen: Fallen, now: Time) -> bool:
        if alarm.camera_id or not fallen.camera_id:
            return alarm.camera_id == fallen.camera_id and alarm.returned is None
        if alarm.returned is not None and now - alarm.returned > SETTLED:
            return False
        if any(row.thing == fallen.thing for row in rows):
            return True
        networks = {self._networks.get(row.camera_id, row.camera_id) for row in rows}
        if len(networks) == 1:
            return fallen.network in networks
        newest = max((row.since for row in rows), default=alarm.time)
        return abs(fallen.since - newest) <= self._settings.together_s * SECOND

    def _lately(self, rest: Sequence[Cause], causes: dict[str, list[AlarmCauseRow]]) -> list[Fallen]:
        """Causes of standing alarms that lie so near in time that a fresh one may have the same reason."""
        window = self._settings.together_s * SECOND
        return [
            Fallen(row.thing, self._networks.get(row.camera_id, row.camera_id), row.since)
            for rows in causes.values()
            for row in rows
            if row.until is None and any(abs(row.since - cause.fallen.since) <= window for cause in rest)
        ]

    def _has_waited(self, family: str, fallen: Fallen) -> bool:
        """Whether others had time to follow; a node that is ill as a whole waits for nobody."""
        if not fallen.camera_id:
            return True
        waits = self._bounds["offline"].enter_s if family == "offline" else 0.0
        wait = (waits + self._settings.together_wait_s) * SECOND
        return self._environment.clock.now() - fallen.since >= wait

    def _gather(self, tx: Transaction, group: Together, family: str, worth: AlarmWorth, standing: Sequence[AlarmRow],
                causes: dict[str, list[AlarmCauseRow]]) -> None:  # fmt: skip
        """One alarm for the group: the oldest that stands for some of it, else a new one; others fold into it."""
        owners = {(row.thing, row.since): alarm_id for alarm_id, rows in causes.items() for row in rows}
        held = {owners.get((member.thing, member.since)) for member in group.members} - {None}
        wide = [alarm for alarm in standing if alarm.id in held and alarm.kind.startswith("cameras-")]
        target = min(wide, key=lambda alarm: alarm.raised, default=None)
        if target is None:
            target = self._raise_group(tx, group, family, worth)
        else:
            self._join(tx, target, group.members, causes.get(target.id, []))
        for alarm in standing:
            if alarm.id in held and alarm.id != target.id:
                left = [row for row in tx.alarm_causes.of([alarm.id]).get(alarm.id, []) if row.until is None]
                if not left:
                    self._close(tx, alarm, "duplicate", {"into": target.id})

    def _raise_group(self, tx: Transaction, group: Together, family: str, worth: AlarmWorth) -> AlarmRow:
        first = group.members[0]
        cameras = sorted({member.camera_id for member in group.members})
        where = "several networks" if group.network == SEVERAL else group.network
        title = f"{len(cameras)} cameras: {family} ({where})"
        key = f"cameras-{family}:{first.camera_id}:{first.since}"
        priority = _STEP_UP[worth]
        alarm = new_alarm(self._environment, f"cameras-{family}", priority, "", first.since, title, key)
        rows = [_row(member, alarm.id) for member in group.members]
        named = ", ".join(cameras)
        why = say("fell-together", f"{title}: {named}.", family=family, cameras=named)
        raise_alarm(tx, self._environment, replace(alarm, facts=self._facts(rows)), why)
        tx.alarm_causes.put(rows)
        return alarm

    def _raise_alone(self, tx: Transaction, cause: Cause) -> None:
        camera = cause.fallen.camera_id
        kind = _single(cause.family)
        key = f"{kind}:{camera}:{cause.worth}"
        row = _row(cause.fallen, "")
        standing = tx.alarms.open_by_key(key)
        if standing is not None:
            self._join(tx, standing, [cause.fallen], tx.alarm_causes.of([standing.id]).get(standing.id, []))
            return
        title = f"Camera {camera}: {cause.family}" if camera else f"Node: {cause.family}"
        if cause.worth == "none":
            return
        alarm = new_alarm(self._environment, kind, cause.worth, camera, cause.fallen.since, title, key)
        facts = self._facts([replace(row, alarm_id=alarm.id)], cause)
        raise_alarm(tx, self._environment, replace(alarm, facts=facts), _why_alone(title, cause.fallen))
        tx.alarm_causes.put([replace(row, alarm_id=alarm.id)])

    def _join(self, tx: Transaction, alarm: AlarmRow, members: Iterable[Fallen], rows: Sequence[AlarmCauseRow]) -> None:
        """Add causes to an alarm that stands: new cameras make it grow, what fell before makes it fold."""
        known = {(row.thing, row.since) for row in rows}
        added = [member for member in members if (member.thing, member.since) not in known]
        if not added:
            return
        tx.alarm_causes.put([_row(member, alarm.id) for member in added])
        again = {row.thing for row in rows} & {member.thing for member in added}
        cameras = sorted({member.camera_id for member in added})
        if again or alarm.returned is not None:
            newest = max(added, key=lambda member: member.since)
            why = _why_again(cameras, added[0].thing[1])
            fold_into(tx, self._environment, alarm, Time(max(newest.since, alarm.last_time)), "", why)
        else:
            record(tx, self._environment, NODE, "alarm.grow", alarm.id, {"cameras": cameras})
        if alarm.returned is not None:
            tx.alarms.returned(alarm.id, None)
        lasting = [row for row in tx.alarm_causes.of([alarm.id]).get(alarm.id, []) if row.until is None]
        self._tell(tx, alarm, lasting)

    # ---- what it says

    def _tell(self, tx: Transaction, alarm: AlarmRow, rows: Sequence[AlarmCauseRow]) -> None:
        facts = self._facts(rows)
        if facts != alarm.facts:
            tx.alarms.tell(alarm.id, facts)

    def _facts(self, rows: Sequence[AlarmCauseRow], cause: Cause | None = None) -> str:
        """What a title needs: how many cameras, which, in which network, and which states."""
        cameras = sorted({row.camera_id for row in rows})
        networks = {self._networks.get(camera, camera) for camera in cameras}
        facts: dict[str, object] = {
            "count": len(cameras),
            "cameras": cameras[:MOST_NAMED],
            "network": next(iter(networks)) if len(networks) == 1 and len(cameras) > 1 else "",
            "states": sorted({row.kind for row in rows}),
        }
        if cause is not None:
            facts |= {"value": cause.value, "bound": cause.bound}
        return canonical(facts)


def _row(fallen: Fallen, alarm_id: str) -> AlarmCauseRow:
    camera, kind, subject = fallen.thing
    return AlarmCauseRow(camera, kind, subject, fallen.since, alarm_id)


def _why_alone(title: str, fallen: Fallen) -> Said:
    camera, kind, subject = fallen.thing
    sentence = f"{title}, {kind} {subject}".rstrip() + "."
    if camera and subject:
        return say("measured-bad-stream", sentence, camera=camera, kind=kind, stream=subject)
    if camera:
        return say("measured-bad", sentence, camera=camera, kind=kind)
    return say("node-bad", sentence, signal=kind, subject=subject)


def _why_again(cameras: Sequence[str], kind: str) -> Said:
    named = ", ".join(each for each in cameras if each)
    sentence = f"{named}: {kind}." if named else f"{kind}."
    return say("bad-again", sentence, cameras=named, kind=kind) if named else say("node-again", sentence, signal=kind)


def _kinds_of(family: str) -> tuple[str, str]:
    """The alarm of one camera, or of the node, and that of many."""
    return _single(family), f"cameras-{family}"


def _single(family: str) -> str:
    return family if family in _OF_THE_NODE else f"camera-{family}"


_OF_THE_NODE = ("recorder-silent", *AUDIT_KINDS)
_STEP_UP: dict[AlarmWorth, Priority] = {"low": "medium", "medium": "high", "high": "critical", "critical": "critical"}
"""What takes many cameras at once is worth one step more than what takes one."""
