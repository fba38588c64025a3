"""Column types that mean the same on SQLite (STRICT tables) and PostgreSQL.

STRICT tables know five type names only (INTEGER, REAL, TEXT, BLOB, ANY; sqlite.org/stricttables.html), so each type
here has its SQLite form. The decorators turn what is stored into what `store.rows` promises.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

from sqlalchemy import REAL, BigInteger, Boolean, Dialect, Double, Integer, LargeBinary, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from istros.base.said import Said, unpacked

WHOLE = BigInteger().with_variant(Integer(), "sqlite")
"""64-bit whole number: times in microseconds, counts, bytes."""

NUMBER: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")
"""64-bit floating point."""

TEXT = Text()
"""Text for people, in the database's collation."""

KEY = Text().with_variant(Text(collation="C"), "postgresql")
"""Text compared byte by byte, so that ranges and prefixes mean the same on both databases."""

BLOB = LargeBinary()
"""Bytes."""

FLAG_STORED = Boolean().with_variant(Integer(), "sqlite")
"""Truth as stored: 0 or 1 on SQLite."""


class Flag(TypeDecorator[bool]):
    """Truth, a Python bool on the way out."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """The stored type of the dialect."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Boolean())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> Any:
        """SQLite takes a number."""
        return value if value is None or dialect.name != "sqlite" else int(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        """A bool, whatever was stored."""
        return None if value is None else bool(value)


class Choice(TypeDecorator[StrEnum]):
    """One word of a `StrEnum`."""

    impl = Text
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        """The word itself."""
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:
        """The member of that word."""
        return None if value is None else self.words(value)


class Sha256(TypeDecorator[str]):
    """A SHA-256 as 64 hexadecimal digits outside and 32 bytes inside: 8 million segments pay for every byte."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        """The 32 bytes."""
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """The 64 digits."""
        return None if value is None else bytes(value).hex()


class Listed(TypeDecorator[tuple[Any, ...]]):
    """A tuple of numbers, or of tuples, as JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[Any, ...] | None, dialect: Dialect) -> str | None:
        """JSON, letters of every alphabet as they are."""
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[Any, ...] | None:
        """Tuples all the way down, as the frozen rows hold them."""
        if value is None:
            return None
        if value == "[]":
            return ()  # Most gaps have no facts, and a timeline of a month has thousands of them.
        return _tuples(json.loads(value))


class Spoken(TypeDecorator[Said]):
    """What is said, with its code and figures; a text of an earlier version is the sentence alone."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Said | None, dialect: Dialect) -> str | None:
        """As `Said.packed` makes it."""
        return None if value is None else value.packed()

    def process_result_value(self, value: Any, dialect: Dialect) -> Said | None:
        """What was said."""
        return None if value is None else unpacked(value)


def _tuples(items: list[Any]) -> tuple[Any, ...]:
    return tuple(_tuples(item) if isinstance(item, list) else item for item in items)
