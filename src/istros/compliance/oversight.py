"""What the data-protection officer sees at once: false alarms, retention at work, and notes on the record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.base.local_time import local_moment
from istros.base.plain_words import is_plain
from istros.base.plate_text import fold
from istros.base.said import say
from istros.base.time import DAY, Span, Time
from istros.compliance import audit
from istros.compliance.divided import Share, of_cameras
from istros.compliance.unusual import Unusual, unusual, watched_by
from istros.store import Transaction
from istros.store.access_tables import OversightMarkRow, WatchedPlateRow
from istros.store.rows import StreamName

MOST_LETTERS = 500
AUDIT_DAYS = 730.0
"""Two years: how long the log is kept at least (rule L12)."""


class OversightRefused(IstrosError):
    """A note or a plate cannot be kept as it was given."""

    code = "oversight-refused"


class FindingUnknown(IstrosError):
    """There is no such finding in the span."""

    code = "finding-unknown"


@dataclass(frozen=True, slots=True)
class FalseRate:
    """Alarms of one kind at one camera in a month, by what people found them to be."""

    month: str
    kind: str
    camera_id: str
    confirmed: int
    false: int
    other: int

    @property
    def rate(self) -> float | None:
        """False among those that somebody judged; None when nobody judged any."""
        judged = self.confirmed + self.false
        return self.false / judged if judged else None


@dataclass(frozen=True, slots=True)
class Kept:
    """How old the oldest of a class is, against how long it may be kept. `limit_days` None: no limit is set."""

    kind: str
    subject: str
    oldest: Time
    age_days: float
    limit_days: float | None
    is_least: bool = False
    """Whether the limit is the least that it must be kept, as for the audit log."""

    @property
    def is_late(self) -> bool:
        """Whether it is older than it may be, by more than the day that deletion may take."""
        return self.limit_days is not None and not self.is_least and self.age_days > self.limit_days + 1


def month_span(month: str) -> Span:
    """A month of the towns' own time, as `2026-11`."""
    year, number = (int(part) for part in month.split("-"))
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    return Span(local_moment(datetime(year, number, 1)), local_moment(datetime(*following, 1)))


def period_span(period: str) -> Span:
    """A month (`2026-11`) or a year (`2026`) of the towns' own time."""
    if "-" in period:
        return month_span(period)
    return Span(month_span(f"{period}-01").start, month_span(f"{period}-12").end)


def months_of(period: str) -> list[str]:
    """The months of a period."""
    return [period] if "-" in period else [f"{period}-{number:02d}" for number in range(1, 13)]


def last_months(now: Time, count: int) -> list[str]:
    """The months up to the present one, oldest first."""
    moment = datetime.fromtimestamp(now / 1_000_000, UTC)
    numbers = [moment.year * 12 + moment.month - 1 - back for back in range(count)]
    return [f"{number // 12}-{number % 12 + 1:02d}" for number in reversed(numbers)]


def false_rates(tx: Transaction, months: Sequence[str], share: Share | None = None) -> list[FalseRate]:
    """What came of the alarms that were closed in these months."""
    return [rate for month in months for rate in rates_of(tx, month, share)]


def rates_of(tx: Transaction, period: str, share: Share | None = None) -> list[FalseRate]:
    """What came of the alarms that were closed in a month or a year, by kind and camera; of a share, at its cameras."""
    counts: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for each in of_cameras(share, tx.oversight.verdicts(period_span(period)), lambda each: each.camera_id):
        counts[(each.kind, each.camera_id)][each.verdict] += each.count
    return [
        FalseRate(
            period, kind, camera_id, by["true"], by["false"], sum(by.values()) - by["true"] - by["false"]
        )
        for (kind, camera_id), by in sorted(counts.items())
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeepingLimits:
    """Days that each class may be kept: recordings by camera, reads and vehicles."""

    streams: Sequence[tuple[str, StreamName, float]]
    reads_days: float


def retention(tx: Transaction, limits: KeepingLimits, now: Time) -> list[Kept]:
    """The oldest of each class against its limit; held footage may be older, and is listed among the holds."""
    recordings = tx.oversight.oldest_recordings([(camera, stream) for camera, stream, _ in limits.streams])
    found = [
        _kept("recordings", f"{camera}/{stream}", recordings[camera, stream], now, days)
        for camera, stream, days in limits.streams
        if (camera, stream) in recordings
    ]
    oldest = tx.oversight.oldest_rows()
    days: dict[str, float | None] = {"plates": limits.reads_days, "vehicles": limits.reads_days, "audit": AUDIT_DAYS}
    return found + [_kept(kind, "", time, now, days.get(kind)) for kind, time in oldest.items()]


def _kept(kind: str, subject: str, oldest: Time, now: Time, limit: float | None) -> Kept:
    return Kept(kind, subject, oldest, round((now - oldest) / DAY, 1), limit, kind == "audit")


def mark_looked(
    tx: Transaction, environment: Environment, found_id: str, span: Span, note: str, *, by: str, origin: str,
    share: Share | None = None,
) -> Unusual:  # fmt: skip
    """Note that a finding was looked at, on the record. Raises FindingUnknown or OversightRefused."""
    note = _text(note, "note")
    found = next((each for each in unusual(tx, span, share) if each.id == found_id), None)
    if found is None:
        raise FindingUnknown("There is no such finding in this span.", "Open the list again.")
    mark = OversightMarkRow(found.id, found.kind, found.actor, environment.clock.now(), by, note)
    tx.accesses.add_mark(mark)
    detail = {"kind": str(found.kind), "person": found.actor, "note": note}
    audit.append(
        tx, environment, actor=by, origin=origin, action="oversight.look", subject=found.id, detail=detail
    )  # fmt: skip
    return Unusual(found.id, found.kind, found.actor, found.span, found.facts, found.plate, mark)


def watch_over(
    tx: Transaction, environment: Environment, plate: str, why: str, *, by: str, origin: str
) -> WatchedPlateRow:
    """Watch over a plate, on the record. Raises OversightRefused."""
    plate, why = _text(plate, "plate"), _text(why, "reason")
    if not 3 <= len(fold(plate)) <= 12:
        raise OversightRefused(
            say("oversight-no-plate", f"'{plate}' is no plate."), "Write it as it stands on the vehicle."
        )
    row = WatchedPlateRow(environment.ids.new(), fold(plate), plate, why, environment.clock.now(), by)
    tx.accesses.watch_over(row)
    detail = {"plate": plate, "why": why}
    audit.append(tx, environment, actor=by, origin=origin, action="oversight.plate", subject=row.id, detail=detail)
    return row


def stop_watching(
    tx: Transaction, environment: Environment, id: str, *, by: str, origin: str, share: Share | None = None
) -> None:
    """Stop watching over a plate, on the record. Raises FindingUnknown."""
    seen = {row.id for row in watched_by(share, tx.accesses.watched())}
    if id not in seen or not tx.accesses.stop_watching(id, environment.clock.now()):
        raise FindingUnknown(
            say("plate-not-watched-over", "This plate is not watched over, or no more."), "Look at the list again."
        )
    audit.append(tx, environment, actor=by, origin=origin, action="oversight.plate-end", subject=id)


def _text(text: str, what: str) -> str:
    plain = text.strip()
    if not plain or not is_plain(plain, MOST_LETTERS, ""):
        raise OversightRefused(
            say("oversight-text", f"The {what} is missing, too long or not one line.", what=what, most=MOST_LETTERS),
            f"Write at most {MOST_LETTERS} letters.",
        )
    return plain
