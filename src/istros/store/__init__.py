"""The database, its migrations and the disks; the only SQL."""

from istros.store.database import Database as Database
from istros.store.database import open_database as open_database
from istros.store.transaction import Transaction as Transaction
