"""The faces of those who are sought: enrolled with a key of their own, and gone with it when the entry ends.

The sealed face is deleted in the transaction that ends its entry; its key is destroyed right after the commit. Should the
node die between the two, the next sweep destroys it: a key without a sealed face has no reason to be.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from istros.base.entry_keys import SealKeys
from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.base.said import say
from istros.events.errors import EntryStateConflict
from istros.events.face_search import end_lapsed, kept_too_long, why_over
from istros.events.persons import erase_ended, is_open, known_person
from istros.events.record import Author, record
from istros.events.repeating import repeat
from istros.recognition.checked_picture import checked_picture
from istros.recognition.faces.enrolment import EnrolledFace, Enroller, FaceFault, portrait
from istros.recognition.faces.quality import FaceQuality
from istros.recognition.picture import Picture
from istros.store import Database, Transaction
from istros.store.persons import PersonEntryRow, SealedFaceRow
from istros.store.releases import Matter

SOURCES = ("document", "case-file", "relative", "authority")
"""Where a picture may be from (rule L9): nothing that was gathered from the net or from cameras."""

PICTURE, TEMPLATE, SEEN = "picture", "template", "seen picture"
"""What a sealed thing is; said again to open it."""

PERIOD_S = 1.0


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What became of a picture: enrolled when there is no fault."""

    faults: tuple[FaceFault, ...]
    quality: FaceQuality | None
    row: SealedFaceRow | None = None


class FaceGallery:
    """Lives in the server process; the analyser opens templates with `SealKeys` of the same folder."""

    def __init__(self, environment: Environment, database: Database, keys: SealKeys) -> None:
        self._environment, self._database, self.keys = environment, database, keys
        self._enroller = Enroller()
        self._busy: set[str] = set()
        self._sealing = asyncio.Lock()
        """One key at a time: the second picture of an entry destroys the key of the first, which must be in its row by then."""

    async def enrol(
        self, author: Author, entry_id: str, data: bytes, source: str, owner: Callable[[PersonEntryRow], None]
    ) -> Enrolment:
        """Judge a picture and, when it is good, seal it into the entry in place of an earlier one.

        `owner` may refuse the entry. Raises PictureRefused, EntryUnknown, EntryStateConflict (over, or a release of it was
        asked for: what a second person looked at is not changed behind their back).
        """

        def ready(tx: Transaction) -> None:
            self._open_entry(tx, entry_id, owner)

        def keep(tx: Transaction, row: SealedFaceRow) -> None:
            ready(tx)
            tx.persons.put_face(row)
            detail = {"sha256": row.sha256, "source": row.source}
            record(tx, self._environment, author, "persons.enrol", entry_id, detail)

        await self._database.read(ready)
        return await self.seal(entry_id, data, source, author.actor, keep, ready)

    async def seal(
        self, name: str, data: bytes, source: str, by: str, keep: Callable[[Transaction, SealedFaceRow], None],
        ready: Callable[[Transaction], None] = lambda _tx: None,
    ) -> Enrolment:  # fmt: skip
        """Judge a picture and, when it is good, hand it on sealed with a fresh key of that name. Raises PictureRefused.

        And what `ready` raises, which is asked before an earlier key of that name is destroyed, or `keep`: then the key is
        gone again.
        """
        workers = self._environment.workers
        checked = await workers.run(checked_picture, data)
        judged = await workers.run(self._enroller.judge, checked.pixels)
        if judged.faults or judged.face is None:
            return Enrolment(judged.faults, judged.quality)
        async with self._sealing:
            await self._database.read(ready)
            self._busy.add(name)
            try:
                self.keys.destroy(name)
                self.keys.make(name)
                row = await workers.run(self._sealed, name, checked.pixels, judged, source, by)
                await self._database.write(lambda tx: keep(tx, row))
            except BaseException:
                self.keys.destroy(name)
                raise
            finally:
                self._busy.discard(name)
        return Enrolment((), judged.quality, row)

    def picture(self, row: SealedFaceRow) -> bytes:
        """The enrolled picture, JPEG. Raises SealBroken."""
        return self.keys.open(row.entry_id, row.picture, PICTURE)

    async def run(self, stop: asyncio.Event) -> None:
        """Erase what is over and destroy keys that nothing needs, each second, until told to stop."""

        async def step() -> bool:
            await self.sweep()
            return False

        await repeat(self._environment, stop, PERIOD_S, "face gallery", step)

    async def sweep(self) -> int:
        """Erase the faces of entries and searches that are over, and destroy the keys of all that was erased; how many keys."""
        now = self._environment.clock.now()

        def over(tx: Transaction) -> bool:
            lapsed = any(why_over(tx, row, now) for row in tx.face_searches.alive())
            return lapsed or bool(tx.persons.ended_with_face(now) or kept_too_long(tx, now))

        def erase(tx: Transaction) -> None:
            erase_ended(tx, self._environment)
            end_lapsed(tx, self._environment)

        if await self._database.read(over):
            await self._database.write(erase)
        names = self.keys.names()
        if not names:
            return 0
        held = await self._database.read(lambda tx: tx.persons.face_ids() | tx.face_searches.face_ids())
        needed = held | self._busy
        return sum(self.keys.destroy(name) for name in names if name not in needed)

    def _sealed(self, entry_id: str, picture: Picture, judged: EnrolledFace, source: str, by: str) -> SealedFaceRow:
        assert judged.face is not None and judged.quality is not None
        jpeg = portrait(picture, judged.face)
        template = self._enroller.sealed_template(
            picture, judged.face, lambda numbers: self.keys.seal(entry_id, numbers, TEMPLATE)
        )
        return SealedFaceRow(
            entry_id=entry_id, picture=self.keys.seal(entry_id, jpeg, PICTURE), template=template,
            sha256=hashlib.sha256(jpeg).hexdigest(), source=source, quality=quality_facts(judged.quality),
            added=self._environment.clock.now(), added_by=by,
        )  # fmt: skip

    def _open_entry(self, tx: Transaction, entry_id: str, owner: Callable[[PersonEntryRow], None]) -> PersonEntryRow:
        entry = known_person(tx, entry_id)
        owner(entry)
        if not is_open(entry, self._environment.clock.now()):
            raise EntryStateConflict(
                say("gallery-entry-over", "The entry is over."), "Open a new one where it is needed."
            )
        if any(release.ended is None for release in tx.releases.alive(Matter.WATCH_PERSON, entry_id)):
            raise EntryStateConflict(
                say("gallery-release-asked", "A release of this entry was asked for; its picture stays as it is."),
                "Close the entry and open a new one with another picture.",
            )
        return entry


class GalleryAway(IstrosError):
    """This node enrols no faces."""

    code = "gallery-away"


def quality_facts(quality: FaceQuality) -> str:
    """What the screens say of a face's picture, as JSON."""
    return json.dumps(
        {
            "score": round(quality.score, 2), "height_px": round(quality.height_px),
            "eyes_px": round(quality.eyes_px), "px_per_m": round(quality.px_per_m), "yaw": round(quality.yaw),
            "pitch": round(quality.pitch), "sharpness": round(quality.sharpness, 2), "light": round(quality.light),
        }
    )  # fmt: skip
