"""Recorded spans, kept by triggers on `segment` and filled from the segments that are there.

A segment that comes or grows joins the spans within half a second of it (500000 us, `store.spans.TOUCHING_US`); one that
goes or shrinks shortens its span, ends it, or leaves two. Between them the triggers look at the segments right beside it
alone, so their cost does not depend on how much is recorded.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.store.columns import KEY, WHOLE

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_FILL = """INSERT INTO recorded_span (camera_id, stream, start, "end")
  SELECT camera_id, stream, MIN(start), MAX("end") FROM (
    SELECT camera_id, stream, start, "end", SUM(begins) OVER (
        PARTITION BY camera_id, stream ORDER BY start ROWS UNBOUNDED PRECEDING) AS number
    FROM (SELECT camera_id, stream, start, "end", CASE WHEN start - MAX("end") OVER (
            PARTITION BY camera_id, stream ORDER BY start ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
          ) <= 500000 THEN 0 ELSE 1 END AS begins FROM segment) AS marked) AS numbered
  GROUP BY camera_id, stream, number"""

_HERE = "camera_id = NEW.camera_id AND stream = NEW.stream"
_GONE = "camera_id = OLD.camera_id AND stream = OLD.stream"

# The span that the segment may lengthen, then the spans behind it that it reached.
_JOIN_SQLITE = f"""
  UPDATE recorded_span SET "end" = MAX("end", NEW."end", COALESCE((
      SELECT MAX("end") FROM recorded_span WHERE {_HERE} AND start > NEW.start AND start <= NEW."end" + 500000), 0))
    WHERE {_HERE} AND start = (SELECT MAX(start) FROM recorded_span WHERE {_HERE} AND start <= NEW.start)
    AND "end" >= NEW.start - 500000;
  INSERT INTO recorded_span (camera_id, stream, start, "end")
    SELECT NEW.camera_id, NEW.stream, NEW.start, MAX(NEW."end", COALESCE((
      SELECT MAX("end") FROM recorded_span WHERE {_HERE} AND start > NEW.start AND start <= NEW."end" + 500000), 0))
    WHERE NOT EXISTS (SELECT 1 FROM recorded_span WHERE {_HERE}
      AND start = (SELECT MAX(start) FROM recorded_span WHERE {_HERE} AND start <= NEW.start)
      AND "end" >= NEW.start - 500000);
  DELETE FROM recorded_span WHERE {_HERE} AND start > NEW.start AND start <= NEW."end" + 500000;"""

_NEXT = f"(SELECT MIN(start) FROM segment WHERE {_GONE} AND start > OLD.start)"
_LAST = f"""(SELECT "end" FROM segment WHERE {_GONE} AND start < OLD.start ORDER BY start DESC LIMIT 1)"""
_OWN = f"(SELECT MAX(start) FROM recorded_span WHERE {_GONE} AND start <= OLD.start)"

# What stays behind the segment becomes a span of its own, then the span before it ends where the segment before it does.
# (A span begins with a segment: one that starts with the segment that goes has none before it.)
_PART_SQLITE = f"""
  INSERT INTO recorded_span (camera_id, stream, start, "end")
    SELECT camera_id, stream, {_NEXT}, "end" FROM recorded_span
    WHERE {_GONE} AND start = {_OWN} AND "end" >= {_NEXT}
    AND (start = OLD.start OR {_NEXT} - {_LAST} > 500000);
  DELETE FROM recorded_span WHERE {_GONE} AND start = OLD.start AND "end" >= OLD.start;
  UPDATE recorded_span SET "end" = {_LAST}
    WHERE {_GONE} AND start = {_OWN} AND "end" >= OLD.start AND start < OLD.start
    AND ("end" < COALESCE({_NEXT}, "end" + 1) OR {_NEXT} - {_LAST} > 500000);"""

_TRIGGERS_SQLITE = (
    f"CREATE TRIGGER segment_with_spans_add AFTER INSERT ON segment BEGIN {_JOIN_SQLITE} END",
    f"""CREATE TRIGGER segment_with_spans_grow AFTER UPDATE OF "end" ON segment WHEN NEW."end" > OLD."end"
        BEGIN {_JOIN_SQLITE} END""",
    f"""CREATE TRIGGER segment_with_spans_shrink AFTER UPDATE OF "end" ON segment WHEN NEW."end" < OLD."end"
        BEGIN {_PART_SQLITE} {_JOIN_SQLITE} END""",
    f"CREATE TRIGGER segment_with_spans_remove AFTER DELETE ON segment BEGIN {_PART_SQLITE} END",
)

_JOIN_POSTGRESQL = """CREATE FUNCTION recorded_span_join(camera TEXT, name TEXT, first BIGINT, last BIGINT)
  RETURNS void LANGUAGE plpgsql AS $$
  DECLARE own RECORD; reached BIGINT;
  BEGIN
    SELECT MAX(s."end") INTO reached FROM recorded_span s
      WHERE s.camera_id = camera AND s.stream = name AND s.start > first AND s.start <= last + 500000;
    reached := GREATEST(last, COALESCE(reached, 0));
    SELECT s.start, s."end" INTO own FROM recorded_span s
      WHERE s.camera_id = camera AND s.stream = name AND s.start <= first ORDER BY s.start DESC LIMIT 1;
    IF FOUND AND own."end" >= first - 500000 THEN
      UPDATE recorded_span SET "end" = GREATEST("end", reached)
        WHERE camera_id = camera AND stream = name AND start = own.start;
    ELSE
      INSERT INTO recorded_span VALUES (camera, name, first, reached);
    END IF;
    DELETE FROM recorded_span
      WHERE camera_id = camera AND stream = name AND start > first AND start <= last + 500000;
  END $$"""

_PART_POSTGRESQL = """CREATE FUNCTION recorded_span_part(camera TEXT, name TEXT, first BIGINT)
  RETURNS void LANGUAGE plpgsql AS $$
  DECLARE own RECORD; before BIGINT; after BIGINT;
  BEGIN
    SELECT s.start, s."end" INTO own FROM recorded_span s
      WHERE s.camera_id = camera AND s.stream = name AND s.start <= first ORDER BY s.start DESC LIMIT 1;
    IF NOT FOUND OR own."end" < first THEN
      RETURN;
    END IF;
    SELECT MIN(s.start) INTO after FROM segment s
      WHERE s.camera_id = camera AND s.stream = name AND s.start > first AND s.start <= own."end";
    SELECT s."end" INTO before FROM segment s
      WHERE s.camera_id = camera AND s.stream = name AND s.start < first AND s.start >= own.start
      ORDER BY s.start DESC LIMIT 1;
    IF after - before <= 500000 THEN
      RETURN;
    END IF;
    IF before IS NULL THEN
      DELETE FROM recorded_span WHERE camera_id = camera AND stream = name AND start = own.start;
    ELSE
      UPDATE recorded_span SET "end" = before WHERE camera_id = camera AND stream = name AND start = own.start;
    END IF;
    IF after IS NOT NULL THEN
      INSERT INTO recorded_span VALUES (camera, name, after, own."end");
    END IF;
  END $$"""

# Recorder and retention may change one stream at once: the row of `segment_total` puts them in order.
_KEEP_POSTGRESQL = """CREATE FUNCTION segment_with_spans() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'DELETE' THEN
      PERFORM 1 FROM segment_total WHERE camera_id = OLD.camera_id AND stream = OLD.stream FOR UPDATE;
      PERFORM recorded_span_part(OLD.camera_id, OLD.stream, OLD.start);
      RETURN NULL;
    END IF;
    PERFORM 1 FROM segment_total WHERE camera_id = NEW.camera_id AND stream = NEW.stream FOR UPDATE;
    IF TG_OP = 'UPDATE' AND NEW."end" < OLD."end" THEN
      PERFORM recorded_span_part(OLD.camera_id, OLD.stream, OLD.start);
    END IF;
    PERFORM recorded_span_join(NEW.camera_id, NEW.stream, NEW.start, NEW."end");
    RETURN NULL;
  END $$"""

_TRIGGERS_POSTGRESQL = (
    _JOIN_POSTGRESQL,
    _PART_POSTGRESQL,
    _KEEP_POSTGRESQL,
    """CREATE TRIGGER segment_with_spans AFTER INSERT OR DELETE OR UPDATE OF "end" ON segment
       FOR EACH ROW EXECUTE FUNCTION segment_with_spans()""",
)


def upgrade() -> None:
    """Make the table, fill it, and keep it."""
    op.create_table(
        "recorded_span",
        sa.Column("camera_id", KEY, primary_key=True),
        sa.Column("stream", KEY, primary_key=True),
        sa.Column("start", WHOLE, primary_key=True, autoincrement=False),
        sa.Column("end", WHOLE, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(sa.text(_FILL))
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _TRIGGERS_SQLITE if on_sqlite else _TRIGGERS_POSTGRESQL:
        op.execute(sa.text(statement.replace(":=", "\\:=")))


def downgrade() -> None:
    """Drop the triggers and the table; the segments still know everything."""
    if op.get_bind().dialect.name == "sqlite":
        for name in ("add", "grow", "shrink", "remove"):
            op.execute(sa.text(f"DROP TRIGGER segment_with_spans_{name}"))
    else:
        op.execute(sa.text("DROP TRIGGER segment_with_spans ON segment"))
        for name in ("segment_with_spans()", "recorded_span_part(TEXT, TEXT, BIGINT)"):
            op.execute(sa.text(f"DROP FUNCTION {name}"))
        op.execute(sa.text("DROP FUNCTION recorded_span_join(TEXT, TEXT, BIGINT, BIGINT)"))
    op.drop_table("recorded_span")
