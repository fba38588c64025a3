"""What the tables hold, as frozen values; packages above take them as they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from istros.base.said import NOTHING, Said
from istros.base.time import Span, Time

StreamName = Literal["main", "sub"]
"""Same words as `devices.camera`, which stands above this layer."""

MAIN_DISK = "main"
"""The disk of a node that names none: the folder `recordings` in its data folder."""


class SegmentState(StrEnum):
    """`open`: being written, `end` and `size_bytes` tell what is safe; `closed`: whole, with its hash."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One segment of one stream. `path` is relative to the root of its `disk` (`recording.archive`)."""

    id: str
    camera_id: str
    stream: StreamName
    start: Time
    end: Time
    path: str
    size_bytes: int
    frames: int
    mime: str
    """RFC 6381 type with codecs, e.g. `video/mp4; codecs="avc1.4d401f"`."""
    state: SegmentState
    sha256: str | None = None
    disk: str = MAIN_DISK
    number: int | None = field(default=None, compare=False)
    chain: str | None = field(default=None, compare=False)
    """Its place in the stream's chain (`store.links`), given when it is closed."""


class GapCause(StrEnum):
    """Why a stretch of a stream is missing (DESIGN rule 1)."""

    CAMERA = "camera"
    NETWORK = "network"
    RECORDER = "recorder"
    DISK = "disk"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class GapRow:
    """A hole in a stream; `end` is None while it lasts."""

    id: str
    camera_id: str
    stream: StreamName
    start: Time
    end: Time | None
    cause: GapCause
    detail: str
    code: str = ""
    """Stable; the screens say it in their languages with `facts`. Empty in rows of earlier versions."""
    facts: tuple[tuple[str, str | float], ...] = ()
    filled: Time | None = None
    """When the stretch was fetched from the camera's own card: then it is history, and no gap any more."""


StreamStatus = Literal["starting", "live", "stale", "offline", "barred"]
"""`barred`: no assessment lets the camera film (docs/design/0039)."""


@dataclass(frozen=True, slots=True)
class StreamStateRow:
    """How a stream does at this moment; one row a stream, overwritten every two seconds by its recorder."""

    camera_id: str
    stream: StreamName
    status: StreamStatus
    since: Time
    updated: Time
    recording: bool
    codec: str
    width: int
    height: int
    fps: float
    bitrate_bps: int
    lost_packets: int
    reconnects: int
    last_keyframe: Time | None
    problem: Said
    """Names the camera and what to do; nothing when all is well."""
    clock_offset_ms: int | None = None
    """The camera's clock minus ours, by its sender reports; None while it sends none."""


Direction = Literal["towards", "away", "left", "right"]
"""Where a vehicle drives, as the camera sees it."""


@dataclass(frozen=True, slots=True)
class PlateReadRow:
    """A `PlateRead` observation as stored; `folded` is the search form (docs/design/0004). Boxes are shares of the picture."""

    id: str
    camera_id: str
    time: Time
    track_id: str
    text: str
    folded: str
    country: str | None
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    plate_box: tuple[float, float, float, float]
    vehicle_box: tuple[float, float, float, float] | None
    vehicle_class: str | None
    frames_read: int
    plate_width_px: int
    first_seen: Time
    last_seen: Time
    direction: Direction | None = None
    """As the camera sees it; None: the vehicle stood, or was seen too shortly."""
    heading: float | None = None
    """Degrees from north, where the camera's own bearing is known."""
    vehicle_colour: str | None = None
    corrected: Time | None = None
    """When a person read it otherwise than the machine; `text` and `country` are then the person's, `confidence` and
    `alternatives` stay the machine's."""
    corrected_by: str | None = None
    crop_jpeg: bytes = field(repr=False, default=b"")

    @property
    def sureness(self) -> float | None:
        """How sure the machine is of `text`; None where a person wrote it."""
        return self.confidence if self.corrected is None else None


Priority = Literal["critical", "high", "medium", "low"]
Verdict = Literal["true", "false", "test", "duplicate"]


class AlarmState(StrEnum):
    """ISA-18.2 states as far as a momentary alarm has them."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """An event that requires an operator's response within a time.

    `observation_id` and `watchlist_entry_id` tell what raised it; `dedupe_key` makes a second raising for the same cause
    fold into this one (`count`, `last_time`). `match` is `exact`, `near` or `pattern` for a plate, empty otherwise.
    """

    id: str
    kind: str
    priority: Priority
    state: AlarmState
    camera_id: str
    time: Time
    raised: Time
    answer_by: Time
    count: int
    last_time: Time
    title: str
    observation_id: str | None
    watchlist_entry_id: str | None
    match: str
    plate: str
    plate_read: str
    dedupe_key: str
    acknowledged: Time | None = None
    acknowledged_by: str | None = None
    closed: Time | None = None
    closed_by: str | None = None
    verdict: Verdict | None = None
    note: str = ""
    escalated: Time | None = None
    returned: Time | None = None
    """When its cause was over (ISA-18.2: returned to normal); None while it lasts, and for a cause that is a moment."""
    facts: str = "{}"
    """What a screen needs to say the title in its own language, as canonical JSON: values, never sentences."""


Manner = Literal["exact", "near", "pattern"]
"""How a sought plate is compared: as it is; with one letter's doubt; or as a pattern (`?` one character, `*` any)."""

Category = Literal["serious-grounds", "convicted", "victim", "witness", "missing", "other", "none"]
"""Whom an entry concerns (Directive 2016/680, article 6); `none`: no person is known, a vehicle is sought."""

Handling = Literal["H0", "H1", "H2", "H3"]
"""What may be done with it (the joint protocol's codes): H0 to prevent and fight crime, H1 not in court without leave,
H2 not passed on without leave, H3 as the note says."""


@dataclass(frozen=True, slots=True)
class WatchlistEntryRow:
    """A plate sought, with purpose, legal ground, owner and expiry. Open while `closed` is None and now < `expires`.

    `cameras` empty means all; `hours` as `base.week_hours` says, empty: always. `renews` names the entry
    that this one goes on with.
    """

    id: str
    plate: str
    folded: str
    purpose: str
    ground: str
    case_ref: str
    owner: str
    priority: Priority
    manner: Manner
    created: Time
    created_by: str
    expires: Time
    closed: Time | None = None
    closed_by: str | None = None
    close_reason: Said = NOTHING
    category: Category = "none"
    requester: str = ""
    handling: Handling = "H0"
    handling_note: str = ""
    provenance: str = ""
    review: Time | None = None
    cameras: tuple[str, ...] = ()
    hours: str = ""
    renews: str | None = None
    renewal_reason: str = ""


@dataclass(frozen=True, slots=True)
class PermitRow:
    """A recorded lawful reason to see or do something, for a time. `standing` permits come from the deployment profile."""

    id: str
    number: str
    holder: str
    organisation: str
    purpose: str
    ground: str
    case_ref: str
    standing: bool
    opened: Time
    expires: Time
    closed: Time | None = None
    cameras: tuple[str, ...] = ()
    """Those that it reaches; empty: all."""
    reach_from: Time | None = None
    """The recorded time that it reaches; None: without a bound on that side."""
    reach_to: Time | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One link of the audit chain; `hash` covers every other field and the hash before it (`compliance.audit`)."""

    sequence: int
    time: Time
    actor: str
    origin: str
    action: str
    subject: str
    permit_id: str | None
    result: str
    detail: str
    """Canonical JSON (RFC 8785)."""
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """A person who may sign in."""

    id: str
    name: str
    display_name: str
    organisation: str
    role: str
    password_hash: str = field(repr=False)
    """Empty for a person of a directory, who has no password here."""
    language: str = "en"
    disabled: bool = False
    must_change: bool = False
    """Somebody else chose the password: the next sign-in asks for a new one."""
    directory: str | None = None
    """`issuer subject` of a person whose organisation's own directory signs them in."""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A signed-in browser; the token itself is never stored, only its SHA-256."""

    token_sha256: str
    operator_id: str
    csrf_sha256: str
    permit_id: str
    """The standing permit; empty while a step of the sign-in is missing."""
    created: Time
    seen: Time
    expires: Time
    origin: str = ""
    """The address it was opened from."""
    browser: str = ""
    """What it was opened with, e.g. `Firefox on Linux`."""
    method: str = "password"
    """What was proven: `password`, `password+code`, `password+recovery`, `passkey`, `directory`, …"""
    missing: str = ""
    """The step that the sign-in lacks: `factor`, `enrol`, `password`; empty when it is whole."""


@dataclass(frozen=True, slots=True)
class AnalyserStateRow:
    """How an analyser does with one camera; overwritten every two seconds."""

    camera_id: str
    updated: Time
    analysed_fps: float
    behind_s: float
    dropped_frames: int
    vehicles_now: int
    reads_total: int
    looks_wanted: int = 0
    """Looks that were due within the last minute, by what moved there."""
    looks_done: int = 0
    """Those of them that the cores sufficed for."""


@dataclass(frozen=True, slots=True)
class PlateQuery:
    """A search over plate reads. `text` may hold `?` (one character) and `*` (any); empty means every plate.

    `alike` compares folded forms (`base.plate_text.fold`); `cameras` empty means all. Reads in which a character could
    not be read fit whatever it may be; with `parts` so do reads of four and more neighbouring characters of the text.
    `countries` (ISO 3166 alpha-2), `classes` and `colours` empty mean all; a read of which one of them is not known does
    not fit where it is asked for.
    """

    text: str
    alike: bool
    span: Span
    cameras: tuple[str, ...] = ()
    limit: int = 200
    parts: bool = False
    countries: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
