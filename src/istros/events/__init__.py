"""Rules, watchlists and alarms: what is worth an operator's answer (docs/design/0015)."""
