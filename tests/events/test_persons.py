"""Sought persons: 72 hours, a good picture, a second person, and nothing left of a face once its entry is over."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from istros.base.environment import Environment
from istros.base.sealing import SealBroken
from istros.base.time import HOUR, Span, Time
from istros.compliance import departures, releases
from istros.compliance.cascade import on_undone
from istros.compliance.corrections import Cause, Remedy
from istros.compliance.departures import Carrier, Parcel, Recipient, RecipientKind
from istros.compliance.errors import OverLimit, ReleaseRefused
from istros.compliance.transfers import Sending
from istros.events.errors import EntryRefused, EntryStateConflict, MatchingRefused
from istros.events.face_gallery import PICTURE, TEMPLATE
from istros.events.live_matching import MatchingScope, ask_matching, watched_now
from istros.events.persons import close_person, open_person, undo_person
from istros.recognition.checked_picture import PictureRefused
from istros.recognition.faces.embedder import FaceTemplate
from istros.store import Database, Transaction
from istros.store.releases import Matter
from tests.events.city import START, HandClock
from tests.events.sought import CAMERA, DETECTIVE, LEADER, OFFICER, Hunt, portrait_of, request_at
from tests.recognition.pictures import needs_models
from tests.store.rows_made import alarm


@pytest.fixture
def hunt(database: Database, still: Environment, tmp_path: Path) -> Hunt:
    on_undone(Matter.WATCH_PERSON, undo_person)
    return Hunt(database, still, tmp_path)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"hours": 73}, "expires"),
        ({"name": " "}, "name"),
        ({"description": ""}, "description"),
        ({"description": "x" * 1001}, "description"),
        ({"authorisation": ""}, "authorisation"),
        ({"objective": "curiosity"}, "objective"),
    ],
)
def test_what_the_law_asks_of_a_person_is_asked(hunt: Hunt, change: dict[str, object], field: str) -> None:
    with pytest.raises(EntryRefused) as refused:
        hunt.entry(**change)
    assert refused.value.field == field


def test_a_person_needs_a_category(hunt: Hunt) -> None:
    asked = request_at(hunt.now)
    with pytest.raises(EntryRefused, match="whom it concerns"):
        hunt.entry(reasons=replace(asked.reasons, category="none"))


def test_whoever_got_an_entry_that_was_never_right_is_told(hunt: Hunt) -> None:
    """Rule L17: files that name the person, and packages with an alarm of theirs."""
    entry, other = hunt.entry(), hunt.entry()
    span = Span(Time(hunt.now - HOUR), Time(hunt.now + HOUR))
    recipient = Recipient("Police of Tulcea", RecipientKind.POLICE, "RO", "ua-29-3", "Agreement 3/2026")

    def send(tx: Transaction) -> None:
        tx.alarms.add(replace(alarm(1), kind="face", camera_id="TL-01", time=hunt.now, watchlist_entry_id=entry.id))
        parcels = (
            Parcel(Carrier.PERSONS, "persons.csv", ("sought-persons",), contents=(entry.id,)),
            Parcel(Carrier.PERSONS, "others.csv", ("sought-persons",), contents=(other.id,)),
            Parcel(Carrier.EXPORT, "alarmed", ("pictures", "alarms"), ("TL-01",), span),
            Parcel(Carrier.EXPORT, "film", ("pictures",), ("TL-01",), span),
        )
        for parcel in parcels:
            row = departures.add(tx, hunt.environment, DETECTIVE, Sending("UA"), recipient, parcel)
            departures.leave(tx, hunt.environment, row, "detective", "desk", "ab" * 32)

    hunt.database.write_now(send)
    hunt.database.write_now(lambda tx: close_person(tx, hunt.environment, OFFICER, other.id, "found"))
    assert hunt.database.read_now(lambda tx: tx.corrections.all(9, tx.departures.organisations())) == [], (
        "one that was right once tells nobody"
    )
    hunt.database.write_now(
        lambda tx: close_person(tx, hunt.environment, OFFICER, entry.id, "another man was meant", wrong=True)
    )
    notices = hunt.database.read_now(lambda tx: tx.corrections.all(9, tx.departures.organisations()))
    told = hunt.database.read_now(lambda tx: {tx.departures.get(row.departure_id).subject for row in notices})  # type: ignore[union-attr]
    assert told == {"persons.csv", "alarmed"}
    assert {(row.cause, row.remedy) for row in notices} == {(Cause.ENTRY, Remedy.ERASE)}
    assert all(row.known_facts == {"person": "W-1", "reason": "another man was meant"} for row in notices)


def test_a_renewal_is_another_persons_and_takes_the_old_entry_away(hunt: Hunt) -> None:
    old = hunt.entry()
    why = replace(request_at(hunt.now).reasons, renews=old.id, renewal_reason="still missing")
    with pytest.raises(EntryRefused, match="alone"):
        hunt.entry(reasons=why)
    other = replace(OFFICER, actor="another")
    new = hunt.database.write_now(
        lambda tx: open_person(tx, hunt.environment, other, request_at(hunt.now, reasons=why))
    )
    before = hunt.database.read_now(lambda tx: tx.persons.get(old.id))
    assert before is not None and before.closed is not None and new.renews == old.id


@needs_models
def test_a_bad_picture_is_refused_with_every_reason(hunt: Hunt) -> None:
    entry = hunt.entry()

    def faults(data: bytes) -> set[str]:
        done = asyncio.run(hunt.enrol(entry, data))
        assert done.row is None
        return {each.what for each in done.faults}

    def encoded(picture: object) -> bytes:
        return cv2.imencode(".png", picture)[1].tobytes()  # type: ignore[call-overload, no-any-return]

    good = cv2.imdecode(np.frombuffer(portrait_of("w01"), np.uint8), cv2.IMREAD_COLOR)
    assert "too-small" in faults(portrait_of("w01", height=60))
    assert "no-face" in faults(encoded(np.full((200, 200, 3), 114, np.uint8)))
    assert "several-faces" in faults(encoded(np.hstack([good, good])))
    assert "blurred" in faults(encoded(cv2.GaussianBlur(good, (0, 0), 5)))
    assert "too-dark" in faults(encoded((good * 0.2).astype(np.uint8)))
    with pytest.raises(PictureRefused):
        asyncio.run(hunt.enrol(entry, b"no picture"))
    assert hunt.keys.names() == []
    assert hunt.database.read_now(lambda tx: tx.persons.face(entry.id)) is None


def _enrolled(hunt: Hunt) -> tuple[object, bytes, bytes]:
    """An entry with a face; the template's and the picture's bytes as they were before they were sealed."""
    entry = hunt.entry()
    assert asyncio.run(hunt.enrol(entry)).row is not None
    face = hunt.database.read_now(lambda tx: tx.persons.face(entry.id))
    assert face is not None
    template = hunt.keys.open(entry.id, face.template, TEMPLATE)
    return entry, template, hunt.keys.open(entry.id, face.picture, PICTURE)


@needs_models
@pytest.mark.parametrize("end", ["closed", "expired", "refused", "withdrawn", "undone", "lapsed"])
def test_a_face_dies_with_its_entry(hunt: Hunt, clock: HandClock, end: str) -> None:
    entry, template, picture = _enrolled(hunt)
    sealed = hunt.database.read_now(lambda tx: tx.persons.face(entry.id))  # type: ignore[attr-defined]
    key = (hunt.folder / "keys" / "faces" / f"{entry.id}.key").read_bytes()  # type: ignore[attr-defined]
    assert len(template) == 512 and picture.startswith(b"\xff\xd8")
    assert hunt.contains(template[:64], picture[200:264]) == [], "nothing of it was ever written in clear"
    assert hunt.contains(key), "the search finds what is there"
    _end(hunt, clock, entry, end)
    asyncio.run(hunt.gallery.sweep())
    assert hunt.keys.names() == []
    assert hunt.contains(key, template[:64], template[-64:], picture[200:264]) == []
    after = hunt.database.read_now(lambda tx: tx.persons.get(entry.id))  # type: ignore[attr-defined]
    assert after is not None and after.erased == clock.now()
    with pytest.raises(SealBroken):
        hunt.keys.open(entry.id, sealed.template, TEMPLATE)  # type: ignore[attr-defined, union-attr]
    erased = [
        row for row in hunt.database.read_now(lambda tx: tx.audit.about(entry.id)) if row.action == "persons.erase"
    ]  # type: ignore[attr-defined]
    assert len(erased) == 1 and sealed is not None and sealed.sha256 in erased[0].detail


def _end(hunt: Hunt, clock: HandClock, entry: object, end: str) -> None:
    if end == "closed":
        hunt.database.write_now(lambda tx: close_person(tx, hunt.environment, OFFICER, entry.id, "found"))  # type: ignore[attr-defined]
    elif end == "expired":
        clock.time = Time(START + 25 * HOUR)
    elif end == "undone":
        _emergency(hunt, entry)
        clock.time = Time(clock.time + 49 * HOUR)
        hunt.database.write_now(lambda tx: releases.undo_overdue(tx, hunt.environment))
    else:
        asked = hunt.ask(entry)  # type: ignore[arg-type]
        if end == "refused":
            hunt.decide(asked, grant=False)
        elif end == "withdrawn":
            hunt.decide(asked)
            hunt.database.write_now(lambda tx: releases.withdraw(tx, hunt.environment, DETECTIVE, asked.id, "found"))
        else:
            clock.time = Time(clock.time + 25 * HOUR)
            hunt.database.write_now(lambda tx: releases.undo_overdue(tx, hunt.environment))


def _emergency(hunt: Hunt, entry: object) -> None:
    from istros.compliance.permits import open_permit

    def work(tx):  # type: ignore[no-untyped-def]
        permit = open_permit(tx, hunt.environment, LEADER, "threat-to-life", "Art. 5", "12026", 12)
        return releases.ask(
            tx, hunt.environment, LEADER, Matter.WATCH_PERSON, entry.id, "life in danger", permit.id, emergency=True  # type: ignore[attr-defined]
        )  # fmt: skip

    assert hunt.database.write_now(work).stands(hunt.now)


@needs_models
def test_two_pictures_at_once_leave_one_that_can_be_opened(hunt: Hunt, monkeypatch: pytest.MonkeyPatch) -> None:
    entry, run = hunt.entry(), hunt.environment.workers.run
    sealed = 0

    async def first_seal_last(work: Any, *given: Any) -> Any:
        """The picture that is sealed first is written last."""
        nonlocal sealed
        done = await run(work, *given)
        sealed += work == hunt.gallery._sealed
        for _ in range(50 if sealed == 1 else 1):
            await asyncio.sleep(0)
        return done

    async def both() -> None:
        await asyncio.gather(hunt.enrol(entry), hunt.enrol(entry))

    monkeypatch.setattr(hunt.environment.workers, "run", first_seal_last)
    asyncio.run(both())
    row = hunt.database.read_now(lambda tx: tx.persons.face(entry.id))
    assert row is not None and hunt.gallery.picture(row).startswith(b"\xff\xd8")


@needs_models
def test_a_picture_under_release_is_not_changed(hunt: Hunt) -> None:
    entry = hunt.entry()
    asyncio.run(hunt.enrol(entry))
    hunt.ask(entry)
    with pytest.raises(EntryStateConflict, match="stays as it is"):
        asyncio.run(hunt.enrol(entry))


@needs_models
def test_a_face_is_watched_only_under_profile_release_operation_and_scope(hunt: Hunt, clock: HandClock) -> None:
    def watched() -> list[str]:
        return [each.entry.id for each in hunt.database.read_now(lambda tx: watched_now(tx, hunt.now))]

    entry = hunt.entry()
    asyncio.run(hunt.enrol(entry))
    scope = MatchingScope("victim-or-missing", (CAMERA,), (entry.id,), "Order 114")
    with pytest.raises(MatchingRefused, match="profile"):
        hunt.database.write_now(lambda tx: ask_matching(tx, hunt.environment, DETECTIVE, scope, "lost"))
    hunt.sign_profile()
    hunt.operate(entry)
    assert watched() == [], "the entry itself is not released yet"
    asked = hunt.ask(entry)
    assert watched() == []
    with pytest.raises(ReleaseRefused):
        hunt.database.write_now(lambda tx: releases.decide(tx, hunt.environment, DETECTIVE, asked.id, True, ""))
    hunt.decide(asked)
    assert watched() == [entry.id]
    (one,) = hunt.database.read_now(lambda tx: watched_now(tx, hunt.now))
    assert one.covers(CAMERA, hunt.now) and not one.covers("IZ-07", hunt.now)
    assert not one.covers(CAMERA, one.until), "it stops by itself"
    clock.time = Time(START + 25 * HOUR)
    assert watched() == []


@needs_models
def test_an_operation_bounds_objective_cameras_and_hours(hunt: Hunt) -> None:
    hunt.sign_profile()
    entry = hunt.entry()

    def ask(hours: float | None = None, emergency: bool = False, **more: object) -> None:
        scope = replace(MatchingScope("victim-or-missing", (CAMERA,), (entry.id,), "Order 114"), **more)  # type: ignore[arg-type]
        hunt.database.write_now(
            lambda tx: ask_matching(tx, hunt.environment, DETECTIVE, scope, "lost", hours=hours, emergency=emergency)
        )

    with pytest.raises(MatchingRefused, match="another objective"):
        ask(objective="imminent-threat")
    with pytest.raises(OverLimit, match="16 cameras at most"):
        ask(cameras=tuple(f"IZ-{number}" for number in range(17)))
    with pytest.raises(OverLimit, match="72 hours at most"):
        ask(hours=73)
    with pytest.raises(MatchingRefused, match="duty officer"):
        ask(emergency=True)


def test_a_template_leaves_memory_only_through_a_seal() -> None:
    template = FaceTemplate(np.arange(128, dtype=np.float32))
    sealed = template.sealed(lambda numbers: numbers[::-1])
    again = FaceTemplate.opened(sealed, lambda data: data[::-1])
    assert template.distance(again) == 0
    again.forget()
    assert np.isnan(template.distance(again))
