"""Every change to the tables, oldest first."""
