"""The audit chain's rows; `compliance.audit` makes their hashes and checks them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from sqlalchemy import bindparam, or_, select

from istros.base.time import Time
from istros.store.access_tables import AUDIT_SHARE
from istros.store.errors import AuditOrder
from istros.store.repository import Repository, values_of
from istros.store.rows import AuditRow
from istros.store.schema import AUDIT, AUDIT_HEAD

_A = AUDIT.c
_H = AUDIT_HEAD.c
_S = AUDIT_SHARE.c

# Every act runs these two: made once, they cost half as much as made anew each time (docs/benchmarks/oversight.md).
_TIP = select(_H.sequence, _H.hash).where(_H.id == 1)
_TIP_LOCKED = _TIP.with_for_update()
_MOVE = (
    AUDIT_HEAD.update()
    .where(_H.id == 1, _H.sequence == bindparam("old_sequence"), _H.hash == bindparam("old_hash"))
    .values(sequence=bindparam("new_sequence"), hash=bindparam("new_hash"))
)
_ADD = AUDIT.insert()


class Audit(Repository):
    """The tables `audit` and `audit_head`; the database itself refuses to change or delete an audit row."""

    def tip(self) -> tuple[int, str]:
        """(sequence, hash) where the chain ends; (0, 64 zeros) before the first row.

        While writing it also locks the end of the chain, so that the next writer waits for this one's commit.
        """
        row = self._connection.execute(_TIP_LOCKED if self._writing else _TIP).one()
        return int(row[0]), str(row[1])

    def append(self, row: AuditRow) -> None:
        """Add the row that follows the tip; `AuditOrder` when it does not."""
        ends = {
            "old_sequence": row.sequence - 1,
            "old_hash": row.previous,
            "new_sequence": row.sequence,
            "new_hash": row.hash,
        }
        if self._connection.execute(_MOVE, ends).rowcount != 1:
            raise AuditOrder(
                f"Audit row {row.sequence} does not follow the newest one.",
                "Append through compliance.audit, which reads the end of the chain in the same transaction.",
            )
        self._connection.execute(_ADD, values_of(row))

    def head(self) -> AuditRow | None:
        """The newest row."""
        return self._one(AuditRow, select(AUDIT).order_by(_A.sequence.desc()).limit(1))

    def page(
        self, before: int | None = None, limit: int = 100, actor: str | None = None, action: str | None = None,
        whose: str | None = None, since: Time | None = None, until: Time | None = None,
    ) -> list[AuditRow]:  # fmt: skip
        """Rows newest first, from the one before sequence `before`; of one organisation, as far as they are indexed.

        `since` is the first moment that counts, `until` the first that counts no more.
        """
        query, number = select(AUDIT), _A.sequence
        if whose is not None:
            # Ordered by the share's own number, so that its key is walked backwards and no longer than the page needs.
            query, number = (
                query.join(AUDIT_SHARE, _S.sequence == _A.sequence).where(_S.organisation == whose),
                _S.sequence,
            )
        query = query.order_by(number.desc()).limit(limit)
        if before is not None:
            query = query.where(number < before)
        if actor is not None:
            query = query.where(_A.actor == actor)
        if action is not None:
            query = query.where(_A.action == action)
        if since is not None:
            query = query.where(_A.time >= since)
        if until is not None:
            query = query.where(_A.time < until)
        return self._all(AuditRow, query)

    def walk(self, after: int = 0, limit: int = 1000) -> list[AuditRow]:
        """Rows oldest first, from the one after sequence `after`."""
        return self._all(AuditRow, select(AUDIT).where(_A.sequence > after).order_by(_A.sequence).limit(limit))

    def at(self, sequence: int) -> AuditRow | None:
        """The row of that number."""
        return self._one(AuditRow, select(AUDIT).where(_A.sequence == sequence))

    def dated_outside(self, first: int, last: int, earliest: Time, latest: Time) -> AuditRow | None:
        """The first of the rows `first` to `last` whose time is before `earliest` or after `latest`."""
        strange = or_(_A.time < earliest, _A.time > latest)
        query = select(AUDIT).where(_A.sequence.between(first, last), strange).order_by(_A.sequence).limit(1)
        return self._one(AuditRow, query)

    def about(self, subject: str, limit: int = 200, action: str | None = None) -> list[AuditRow]:
        """The newest rows about one subject, or those of one action, oldest first."""
        return list(islice(self.each_about(subject, action, at_once=limit), limit))[::-1]

    def beginning(self, subject: str) -> list[AuditRow]:
        """The first row about one subject; empty where there is none."""
        return self._all(AuditRow, select(AUDIT).where(_A.subject == subject).order_by(_A.sequence).limit(1))

    def each_about(self, subject: str, action: str | None = None, at_once: int = 200) -> Iterator[AuditRow]:
        """Every row about one subject, or those of one action, newest first, however many; so many are read at a time."""
        newest = select(AUDIT).where(_A.subject == subject).order_by(_A.sequence.desc())
        newest = newest if action is None else newest.where(_A.action == action)
        rows = self._all(AuditRow, newest.limit(at_once))
        while rows:
            yield from rows
            rows = self._all(AuditRow, newest.where(_A.sequence < rows[-1].sequence).limit(at_once))

    def of_actions(self, actions: Sequence[str], since: Time, limit: int) -> list[AuditRow]:
        """The oldest rows of some actions from a time on, oldest first."""
        wanted = select(AUDIT).where(_A.action.in_(actions), _A.time >= since)
        return self._all(AuditRow, wanted.order_by(_A.sequence).limit(limit))
