"""Who corrected a plate read and when; reads that were corrected before tell it by the audit chain.

Releases and outcomes of faces have words since that older versions cannot read: the way down writes others, and the way up
finds them again in the audit chain.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from istros.base.environment import real_environment
from istros.store.columns import TEXT, WHOLE

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_STEP = "FROM audit WHERE action = 'plates.correct' AND result = 'done' AND subject = plate_read.id"
_LAST = "ORDER BY sequence DESC LIMIT 1"
_OLDER_WORDS = {"lift-redaction": "lift-mask", "undo-match": "face-search"}
"""What an older version calls a matter that it does not know: only ended ones, so that nothing rests on them."""
_UNDONE = "SELECT subject FROM audit WHERE action = 'faces.undo' AND result = 'done'"


def upgrade() -> None:
    """Add the columns, and fill them where the chain knows of a correction."""
    op.add_column("plate_read", sa.Column("corrected", WHOLE))
    op.add_column("plate_read", sa.Column("corrected_by", TEXT))
    op.execute(
        f"UPDATE plate_read SET corrected = (SELECT time {_STEP} {_LAST}), corrected_by = (SELECT actor {_STEP} {_LAST})"
        " WHERE id IN (SELECT subject FROM audit WHERE action = 'plates.correct' AND result = 'done')"
    )
    for word, older in _OLDER_WORDS.items():
        asked = "SELECT subject FROM audit WHERE action IN ('releases.ask', 'releases.emergency') AND detail LIKE :told"
        again = sa.text(f"UPDATE release SET matter = :word WHERE matter = :older AND id IN ({asked})")
        op.execute(again.bindparams(word=word, older=older, told=f'%"matter":"{word}"%'))
    op.execute(f"UPDATE face_candidate SET outcome = 'undone' WHERE outcome = 'rejected' AND id IN ({_UNDONE})")


def downgrade() -> None:
    """Take them away: the audit chain keeps who corrected what, which release was about what, and which face was undone."""
    note = "an older version does not know such releases"
    ended = "ended = :now, ended_by = 'istros', ending = 'withdrawn', ending_note = :note"
    for word, older in _OLDER_WORDS.items():
        end = sa.text(f"UPDATE release SET {ended} WHERE matter = :word AND ended IS NULL")
        op.execute(end.bindparams(now=real_environment().clock.now(), note=note, word=word))
        op.execute(
            sa.text("UPDATE release SET matter = :older WHERE matter = :word").bindparams(word=word, older=older)
        )
    op.execute("UPDATE face_candidate SET outcome = 'rejected' WHERE outcome = 'undone'")
    op.drop_column("plate_read", "corrected_by")
    op.drop_column("plate_read", "corrected")
