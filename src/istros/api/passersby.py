"""People who passed cameras: how many by hour and place, and a search by looks inside a case."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from istros.api import schemas
from istros.api.gate import Caller, needs
from istros.api.passerby_shapes import (
    Age,
    AgeSexShape,
    BagName,
    ClothesColour,
    ClothesShare,
    PassingPerson,
    PeopleCount,
    PeopleCounts,
    PersonSearch,
    SexName,
)
from istros.api.problems import BadRequest
from istros.api.spans import From, To, span_of
from istros.base.time import HOUR, Span, Time
from istros.compliance.permits import Scope
from istros.compliance.profile import Function, Profile, in_force, not_allowed, require_function
from istros.compliance.search_reach import require_reach
from istros.compliance.small_numbers import LEAST, hidden_below
from istros.store import Transaction
from istros.store.people import PeopleCountRow, PeopleQuery, PersonSeenRow, Shares

router = APIRouter(tags=["passersby"])

MOST_LOOKED_AT = 5000
MOST_DAYS_COUNTED = 31


@router.get("/passersby")
async def search_passersby(
    caller: Annotated[Caller, Depends(needs("persons.search"))],
    since: From,
    until: To,
    permit: str,
    camera: Annotated[list[str] | None, Query(max_length=64)] = None,
    upper: ClothesColour | None = None,
    lower: ClothesColour | None = None,
    bag: BagName | None = None,
    direction: schemas.DirectionName | None = None,
    age: Annotated[Age | None, Query()] = None,
    sex: SexName | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> PersonSearch:
    """People as they looked, under a permit that names the case; the query stands in the audit log.

    How far back and over how many cameras it reaches is the profile's to say, and whether age and sex may be asked for.
    """
    span = span_of(since, until)
    query = PeopleQuery(span, tuple(camera or ()), direction or "", bag or "", age, sex or "")
    clock = caller.node.environment.clock
    began = clock.elapsed()
    detail: dict[str, object] = {
        "from": since, "to": until, "cameras": list(query.cameras), "upper": upper or "", "lower": lower or "",
        "bag": query.bag, "direction": query.direction, "age": -1 if age is None else age, "sex": query.sex,
    }  # fmt: skip

    def work(tx: Transaction) -> tuple[list[PassingPerson], int]:
        profile = require_function(tx, clock.now(), Function.PEOPLE_DESCRIBED)
        require_reach(profile, len(query.cameras) or len(caller.node.cameras), span)
        _check_looks(profile, query)
        rows, searched = tx.people.between(query, MOST_LOOKED_AT)
        described = profile.allows(Function.AGE_SEX_DESCRIBED)
        found = [_person(row, upper, lower, described) for row in rows]
        return [each for each in found if each.agreement != 0], searched

    people, searched = await caller.disclose("passersby", work, detail, permit, lambda tx: Scope(query.cameras, span))
    people.sort(key=lambda each: (-(each.agreement or 0), -each.last_seen))
    took = round((clock.elapsed() - began) * 1000, 1)
    return PersonSearch(people=people[:limit], searched=searched, took_ms=took)


@router.get("/passersby/counts")
async def count_passersby(
    caller: Annotated[Caller, Depends(needs("persons.count"))],
    since: From,
    until: To,
    camera: Annotated[list[str] | None, Query(max_length=64)] = None,
) -> PeopleCounts:
    """How many people passed, by hour and place, and by age band and sex where the profile counts them.

    Groups of fewer than ten are hidden, and larger ones with them where they would follow from the sum. An hour is told
    once it is over: from one look to the next, a number that grows would tell of a single person.
    """
    span, now = span_of(since, until), caller.node.environment.clock.now()
    if span.end - span.start > MOST_DAYS_COUNTED * 24 * HOUR:
        raise BadRequest(f"At most {MOST_DAYS_COUNTED} days are counted at once.", "Choose a shorter span.")
    start, over = Time(span.start // HOUR * HOUR), Time(now // HOUR * HOUR)
    hours = Span(start, max(start, min(span.end, over)))

    def work(tx: Transaction) -> PeopleCounts:
        profile = in_force(tx, now)
        by_age = profile.allows(Function.AGE_SEX_COUNTED)
        rows = [row for row in tx.people.counts(hours, tuple(camera or ())) if by_age or not row.band]
        counted = by_age or profile.allows(Function.PEOPLE_DETECTED)
        return PeopleCounts(
            since=span.start, until=span.end, least=LEAST, counted=counted, by_age_and_sex=by_age,
            counts=_shown(rows),
        )  # fmt: skip

    return await caller.disclose("passersby", work, {"from": since, "to": until, "counts": True})


def _shown(rows: list[PeopleCountRow]) -> list[PeopleCount]:
    """The numbers, the small ones hidden among those of the same hour and place."""
    cells: dict[tuple[Time, str, bool], dict[tuple[str, str], int]] = {}
    for row in rows:
        cells.setdefault((row.hour, row.camera_id, bool(row.band)), {})[(row.band, row.sex)] = row.count
    return [
        PeopleCount(camera_id=camera, hour=hour, band=band, sex=sex, count=count)  # type: ignore[arg-type]
        for (hour, camera, _), groups in sorted(cells.items())
        for (band, sex), count in hidden_below(groups).items()
    ]


def _check_looks(profile: Profile, query: PeopleQuery) -> None:
    """Age and sex are asked for only where the profile lets them be described."""
    if (query.age is not None or query.sex) and not profile.allows(Function.AGE_SEX_DESCRIBED):
        raise not_allowed(Function.AGE_SEX_DESCRIBED)


def _person(row: PersonSeenRow, upper: str | None, lower: str | None, described: bool) -> PassingPerson:
    asked = [(row.upper, upper), (row.lower, lower)]
    parts = [_share(shares, wanted) for shares, wanted in asked if wanted is not None]
    known = described and row.age_low is not None and row.age_high is not None and row.sex is not None
    return PassingPerson(
        id=row.id, camera_id=row.camera_id, first_seen=row.first_seen, last_seen=row.last_seen,
        direction=row.direction, upper=_clothes(row.upper), lower=_clothes(row.lower), bag=row.bag,  # type: ignore[arg-type]
        age_sex=AgeSexShape(
            low=row.age_low or 0, high=row.age_high or 0, sex=row.sex, certainty=row.sex_certainty or 0.5,  # type: ignore[arg-type]
        ) if known else None,
        height_px=row.height_px, box=list(row.box), agreement=round(sum(parts) / len(parts), 3) if parts else None,
    )  # fmt: skip


def _share(shares: Shares, wanted: str) -> float:
    return next((share for name, share in shares if name == wanted), 0.0)


def _clothes(shares: Shares) -> list[ClothesShare]:
    return [ClothesShare(colour=name, share=share) for name, share in shares]
