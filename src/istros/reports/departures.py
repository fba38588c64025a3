"""The record of what left the node as a PDF for the supervisory authority: the same facts give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files

import typst

from istros.base.time import Span, to_datetime
from istros.compliance.transfers import transfer_table
from istros.reports.contact_sheet import local_text
from istros.reports.departure_words import WORDS, law_text
from istros.reports.period import ReportFacts
from istros.store.departures import DepartureRow


def departures_record(facts: ReportFacts, span: Span, rows: Sequence[DepartureRow], cut: bool = False) -> bytes:
    """The PDF; `cut`: more left in the span than these, which are the newest. Blocks for some tenths of a second."""
    words = WORDS[facts.language]
    data = {
        "language": facts.language, "words": words, "node": facts.node, "organisation": facts.organisation,
        "cut": words["cut"] if cut else "", "made": local_text(facts.made, fraction=False),
        "facts": [
            (words["node"], facts.node), (words["organisation"], facts.organisation), (words["span"], _span(span)),
            (words["count"], str(len(rows))), (words["asked"], words["asked-text"]),
        ],
        "rows": [{"title": _title(row, words), "facts": _facts(row, facts.language)} for row in rows],
    }  # fmt: skip
    made: bytes = typst.compile(
        files("istros.reports").joinpath("departures.typ").read_bytes(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        ignore_system_fonts=True,
        timestamp=to_datetime(facts.made).replace(microsecond=0),
    )
    return made


def _title(row: DepartureRow, words: dict[str, str]) -> str:
    return f"{row.number} · {words[row.carrier.value]}"


def _facts(row: DepartureRow, language: str) -> list[tuple[str, str]]:
    words = WORDS[language]
    lines = [
        ("gone", "" if row.gone is None else local_text(row.gone, fraction=False)),
        ("recipient", f"{row.recipient} ({words[row.kind.value]}, {row.country})"),
        ("basis", law_text(transfer_table().bases[row.basis].law, language)),
        ("reference", row.reference),
        ("data", ", ".join(words[name] for name in row.data)),
        ("cameras", ", ".join(row.cameras)),
        ("covers", "" if row.start is None or row.end is None else _span(Span(row.start, row.end))),
        ("case", row.case_ref),
        ("permit", row.permit_number),
        ("by", f"{row.ordered_by} ({row.organisation})"),
        ("handed", row.gone_by),
        ("hash", row.sha256),
    ]
    return [(words[name], text) for name, text in lines if text]


def _span(span: Span) -> str:
    return f"{local_text(span.start, fraction=False)} – {local_text(span.end, fraction=False)}"
