"""The tables as they are now; `store.migrations` holds how they came to be, and a test compares the two.

Columns stand in the order of the fields of `store.rows`, so that a row is made by position.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, MetaData, Table, text

from istros.store.columns import BLOB, KEY, NUMBER, TEXT, WHOLE, Choice, Flag, Listed, Sha256, Spoken
from istros.store.rows import AlarmState, GapCause, SegmentState

METADATA = MetaData()

SEGMENT = Table(
    "segment",
    METADATA,
    Column("id", KEY, nullable=False),
    Column("camera_id", KEY, primary_key=True),
    Column("stream", KEY, primary_key=True),
    Column("start", WHOLE, primary_key=True, autoincrement=False),
    Column("end", WHOLE, nullable=False),
    Column("path", KEY, nullable=False),
    Column("size_bytes", WHOLE, nullable=False),
    Column("frames", WHOLE, nullable=False),
    Column("mime", TEXT, nullable=False),
    Column("state", Choice(SegmentState), nullable=False),
    Column("sha256", Sha256()),
    Column("disk", KEY, nullable=False, server_default="main"),
    Column("number", WHOLE),
    Column("chain", Sha256()),
    Index("segment_id", "id", unique=True),
    Index("segment_path", "path", unique=True),
    Index("segment_open", "start", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""Clustered by camera, stream and start: a seek among 8 million rows walks one tree."""

SEGMENT_TOTAL = Table(
    "segment_total",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("stream", KEY, primary_key=True),
    Column("disk", KEY, primary_key=True),
    Column("bytes", WHOLE, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
"""Bytes per stream and disk, kept by triggers on `segment`: a sum over 8 million rows would take seconds."""

GAP = Table(
    "gap",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("camera_id", KEY, nullable=False),
    Column("stream", KEY, nullable=False),
    Column("start", WHOLE, nullable=False),
    Column("end", WHOLE),
    Column("cause", Choice(GapCause), nullable=False),
    Column("detail", TEXT, nullable=False),
    Column("code", TEXT, nullable=False, server_default=""),
    Column("facts", Listed(), nullable=False, server_default="[]"),
    Column("filled", WHOLE),
    Index("gap_place", "camera_id", "stream", "start"),
    Index("gap_start", "start", "id"),
    sqlite_strict=True,
)

STREAM_STATE = Table(
    "stream_state",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("stream", KEY, primary_key=True),
    Column("status", TEXT, nullable=False),
    Column("since", WHOLE, nullable=False),
    Column("updated", WHOLE, nullable=False),
    Column("recording", Flag(), nullable=False),
    Column("codec", TEXT, nullable=False),
    Column("width", WHOLE, nullable=False),
    Column("height", WHOLE, nullable=False),
    Column("fps", NUMBER, nullable=False),
    Column("bitrate_bps", WHOLE, nullable=False),
    Column("lost_packets", WHOLE, nullable=False),
    Column("reconnects", WHOLE, nullable=False),
    Column("last_keyframe", WHOLE),
    Column("problem", Spoken(), nullable=False),
    Column("clock_offset_ms", WHOLE),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

ANALYSER_STATE = Table(
    "analyser_state",
    METADATA,
    Column("camera_id", KEY, primary_key=True),
    Column("updated", WHOLE, nullable=False),
    Column("analysed_fps", NUMBER, nullable=False),
    Column("behind_s", NUMBER, nullable=False),
    Column("dropped_frames", WHOLE, nullable=False),
    Column("vehicles_now", WHOLE, nullable=False),
    Column("reads_total", WHOLE, nullable=False),
    Column("looks_wanted", WHOLE, nullable=False),
    Column("looks_done", WHOLE, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

PLATE = Table(
    "plate",
    METADATA,
    Column("id", WHOLE, primary_key=True),
    Column("literal", KEY, nullable=False),
    Column("folded", KEY, nullable=False),
    Index("plate_literal", "literal", unique=True),
    Index("plate_folded", "folded"),
    Index(
        "plate_unread",
        "folded",
        sqlite_where=text("instr(folded, '?') > 0"),
        postgresql_where=text("strpos(folded, '?') > 0"),
    ),
    sqlite_strict=True,
)
"""Every distinct plate once: a search looks through these, ten times fewer than the reads (docs/design/0004)."""

PLATE_READ = Table(
    "plate_read",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("camera_id", KEY, nullable=False),
    Column("time", WHOLE, nullable=False),
    Column("track_id", KEY, nullable=False),
    Column("text", TEXT, nullable=False),
    Column("folded", KEY, nullable=False),
    Column("country", TEXT),
    Column("confidence", NUMBER, nullable=False),
    Column("alternatives", Listed(), nullable=False),
    Column("plate_box", Listed(), nullable=False),
    Column("vehicle_box", Listed()),
    Column("vehicle_class", TEXT),
    Column("frames_read", WHOLE, nullable=False),
    Column("plate_width_px", WHOLE, nullable=False),
    Column("first_seen", WHOLE, nullable=False),
    Column("last_seen", WHOLE, nullable=False),
    Column("direction", TEXT),
    Column("heading", NUMBER),
    Column("vehicle_colour", TEXT),
    Column("corrected", WHOLE),
    Column("corrected_by", TEXT),
    Column("plate_id", WHOLE, ForeignKey("plate.id"), nullable=False),
    Column("judged", WHOLE),
    Index("plate_read_time", "time"),
    Index("plate_read_camera", "camera_id", "time"),
    Index("plate_read_plate", "plate_id", "time"),
    Index("plate_read_track", "track_id"),
    Index("plate_read_unjudged", "time", sqlite_where=text("judged IS NULL"), postgresql_where=text("judged IS NULL")),
    sqlite_strict=True,
)

PLATE_CROP = Table(
    "plate_crop",
    METADATA,
    Column("read_id", KEY, ForeignKey("plate_read.id", ondelete="CASCADE"), primary_key=True),
    Column("jpeg", BLOB, nullable=False),
    sqlite_strict=True,
)
"""Pictures stand apart, so that a walk over reads never touches their pages."""

ALARM = Table(
    "alarm",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("kind", TEXT, nullable=False),
    Column("priority", TEXT, nullable=False),
    Column("state", Choice(AlarmState), nullable=False),
    Column("camera_id", KEY, nullable=False),
    Column("time", WHOLE, nullable=False),
    Column("raised", WHOLE, nullable=False),
    Column("answer_by", WHOLE, nullable=False),
    Column("count", WHOLE, nullable=False),
    Column("last_time", WHOLE, nullable=False),
    Column("title", TEXT, nullable=False),
    Column("observation_id", KEY),
    Column("watchlist_entry_id", KEY),
    Column("match", TEXT, nullable=False),
    Column("plate", TEXT, nullable=False),
    Column("plate_read", TEXT, nullable=False),
    Column("dedupe_key", KEY, nullable=False),
    Column("acknowledged", WHOLE),
    Column("acknowledged_by", TEXT),
    Column("closed", WHOLE),
    Column("closed_by", TEXT),
    Column("verdict", TEXT),
    Column("note", TEXT, nullable=False),
    Column("escalated", WHOLE),
    Column("returned", WHOLE),
    Column("facts", TEXT, nullable=False),
    Column("changed", WHOLE, nullable=False),
    Index("alarm_state", "state", "raised"),
    Index("alarm_place", "camera_id", "time"),
    Index("alarm_changed", "changed"),
    Index("alarm_closed", "closed"),
    Index(
        "alarm_open_key",
        "dedupe_key",
        unique=True,
        sqlite_where=text("state <> 'closed' AND dedupe_key <> ''"),
        postgresql_where=text("state <> 'closed' AND dedupe_key <> ''"),
    ),
    sqlite_strict=True,
)
"""`alarm_open_key` makes a second open alarm for one cause impossible, whatever the code above does."""

ALARM_CHANGE = Table(
    "alarm_change",
    METADATA,
    Column("id", WHOLE, primary_key=True, autoincrement=False),
    Column("sequence", WHOLE, nullable=False),
    sqlite_strict=True,
)
"""One row: the number of the newest change to any alarm. Its row lock makes numbers and commits come in one order."""

WATCHLIST_ENTRY = Table(
    "watchlist_entry",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("plate", TEXT, nullable=False),
    Column("folded", KEY, nullable=False),
    Column("purpose", TEXT, nullable=False),
    Column("ground", TEXT, nullable=False),
    Column("case_ref", TEXT, nullable=False),
    Column("owner", TEXT, nullable=False),
    Column("priority", TEXT, nullable=False),
    Column("manner", TEXT, nullable=False),
    Column("created", WHOLE, nullable=False),
    Column("created_by", TEXT, nullable=False),
    Column("expires", WHOLE, nullable=False),
    Column("closed", WHOLE),
    Column("closed_by", TEXT),
    Column("close_reason", Spoken(), nullable=False),
    Column("category", TEXT, nullable=False),
    Column("requester", TEXT, nullable=False),
    Column("handling", TEXT, nullable=False),
    Column("handling_note", TEXT, nullable=False),
    Column("provenance", TEXT, nullable=False),
    Column("review", WHOLE),
    Column("cameras", Listed(), nullable=False),
    Column("hours", TEXT, nullable=False),
    Column("renews", KEY),
    Column("renewal_reason", TEXT, nullable=False),
    Index("watchlist_open", "expires", sqlite_where=text("closed IS NULL"), postgresql_where=text("closed IS NULL")),
    sqlite_strict=True,
)

PERMIT = Table(
    "permit",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("number", TEXT, nullable=False),
    Column("holder", KEY, nullable=False),
    Column("organisation", TEXT, nullable=False),
    Column("purpose", TEXT, nullable=False),
    Column("ground", TEXT, nullable=False),
    Column("case_ref", TEXT, nullable=False),
    Column("standing", Flag(), nullable=False),
    Column("opened", WHOLE, nullable=False),
    Column("expires", WHOLE, nullable=False),
    Column("closed", WHOLE),
    Column("cameras", Listed(), nullable=False, server_default="[]"),
    Column("reach_from", WHOLE),
    Column("reach_to", WHOLE),
    Index("permit_number_unique", "number", unique=True),
    Index("permit_holder", "holder", "expires"),
    Index("permit_expires", "expires"),
    Index("permit_opened", "opened"),
    sqlite_strict=True,
)

PERMIT_NUMBER = Table(
    "permit_number",
    METADATA,
    Column("year", WHOLE, primary_key=True, autoincrement=False),
    Column("last", WHOLE, nullable=False),
    sqlite_strict=True,
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("sequence", WHOLE, primary_key=True, autoincrement=False),
    Column("time", WHOLE, nullable=False),
    Column("actor", KEY, nullable=False),
    Column("origin", TEXT, nullable=False),
    Column("action", KEY, nullable=False),
    Column("subject", KEY, nullable=False),
    Column("permit_id", KEY),
    Column("result", TEXT, nullable=False),
    Column("detail", TEXT, nullable=False),
    Column("previous", TEXT, nullable=False),
    Column("hash", TEXT, nullable=False),
    Index("audit_actor", "actor", "sequence"),
    Index("audit_action", "action", "sequence"),
    Index("audit_subject", "subject", "sequence"),
    sqlite_strict=True,
)
"""Append-only: triggers refuse to change or delete a row, and to insert one anywhere but at the end."""

AUDIT_HEAD = Table(
    "audit_head",
    METADATA,
    Column("id", WHOLE, primary_key=True, autoincrement=False),
    Column("sequence", WHOLE, nullable=False),
    Column("hash", TEXT, nullable=False),
    sqlite_strict=True,
)
"""One row: where the chain ends. Its row lock orders writers, and it tells when rows were cut off the end."""

OPERATOR = Table(
    "operator",
    METADATA,
    Column("id", KEY, primary_key=True),
    Column("name", KEY, nullable=False),
    Column("display_name", TEXT, nullable=False),
    Column("organisation", TEXT, nullable=False),
    Column("role", TEXT, nullable=False),
    Column("password_hash", TEXT, nullable=False),
    Column("language", TEXT, nullable=False),
    Column("disabled", Flag(), nullable=False),
    Column("must_change", Flag(), nullable=False, server_default=text("false")),
    Column("directory", KEY),
    Index("operator_name", "name", unique=True),
    Index("operator_directory", "directory", unique=True),
    sqlite_strict=True,
)

SESSION = Table(
    "session",
    METADATA,
    Column("token_sha256", KEY, primary_key=True),
    Column("operator_id", KEY, ForeignKey("operator.id"), nullable=False),
    Column("csrf_sha256", TEXT, nullable=False),
    Column("permit_id", KEY, nullable=False),
    Column("created", WHOLE, nullable=False),
    Column("seen", WHOLE, nullable=False),
    Column("expires", WHOLE, nullable=False),
    Column("origin", TEXT, nullable=False, server_default=""),
    Column("browser", TEXT, nullable=False, server_default=""),
    Column("method", TEXT, nullable=False, server_default="password"),
    Column("missing", TEXT, nullable=False, server_default=""),
    Index("session_operator", "operator_id"),
    sqlite_strict=True,
)
