"""The models: their cards, their sessions, and how their weights are made at build time."""
