"""Letters to people who ask about themselves: receipt, extension and answer, as PDF in the person's language."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

import typst

from istros.base.local_time import to_local
from istros.base.time import Time, to_datetime
from istros.reports.letter_words import AUTHORITIES, LAWS, WORDS
from istros.store.subject_requests import Decision, Law, SubjectRequestRow

LetterKind = Literal["receipt", "extension", "answer"]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes."""

    node: str
    town: str
    date: Time


def letter(row: SubjectRequestRow, kind: LetterKind, sender: Sender) -> bytes:
    """The PDF; an `extension` needs an extended request, an `answer` a decided one. Blocks."""
    words = WORDS.get(row.language, WORDS["en"])
    return typeset(
        sender, language=row.language, title=words[f"title_{kind}"], to=row.name, contact=row.contact,
        page=words["page"], number=words["number"].format(number=row.number), paragraphs=paragraphs(row, kind),
        signature=words["officer"],
    )  # fmt: skip


def typeset(
    sender: Sender, *, language: str, title: str, to: str, page: str, number: str, paragraphs: Sequence[str],
    signature: str, contact: str = "",
) -> bytes:  # fmt: skip
    """A letter as PDF: the same words and date give the same bytes. Blocks."""
    data = {
        "language": language, "title": title, "sender": sender.node, "town": sender.town, "name": to,
        "contact": contact.splitlines(), "date": _day(sender.date), "page": page, "number": number,
        "paragraphs": list(paragraphs), "signature": signature,
    }  # fmt: skip
    template = files("istros.reports").joinpath("letter.typ").read_bytes()
    made: bytes = typst.compile(
        template,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        ignore_system_fonts=True,
        timestamp=to_datetime(sender.date).replace(microsecond=0),
    )
    return made


def paragraphs(row: SubjectRequestRow, kind: LetterKind) -> list[str]:
    """What the letter says."""
    language = row.language if row.language in WORDS else "en"
    words = WORDS[language]
    about = words["about"].format(
        received=_day(row.received), asked=words[f"asked_{row.asked.value}"], law=LAWS[language][row.law.value],
        start=_moment(row.start), end=_moment(row.end),
    )  # fmt: skip
    said = {"receipt": _receipt, "extension": _extension, "answer": _answer}[kind](row, words)
    country = "ua" if row.law is Law.UA else "ro"
    rights = words["rights"].format(authority=AUTHORITIES[country][language])
    return [about, *_said_wrong(row, words), *said, rights, words["kept"]]


def _said_wrong(row: SubjectRequestRow, words: dict[str, str]) -> list[str]:
    return [words["said_wrong"].format(wrong=row.wrong, right=row.right)] if row.wrong else []


def _receipt(row: SubjectRequestRow, words: dict[str, str]) -> list[str]:
    return [words["receipt"].format(due=_day(row.due))]


def _extension(row: SubjectRequestRow, words: dict[str, str]) -> list[str]:
    return [words["extension"].format(due=_day(row.due), reason=row.extension_reason)]


def _answer(row: SubjectRequestRow, words: dict[str, str]) -> list[str]:
    ground = words["ground"].format(ground=row.ground)
    match row.decision:
        case Decision.GRANTED:
            granted = words[f"granted_{row.asked.value}"].format(erased=row.erased_reads, corrected=row.corrected)
            return [granted, *([row.reasons] if row.reasons else []), ground]
        case Decision.PART | Decision.REFUSED as decision:
            corrected = [words["corrected"].format(corrected=row.corrected)] if row.corrected else []
            return [words[decision.value].format(reasons=row.reasons), *corrected, ground]
        case Decision.NEITHER:
            return [words["neither"], ground]
        case None:
            raise ValueError("the request is not decided")


def _day(time: Time) -> str:
    return f"{to_local(time):%d.%m.%Y}"


def _moment(time: Time) -> str:
    return f"{to_local(time):%d.%m.%Y %H:%M}"
