"""The monthly report as a PDF, in three languages and two editions: the same facts give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

import typst

from istros.base.time import Time, to_datetime
from istros.compliance.access_index import ALL_CAMERAS
from istros.compliance.month import SMALLEST, Line, Month
from istros.compliance.oversight import FalseRate, Kept
from istros.reports.contact_sheet import Language, local_text
from istros.reports.month_words import WORDS

Words = dict[str, str]
Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What stands round the figures."""

    node: str
    organisation: str
    language: Language
    made: Time


def month_report(facts: ReportFacts, month: Month) -> bytes:
    """The PDF. Blocks for some tenths of a second."""
    template = files("istros.reports").joinpath("month.typ").read_bytes()
    data = json.dumps(_data(facts, month), ensure_ascii=False)
    made: bytes = typst.compile(
        template, sys_inputs={"data": data}, ignore_system_fonts=True,
        timestamp=to_datetime(facts.made).replace(microsecond=0),
    )  # fmt: skip
    return made


def _data(facts: ReportFacts, month: Month) -> dict[str, object]:
    words: Words = WORDS[facts.language]
    return {
        "language": facts.language, "words": words, "title": words["title"], "edition": words[month.edition],
        "month": month.month, "node": facts.node, "organisation": facts.organisation,
        "made": local_text(facts.made, fraction=False), "facts": _head(facts, month, words),
        "sections": _sections(month, words),
    }  # fmt: skip


def _head(facts: ReportFacts, month: Month, words: Words) -> list[tuple[str, str]]:
    state = words["log-state"].format(rows=month.indexed_to, signed=month.signed_sequence)
    signed = "" if month.signed_time is None else f" ({local_text(month.signed_time, fraction=False)})"
    lines = [
        (words["month"], month.month),
        (words["node"], facts.node),
        (words["organisation"], facts.organisation),
        (words["log"], f"{state}{signed}, {words['time-stamps'].format(stamps=month.stamps)}"),
    ]
    if month.edition == "public":
        lines.append(("", words["held-back-note"].format(most=SMALLEST - 1, smallest=SMALLEST)))
    return lines


def _sections(month: Month, words: Words) -> list[dict[str, object]]:
    counted = [words["count"], words["refused"]]
    is_public = month.edition == "public"
    looked = words["unusual-looked"].format(count=_number(month.unusual_looked, words))
    sections = [
        ("purposes", counted, _counts(month.purposes, words), words["looks-note"]),
        *([] if is_public else [("people", counted, _counts(month.people, words), "")]),
        *([] if is_public else [("places", counted, _counts(month.places, words), "")]),
        ("permits", counted[:1], _counts(month.permits, words, refused=False), ""),
        ("unusual", counted[:1], _counts(month.unusual, words, refused=False), looked),
        ("alarms", _alarm_columns(words, is_public), _alarms(month.alarms, is_public), ""),
        *([] if is_public else [("kept", [words[key] for key in _KEPT], _kept(month.kept, words), "")]),
        ("left", counted[:1], _counts(month.left, words, refused=False), words["left-note"]),
        ("acts", counted, _counts(month.acts, words), ""),
    ]
    return [
        {"title": words[key], "columns": ["", *columns], "rows": rows, "note": note}
        for key, columns, rows, note in sections
    ]


_KEPT = ("oldest", "age", "limit", "late")


def _counts(lines: Iterable[Line], words: Words, *, refused: bool = True) -> Rows:
    return [
        [_name(line.name, words), _number(line.count, words), *([_number(line.refused, words)] if refused else [])]
        for line in lines
    ]


def _name(name: str, words: Words) -> str:
    if name == ALL_CAMERAS:
        return words["all-cameras"]
    return words.get(name, name) if name else words["no-purpose"]


def _number(count: int | None, words: Words) -> str:
    return words["held-back"].format(smallest=SMALLEST) if count is None else str(count)


def _alarm_columns(words: Words, is_public: bool) -> list[str]:
    keys = ("confirmed", "false", "other", "rate")
    return [*([] if is_public else [words["camera"]]), *(words[key] for key in keys)]


def _alarms(rates: Iterable[FalseRate], is_public: bool) -> Rows:
    return [
        [
            each.kind, *([] if is_public else [each.camera_id or "–"]), str(each.confirmed), str(each.false),
            str(each.other), "–" if each.rate is None else f"{each.rate:.0%}",
        ]
        for each in rates
    ]  # fmt: skip


def _kept(kept: Iterable[Kept], words: Words) -> Rows:
    return [
        [
            " ".join(part for part in (words["closed-alarms" if each.kind == "alarms" else each.kind], each.subject) if part),
            local_text(each.oldest, fraction=False), f"{each.age_days:.1f}",
            "–" if each.limit_days is None else f"{words['at-least'] + ' ' if each.is_least else ''}{each.limit_days:g}",
            words["late"] if each.is_late else "–",
        ]
        for each in kept
    ]  # fmt: skip
