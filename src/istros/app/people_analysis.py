"""Between the analyser's people and the node: what the profile and the releases allow now, and what is kept of what came."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from istros.base.entry_keys import SealKeys
from istros.base.environment import Environment
from istros.base.sealing import SealBroken
from istros.base.time import HOUR, Time
from istros.compliance.deployment import STRICTEST
from istros.compliance.models_record import may_run_on_persons
from istros.compliance.profile import STRICTEST_PROFILE, Function, Profile, in_force
from istros.events.face_gallery import SEEN, TEMPLATE, quality_facts
from istros.events.live_matching import WatchedPerson, watched_now
from istros.events.repeating import repeat
from istros.recognition.appearance.person_seen import PersonSeen
from istros.recognition.faces.age_sex import AgeSex
from istros.recognition.faces.embedder import FaceTemplate
from istros.recognition.faces.face_watch import FaceCandidate
from istros.recognition.people_desk import PeopleDesk, PeopleReport, WatchedFace
from istros.store import Database, Transaction
from istros.store.faces import FaceCandidateRow
from istros.store.people import FaceCountRow, PeopleCountRow, PersonSeenRow
from istros.store.persons import SealedFaceRow

PERIOD_S = 2.0
"""How long what is no longer allowed may go on at most; each match is judged anew in the server besides."""

BANDS = ((0, 12), (13, 17), (18, 29), (30, 44), (45, 59), (60, 120))
"""Ages that are counted together; the nets' error is larger than narrower ones would be (docs/models)."""

log = structlog.get_logger("istros.people")


@dataclass(frozen=True, slots=True)
class _Leave:
    """What is allowed at one moment."""

    profile: Profile
    watched: tuple[tuple[WatchedPerson, SealedFaceRow], ...]


class PeopleOffice:
    """Lives in the analyser's process."""

    def __init__(
        self, environment: Environment, database: Database, keys: SealKeys, models: Mapping[str, str] | None = None
    ) -> None:
        """`models` are those that this process runs; None: those of the server's newest start."""
        self._environment, self._database, self._keys = environment, database, keys
        self._models = models
        self.desk = PeopleDesk(self.keep)
        self._profile: Profile | None = None
        self._templates: dict[tuple[str, str], FaceTemplate] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Renew what is allowed every two seconds until told to stop."""

        async def step() -> bool:
            await self.renew()
            return False

        try:
            await repeat(self._environment, stop, PERIOD_S, "people", step)
        finally:
            self._forget(set())

    async def renew(self) -> None:
        """Ask what is allowed now, and let the desk know. Where it cannot be known nothing is."""
        try:
            leave = await self._database.read(self._leave)
        except Exception:
            self._profile = None
            self.desk.allow(STRICTEST, (), counts=False)
            raise
        self._profile = leave.profile
        faces = [face for person, row in leave.watched if (face := self._opened(person, row)) is not None]
        self._forget({(row.entry_id, row.sha256) for _, row in leave.watched})
        counts = leave.profile.allows(Function.PEOPLE_DETECTED) or leave.profile.allows(Function.AGE_SEX_COUNTED)
        work = self._environment.workers.run
        await work(lambda: self.desk.allow(leave.profile.people, faces, counts=counts))

    async def keep(self, reports: list[PeopleReport]) -> None:
        """Store what the cameras bring, as far as the profile in force lets it be kept."""
        profile = self._profile
        if profile is None or not reports:
            return
        sealed = [(row, data) for report in reports for each in report.candidates if (found := self._sealed(each))
                  for row, data in (found,)]  # fmt: skip

        def write(tx: Transaction) -> None:
            for report in reports:
                self._keep_people(tx, profile, report)
            for row, data in sealed:
                if tx.persons.face(row.key) is not None:  # the entry may have ended meanwhile
                    tx.faces.add(row, data)

        await self._database.write(write)

    def _keep_people(self, tx: Transaction, profile: Profile, report: PeopleReport) -> None:
        hour = Time(self._environment.clock.now() // HOUR * HOUR)
        if profile.allows(Function.PEOPLE_DESCRIBED):
            described = profile.allows(Function.AGE_SEX_DESCRIBED)
            tx.people.add([row_of(each, described=described) for each in report.people])
        counts = [PeopleCountRow(report.camera_id, hour, "", "", report.counted)] if report.counted else []
        if profile.allows(Function.AGE_SEX_COUNTED):
            counts += [
                PeopleCountRow(report.camera_id, hour, band_of(each.age_sex), each.age_sex.sex.sex, 1)
                for each in report.people
                if each.age_sex is not None
            ]
        tx.people.count(counts)
        tally = report.tally
        if tally.seen or tally.compared:
            numbers = (tally.seen, tally.compared, tally.candidates, tally.still, tally.refused)
            tx.people.count_faces([FaceCountRow(report.camera_id, hour, *numbers)])

    def _leave(self, tx: Transaction) -> _Leave:
        now = self._environment.clock.now()
        if not may_run_on_persons(tx, self._models):
            return _Leave(STRICTEST_PROFILE, ())
        rows = ((person, tx.persons.face(person.entry.id)) for person in watched_now(tx, now))
        return _Leave(in_force(tx, now), tuple((person, row) for person, row in rows if row is not None))

    def _opened(self, person: WatchedPerson, row: SealedFaceRow) -> WatchedFace | None:
        key = (row.entry_id, row.sha256)
        try:
            if key not in self._templates:
                self._templates[key] = FaceTemplate.opened(
                    row.template, lambda sealed: self._keys.open(row.entry_id, sealed, TEMPLATE)
                )
        except SealBroken as error:
            log.warning("a face cannot be compared with", entry=row.entry_id, problem=error.message)
            return None
        return WatchedFace(row.entry_id, person.operation_id, self._templates[key], person.covers)

    def _forget(self, needed: set[tuple[str, str]]) -> None:
        for key in [key for key in self._templates if key not in needed]:
            self._templates.pop(key)

    def _sealed(self, seen: FaceCandidate) -> tuple[FaceCandidateRow, bytes] | None:
        """A candidate's row and its picture, sealed with the entry's key; None when that is gone: then nothing is kept."""
        try:
            sealed = self._keys.seal(seen.entry_id, seen.jpeg, SEEN)
        except SealBroken:
            return None
        row = FaceCandidateRow(
            id=seen.id, entry_id=seen.entry_id, operation_id=seen.operation_id, camera_id=seen.camera_id,
            track_id=seen.track_id, time=seen.time, distance=seen.distance, threshold=seen.threshold,
            false_match_rate=seen.false_match_rate, compared_with=seen.compared_with, next_best=seen.next_best,
            faces=seen.faces, quality=quality_facts(seen.quality), sha256=hashlib.sha256(seen.jpeg).hexdigest(),
        )  # fmt: skip
        return row, sealed


def row_of(person: PersonSeen, *, described: bool) -> PersonSeenRow:
    """The observation as the store keeps it; age and sex only where they may be described."""
    look, age = person.appearance, person.age_sex if described else None
    box = person.box
    return PersonSeenRow(
        id=person.id, camera_id=person.camera_id, track_id=person.track_id, first_seen=person.first_seen,
        last_seen=person.last_seen, box=(box.left, box.top, box.right, box.bottom), height_px=person.height_px,
        direction=person.direction,
        upper=tuple((str(each.name), round(each.share, 3)) for each in look.upper) if look else (),
        lower=tuple((str(each.name), round(each.share, 3)) for each in look.lower) if look else (),
        bag=look.bag if look else None, age_low=age.age.low if age else None, age_high=age.age.high if age else None,
        sex=age.sex.sex if age else None, sex_certainty=round(age.sex.certainty, 3) if age else None,
    )  # fmt: skip


def band_of(person: AgeSex) -> str:
    """The band of ages that a person is counted in, e.g. `18-29`."""
    low, high = next((each for each in BANDS if each[0] <= person.age.expected < each[1] + 1), BANDS[-1])
    return f"{low}-{high}"
