"""The database, its migrations and the disks; the only SQL."""
