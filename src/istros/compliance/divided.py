"""What is divided by organisation: breaches, what left, notices to recipients, searches for faces.

Whoever runs the node sees all of it.
"""

from __future__ import annotations

from istros.store import Transaction

OVERSEES = "protection_officer"


def runs_node(tx: Transaction, role: str, organisation: str, nodes: str) -> bool:
    """Whether somebody's organisation runs the node, which the settings say is run by `nodes`.

    Where no data-protection officer works for that one, every officer counts as its own: a breach that no officer sees
    would be worse than one that an officer of another organisation sees. Nobody else does.
    """
    return organisation == nodes or (role == OVERSEES and has_no_officer(tx, nodes))


def has_no_officer(tx: Transaction, nodes: str) -> bool:
    """Whether no data-protection officer works for the organisation that runs the node, as its name is written there."""
    return not any(
        row.role == OVERSEES and not row.disabled and row.organisation == nodes for row in tx.operators.all()
    )
