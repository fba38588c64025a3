"""What can go wrong with the database, in sentences that a person can act on."""

from __future__ import annotations

from istros.base.errors import IstrosError


class DatabaseError(IstrosError):
    """The root of the database's errors."""

    code = "database"


class DatabaseUnreachable(DatabaseError):
    """The file cannot be opened, or the server does not answer."""

    code = "database-unreachable"


class DatabaseAddressUnknown(DatabaseUnreachable):
    """The address in the settings is none of a database: the node does not start."""

    code = "database-address"


class DatabaseBusy(DatabaseError):
    """Another process held the database's write lock for too long."""

    code = "database-busy"


class DatabaseNewer(DatabaseError):
    """A newer Istros has already changed the tables."""

    code = "database-newer"


class AuditOrder(DatabaseError):
    """An audit row does not follow the newest one."""

    code = "audit-order"
