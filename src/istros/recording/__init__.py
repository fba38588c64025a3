"""Segments on disk, their index, playback, deletion and the ledger of gaps (docs/design/0011)."""
