"""From stored rows to what crosses to the browser."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from istros.api import schemas
from istros.api.problem_shapes import closing_of
from istros.api.watchlist_shapes import WatchlistEntry
from istros.base.canonical import canonical
from istros.base.plate_text import fold_read
from istros.base.time import Time
from istros.compliance.access_index import ALL_CAMERAS, named_cameras
from istros.devices.masks import Masks
from istros.events.matching import fits_pattern
from istros.store import Transaction
from istros.store.rows import AlarmRow, AuditRow, PlateReadRow, SegmentRow, SegmentState, WatchlistEntryRow
from istros.video.repaint import PAINTED_MIME

Listed = Callable[[PlateReadRow], bool]


def alarm_shape(tx: Transaction, row: AlarmRow) -> schemas.Alarm:
    """An alarm, with the country and the confidence of the read that raised it; neither once a person corrected that."""
    shape = schemas.Alarm.model_validate(row)
    read = tx.reads.get(row.observation_id) if row.observation_id else None
    if read is None or read.corrected is not None:
        return shape
    return shape.model_copy(update={"country": read.country, "confidence": read.confidence})


def listed_now(tx: Transaction, now: Time) -> Listed:
    """Tells of a read whether its plate is on the watchlist now."""
    entries = tx.watchlist.open_ones(now)
    sought = {entry.folded for entry in entries if entry.manner != "pattern"}
    patterns = [entry.folded for entry in entries if entry.manner == "pattern"]
    return lambda read: (
        read.folded in sought or any(fits_pattern(pattern, fold_read(read.text)) for pattern in patterns)
    )


def read_shape(row: PlateReadRow, listed: bool) -> schemas.PlateRead:
    """A plate read without its picture."""
    return schemas.PlateRead(
        id=row.id, camera_id=row.camera_id, time=row.time, text=row.text, country=row.country,
        confidence=row.sureness, corrected=row.corrected, corrected_by=row.corrected_by,
        vehicle_class=row.vehicle_class, plate_width_px=row.plate_width_px,
        frames_read=row.frames_read, first_seen=row.first_seen, last_seen=row.last_seen, listed=listed,
        alternatives=[schemas.PlateAlternative(text=text, confidence=share) for text, share in row.alternatives],
        plate_box=list(row.plate_box), vehicle_box=list(row.vehicle_box) if row.vehicle_box else None,
        direction=row.direction, heading=row.heading, vehicle_colour=row.vehicle_colour,
    )  # fmt: skip


def entry_shape(row: WatchlistEntryRow, now: Time) -> WatchlistEntry:
    """A watchlist entry and whether it is open now."""
    state: schemas.EntryState = "closed" if row.closed is not None else "expired" if row.expires <= now else "open"
    review_due = state == "open" and row.review is not None and row.review <= now
    return WatchlistEntry(
        id=row.id, plate=row.plate, manner=row.manner, purpose=row.purpose, ground=row.ground, case_ref=row.case_ref,
        owner=row.owner, priority=row.priority, created=row.created, created_by=row.created_by, expires=row.expires,
        closed=row.closed, closed_by=row.closed_by, **closing_of(row.close_reason), state=state, category=row.category,
        requester=row.requester, handling=row.handling, handling_note=row.handling_note, provenance=row.provenance,
        review=row.review, review_due=review_due, cameras=list(row.cameras), hours=row.hours, renews=row.renews,
        renewal_reason=row.renewal_reason,
    )  # fmt: skip


def segment_shape(row: SegmentRow, masks: Masks) -> schemas.Segment:
    """A segment as people get it, painted where masks lie over it; its path and hash stay inside."""
    return schemas.Segment(
        id=row.id, start=row.start, end=row.end, size_bytes=row.size_bytes, mime=PAINTED_MIME if masks else row.mime,
        open=row.state is SegmentState.OPEN,
    )  # fmt: skip


def part_shape(row: AuditRow, own: Collection[str]) -> schemas.AuditRecord:
    """Another organisation's act, as far as the owner of the cameras `own` may read it: not what was searched or why."""
    named = named_cameras(row)
    cameras = sorted(own) if ALL_CAMERAS in named else [camera for camera in named if camera in own]
    detail = canonical({"cameras": cameras}).decode()
    return audit_shape(row, {}).model_copy(update={"subject": ",".join(cameras), "detail": detail, "part": True})


def audit_shape(row: AuditRow, names: Mapping[str, str]) -> schemas.AuditRecord:
    """A row of the audit log; `names` are sign-in names by account id."""
    return schemas.AuditRecord(
        sequence=row.sequence, time=row.time, actor=row.actor, origin=row.origin, action=row.action,
        subject=row.subject, permit_id=row.permit_id, result=row.result, detail=row.detail,
        account=names.get(row.subject, ""),
    )  # fmt: skip
