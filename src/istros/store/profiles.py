"""Deployment profiles: every version that was ever drafted, and who signed it (docs/design/0031)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, ForeignKey, Table, and_, func, select

from istros.base.time import Time
from istros.store.columns import KEY, TEXT, WHOLE
from istros.store.repository import Repository
from istros.store.schema import METADATA


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """One version. What it says never changes; `in_force` stands once both have signed, `ended` once it was taken back."""

    version: int
    content: str
    """Canonical JSON (`compliance.functions`)."""
    sha256: str
    drafted: Time
    drafted_by: str
    review: Time
    """It counts no longer than this."""
    in_force: Time | None = None
    ended: Time | None = None
    ended_by: str | None = None
    end_reason: str = ""


@dataclass(frozen=True, slots=True)
class ProfileSignatureRow:
    """One person's signature, made with the node's key over `compliance.profile.statement`."""

    version: int
    role: str
    signer: str
    time: Time
    public_key: str
    signature: str


PROFILE = Table(
    "profile",
    METADATA,
    Column("version", WHOLE, primary_key=True, autoincrement=False),
    Column("content", TEXT, nullable=False),
    Column("sha256", KEY, nullable=False),
    Column("drafted", WHOLE, nullable=False),
    Column("drafted_by", KEY, nullable=False),
    Column("review", WHOLE, nullable=False),
    Column("in_force", WHOLE),
    Column("ended", WHOLE),
    Column("ended_by", KEY),
    Column("end_reason", TEXT, nullable=False),
    sqlite_strict=True,
)
"""Triggers refuse to delete a version and to change what it says."""

PROFILE_SIGNATURE = Table(
    "profile_signature",
    METADATA,
    Column("version", WHOLE, ForeignKey("profile.version"), primary_key=True, autoincrement=False),
    Column("role", KEY, primary_key=True),
    Column("signer", KEY, nullable=False),
    Column("time", WHOLE, nullable=False),
    Column("public_key", TEXT, nullable=False),
    Column("signature", TEXT, nullable=False),
    sqlite_strict=True,
)
"""Triggers refuse to change or delete a signature."""

PROFILE_NOTICE = Table(
    "profile_notice",
    METADATA,
    Column("id", WHOLE, primary_key=True, autoincrement=False),
    Column("since", WHOLE, nullable=False),
    sqlite_strict=True,
)
"""One row at most: since when this node has known profiles and had none in force."""

_P, _S = PROFILE.c, PROFILE_SIGNATURE.c


class Profiles(Repository):
    """The tables `profile`, `profile_signature` and `profile_notice`. Nothing in them is overwritten."""

    def add(self, row: ProfileRow) -> None:
        """A new version; its number comes from `next_version` in the same transaction."""
        self._insert(PROFILE, row)

    def next_version(self) -> int:
        """One more than the newest."""
        return int(self._connection.execute(select(func.coalesce(func.max(_P.version), 0))).scalar_one()) + 1

    def get(self, version: int) -> ProfileRow | None:
        """One version."""
        return self._one(ProfileRow, select(PROFILE).where(_P.version == version))

    def newest(self) -> ProfileRow | None:
        """The newest version, signed or not."""
        return self._one(ProfileRow, select(PROFILE).order_by(_P.version.desc()).limit(1))

    def newest_signed(self) -> ProfileRow | None:
        """The newest version that came into force, whatever became of it since."""
        query = select(PROFILE).where(_P.in_force.is_not(None)).order_by(_P.version.desc()).limit(1)
        return self._one(ProfileRow, query)

    def all(self, limit: int = 500) -> list[ProfileRow]:
        """Every version, the newest first."""
        return self._all(ProfileRow, select(PROFILE).order_by(_P.version.desc()).limit(limit))

    def sign(self, row: ProfileSignatureRow) -> None:
        """Add one person's signature."""
        self._insert(PROFILE_SIGNATURE, row)

    def signatures(self, version: int) -> list[ProfileSignatureRow]:
        """Who signed a version, in order."""
        query = select(PROFILE_SIGNATURE).where(_S.version == version).order_by(_S.time, _S.role)
        return self._all(ProfileSignatureRow, query)

    def enter(self, version: int, time: Time) -> bool:
        """It is in force from now on; False when it was before."""
        fresh = and_(_P.version == version, _P.in_force.is_(None), _P.ended.is_(None))
        return self._changed(PROFILE.update().where(fresh).values(in_force=time)) == 1

    def end(self, version: int, time: Time, by: str, reason: str) -> bool:
        """Take a version back; False when it was already."""
        standing = and_(_P.version == version, _P.ended.is_(None))
        values = {"ended": time, "ended_by": by, "end_reason": reason}
        return self._changed(PROFILE.update().where(standing).values(**values)) == 1

    def notice_since(self) -> Time | None:
        """Since when the node has known that no profile is in force."""
        found = self._connection.execute(select(PROFILE_NOTICE.c.since)).scalar_one_or_none()
        return None if found is None else Time(found)

    def note_since(self, time: Time) -> None:
        """Remember it; once."""
        self._connection.execute(PROFILE_NOTICE.insert(), [{"id": 1, "since": time}])
