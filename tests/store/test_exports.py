"""Exports as the store keeps them, on both databases."""

from __future__ import annotations

from dataclasses import replace

from istros.store import Database
from istros.store.exports import ExportJobRow, ExportState
from tests.store.rows_made import at


def job(number: int, holder: str = "olena") -> ExportJobRow:
    """An order made `number` seconds after START."""
    return ExportJobRow(
        f"x{number}", ExportState.WAITING, "exact", ("IZ-07", "TL-01"), "main", at(0), at(60), True, "{}", "крадіжка", "uk",
        at(number), holder, "police", "p1", "P-2026-0001", "offence", "Art. 40", "C-17",
    )  # fmt: skip


def test_an_export_from_order_to_expiry(database: Database) -> None:
    database.write_now(lambda tx: [tx.exports.add(job(number)) for number in (1, 2)])
    assert database.read_now(lambda tx: tx.exports.get("x1")) == job(1)
    assert [row.id for row in database.read_now(lambda tx: tx.exports.open_ones())] == ["x1", "x2"]
    database.write_now(lambda tx: tx.exports.begin("x1", at(3)))
    assert database.write_now(lambda tx: tx.exports.advance("x1", 0.5, "cutting")) is False
    assert database.write_now(lambda tx: tx.exports.wish_cancel("x1"))
    assert database.write_now(lambda tx: tx.exports.advance("x1", 0.6, "packing")) is True
    running = replace(
        job(1), state=ExportState.RUNNING, started=at(3), attempts=1, progress=0.6, step="packing", cancel_wished=True
    )
    assert database.read_now(lambda tx: tx.exports.get("x1")) == running
    database.write_now(
        lambda tx: tx.exports.finish("x1", at(9), expires=at(100), size_bytes=7, manifest_sha256="ab" * 32, to_review=2)
    )
    assert [row.id for row in database.read_now(lambda tx: tx.exports.open_ones())] == ["x2"]
    assert not database.write_now(lambda tx: tx.exports.wish_cancel("x1"))
    assert database.read_now(lambda tx: tx.exports.expired(at(99), at(8))) == []
    assert [row.id for row in database.read_now(lambda tx: tx.exports.expired(at(100), at(8)))] == ["x1"]
    assert [row.id for row in database.read_now(lambda tx: tx.exports.expired(at(50), at(10)))] == ["x1"]
    database.write_now(lambda tx: tx.exports.end("x1", ExportState.EXPIRED, at(101)))
    assert database.read_now(lambda tx: tx.exports.expired(at(200), at(8))) == []


def test_everybody_sees_their_own_newest_first(database: Database) -> None:
    rows = [job(1), job(2, "ion"), job(3)]
    database.write_now(lambda tx: [tx.exports.add(row) for row in rows])
    assert [row.id for row in database.read_now(lambda tx: tx.exports.of("olena", 9))] == ["x3", "x1"]
    assert [row.id for row in database.read_now(lambda tx: tx.exports.of("olena", 1))] == ["x3"]
