"""The report of a month or a year as a PDF, in three languages and two editions: the same facts give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

import typst

from istros.base.time import Time, to_datetime
from istros.compliance.access_index import ALL_CAMERAS
from istros.compliance.oversight import FalseRate, Kept
from istros.compliance.period import SMALLEST, Line, Period, Sheet
from istros.compliance.purposes import purpose_words
from istros.reports.contact_sheet import Language, local_text
from istros.reports.period_words import WORDS
from istros.reports.record_words import filled, record_words

Words = dict[str, str]
Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What stands round the figures."""

    node: str
    organisation: str
    language: Language
    made: Time


def period_report(facts: ReportFacts, period: Period) -> bytes:
    """The PDF. Blocks for some tenths of a second."""
    template = files("istros.reports").joinpath("period.typ").read_bytes()
    data = json.dumps(_data(facts, period), ensure_ascii=False)
    made: bytes = typst.compile(
        template, sys_inputs={"data": data}, ignore_system_fonts=True,
        timestamp=to_datetime(facts.made).replace(microsecond=0),
    )  # fmt: skip
    return made


def _data(facts: ReportFacts, period: Period) -> dict[str, object]:
    words: Words = {**record_words()[facts.language], **purpose_words(facts.language), **WORDS[facts.language]}
    return {
        "language": facts.language, "words": words, "title": words["title-year" if period.is_year else "title-month"],
        "edition": words[period.edition], "period": period.period, "node": facts.node, "organisation": facts.organisation,
        "made": local_text(facts.made, fraction=False), "facts": _head(facts, period, words),
        "sections": _sections(period, words),
    }  # fmt: skip


def _head(facts: ReportFacts, period: Period, words: Words) -> list[tuple[str, str]]:
    state = words["log-state"].format(rows=period.indexed_to, signed=period.signed_sequence)
    signed = "" if period.signed_time is None else f" ({local_text(period.signed_time, fraction=False)})"
    lines = [
        (words["period"], period.period),
        (words["node"], facts.node),
        (words["organisation"], facts.organisation),
        (words["log"], f"{state}{signed}, {words['time-stamps'].format(stamps=period.stamps)}"),
    ]
    if period.organisation:
        lines.append(("", words["share-note"].format(organisation=period.organisation)))
    if period.edition == "public":
        lines.append(("", words["held-back-note"].format(most=SMALLEST - 1, smallest=SMALLEST)))
    return lines


def _sections(period: Period, words: Words) -> list[dict[str, object]]:
    counted = [words["count"], words["refused"]]
    is_public = period.edition == "public"
    looked = words["unusual-looked"].format(count=_number(period.unusual_looked, words))
    sections: list[Section] = [
        ("purposes", counted, _counts(period.purposes, words), words["looks-note"]),
        *([] if is_public else [("people", counted, _counts(period.people, words), "")]),
        *([] if is_public else [("places", counted, _counts(period.places, words), "")]),
        ("permits", counted[:1], _counts(period.permits, words, refused=False), ""),
        ("unusual", counted[:1], _counts(period.unusual, words, refused=False), looked),
        ("alarms", _alarm_columns(words, is_public), _alarms(period.alarms, words, is_public), ""),
        *([] if is_public else [("kept", [words[key] for key in _KEPT], _kept(period.kept, words), "")]),
        ("left", counted[:1], _counts(period.left, words, refused=False), words["left-note"]),
        *(_sheet(sheet, words) for sheet in period.sheets),
        ("acts", counted, _counts(period.acts, words), ""),
    ]
    return [
        {"title": words[key], "columns": ["", *columns], "rows": rows, "note": note}
        for key, columns, rows, note in sections
    ]


Section = tuple[str, list[str], Rows, str]


def _sheet(sheet: Sheet, words: Words) -> Section:
    rows = [[_row_name(name, words), *(_number(each, words) for each in numbers)] for name, numbers in sheet.rows]
    return sheet.name, [words[f"{sheet.name}-{column}"] for column in sheet.columns], rows, ""


def _row_name(name: str, words: Words) -> str:
    """`plate:offence` is a kind and a purpose; other names are one word."""
    return ": ".join(words.get(part, part) for part in name.split(":"))


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


def _alarms(rates: Iterable[FalseRate], words: Words, is_public: bool) -> Rows:
    return [
        [
            words.get(each.kind, each.kind), *([] if is_public else [each.camera_id or "–"]), str(each.confirmed), str(each.false),
            str(each.other), "–" if each.rate is None else f"{each.rate:.0%}",
        ]
        for each in rates
    ]  # fmt: skip


def _kept(kept: Iterable[Kept], words: Words) -> Rows:
    return [
        [
            " ".join(part for part in (words["closed-alarms" if each.kind == "alarms" else each.kind], each.subject) if part),
            local_text(each.oldest, fraction=False), _days(each.age_days, words),
            "–" if each.limit_days is None else f"{words['at-least'] + ' ' if each.is_least else ''}{_days(each.limit_days, words)}",
            words["late"] if each.is_late else "–",
        ]
        for each in kept
    ]  # fmt: skip


def _days(days: float, words: Words) -> str:
    """In days; in hours below one."""
    if days < 1:
        return filled(words["kept-hours"], value=round(days * 24))
    return filled(words["kept-days"], value=f"{days:.3g}".replace(".", words["decimal-mark"]))
