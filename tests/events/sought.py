"""Sought persons of the simulated city, and the profile and releases under which their faces may be compared."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import cv2

from istros.base.entry_keys import SealKeys
from istros.base.environment import Environment
from istros.base.signing import SigningKey
from istros.base.time import HOUR, Span, Time
from istros.compliance import releases
from istros.compliance.permits import open_permit
from istros.compliance.simulated_profile import sign_simulated
from istros.events.face_gallery import Enrolment, FaceGallery
from istros.events.face_search import SearchRequest, ask_search, release_of
from istros.events.live_matching import MatchingScope, ask_matching
from istros.events.persons import PersonRequest, open_person
from istros.events.reasons import Reasons
from istros.events.record import Author
from istros.store import Database
from istros.store.face_searches import FaceSearchRow
from istros.store.persons import PersonEntryRow
from istros.store.releases import Matter, ReleaseRow
from istros.store.rows import OperatorRow, PermitRow
from tests.recognition.simulated_faces import close_up

OFFICER = Author("detective", "10.0.0.5")
DETECTIVE = OperatorRow("o1", "detective", "Detective", "police", "investigator", "")
LEADER = OperatorRow("o2", "leader", "Leader", "council", "shift_leader", "")
ADMIN = OperatorRow("o3", "admin", "Admin", "council", "administrator", "")
PROTECTOR = OperatorRow("o4", "protector", "Protector", "council", "protection_officer", "")
CAMERA = "TL-01"


def request_at(now: Time, hours: int = 24, **more: object) -> PersonRequest:
    """A missing child."""
    why = Reasons(
        purpose="missing-person", ground="Report 20417", case_ref="12026", owner="police", priority="high",
        category="missing", requester="Unit 3", handling="H0", provenance="the mother",
        expires=Time(now + hours * HOUR), review=Time(now + HOUR),
    )  # fmt: skip
    asked = PersonRequest("W-1", "boy, eleven, red coat", True, "victim-or-missing", "Order 114", why)
    return replace(asked, **more)  # type: ignore[arg-type]


class Hunt:
    """A database, its keys, and the steps that people take, each in a transaction of its own."""

    def __init__(self, database: Database, environment: Environment, folder: Path) -> None:
        self.database, self.environment, self.folder = database, environment, folder
        self.keys = SealKeys(folder / "keys" / "faces", environment.random)
        self.gallery = FaceGallery(environment, database, self.keys)

    @property
    def now(self) -> Time:
        return self.environment.clock.now()

    def sign_profile(self) -> None:
        """The simulated city's profile: everything may run."""
        key = SigningKey.generate()
        self.database.write_now(lambda tx: sign_simulated(tx, self.environment, ADMIN, PROTECTOR, key))

    def entry(self, **more: object) -> PersonEntryRow:
        asked = request_at(self.now, **more)
        return self.database.write_now(lambda tx: open_person(tx, self.environment, OFFICER, asked))

    async def enrol(self, entry: PersonEntryRow, data: bytes | None = None, source: str = "relative") -> Enrolment:
        picture = data if data is not None else portrait_of("w01")
        return await self.gallery.enrol(OFFICER, entry.id, picture, source, lambda _: None)

    def ask(self, entry: PersonEntryRow) -> ReleaseRow:
        return self.database.write_now(
            lambda tx: releases.ask(tx, self.environment, DETECTIVE, Matter.WATCH_PERSON, entry.id, "a child is lost")
        )

    def decide(self, release: ReleaseRow, grant: bool = True) -> ReleaseRow:
        return self.database.write_now(
            lambda tx: releases.decide(tx, self.environment, LEADER, release.id, grant, "seen")
        )

    def operate(self, *entries: PersonEntryRow, cameras: tuple[str, ...] = (CAMERA,), hours: str = "") -> ReleaseRow:
        """Live matching of these entries, asked for and released."""
        scope = MatchingScope("victim-or-missing", cameras, tuple(each.id for each in entries), "Order 114", hours)
        asked = self.database.write_now(
            lambda tx: ask_matching(tx, self.environment, DETECTIVE, scope, "a child is lost")
        )
        return self.decide(asked)

    def released(self, hours_ahead: int = 24, **more: object) -> PersonEntryRow:
        """An entry with a face that a second person has released; the profile is signed."""
        self.sign_profile()
        entry = self.entry(hours=hours_ahead, **more)
        assert asyncio.run(self.enrol(entry)).row is not None
        self.decide(self.ask(entry))
        return entry

    def permit(self, purpose: str = "missing-person", case_ref: str = "12026") -> PermitRow:
        return self.database.write_now(
            lambda tx: open_permit(tx, self.environment, DETECTIVE, purpose, "Art. 40", case_ref, 4)
        )

    def search(self, entry: PersonEntryRow | None, permit: PermitRow | None = None, **more: object) -> FaceSearchRow:
        """Recordings of the last hour looked through for the entry's person, asked for."""
        asked = SearchRequest(
            "authorised" if entry else "first-identification", entry and entry.id, (CAMERA,),
            Span(Time(self.now - HOUR), self.now), "he was seen near the square",
            facts="" if entry else "the till's camera shows him", authorisation="Order 115" if entry else "",
        )  # fmt: skip
        asked, held = replace(asked, **more), permit or self.permit()  # type: ignore[arg-type]
        return self.database.write_now(lambda tx: ask_search(tx, self.environment, DETECTIVE, held, asked, [CAMERA]))

    def grant(self, search: FaceSearchRow, grant: bool = True) -> ReleaseRow:
        """The second person's word on a search."""
        waiting = self.database.read_now(lambda tx: release_of(tx, search))
        assert waiting is not None
        return self.decide(waiting, grant)

    def again(self, search: FaceSearchRow) -> FaceSearchRow:
        """The search as it is now."""
        row = self.database.read_now(lambda tx: tx.face_searches.get(search.id))
        assert row is not None
        return row

    def contains(self, *secrets: bytes) -> list[Path]:
        """Files of the node that hold one of these."""
        files = [file for file in self.folder.rglob("*") if file.is_file()]
        return [file for file in files if any(secret in file.read_bytes() for secret in secrets)]


def portrait_of(person: str, frame: int = 40, height: int = 130) -> bytes:
    """A picture of one person of the simulated square, JPEG."""
    picture, _ = close_up(person, frame, height)
    made, jpeg = cv2.imencode(".jpg", picture)
    assert made
    return jpeg.tobytes()
