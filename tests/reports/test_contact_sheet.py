"""The contact sheet: its pictures byte for byte, its pages, its words and the towns' own time."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from istros.base.local_time import to_local
from istros.base.time import Span, Time, from_iso
from istros.reports.contact_sheet import WORDS, SheetFacts, SheetPicture, contact_sheet, local_text
from istros.video.stills import jpeg_of, picture_at
from tests.video.packets import packets_of
from tests.video.test_stills import segment_of

START = from_iso("2026-11-24T12:32:18.040Z")
FACTS = SheetFacts(
    "Спільний центр", "uk", Span(START, Time(START + 60_000_000)), (("IZ-07", "Портові ворота, Ізмаїл"), ("TL-01", "Piața, Tulcea")),
    "P-2026-0007", "stolen-vehicle", "12026-114", 'CPC art. 40 #strong[not markup] "$x$"', "Олена Ґудзь", START, "Ștefan, Țară, їжак",
)  # fmt: skip


def pictures(count: int) -> list[SheetPicture]:
    data = segment_of(packets_of())
    made = []
    for number in range(count):
        picture = picture_at(data, number * 9000)
        assert picture is not None
        jpeg = jpeg_of(picture)
        made.append(SheetPicture("IZ-07", Time(START + number * 100_000), picture.width, picture.height, jpeg))
    return made


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


@pytest.mark.parametrize("language", ["en", "uk", "ro"])
def test_the_pictures_lie_in_it_byte_for_byte(language: str) -> None:
    shown = [*pictures(5), SheetPicture("TL-01", START)]
    pdf = contact_sheet(replace(FACTS, language=language), shown)  # type: ignore[arg-type]
    assert pdf.startswith(b"%PDF-")
    assert all(each.jpeg in pdf for each in shown)
    assert len({each.sha256 for each in shown}) == 6


def test_sixty_pictures_take_some_pages() -> None:
    assert pages(contact_sheet(FACTS, pictures(1))) == 1
    many = [replace(each, time=Time(each.time + extra)) for each in pictures(20) for extra in (0, 1, 2)]
    assert 3 <= pages(contact_sheet(FACTS, many)) <= 8


def test_every_language_says_the_same() -> None:
    assert {frozenset(words) for words in WORDS.values()} == {frozenset(WORDS["en"])}
    assert all(text.strip() for words in WORDS.values() for text in words.values())


@pytest.mark.parametrize(
    ("utc", "local"),
    [
        ("2026-03-29T00:59:59.990Z", "2026-03-29 02:59:59.99 EET"),
        ("2026-03-29T01:00:00.000Z", "2026-03-29 04:00:00.00 EEST"),
        ("2026-10-25T00:59:59.000Z", "2026-10-25 03:59:59.00 EEST"),
        ("2026-10-25T01:00:00.000Z", "2026-10-25 03:00:00.00 EET"),
        ("2027-07-01T10:00:00.000Z", "2027-07-01 13:00:00.00 EEST"),
    ],
)
def test_the_towns_own_time(utc: str, local: str) -> None:
    assert local_text(from_iso(utc)) == local


def test_it_agrees_with_the_time_zone_database_where_there_is_one() -> None:
    zoneinfo = pytest.importorskip("zoneinfo")
    try:
        zones = [zoneinfo.ZoneInfo(name) for name in ("Europe/Kyiv", "Europe/Bucharest")]
    except zoneinfo.ZoneInfoNotFoundError:
        pytest.skip("no time zone database here")
    for hours in range(0, 3 * 366 * 24, 7):
        moment = to_local(Time(START + hours * 3_600_000_000))
        for zone in zones:
            assert moment.replace(tzinfo=None) == moment.astimezone(zone).replace(tzinfo=None)
