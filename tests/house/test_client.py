"""The client's own rules: types by TypeScript, no circle of imports, labels, purity (oxlint)."""

from __future__ import annotations

from tools import weblint


def test_the_clients_types_hold() -> None:
    weblint.check_types()


def test_the_client_keeps_its_rules() -> None:
    weblint.check_rules()
