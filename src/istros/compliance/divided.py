"""What is divided by organisation: breaches, what left, notices to recipients. Whoever runs the node sees all of it."""

from __future__ import annotations

from istros.store import Transaction

OVERSEES = "protection_officer"


def runs_node(tx: Transaction, organisation: str, nodes: str) -> bool:
    """Whether an organisation runs the node, which the settings say is run by `nodes`.

    Where no data-protection officer works for that one, every organisation counts as it: a breach that no officer sees
    would be worse than one that an officer of another organisation sees.
    """
    officers = {row.organisation for row in tx.operators.all() if row.role == OVERSEES and not row.disabled}
    return organisation == nodes or nodes not in officers
