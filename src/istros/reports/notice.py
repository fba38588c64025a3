"""The notice to a recipient that something it got was wrong, as PDF in the recipient's language."""

from __future__ import annotations

import json
from importlib.resources import files

import typst

from istros.base.time import Time, from_iso, to_datetime
from istros.reports.contact_sheet import local_text
from istros.reports.departure_words import NOTICE, WORDS
from istros.reports.letter import Sender
from istros.store.corrections import CorrectionRow
from istros.store.departures import DepartureRow


def notice(row: CorrectionRow, leaving: DepartureRow, sender: Sender, organisation: str) -> bytes:
    """The PDF; dated by when it was found, so that it is the same bytes whenever it is printed. Blocks."""
    language = leaving.language if leaving.language in NOTICE else "en"
    words = NOTICE[language]
    data = {
        "language": language, "title": words["title"], "sender": f"{organisation}, {sender.node}", "town": sender.town,
        "name": leaving.recipient, "contact": [leaving.country], "date": _day(row.found), "page": WORDS[language]["page"],
        "number": words["number"].format(number=row.number), "paragraphs": paragraphs(row, leaving, language),
        "signature": words["officer"],
    }  # fmt: skip
    made: bytes = typst.compile(
        files("istros.reports").joinpath("letter.typ").read_bytes(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        ignore_system_fonts=True,
        timestamp=to_datetime(row.found).replace(microsecond=0),
    )
    return made


def paragraphs(row: CorrectionRow, leaving: DepartureRow, language: str) -> list[str]:
    """What you got, what is wrong with it, what to do, and until when to confirm."""
    words, names = NOTICE[language], WORDS[language]
    got = words["got"].format(
        what=names[leaving.carrier.value], number=leaving.number, at=_moment(leaving.gone or leaving.ordered),
        sha256=leaving.sha256 or "–",
    )  # fmt: skip
    facts = [f"{words[f'fact-{name}']}: {_fact(name, text)}" for name, text in row.known_facts.items()]
    return [
        got,
        words[f"cause-{row.cause.value}"],
        *facts,
        words[row.remedy.value],
        words["confirm"].format(due=_moment(row.due)),
    ]


def _fact(name: str, text: str) -> str:
    return _moment(from_iso(text)) if name in ("time", "from", "to") else text


def _day(time: Time) -> str:
    return local_text(time, fraction=False)[:10]


def _moment(time: Time) -> str:
    return local_text(time, fraction=False)
