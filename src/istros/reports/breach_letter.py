"""Drafts for a breach: the notification to an authority and the letter to the people concerned, as PDF or as text."""

from __future__ import annotations

from typing import Literal

from istros.base.local_time import to_local
from istros.base.time import Time
from istros.compliance.breaches import Breach, Law
from istros.reports.breach_words import WORDS
from istros.reports.letter import Sender, typeset
from istros.reports.letter_words import AUTHORITIES

BreachLetterKind = Literal["ro", "ua", "people"]
"""To the authority of Romania, to that of Ukraine, or to the people concerned."""

Language = Literal["en", "uk", "ro"]
Words = dict[str, str]


def breach_letter(breach: Breach, kind: BreachLetterKind, language: Language, sender: Sender) -> bytes:
    """The PDF. Blocks."""
    words = WORDS[language]
    return typeset(
        sender, language=language, title=_title(kind, words), to=_addressee(kind, language), page=words["page"],
        number=words["number"].format(number=breach.row.number), paragraphs=paragraphs(breach, kind, language),
        signature=words["officer"],
    )  # fmt: skip


def breach_text(breach: Breach, kind: BreachLetterKind, language: Language, sender: Sender) -> str:
    """The same as text, for an authority's form."""
    words = WORDS[language]
    head = [_addressee(kind, language), _title(kind, words), words["number"].format(number=breach.row.number)]
    foot = [sender.node, sender.town, words["officer"]]
    return "\n\n".join(["\n".join(head), *paragraphs(breach, kind, language), "\n".join(foot)]) + "\n"


def paragraphs(breach: Breach, kind: BreachLetterKind, language: Language) -> list[str]:
    """What it says."""
    words = WORDS[language]
    if kind == "people":
        country = "ua" if breach.row.law is Law.UA else "ro"
        ask = words["ask"].format(authority=AUTHORITIES[country][language])
        return [words["people_intro"], *_what(breach, words), *_after(breach, words), ask]
    return [
        _law(breach, kind, words),
        words["known"].format(known=_moment(breach.row.known), due=_moment(breach.due)),
        *(words["delay"].format(delay=each.delay) for each in breach.reports[:1] if each.delay),
        *_what(breach, words),
        words["people"].format(
            people=_number(breach.facts.people, words), records=_number(breach.facts.records, words)
        ),
        *_after(breach, words),
        _telling(breach, words),
        words["later"],
    ]


def _law(breach: Breach, kind: BreachLetterKind, words: Words) -> str:
    law = Law.UA if kind == "ua" else (breach.row.law if breach.row.law is not Law.UA else Law.GDPR)
    earlier = [each for each in breach.reports if each.authority == kind]
    if not earlier:
        return f"{words[f'by_{law.value}']} {words['first']}"
    more = words["more"].format(sent=_moment(earlier[0].sent), reference=earlier[0].reference)
    return f"{words[f'by_{law.value}']} {more}"


def _what(breach: Breach, words: Words) -> list[str]:
    facts = breach.facts
    natures = ", ".join(words[f"nature_{each}"] for each in facts.natures) or words["unknown"]
    data = ", ".join(words[f"data_{each}"] for each in facts.data) or words["unknown"]
    said = [words["what"].format(what=facts.what), words["natures"].format(natures=natures)]
    cameras = [words["cameras"].format(cameras=", ".join(facts.cameras))] if facts.cameras else []
    return [*said, words["data"].format(data=data), *cameras]


def _after(breach: Breach, words: Words) -> list[str]:
    facts = breach.facts
    return [
        words["consequences"].format(consequences=facts.consequences or words["unknown"]),
        words["measures"].format(measures=facts.measures or words["unknown"]),
    ]


def _telling(breach: Breach, words: Words) -> str:
    found = breach.telling
    if found is None:
        return words["people_open"]
    if not found.told or found.when is None:
        return words["not_told"].format(how=found.how)
    return words["told"].format(when=_moment(found.when), how=found.how)


def _title(kind: BreachLetterKind, words: Words) -> str:
    return words["title_people" if kind == "people" else "title_authority"]


def _addressee(kind: BreachLetterKind, language: Language) -> str:
    return WORDS[language]["to_people"] if kind == "people" else AUTHORITIES[kind][language]


def _number(count: int | None, words: Words) -> str:
    return words["unknown"] if count is None else str(count)


def _moment(time: Time) -> str:
    return f"{to_local(time):%d.%m.%Y %H:%M}"
