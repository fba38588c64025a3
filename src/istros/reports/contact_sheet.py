"""The contact sheet: pictures of a span on A4, each with its time, its camera and the hash of the picture itself.

The JPEG files go into the PDF byte for byte, so that whoever takes one out of it finds the printed hash again.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

import typst

from istros.base.local_time import to_local
from istros.base.time import Span, Time, to_datetime
from istros.compliance.purposes import purpose_words

Language = Literal["en", "uk", "ro"]

_EN = {
    "title": "Contact sheet", "span": "Span", "cameras": "Cameras", "permit": "Permit", "purpose": "Purpose",
    "case": "Case", "ground": "Ground", "by": "Made by", "note": "Note", "made": "Made", "page": "Page",
    "hidden": "People and plates", "covered": "hidden", "as_recorded": "as recorded",
    "missing": "Nothing was recorded", "hash": "Hashes",
    "hashes": "SHA-256 of each picture as it lies in this file; all of them are on the record.",
}  # fmt: skip
_UK = {
    "title": "Фототаблиця", "span": "Проміжок", "cameras": "Камери", "permit": "Дозвіл", "purpose": "Мета",
    "case": "Справа", "ground": "Підстава", "by": "Склав", "note": "Примітка", "made": "Складено", "page": "Сторінка",
    "hidden": "Люди й номери", "covered": "приховано", "as_recorded": "як записано",
    "missing": "Запису немає", "hash": "Хеші",
    "hashes": "SHA-256 кожного кадру в тому вигляді, у якому він міститься в цьому файлі; усі внесено до журналу.",
}  # fmt: skip
_RO = {
    "title": "Planșă foto", "span": "Interval", "cameras": "Camere", "permit": "Permis", "purpose": "Scop",
    "case": "Dosar", "ground": "Temei", "by": "Întocmită de", "note": "Mențiune", "made": "Întocmită", "page": "Pagina",
    "hidden": "Persoane și numere", "covered": "ascunse", "as_recorded": "ca în înregistrare",
    "missing": "Nu există înregistrare", "hash": "Amprente",
    "hashes": "SHA-256 al fiecărei imagini așa cum se află în acest fișier; toate sunt înscrise în jurnal.",
}  # fmt: skip
WORDS = MappingProxyType({"en": _EN, "uk": _UK, "ro": _RO})
"""What the sheet says, by language; every language says the same."""


@dataclass(frozen=True, slots=True)
class SheetPicture:
    """One place on the sheet; without a JPEG nothing was recorded then."""

    camera_id: str
    time: Time
    width: int = 0
    height: int = 0
    jpeg: bytes = field(repr=False, default=b"")

    @property
    def sha256(self) -> str:
        """The hash of the JPEG; empty without one."""
        return hashlib.sha256(self.jpeg).hexdigest() if self.jpeg else ""


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What the head of the sheet says: who made it, of what, under which permit."""

    node: str
    language: Language
    span: Span
    cameras: tuple[tuple[str, str], ...]
    """(id, place) in the order of the sheet."""
    permit: str
    purpose: str
    case_ref: str
    ground: str
    by: str
    made: Time
    note: str = ""
    hidden: bool = False
    """People and plates are hidden in its pictures."""


def contact_sheet(facts: SheetFacts, pictures: Sequence[SheetPicture]) -> bytes:
    """The PDF. Blocks for some milliseconds a picture."""
    template = files("istros.reports").joinpath("contact_sheet.typ").read_bytes()
    data = json.dumps(_data(facts, pictures), ensure_ascii=False)
    made: bytes = typst.compile(
        template,
        sys_inputs={"data": data},
        ignore_system_fonts=True,
        timestamp=to_datetime(facts.made).replace(microsecond=0),
    )
    return made


def local_text(time: Time, *, fraction: bool = True) -> str:
    """`2026-11-24 14:32:18.04 EET`."""
    moment = to_local(time)
    parts = f".{moment.microsecond // 10_000:02d}" if fraction else ""
    return f"{moment:%Y-%m-%d %H:%M:%S}{parts} {moment.tzname()}"


def utc_text(time: Time) -> str:
    """`2026-11-24 12:32:18.040`."""
    moment = to_datetime(time)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d}"


def _data(facts: SheetFacts, pictures: Sequence[SheetPicture]) -> dict[str, object]:
    words = WORDS[facts.language]
    return {
        "language": facts.language, "words": words, "title": words["title"], "node": facts.node, "by": facts.by,
        "permit": f"{words['permit']} {facts.permit}", "made": local_text(facts.made, fraction=False),
        "facts": _head(facts, words),
        "cameras": [
            {"id": id, "place": place, "pictures": [_cell(each, words) for each in pictures if each.camera_id == id]}
            for id, place in facts.cameras
        ],
    }  # fmt: skip


def _head(facts: SheetFacts, words: dict[str, str]) -> list[tuple[str, str]]:
    span = f"{local_text(facts.span.start, fraction=False)} – {local_text(facts.span.end, fraction=False)}"
    utc = f"{utc_text(facts.span.start)} – {utc_text(facts.span.end)} UTC"
    lines = [
        (words["span"], span),
        ("", utc),
        (words["cameras"], ", ".join(id for id, _ in facts.cameras)),
        (words["permit"], f"{facts.permit}, {purpose_words(facts.language).get(facts.purpose, facts.purpose)}"),
        (words["case"], facts.case_ref),
        (words["ground"], facts.ground),
        (words["by"], f"{facts.by}, {facts.node}"),
        (words["hidden"], words["covered"] if facts.hidden else words["as_recorded"]),
        (words["note"], facts.note),
        (words["hash"], words["hashes"]),
    ]
    return [(name, text) for name, text in lines if text]


def _cell(picture: SheetPicture, words: dict[str, str]) -> dict[str, str]:
    return {
        "camera": picture.camera_id, "local": local_text(picture.time), "utc": utc_text(picture.time),
        "width": str(picture.width), "height": str(picture.height), "sha256": picture.sha256,
        "jpeg": base64.b64encode(picture.jpeg).decode(), "missing": words["missing"],
    }  # fmt: skip
