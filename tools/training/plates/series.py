"""The series of plates that the renderer knows: what is printed on them, in which colours, at which size.

Sources: the countries' decrees as summed up in Wikipedia's "Vehicle registration plates of ..." articles; Ukraine DSTU
3650-97 and DSTU 4278:2019, Soviet Union GOST 3207-77, Romania OMAI 501/2006, Moldova HG 1042/2014. Sizes are rounded to
what matters at a camera's distance. A series need not be complete: it teaches letters in their places, not the law.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

Colour = tuple[int, int, int]
"""Blue, green, red, 0 to 255."""

WHITE: Colour = (238, 240, 240)
BLACK: Colour = (22, 20, 20)
YELLOW: Colour = (20, 190, 245)
RED: Colour = (40, 30, 200)
GREEN: Colour = (70, 130, 20)
BLUE: Colour = (150, 60, 20)

LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SHARED = "ABCEHIKMOPTX"
"""The letters that Ukrainian and Latin share, of which Ukraine's series since 2004 are made."""
BULGARIAN = "ABEKMHOPCTYX"
SOVIET = "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЭЮЯ"
"""Letters of the Soviet series (GOST 3207-77)."""
LOOK_ALIKES = str.maketrans("АВЕКМНОРСТУХІЇЅЗ", "ABEKMHOPCTYXIIS3")
"""Cyrillic letters that are drawn as a Latin letter or a digit: a picture cannot tell them apart, so the label is that."""
CYRILLIC = "БГДЖИЛПФЦЧШЩЭЮЯЄ"
"""The Cyrillic letters that look like nothing else."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ROMANIAN_COUNTIES = _words(
    "AB AG AR BC BH BN BR BT BV BZ CJ CL CS CT CV DB DJ GJ GL GR HD HR IF IL IS MH MM MS NT OT PH SB SJ SM SV TL TM TR VL "
    "VN VS"
)
UKRAINIAN_OBLASTS = _words(
    "AA AB AC AE AH AI AK AM AO AP AT AX BA BB BC BE BH BI BK BM BO BT BX CA CB CE CH KA KB KC KE KH KI KM KO KP KT KX HA "
    "HB HC HE HH HI HK HM HO HT HX IA IB IC IE IH II IK IM IO IP IT IX TA TE"
)
_SOVIET_OBLASTS = ("ОД", "КИ", "КО", "ЛВ", "ЖИ", "ВН", "ДО", "ДН", "ЗП", "ИФ", "ХА", "ХЕ", "ЧЕ", "СУ", "РВ", "ТЕ", "МЛ")
_MOLDOVAN_TOWNS = _words(
    "C C C C BL AN BR CH CL CM CR CS CU DR DN ED FL FR GL HN IL LV NS OC OR RZ RS SD SG ST SV TL UN"
)
_BULGARIAN_TOWNS = _words("A B BH BP BT C CA CB CC CH E EB EH H K KH M OB P PA PB PE PK PP T TX X Y")
_GERMAN_TOWNS = _words("B M K F HH S D DO E L DD N HB H WI MZ KA MA AC BN FR UL R A KI HL SN")
_TURKISH_PROVINCES = tuple(f"{number:02}" for number in range(1, 82))
_POLISH_TOWNS = _words("WA WB KR GD PO WR LU RZ SK KT BI OP EL CB ZS LUB KRA WPI GDA RLA PKL SBI")

LINE, SQUARE, SMALL, AMERICAN = (520, 112), (280, 200), (220, 170), (300, 152)
"""Sizes in millimetres: one line; two lines; a motorcycle's; two lines where a car has room for no more."""


@dataclass(frozen=True, slots=True)
class Series:
    """A series: country (ISO 3166; PMR for Transnistria, SU for what the Soviet Union gave out), kind, patterns.

    `weight` is its share among all; `band` names how the band on the left is drawn ("" for none), `sign` what stands in
    it; `shape` is "rectangle" or "tractor" (five corners, the lower two cut off); `lettering` the family of fonts.
    """

    country: str
    kind: str
    patterns: tuple[str, ...]
    weight: float = 1.0
    letters: str = LATIN
    prefixes: tuple[str, ...] = ("",)
    size: tuple[int, int] = LINE
    background: Colour = WHITE
    ink: Colour = BLACK
    band: str = ""
    sign: str = ""
    shape: str = "rectangle"
    lettering: str = "any"
    right: str = ""


def _ua(kind: str, *patterns: str, weight: float = 1.0, band: str = "ua-2015", **rest: object) -> Series:
    series = Series(
        "UA",
        kind,
        patterns,
        weight,
        SHARED,
        UKRAINIAN_OBLASTS,
        band=band,
        sign="UA" if band not in ("", "ua-1995") else "",
        lettering="ua",
    )
    return replace(series, **rest)  # type: ignore[arg-type]


_UKRAINE = (
    _ua("2015", "P DDDD LL", weight=8),
    _ua("2004", "P DDDD LL", weight=6, band="ua-2004"),
    _ua("2015 two lines", "P LL/DDDD", "P DDDD/LL", "P DD/DD LL", weight=2.5, size=AMERICAN),
    _ua("2004 two lines", "P DDDD/LL", "P LL/DDDD", "P/DDDD LL", weight=2.5, band="ua-2004", size=SQUARE),
    _ua("2015 two lines, square", "P DDDD/LL", "P LL/DDDD", "P/DDDD LL", weight=1.5, size=SQUARE),
    _ua("motorcycle", "P/DDDD/LL", "P DD/DD LL", "P/DDDDLL", weight=2.5, size=SMALL),
    _ua("motorcycle 2004", "P/DDDD/LL", "DDDD/P LL", weight=1.5, size=SMALL, band="ua-2004"),
    _ua("1995", "(DD) DDD-DD LL", "DDD-DD LL", "(DD) DDDDD LL", weight=4, band="ua-1995"),
    _ua("1995 two lines", "DDD-DD/(DD) LL", "DD-DD/LL", "(DD) DDDD/LL", weight=1.5, band="ua-1995", size=SQUARE),
    _ua("1995 trailer", "(DD) DDDD LL", "DDDD LL", weight=1, band="ua-1995"),
    _ua("electric", "P DDDD LL", weight=1.5, ink=GREEN, letters=SHARED + "YZYZ"),
    _ua("electric, two lines", "P LL/DDDD", weight=0.5, ink=GREEN, letters=SHARED + "YZ", size=AMERICAN),
    _ua("transit", "(tD) LLDDDD", "DD LL DDDD", "tD LLDDDD", weight=1.2, background=RED, ink=WHITE),
    _ua(
        "transit, two lines",
        "tD/LL DDDD",
        "tD LL/DDDD",
        "DD LL/DDDD",
        weight=0.8,
        background=RED,
        ink=WHITE,
        size=SQUARE,
    ),
    _ua("lorry, three lines", "P/DDDD/LL", "P/DD DD/LL", weight=0.6, size=SQUARE),
    _ua("temporary", "DD LL DDDD", "LL DDDD DD", weight=1, ink=RED),
    _ua("temporary, two lines", "DD LL/DDDD", weight=0.4, ink=RED, size=AMERICAN),
    _ua("public transport", "P DDDD LL", weight=1, background=YELLOW),
    _ua("public transport, two lines", "P LL/DDDD", weight=0.4, background=YELLOW, size=AMERICAN),
    _ua("trailer", "P DDDD xL", "P DDDD LL", weight=1),
    _ua("police", "DDDD DD", "P DDDD", "DDDD LL", "(DD) DDDD", weight=1, background=BLUE, ink=WHITE, band=""),
    _ua("military", "DDDD LD", "DD DD L D", "DDDD LL", weight=1.5, background=BLACK, ink=WHITE, band=""),
    _ua("military, two lines", "DDDD/LD", "DD DD/L D", weight=0.5, background=BLACK, ink=WHITE, band="", size=SQUARE),
    _ua("diplomatic", "d DDD DDD", "dp DDD DDD", "s DDD DDD", "cdp DDD", weight=0.5, background=WHITE, band=""),
    _ua("tractor", "DDDD/LL", "DDDDD/LL", "DDDD/P", weight=2.5, size=(288, 206), shape="tractor", band=""),
    _ua("tractor 2013", "DDDDD/LL", "P/DDDDD", weight=1, size=(288, 206), shape="tractor", band="ua-2015"),
    _ua("own choice", "LLLLL", "LLLL DD", "LLL LLL", "DDD LLLL", weight=1.2, letters=SHARED + SOVIET + SHARED),
    _ua("moped", "LL/DDDD", "DDDD/LL", weight=0.5, size=SMALL),
)


def _soviet(kind: str, *patterns: str, weight: float, **rest: object) -> Series:
    series = Series("SU", kind, patterns, weight, SOVIET, _SOVIET_OBLASTS, lettering="ua")
    return replace(series, **rest)  # type: ignore[arg-type]


_SOVIET_UNION = (
    _soviet("1980", "L DDDD P", "L DDDD LL", "DDDD LL", weight=3),
    _soviet("1980 lorry", "DDDD LLL", "DD-DD LLL", weight=1),
    _soviet("1980 two lines", "L DDDD/P", "DDDD/LLL", weight=1.2, size=SQUARE),
    _soviet("motorcycle", "DDDD/LLL", "DDDD/P L", "DDDD/LL", weight=1.5, size=(235, 170)),
    _soviet("1958", "DD-DD LLL", "DD-DD/LLL", weight=1, background=BLACK, ink=WHITE),
    _soviet("tractor", "DDDD/LL", "DD-DD/LL", "DDDD/LLL", weight=2, size=(288, 206), shape="tractor"),
)


def _ro(kind: str, *patterns: str, weight: float = 1.0, **rest: object) -> Series:
    letters, band = "ABCDEFGHIJKLMNOPRSTUVWXYZ", "eu"
    series = Series("RO", kind, patterns, weight, letters, ROMANIAN_COUNTIES, band=band, sign="RO", lettering="ro")
    return replace(series, **rest)  # type: ignore[arg-type]


_ROMANIA = (
    _ro("standard", "P DD LLL", "P DD LLL", "b DDD LLL", "b DD LLL", weight=10),
    _ro("standard of 1992", "P DD LLL", "b DD LLL", weight=1.5, band="ro-1992"),
    _ro("two lines", "P DD/LLL", "b DDD/LLL", weight=1.5, size=SQUARE),
    _ro("motorcycle", "P DD/LLL", "b DDD/LLL", "P/DD LLL", weight=1, size=(240, 130)),
    _ro("motorcycle, narrow", "P/DD/LLL", "P DD/LLL", "P/DDD", weight=0.5, size=SMALL),
    _ro("temporary", "P 0DDDDD", "b 0DDDDD", "b 0DDDD", "P 0DDDD", weight=2.5, ink=RED),
    _ro("temporary, two lines", "P/0DDDDD", "b 0DD/DDD", weight=0.5, ink=RED, size=SQUARE),
    _ro("tests", "P 0DDDDDD", "b DDDDDD", "P DDDD", weight=1, ink=RED),
    _ro("diplomatic", "cd DDD DDD", "tc DDD DDD", "co DDD DDD", weight=1, ink=(150, 50, 10)),
    _ro("army", "a DDDDD", "a DDDDDD", "a DDDD", weight=1.2, band=""),
    _ro("interior ministry", "mai DDDDD", weight=0.7, band=""),
    _ro("local, yellow", "P DDDD", "P DDD LL", weight=0.5, background=YELLOW, band=""),
)


def _md(kind: str, *patterns: str, weight: float = 1.0, band: str = "md", **rest: object) -> Series:
    series = Series("MD", kind, patterns, weight, LATIN, _MOLDOVAN_TOWNS, band=band, sign="MD" if band else "")
    return replace(series, **rest)  # type: ignore[arg-type]


_MOLDOVA = (
    _md("2015", "LLL DDD", "LLL DDD", "LLLDDD", weight=6),
    _md("2015 two lines", "LLL/DDD", weight=1, size=SQUARE),
    _md("2015 motorcycle", "LL/DDD", "LLL/DDD", weight=0.6, size=(240, 130)),
    _md("1992", "P LL DDD", weight=4, band="md-1992"),
    _md("1992 motorcycle", "P LL/DDD", "P/LL/DDD", "LL/DDD", weight=0.5, band="md-1992", size=SMALL),
    _md("1992 two lines", "P LL/DDD", "P/LL DDD", weight=0.7, band="md-1992", size=SQUARE),
    _md("state", "rm DDDD", "rmp DDD", "rmg DDD", "fa DDDD", "mai DDDD", "dg DDDD", weight=0.8, band="md-1992"),
    _md("diplomatic", "cd DDD LL", "ts DDD LL", "cd DDD L", weight=0.5, ink=(150, 50, 10)),
    _md("temporary", "p DDDD", "P DDDD", "h DDDDD", weight=0.6, ink=RED),
    _md("taxi and bus", "LLL DDD", weight=0.4, background=YELLOW),
)
_TRANSNISTRIA = (
    Series("PMR", "car", ("L DDD LL", "LDDDLL"), 2.5, "ABEHKMOPCTX", right="pmr", lettering="ua"),
    Series("PMR", "car, two lines", ("L DDD/LL",), 0.5, "ABEHKMOPCTX", size=SQUARE, right="pmr", lettering="ua"),
    Series("PMR", "trailer", ("LL DDDD", "DDDD LL"), 0.4, "ABEHKMOPCTX", right="pmr", lettering="ua"),
)


def _eu(country: str, sign: str, weight: float, *patterns: str, **rest: object) -> Series:
    return replace(
        Series(country, "standard", patterns, weight, band="eu", sign=sign),
        **rest,  # type: ignore[arg-type]
    )


_NEIGHBOURS = (
    _eu("BG", "BG", 3, "P DDDD LL", letters=BULGARIAN, prefixes=_BULGARIAN_TOWNS),
    _eu("BG", "BG", 0.5, "P DD/DD LL", "P/DDDDLL", letters=BULGARIAN, prefixes=_BULGARIAN_TOWNS, size=SQUARE),
    _eu("HU", "H", 2, "LLL-DDD", "LLL*DDD", "LL LL-DDD"),
    _eu("HU", "H", 0.4, "LLL/DDD", size=SQUARE),
    _eu("PL", "PL", 2.5, "P DDDDD", "P LDDDD", "P DDDLL", "P LLDDD", "P*DDDDD", prefixes=_POLISH_TOWNS),
    _eu("PL", "PL", 0.7, "P/DDDDD", "P/LDDDD", prefixes=_POLISH_TOWNS, size=SQUARE),
    _eu("SK", "SK", 1, "LL*DDDLL", "LL DDDLL", "LL-DDDLL"),
    _eu("CZ", "CZ", 1.2, "DLD DDDD", "DLD*DDDD", "DLL DDDD"),
    _eu("CZ", "CZ", 0.4, "DLD/DDDD", size=SQUARE),
    _eu(
        "DE", "D", 3, "P*LL DDDD", "P*LL DDD", "P*L DDDD", "P*LL DD", "P*L DDD", prefixes=_GERMAN_TOWNS, lettering="fe"
    ),
    _eu("DE", "D", 0.8, "P*/LL DDD", "P*/LL DDDD", prefixes=_GERMAN_TOWNS, size=SQUARE, lettering="fe"),
    _eu("AT", "A", 0.8, "LL*DDDLL", "L*DDDDDL", "LL*DDDDL"),
    _eu("TR", "TR", 2, "P L DDDD", "P LL DDD", "P LLL DD", "P LLL DDD", "P LL DDDD", prefixes=_TURKISH_PROVINCES),
    _eu("TR", "TR", 0.4, "P LL/DDD", "P LLL/DD", prefixes=_TURKISH_PROVINCES, size=SQUARE),
    _eu("GR", "GR", 0.8, "LLL-DDDD", letters="ABEZHIKMNOPTYX"),
    _eu("IT", "I", 1.5, "LL DDDLL", "LL*DDDLL", right="eu"),
    _eu("IT", "I", 0.5, "LL/DDDLL", size=SQUARE, right="eu"),
    _eu("FR", "F", 1.5, "LL-DDD-LL", "DDDD LL DD", "DDD LLL DD", right="eu"),
    _eu("FR", "F", 0.5, "LL-DDD/LL", "LL/DDD LL", size=SQUARE, right="eu"),
    _eu("ES", "E", 1, "DDDD LLL", letters="BCDFGHJKLMNPRSTVWXYZ"),
    _eu("PT", "P", 0.7, "DD-DD-LL", "LL-DD-LL", "DD-LL-DD"),
    _eu("NL", "NL", 1, "DD-LL-LL", "LL-DDD-L", "L-DDD-LL", "LL-LL-DD", background=YELLOW),
    _eu("NL", "NL", 0.4, "DD-LL/LL", "LL/DDD-L", background=YELLOW, size=SQUARE),
    _eu("BE", "B", 0.8, "D-LLL-DDD", "LLL-DDD", ink=(50, 20, 150)),
    _eu("GB", "GB", 0.8, "LLDD LLL", "LDDD LLL", background=YELLOW, lettering="gb"),
    _eu("GB", "GB", 0.6, "LLDD LLL", band="", lettering="gb"),
    _eu("GB", "GB", 0.4, "LLDD/LLL", background=YELLOW, size=SQUARE, lettering="gb"),
    _eu("LT", "LT", 1, "LLL*DDD", "LLL DDD", "LL DDD"),
    _eu("LV", "LV", 0.6, "LL-DDDD", "LL-DDD"),
    _eu("EE", "EST", 0.5, "DDD LLL"),
    _eu("RS", "SRB", 0.7, "LL*DDD-LL", "LL*DDDD-LL"),
    _eu("HR", "HR", 0.5, "LL*DDD-LL", "LL*DDDD-LL"),
    _eu("SI", "SLO", 0.5, "LL*LL-DDD", "LL*DDD-LL"),
    _eu("MK", "NMK", 0.3, "LL DDDD LL"),
    _eu("SE", "S", 0.5, "LLL DDD", "LLL*DDL"),
    _eu("FI", "FIN", 0.4, "LLL-DDD"),
    _eu("DK", "DK", 0.4, "LL DD DDD"),
    _eu("NO", "N", 0.4, "LL DDDDD"),
    _eu("CH", "", 0.4, "*LL DDDDDD", "*LL DDDDD", band=""),
    _eu("CH", "", 0.3, "*LL*/DDDDDD", band="", size=SQUARE),
    _eu("RU", "", 1.2, "LDDDLL (DD)", "LDDDLL (DDD)", "L DDD LL (DDD)", band="", letters=BULGARIAN, lettering="ua"),
    _eu("RU", "", 0.4, "DDDD LL (DD)", band="", letters=BULGARIAN, background=BLACK, ink=WHITE, lettering="ua"),
    _eu("BY", "BY", 1, "DDDD LL-D", letters="ABEIKMHOPCTX", band="by", lettering="ua"),
    _eu("GE", "GE", 0.6, "LL-DDD-LL", band="ge"),
    _eu("AM", "AM", 0.3, "DD LL DDD", band="by"),
    _eu("KZ", "KZ", 0.3, "DDDLLL (DD)", "DDDLL (DD)", band="by"),
)
_ANY = (
    _eu("", "", 4, "LLLDDDD", "LLDDDDLL", "DDLLDD", "DDDLLL", "LDDDLL", "LL DDDDD", "DDD DDD", "L DDDDD", band="any"),
    _eu("", "", 1.5, "LLLL/DDDD", "DDD/LLL", "LL DD/DDD", "DDDD/LL", "L DDD/LL", "DD/LLDD", band="any", size=SQUARE),
    _eu("", "", 1, "LL/DDD/LL", "DDD/DDD", "LL/DDDDD", "LLL/DD", "DD/DDDD/LL", band="any", size=SMALL),
    _eu("", "", 1, "DLDLLD", "LDLDLD", "DDLDDLD", "LLDLLD", "DLLLDDD", "DDDDLLD", band="any"),
)
SERIES: tuple[Series, ...] = (*_UKRAINE, *_SOVIET_UNION, *_ROMANIA, *_MOLDOVA, *_TRANSNISTRIA, *_NEIGHBOURS, *_ANY)
