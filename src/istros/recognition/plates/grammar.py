"""What plates of each country look like: a prior for what was read and for the country, never a rewrite.

A format is a pattern over shapes, in which L stands for a letter and D for a digit, so that AB1234CD has the shape
LLDDDDLL. Sources: the countries' road-traffic decrees as summed up in Wikipedia's "Vehicle registration plates of ..."
articles; Ukraine: DSTU 4278; Romania: OMAI 501/2006; Moldova: HG 1042/2014.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_UA_LETTERS = "ABCEHIKMOPTX"
_BG_LETTERS = "ABEKMHOPCTYX"
_RO_COUNTIES = (
    "AB|AG|AR|BC|BH|BN|BR|BT|BV|BZ|CJ|CL|CS|CT|CV|DB|DJ|GJ|GL|GR|HD|HR|IF|IL|IS|MH|MM|MS|NT|OT|PH|SB|SJ|SM|SV|TL|TM|TR|"
    "VL|VN|VS"
)


@dataclass(frozen=True, slots=True)
class Format:
    """One country's format: `shape` over L and D, `letters` over the text itself where the letters are limited.

    `weight` says how much a match means (1: few other texts have this shape; less: many do). Formats of the towns' own
    countries are `home`: where a text fits one of them and a foreign one, the home country is named.
    """

    country: str
    shape: re.Pattern[str]
    letters: re.Pattern[str] | None = None
    weight: float = 1.0
    home: bool = False


def _format(country: str, shape: str, letters: str = "", weight: float = 1.0, home: bool = False) -> Format:
    return Format(country, re.compile(shape), re.compile(letters) if letters else None, weight, home)


HOME = ("UA", "RO", "MD")
"""The countries of the two towns and their neighbour."""
HOME_BONUS = 0.4
_UA_CAR = f"[{_UA_LETTERS}]{{2}}\\d{{4}}[{_UA_LETTERS}]{{2}}"
_FORMATS = (
    _format("UA", "LLDDDDLL", _UA_CAR, home=True),
    _format("UA", "DDLLDDDD", f"\\d\\d[{_UA_LETTERS}]{{2}}\\d{{4}}", weight=0.8, home=True),
    _format("UA", "DDDDDLL", f"\\d{{5}}[{_UA_LETTERS}]{{2}}", home=True),
    _format("UA", "LDDDDLL", weight=0.5, home=True),
    _format("UA", "DDDDLL", f"\\d{{4}}[{_UA_LETTERS}]{{2}}", weight=0.5, home=True),
    _format("RO", "LLDDLLL|LDDD?LLL", f"(B\\d{{2,3}}|({_RO_COUNTIES})\\d\\d)[A-Z]{{3}}", home=True),
    _format("RO", "LDDDDDD?D?|LLDDDDDD?D?", f"(B|{_RO_COUNTIES})0\\d{{4,6}}", weight=0.9, home=True),
    _format("RO", "LLDDDDDD", "(CD|TC|CO)\\d{6}", home=True),
    _format("MD", "LLLDDD", home=True),
    _format("MD", "LLLLDDD", weight=0.7, home=True),
    _format("BG", "LL?DDDDLL", f"[{_BG_LETTERS}]{{1,2}}\\d{{4}}[{_BG_LETTERS}]{{2}}"),
    _format("RU", "LDDDLLDDD?", f"[{_BG_LETTERS}]\\d{{3}}[{_BG_LETTERS}]{{2}}\\d{{2,3}}"),
    _format("BY", "DDDDLLD"),
    _format("PL", "LLL?DDDDD?|LLDDDDL|LLLDDDL|LLDDDLL|LLLDDLL|LLLLDDD|LLLDLDD|LLLDDLD|LLLLDDL", weight=0.6),
    _format("DE", "LL{1,4}D{1,4}", weight=0.6),
    _format("CZ", "DLDDDDD|DLLDDDD"),
    _format("CZ", "LL?LDDDDD?", weight=0.6),
    _format("SK", "LLDDDLL"),
    _format("IT", "LLDDDLL"),
    _format("FR", "LLDDDLL"),
    _format("FR", "DDD?D?LLL?DD", weight=0.8),
    _format("AL", "LLDDDLL"),
    _format("HU", "LLLDDD|LLLLDDD"),
    _format("AT", "LL?D{1,5}L{1,3}", weight=0.5),
    _format("BE", "DLLLDDD|LLLDDD|DDDLLL"),
    _format("ES", "DDDDLLL"),
    _format("ES", "LL?DDDDLL?", weight=0.6),
    _format("PT", "LLDDLL|DDLLDD|DDDDLL|LLDDDD", weight=0.8),
    _format(
        "NL", "LLDDLL|DDLLDD|DDDDLL|LLDDDD|LLLLDD|DDLLLL|DDLLLD|DLLLDD|LLDDDL|LDDDLL|LLLDDL|LLLDD|DLLDDD", weight=0.8
    ),
    _format("GB", "LLDDLLL"),
    _format("GB", "LD{1,3}LLL|LLLD{1,3}L", weight=0.6),
    _format("IE", "DDD?LL?D{1,6}", weight=0.6),
    _format("LT", "LLLDDD"),
    _format("LV", "LLDDDD"),
    _format("EE", "DDDLLL"),
    _format("FI", "LLLDDD"),
    _format("SE", "LLLDDD|LLLDDL"),
    _format("DK", "LLDDDDD"),
    _format("NO", "LLDDDDD"),
    _format("SI", "LLDDLLL|LLLLDDD|LLDLDDD|LLDDDLL|LLLDDDD", weight=0.6),
    _format("HR", "LLDDDD?LL?"),
    _format("RS", "LLDDDD?LL"),
    _format("BA", "LDDLDDD"),
    _format("MK", "LLDDDDLL"),
    _format("ME", "LLLLDDD"),
    _format("GR", "LLLDDDD"),
    _format("TR", "DDLDDDDD?|DDLLDDDD?|DDLLLDDD?"),
    _format("LU", "LLDDDD"),
    _format("CH", "LLD{3,6}", weight=0.5),
)
BAND_SIGNS = {
    "UA": "UA", "RO": "RO", "MD": "MD", "BG": "BG", "PL": "PL", "D": "DE", "CZ": "CZ", "SK": "SK", "I": "IT", "F": "FR",
    "H": "HU", "A": "AT", "B": "BE", "E": "ES", "P": "PT", "NL": "NL", "GB": "GB", "IRL": "IE", "LT": "LT", "LV": "LV",
    "EST": "EE", "FIN": "FI", "S": "SE", "DK": "DK", "N": "NO", "SLO": "SI", "HR": "HR", "SRB": "RS", "BIH": "BA",
    "NMK": "MK", "MK": "MK", "MNE": "ME", "GR": "GR", "TR": "TR", "L": "LU", "CH": "CH", "AL": "AL", "BY": "BY",
}  # fmt: skip
"""The sign in a plate's band (United Nations, distinguishing signs of vehicles in traffic) to the country."""


SIGN_WORDS = frozenset({
    "TAXI", "BUS", "TIR", "AUTO", "RENT", "SALE", "MAX", "MIN", "OPEN", "STOP", "EXIT", "INFO", "TEL", "FAX",
    "MOB", "WWW", "WIFI", "FREE", "BABY", "CASH", "BANK", "ATM", "ATB", "LIDL", "KREDIT", "CREDIT", "DIESEL",
    "GAS", "GPL", "LPG", "CNG", "PARKING", "PARK", "HOTEL", "BAR", "CAFE", "SHOP", "PLUS", "MINUS", "FROM",
    "ONLY", "SINCE", "ANNO", "ROUTE", "LINE", "ZONE", "TOTAL", "EURO", "EUR", "LEI", "RON", "UAH", "MDL", "USD",
    "GRN", "HRN", "KMH", "NEW", "TOP", "VIP", "SOS", "HELP", "CALL", "OFF",
})  # fmt: skip
"""Words that stand beside figures on signs, adverts and vehicles, and make a plate's shape with them: BUS 120, SALE 50."""

DOUBTED = 0.79
"""No text with such a word is a confident one, unless a home format knows its letters (a Romanian suffix may be BUS)."""


def says_a_word(text: str) -> bool:
    """Whether letters of the text are a word of signs, so that it need not be a plate although it has the shape of one."""
    runs = re.findall(r"[A-Z]+", text)
    if not any(run in SIGN_WORDS for run in runs):
        return False
    return not any(form.home and form.letters is not None for form in formats_of(text))


def shape_of(text: str) -> str:
    """L for each letter, D for each digit."""
    return "".join("D" if letter.isdigit() else "L" for letter in text)


@lru_cache(maxsize=4096)
def _of_shape(shape: str) -> tuple[Format, ...]:
    return tuple(form for form in _FORMATS if form.shape.fullmatch(shape))


@lru_cache(maxsize=8192)
def formats_of(text: str) -> tuple[Format, ...]:
    """Every format that the text (capital letters and digits) fits."""
    return tuple(form for form in _of_shape(shape_of(text)) if form.letters is None or form.letters.fullmatch(text))


def weight_of(text: str) -> float:
    """How plate-like the text is, 0 (fits no format) to 1.4 (fits one of the towns' own)."""
    best = max((form.weight + HOME_BONUS * form.home for form in formats_of(text)), default=0.0)
    return best * (0.5 if len(text) < 5 else 0.75 if len(text) == 5 else 1.0)


def is_home(text: str) -> bool:
    """Whether the text fits a format of the towns' own countries that few others share."""
    return any(form.home and form.weight >= 0.8 for form in formats_of(text))


def country_of(text: str) -> str | None:
    """The one country whose format this is; the home country where home and foreign formats agree; None in doubt."""
    fitting = formats_of(text)
    strong = {form.country for form in fitting if form.weight >= 0.8}
    home = {form.country for form in fitting if form.home and form.letters is not None}
    chosen = home or strong or {form.country for form in fitting}
    return next(iter(chosen)) if len(chosen) == 1 else None


def is_cut_off(text: str) -> bool:
    """Whether the text fits no home format, but would with one more character at an edge: more likely a part of a plate
    from here than a whole one from afar (TR95XM is TR 95 XMI without its end, and has the shape of a Portuguese plate)."""
    return not is_home(text) and any(is_home(text + more) or is_home(more + text) for more in "A0B")
