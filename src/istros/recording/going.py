"""What age takes of the recordings by a moment, as retention would choose it; nothing is changed (docs/design/0020)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from istros.base.time import Span, Time, after
from istros.recording.keeping import Keeping, KeepingRules, joined
from istros.store import Transaction
from istros.store.due import DueSegments
from istros.store.rows import StreamName

_DAY_S = 86_400
_BEGINNING = Time(0)


@dataclass(slots=True)
class Going:
    """What goes of one camera; `held_*` would go as well if no hold kept it. Bytes by disk, too."""

    camera_id: str
    count: int = 0
    size_bytes: int = 0
    oldest: Time | None = None
    held_count: int = 0
    held_bytes: int = 0
    disks: dict[str, int] = field(default_factory=dict)

    def add(self, found: Iterable[DueSegments]) -> None:
        """More that goes."""
        for each in found:
            self.count += each.count
            self.size_bytes += each.size_bytes
            self.oldest = each.oldest if self.oldest is None else min(self.oldest, each.oldest)
            self.disks[each.disk] = self.disks.get(each.disk, 0) + each.size_bytes

    def keep(self, free: Sequence[DueSegments], freed: Sequence[DueSegments]) -> None:
        """What a hold keeps: what would be `free` without any hold, less what is `freed` with them."""
        self.held_count += sum(each.count for each in free) - sum(each.count for each in freed)
        self.held_bytes += sum(each.size_bytes for each in free) - sum(each.size_bytes for each in freed)


def going(tx: Transaction, rules: KeepingRules, until: Time) -> list[Going]:
    """By camera, the recordings that are there now and whose days are over by `until`."""
    standing = tx.holds.standing()
    found: dict[str, Going] = {}
    for camera_id, stream in tx.storage.streams():
        held = [hold.span for hold in standing if camera_id in hold.cameras]
        cut = _Cut.of(rules.of(camera_id), until)
        freed = _free(tx, camera_id, stream, cut, held)
        of_camera = found.setdefault(camera_id, Going(camera_id))
        of_camera.add(freed)
        if held:
            of_camera.keep(_free(tx, camera_id, stream, cut, []), freed)
    return [found[camera_id] for camera_id in sorted(found)]


@dataclass(frozen=True, slots=True)
class _Cut:
    """Up to where routine goes, and up to where everything that is not held goes."""

    routine: Time
    event: Time

    @staticmethod
    def of(keeping: Keeping, until: Time) -> _Cut:
        routine = after(until, -keeping.days * _DAY_S)
        return _Cut(routine, min(routine, after(until, -keeping.event_days * _DAY_S)))


def _free(
    tx: Transaction, camera_id: str, stream: StreamName, cut: _Cut, held: Sequence[Span]
) -> list[DueSegments]:  # fmt: skip
    """Segments wholly inside the stretches that nothing shields: first of every class, then of routine alone."""
    found: list[DueSegments] = []
    for gap in gaps(held, Span(_BEGINNING, cut.event)):
        found += tx.due.segments(camera_id, stream, gap)
    if cut.event < cut.routine:
        first = tx.due.begins_before(camera_id, stream, cut.event)
        events = tx.event_spans.between(camera_id, Span(first, cut.routine))
        for gap in gaps([*held, *events], Span(first, cut.routine)):
            found += tx.due.segments(camera_id, stream, gap, cut.event)
    return found


def gaps(shields: Iterable[Span], whole: Span) -> list[Span]:
    """What is left of a span between shields, in order."""
    found, at = list[Span](), whole.start
    for shield in joined(shields):
        if shield.start >= whole.end:
            break
        if shield.start > at:
            found.append(Span(at, shield.start))
        at = Time(max(at, shield.end))
    return [*found, Span(at, whole.end)] if at < whole.end else found
