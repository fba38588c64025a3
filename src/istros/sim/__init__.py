"""The city that does not exist: its cameras, its pictures, its traffic, and a clock of its own."""
