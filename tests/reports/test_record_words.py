"""What the node says by a code is said on paper in the reader's language."""

from __future__ import annotations

from istros.base.said import Said, say
from istros.reports.record_words import told_in


def test_facts_stand_in_their_gaps_and_moments_are_local() -> None:
    cut = say("chain-cut", "Cut off.", first=3, last=9, head=2, time="2026-11-28T05:00:00.000Z")
    told = told_in("uk", cut)
    assert "від 3 до 9" in told and "2026-11-28 07:00:00 EET" in told and "{" not in told
    assert told_in("de", cut) == told_in("ro", Said("Cut off.")) == "Cut off.", "in English where there are no words"
