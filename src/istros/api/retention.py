"""What will be erased next: by class, camera and disk, in counts and bytes alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from istros.api.gate import Caller, needs
from istros.api.node import Node
from istros.api.retention_shapes import (
    CrowdedDisk,
    GoingClass,
    GoingKind,
    GoingRecordings,
    PreviewDays,
    RetentionPreview,
)
from istros.base.time import DAY, Time, after
from istros.compliance.profile import in_force, kept_days
from istros.recording.bounds import keeping_now
from istros.recording.going import Going, going
from istros.recording.keeping import KeepingRules
from istros.store import Transaction
from istros.store.due import DueRows

router = APIRouter(tags=["storage"])


@router.get("/retention/preview")
async def preview_retention(
    caller: Annotated[Caller, Depends(needs("retention.read"))], days: Annotated[PreviewDays, Query()] = "1"
) -> RetentionPreview:
    """What of all that is there now goes within the next 1, 3 or 7 days, and what holds and alarms keep."""
    node = caller.node
    now = node.environment.clock.now()
    ahead = int(days)
    until = Time(now + ahead * DAY)

    def work(tx: Transaction) -> RetentionPreview:
        rules = keeping_now(tx, now, node.keeping)
        recordings = going(tx, rules, until)
        return RetentionPreview(
            days=ahead, until=until, recordings=[_recordings(each, rules, node.keeping) for each in recordings],
            classes=_classes(tx, node, now, until), disks=_crowded(tx, recordings, ahead),
        )  # fmt: skip

    return await caller.disclose("what will go", work, {"days": ahead})


def _recordings(found: Going, rules: KeepingRules, settings: KeepingRules) -> GoingRecordings:
    rule, said = rules.of(found.camera_id), settings.of(found.camera_id)
    longest = max(rule.days, rule.event_days)
    return GoingRecordings(
        camera_id=found.camera_id, count=found.count, size_bytes=found.size_bytes, oldest=found.oldest,
        held_count=found.held_count, held_bytes=found.held_bytes, days=rule.days, event_days=longest,
        by_profile=longest < max(said.days, said.event_days),
    )  # fmt: skip


def _classes(tx: Transaction, node: Node, now: Time, until: Time) -> list[GoingClass]:
    reads_hours = kept_days(tx, now, node.reads_kept_days) * 24
    limits = in_force(tx, now).limits
    reads_before = after(until, -reads_hours * 3600)
    alarms = DueRows(0, None)  # nothing erases alarms by age: they end with their cases
    found: list[tuple[GoingKind, DueRows, float | None]] = [
        ("plates", tx.due.reads(reads_before), reads_hours),
        ("vehicles", tx.due.vehicles(reads_before), reads_hours),
        ("people", tx.due.people(after(until, -limits.people_hours * 3600)), float(limits.people_hours)),
        ("alarms", alarms, None),
        ("exports", tx.due.exports(until), _export_hours(node, limits.export_hours)),
    ]
    return [
        GoingClass(
            kind=kind, count=rows.count, size_bytes=rows.size_bytes, oldest=rows.oldest, kept_count=rows.kept,
            limit_hours=hours,
        )
        for kind, rows, hours in found
    ]  # fmt: skip


def _export_hours(node: Node, bound: int) -> float:
    return float(bound) if node.exports is None else min(node.exports.kept_days * 24, float(bound))


def _crowded(tx: Transaction, recordings: Sequence[Going], days: int) -> list[CrowdedDisk]:
    """What room takes beside age, at the rate of the last day; never what is held.

    Where there is a second tier, what the first has no room for is moved there and does not go.
    """
    found, disks = list[CrowdedDisk](), tx.storage.disks()
    last = max((disk.tier for disk in disks), default=1)
    for disk in disks:
        if disk.bytes_max < 0 or disk.tier != last:
            continue
        aged = sum(each.disks.get(disk.disk, 0) for each in recordings)
        excess = disk.used_bytes - aged + days * disk.bytes_per_day - disk.bytes_max
        most = max(0, disk.used_bytes - aged - disk.held_bytes)
        if min(excess, most) > 0:
            found.append(CrowdedDisk(disk=disk.disk, size_bytes=min(excess, most)))
    return found
