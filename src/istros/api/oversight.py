"""The data-protection officer's screens: accesses, unusual looking, what is open, false alarms, retention at work."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from istros.api import oversight_shapes as shapes
from istros.api.audit import share_of, shown
from istros.api.gate import Caller, needs
from istros.api.node import Node
from istros.api.schemas import AuditRecord
from istros.api.spans import From, To, span_of
from istros.base.time import Time
from istros.compliance import oversight
from istros.compliance.access_index import catch_up
from istros.compliance.divided import Share, of_cameras, of_organisation
from istros.compliance.oversight import KeepingLimits
from istros.compliance.period import accesses
from istros.compliance.profile import kept_days
from istros.compliance.unusual import Unusual, unusual, watched_by
from istros.recording.bounds import keeping_now
from istros.store import Transaction
from istros.store.access_tables import WatchedPlateRow
from istros.store.accesses import AccessQuery
from istros.store.rows import PermitRow

router = APIRouter(tags=["oversight"])

Reader = Annotated[Caller, Depends(needs("audit.read"))]
Writer = Annotated[Caller, Depends(needs("oversight.write"))]
Word = Annotated[str, Query(max_length=100)]
MOST = 500


@router.get("/oversight/accesses")
async def count_accesses(caller: Reader, since: From, until: To) -> shapes.Accesses:
    """Who did what how often: by person, by place and by purpose."""
    span, upto = span_of(since, until), await _caught_up(caller)

    def work(tx: Transaction) -> shapes.Accesses:
        share = share_of(tx, caller)
        people, places, purposes = (
            [shapes.AccessCount.model_validate(each) for each in counts] for counts in accesses(tx, span, share)
        )
        only = "" if share is None else share.organisation
        return shapes.Accesses(people=people, places=places, purposes=purposes, indexed_to=upto, only=only)

    return await caller.disclose("accesses", work, {"from": since, "to": until})


@router.get("/oversight/rows")
async def list_access_rows(
    caller: Reader,
    since: From,
    until: To,
    person: Word = "",
    camera: Word = "",
    purpose: Word = "",
    action: Word = "",
    plate: Word = "",
    before: Annotated[int | None, Query(ge=1)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[AuditRecord]:
    """The rows behind a count, newest first; `purpose` is `none` for what needed no permit."""
    query = AccessQuery(span_of(since, until), person, camera, purpose, action, plate)
    await _caught_up(caller)
    detail: dict[str, object] = {
        "from": since, "to": until, "person": person, "about": camera, "purpose": purpose, "action": action,
        "before": before,
    }  # fmt: skip

    def work(tx: Transaction) -> list[AuditRecord]:
        share = share_of(tx, caller)
        asked = query if share is None else replace(query, organisation=share.organisation, own=tuple(share.cameras))
        return shown(tx, share, tx.accesses.rows(asked, before, limit))

    return await caller.disclose("accesses", work, detail)


@router.get("/oversight/unusual")
async def list_unusual(caller: Reader, since: From, until: To) -> list[shapes.UnusualLook]:
    """Unusual looking, each with why it is listed."""
    span = span_of(since, until)
    await _caught_up(caller)
    return await caller.disclose(
        "unusual",
        lambda tx: [_unusual(each) for each in unusual(tx, span, share_of(tx, caller))],
        {"from": since, "to": until},
    )


@router.post("/oversight/unusual/{finding_id}/looked")
async def mark_looked(
    finding_id: str, body: shapes.LookedNote, caller: Writer, since: From, until: To
) -> shapes.UnusualLook:
    """Note that a finding was looked at and what came of it."""
    span, node = span_of(since, until), caller.node
    found = await caller.act(
        finding_id,
        lambda tx: oversight.mark_looked(
            tx,
            node.environment,
            finding_id,
            span,
            body.note,
            by=caller.operator.name,
            origin=caller.origin,
            share=share_of(tx, caller),
        ),
    )
    return _unusual(found)


@router.get("/oversight/plates")
async def list_watched_plates(caller: Reader) -> list[shapes.WatchedPlate]:
    """Plates of colleagues and neighbours that the officer watches over."""
    return await caller.disclose(
        "watched plates", lambda tx: [_plate(row) for row in watched_by(share_of(tx, caller), tx.accesses.watched())]
    )


@router.post("/oversight/plates", status_code=201)
async def add_watched_plate(body: shapes.WatchedPlateRequest, caller: Writer) -> shapes.WatchedPlate:
    """Watch over a plate."""
    node = caller.node
    return _plate(
        await caller.act(
            "watched plates",
            lambda tx: oversight.watch_over(
                tx, node.environment, body.plate, body.why, by=caller.operator.name, origin=caller.origin
            ),
        )
    )


@router.delete("/oversight/plates/{plate_id}", status_code=204)
async def remove_watched_plate(plate_id: str, caller: Writer) -> None:
    """Stop watching over a plate."""
    node = caller.node
    await caller.act(
        plate_id,
        lambda tx: oversight.stop_watching(
            tx,
            node.environment,
            plate_id,
            by=caller.operator.name,
            origin=caller.origin,
            share=share_of(tx, caller),
        ),
    )


@router.get("/oversight/open")
async def list_open_reasons(caller: Reader) -> shapes.OpenReasons:
    """Permits, watchlist entries and holds that count now, and when they end."""
    now = caller.node.environment.clock.now()

    def work(tx: Transaction) -> shapes.OpenReasons:
        share = share_of(tx, caller)
        whose = None if share is None else share.organisation
        entries = sorted(
            of_organisation(share, tx.watchlist.open_ones(now), lambda row: row.owner), key=lambda row: row.expires
        )
        return shapes.OpenReasons(
            permits=[_permit(row) for row in tx.oversight.open_permits(now, MOST, whose)],
            entries=[
                shapes.EndingEntry(
                    id=row.id, owner=row.owner, purpose=row.purpose, case_ref=row.case_ref, expires=row.expires
                )
                for row in entries[:MOST]
            ],
            holds=[
                shapes.StandingHold(
                    id=row.id, cameras=list(row.cameras), kind=row.kind, placed=row.placed, placed_by=row.placed_by,
                    release_asked=row.release_asked, review=row.review,
                )
                for row in of_organisation(share, tx.holds.standing(), lambda row: row.organisation)
            ],
            on_duty=tx.oversight.on_duty(now, whose),
        )  # fmt: skip

    return await caller.disclose("open reasons", work)


@router.get("/oversight/alarms")
async def list_false_rates(caller: Reader, months: Annotated[int, Query(ge=1, le=36)] = 6) -> list[shapes.FalseRate]:
    """What came of alarms, by kind, camera and month."""
    names = oversight.last_months(caller.node.environment.clock.now(), months)

    def work(tx: Transaction) -> list[shapes.FalseRate]:
        return [
            shapes.FalseRate(
                month=each.month, kind=each.kind, camera_id=each.camera_id, confirmed=each.confirmed,
                false=each.false, other=each.other, rate=each.rate,
            )
            for each in oversight.false_rates(tx, names, share_of(tx, caller))
        ]  # fmt: skip

    return await caller.disclose("alarm verdicts", work, {"months": months})


@router.get("/oversight/retention")
async def list_retention(caller: Reader) -> list[shapes.KeptClass]:
    """The oldest of each class against how long it may be kept."""
    now = caller.node.environment.clock.now()

    def work(tx: Transaction) -> list[shapes.KeptClass]:
        return [
            shapes.KeptClass(
                kind=each.kind, subject=each.subject, oldest=each.oldest, age_days=each.age_days,
                limit_days=each.limit_days, is_least=each.is_least, late=each.is_late,
            )
            for each in oversight.retention(tx, limits_of(caller.node, tx, now, share_of(tx, caller)), now)
        ]  # fmt: skip

    return await caller.disclose("retention", work)


async def _caught_up(caller: Caller) -> int:
    """The last row of the log in the index, once it has all of them."""
    return await catch_up(caller.node.database, caller.node.owners)


def limits_of(node: Node, tx: Transaction, now: Time, share: Share | None) -> KeepingLimits:
    """How long this node may keep what, within the deployment profile; recordings of the share's cameras."""
    rules = keeping_now(tx, now, node.keeping)
    streams = [
        (camera.id, stream.key.name, rules.of(camera.id).event_days)
        for camera in of_cameras(share, node.cameras, lambda camera: camera.id)
        for stream in camera.streams
    ]
    return KeepingLimits(streams, kept_days(tx, now, node.reads_kept_days))


def _unusual(found: Unusual) -> shapes.UnusualLook:
    mark = found.looked
    return shapes.UnusualLook(
        id=found.id, kind=found.kind.value, person=found.actor, since=found.span.start, until=found.span.end,
        facts=dict(found.facts), plate=found.plate, looked=mark.time if mark else None,
        looked_by=mark.by if mark else "", note=mark.note if mark else "",
    )  # fmt: skip


def _permit(row: PermitRow) -> shapes.OpenPermit:
    return shapes.OpenPermit(
        id=row.id, number=row.number, holder=row.holder, organisation=row.organisation, purpose=row.purpose,
        ground=row.ground, case_ref=row.case_ref, opened=row.opened, expires=row.expires,
    )  # fmt: skip


def _plate(row: WatchedPlateRow) -> shapes.WatchedPlate:
    return shapes.WatchedPlate(id=row.id, plate=row.plate, why=row.why, added=row.added, added_by=row.added_by)
