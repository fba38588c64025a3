"""What crosses to the browser (docs/design/0002): strict models; the client's types are made from them."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    field_validator,
)
from pydantic.alias_generators import to_camel

from istros.base.time import Time, from_iso, to_iso

_DATE_TIME = WithJsonSchema({"type": "string", "format": "date-time"})

Moment = Annotated[int, PlainSerializer(lambda time: to_iso(Time(time)), return_type=str, when_used="json"), _DATE_TIME]
"""A `Time` inside, ISO 8601 UTC with milliseconds on the wire."""

MomentText = Annotated[str, AfterValidator(lambda text: to_iso(from_iso(text))), _DATE_TIME]
"""ISO 8601 as the browser sends it; a text without an offset is refused."""

Language = Literal["uk", "ro", "en"]
PriorityName = Literal["critical", "high", "medium", "low"]
VerdictName = Literal["true", "false", "test", "duplicate"]
AlarmStateName = Literal["new", "acknowledged", "closed"]
StreamNameText = Literal["main", "sub"]
StreamStatusName = Literal["starting", "live", "stale", "offline", "barred"]
StandingName = Literal["missing", "notice", "valid", "due", "overdue", "no-analysis", "no-live"]
"""How a camera stands with its assessment (docs/design/0039)."""
GapCauseName = Literal["camera", "network", "recorder", "disk", "planned"]
DirectionName = Literal["towards", "away", "left", "right"]
VehicleClassName = Literal["car", "van", "bus", "lorry", "motorcycle", "bicycle"]
ColourName = Literal["white", "grey", "black", "red", "orange", "yellow", "green", "blue", "brown", "beige"]
CountryCode = Annotated[str, Field(pattern="^[A-Z]{2}$")]
"""ISO 3166 alpha-2."""
EntryState = Literal["open", "expired", "closed"]
Purpose = Literal[
    "offence",
    "missing-person",
    "threat-to-life",
    "stolen-vehicle",
    "smuggling",
    "traffic-safety",
    "civil-protection",
    "subject-request",
    "alarm-review",
]
"""P1 to P7 of the joint protocol, a person's own request, and the review of one alarm."""
SoughtPurpose = Literal["offence", "missing-person", "threat-to-life", "stolen-vehicle", "smuggling"]
"""The purposes for which a plate may be sought: no list for traffic or for reviewing alarms."""


class Shape(BaseModel):
    """The root of every model: strict (no text becomes a number), no unknown keys, camelCase on the wire."""

    model_config = ConfigDict(
        strict=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, from_attributes=True
    )


class Problem(Shape):
    """Every error: `code` is stable; `message` is a sentence in English, `remedy` says what to do."""

    code: str
    message: str
    remedy: str
    said: str = ""
    """What the screens say message and remedy by in their languages, with the facts; empty where they know `code` alone."""
    facts: dict[str, str | int] = {}


class SignIn(Shape):
    """Name and password of an operator."""

    name: str = Field(min_length=1, max_length=100)
    password: str = Field(min_length=1, max_length=500, repr=False)


class LanguageChoice(Shape):
    """The language that an operator reads."""

    language: Language


class Operator(Shape):
    """The person who is signed in."""

    id: str
    name: str
    display_name: str
    organisation: str
    role: str
    language: str


class Session(Shape):
    """A signed-in browser: who, with which token against forged requests, under which standing permit, until when.

    `missing` is the step that the sign-in lacks; until it is taken there is no permit, and no action is allowed.
    `factors` are those that can take the step `factor`; `purposes` those for which the role may open a permit;
    `new_places` sign-ins from where the account was not used before, which the person has not confirmed. `law` is the
    one that this node works by, as its settings say: forms begin with it.
    """

    operator: Operator
    csrf_token: str
    permit: str
    actions: list[str]
    purposes: list[str]
    expires: Moment
    missing: Literal["", "factor", "enrol", "password"]
    factors: list[Literal["code", "passkey", "recovery"]]
    new_places: list[NewPlace]
    law: Literal["gdpr", "led", "ua"]


class NewPlace(Shape):
    """A sign-in from where, or with what, the account was not used before."""

    time: Moment
    origin: str
    browser: str


class NodeFacts(Shape):
    """What anybody may know of this node. `passkeys`: this address of it can have them."""

    name: str
    organisation: str
    town: str
    version: str
    training: bool
    languages: list[str]
    now: Moment
    passkeys: bool


class StreamFacts(Shape):
    """One stream of a camera and how it does."""

    name: StreamNameText
    status: StreamStatusName
    since: Moment | None = None
    recording: bool
    codec: str
    mime: str
    width: int
    height: int
    fps: float
    fps_expected: float | None = None
    bitrate_bps: int
    lost_packets: int
    reconnects: int
    last_keyframe: Moment | None = None
    problem: str
    """In English; empty when all is well."""
    problem_code: str = ""
    """What the screens say it by in their languages, with the facts."""
    problem_facts: dict[str, str | int] = {}


class AnalyserFacts(Shape):
    """How the analyser does with one camera."""

    analysed_fps: float
    behind_s: float
    dropped_frames: int
    vehicles_now: int
    reads_total: int


class AnalysisPause(Shape):
    """Nothing is looked for at a camera, because it shows another view than was declared."""

    cause: Literal["moved", "head"]
    since: Moment
    zones_await_check: bool
    """Whether the new view was confirmed, and its private zones are still to be drawn or kept."""
    covered: bool
    """Whether the caller sees it live no more, for its private zones lie elsewhere now."""


class Camera(Shape):
    """A camera with its place, its owner and its streams."""

    id: str
    name: str
    town: str
    owner: str
    latitude: float | None = None
    longitude: float | None = None
    reads_plates: bool
    streams: list[StreamFacts]
    analyser: AnalyserFacts | None = None
    standing: StandingName
    due: Moment | None = None
    """The review of its assessment."""
    paused: AnalysisPause | None = None
    masks: int
    """How many parts of its picture nobody sees."""


class AlarmFacts(Shape):
    """What the title of an alarm says in every language; which of them there are depends on its kind."""

    model_config = ConfigDict(extra="ignore")
    count: int = 0
    cameras: list[str] = []
    network: str = ""
    states: list[str] = []
    value: float | None = None
    bound: float | None = None
    name: str = ""
    subject: str = ""
    due: Moment | None = None


class Alarm(Shape):
    """An event that requires an answer until `answerBy`."""

    id: str
    kind: str
    priority: PriorityName
    state: AlarmStateName
    camera_id: str
    time: Moment
    raised: Moment
    answer_by: Moment
    count: int
    last_time: Moment
    title: str
    plate: str
    plate_read: str
    match: Literal["exact", "near", "pattern", ""]
    country: str | None = None
    confidence: float | None = None
    observation_id: str | None = None
    watchlist_entry_id: str | None = None
    acknowledged: Moment | None = None
    acknowledged_by: str | None = None
    closed: Moment | None = None
    closed_by: str | None = None
    verdict: VerdictName | None = None
    note: str
    escalated: Moment | None = None
    returned: Moment | None = None
    facts: Annotated[AlarmFacts, BeforeValidator(lambda facts: json.loads(facts) if isinstance(facts, str) else facts)]


class PlateAlternative(Shape):
    """What else the plate might say."""

    text: str
    confidence: float


class PlateRead(Shape):
    """One vehicle's plate as one camera read it; boxes are left, top, right, bottom as shares of the picture."""

    id: str
    camera_id: str
    time: Moment
    text: str
    country: str | None = None
    confidence: float | None = None
    """How sure the machine is of `text`; none where a person corrected it. `alternatives` are always the machine's."""
    corrected: Moment | None = None
    corrected_by: str | None = None
    alternatives: list[PlateAlternative]
    vehicle_class: str | None = None
    vehicle_colour: str | None = None
    direction: DirectionName | None = None
    heading: float | None = None
    plate_width_px: int
    frames_read: int
    first_seen: Moment
    last_seen: Moment
    plate_box: list[float] = Field(min_length=4, max_length=4)
    vehicle_box: list[float] | None = Field(default=None, min_length=4, max_length=4)
    listed: bool
    """Whether the plate is sought now; never for who may not read the watchlist."""


class PlateSearch(Shape):
    """Reads found (newest first), how many were looked through, and how long that took."""

    reads: list[PlateRead]
    searched: int
    took_ms: float


class HistoryItem(Shape):
    """One step in the life of an alarm, from the audit log; `detail` is English, `code` and `facts` say it in every language."""

    time: Moment
    actor: str
    action: str
    detail: str
    code: str = ""
    """Empty where the detail is no sentence of the node, and in rows of earlier versions."""
    facts: dict[str, str | int] = {}


class AlarmClosing(Shape):
    """What the alarm turned out to be."""

    verdict: VerdictName
    note: str = Field(default="", max_length=2000)


class PermitRelease(Shape):
    """A release that was asked for under a permit."""

    matter: str
    asked_by: str
    answered_by: str | None
    granted: bool | None


class Permit(Shape):
    """A recorded lawful reason, for a time."""

    id: str
    number: str
    holder: str
    purpose: str
    ground: str
    case_ref: str
    standing: bool
    opened: Moment
    expires: Moment
    closed: Moment | None = None
    cameras: list[str] = Field(default_factory=list)
    """Those that it reaches; empty: all."""
    reach_from: Moment | None = None
    reach_to: Moment | None = None
    """The recorded time that it reaches; null: without a bound on that side."""
    releases: list[PermitRelease] = Field(default_factory=list)
    """What was asked for under it: who asked, and who released it."""

    @field_validator("cameras", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return list(value) if isinstance(value, tuple) else value


class PermitRequest(Shape):
    """Ask for a permit; for `alarm-review`, `caseRef` is the alarm's id. It reaches `cameras` (none: all), from and to."""

    purpose: Purpose
    ground: str = Field(max_length=300)
    case_ref: str = Field(max_length=100)
    hours: float = Field(gt=0, le=24)
    cameras: list[Annotated[str, Field(max_length=64)]] = Field(default_factory=list, max_length=64)
    reach_from: MomentText | None = None
    reach_to: MomentText | None = None


class Segment(Shape):
    """A few seconds of a stream, to be fetched from `/api/segments/{id}`."""

    id: str
    start: Moment
    end: Moment
    size_bytes: int
    mime: str
    open: bool


class AuditRecord(Shape):
    """One link of the audit chain; `detail` is JSON text, `account` the sign-in name where `subject` is an account's id.

    `part`: another organisation's act, shown for the reader's cameras alone; `detail` names those, and no more."""

    sequence: int
    time: Moment
    actor: str
    origin: str
    action: str
    subject: str
    permit_id: str | None = None
    result: str
    detail: str
    part: bool = False
    account: str = ""


class PartHealth(Shape):
    """Whether a process is at work, and when it last said so."""

    ok: bool
    updated: Moment | None = None


class DatabaseHealth(Shape):
    """Whether the database answers."""

    ok: bool


class Health(Shape):
    """Whether the node does what it is for."""

    ok: bool
    recorder: PartHealth
    analyser: PartHealth
    database: DatabaseHealth


class ReadNotice(Shape):
    """That a plate was read, without saying which: no plate without a permit."""

    id: str
    camera_id: str
    time: Moment
    confidence: float


class AlarmChange(Shape):
    """An alarm came or changed."""

    type: Literal["alarm"]
    alarm: Alarm


class ReadChange(Shape):
    """A plate was read."""

    type: Literal["read"]
    read: ReadNotice


class CamerasChange(Shape):
    """A camera's state changed: ask `/api/cameras` again."""

    type: Literal["cameras"]


class Tick(Shape):
    """Once a second: the connection lives, and this is the node's time."""

    type: Literal["tick"]
    now: Moment
    sequence: int


class LiveInit(Shape):
    """The next binary message is an init segment of this type."""

    type: Literal["init"]
    mime: str
    time: Moment


class LiveTime(Shape):
    """Second `media` of the player's clock is this wall time; that picture came to the server when `arrived`."""

    type: Literal["time"]
    media: float
    time: Moment
    arrived: Moment


class LiveState(Shape):
    """How the stream does."""

    type: Literal["state"]
    status: StreamStatusName
    problem: str
    code: str
    """The problem's, for words in the reader's language; empty where it has none."""


SOCKET_SHAPES: tuple[type[Shape], ...] = (
    AlarmChange, ReadChange, CamerasChange, Tick, LiveInit, LiveTime, LiveState,
)  # fmt: skip
"""The messages of the two WebSockets; OpenAPI has no place for them but its components."""
