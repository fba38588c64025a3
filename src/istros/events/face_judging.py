"""Candidates of live face matching become alarms for named people to look at; two verdicts settle each, live or found in
recordings (rules L6, L7)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

from istros.base.environment import Environment
from istros.base.plain_words import is_plain
from istros.base.said import say
from istros.base.time import Time
from istros.events.errors import CandidateStateConflict, CandidateUnknown, EntryRefused
from istros.events.live_matching import still_watched
from istros.events.raising import FOLD_WITHIN, MOST_OPEN, fold_into, new_alarm, raise_alarm
from istros.events.record import NODE, Author, record
from istros.events.repeating import repeat
from istros.store import Database, Transaction
from istros.store.faces import FaceCandidateRow, FaceVerdict, FaceVerdictRow, Outcome
from istros.store.persons import PersonEntryRow
from istros.store.rows import AlarmRow, AlarmState

FACE = "face"
"""The kind of these alarms."""

PERIOD_S, BATCH = 0.5, 50
MOST_REASON = 500


class FaceJudge:
    """Judges every candidate once, in the transaction that raises its alarm (as `events.judging` does with plates)."""

    def __init__(self, environment: Environment, database: Database) -> None:
        self._environment, self._database = environment, database

    async def run(self, stop: asyncio.Event) -> None:
        """Judge twice a second until told to stop."""

        async def step() -> bool:
            return await self.judge_waiting() == BATCH

        await repeat(self._environment, stop, PERIOD_S, "face judge", step)

    async def judge_waiting(self) -> int:
        """Judge one batch, oldest first; how many."""
        if not await self._database.read(lambda tx: tx.faces.unjudged(1)):
            return 0
        return await self._database.write(self._judge)

    def _judge(self, tx: Transaction) -> int:
        now = self._environment.clock.now()
        candidates = tx.faces.unjudged(BATCH)
        for candidate in candidates:
            entry = tx.persons.get(candidate.key)
            leave = still_watched(tx, candidate.key, candidate.operation_id, candidate.camera_id, now)
            if entry is None or leave is None:
                self._drop(tx, candidate, now)
            else:
                alarm_id = self._raise(tx, candidate, entry)
                tx.faces.judge(candidate.id, now, alarm_id, "open")
        return len(candidates)

    def _drop(self, tx: Transaction, candidate: FaceCandidateRow, now: Time) -> None:
        """Its leave has gone since: nothing follows, and its picture goes."""
        tx.faces.judge(candidate.id, now, None, "dropped")
        tx.faces.erase_pictures([candidate.id])
        record(tx, self._environment, NODE, "faces.drop", candidate.id, {"entry": candidate.key})

    def _raise(self, tx: Transaction, candidate: FaceCandidateRow, entry: PersonEntryRow) -> str:
        tried, alike = candidate.compared_with, f"{similarity_of(candidate.distance):.2f}"
        percent = f"{100 * candidate.false_match_rate:.2f}"
        sentence = (
            f"A face is {alike} alike to the picture of {entry.name}; among {tried} {'entry' if tried == 1 else 'entries'} "
            f"about {percent}% of other people are as alike."
        )
        why = say("face-alike", sentence, alike=alike, name=entry.name, count=tried, percent=percent)
        standing = next(
            (
                alarm
                for alarm in tx.alarms.by_states((AlarmState.NEW, AlarmState.ACKNOWLEDGED), MOST_OPEN)
                if (alarm.kind, alarm.camera_id, alarm.watchlist_entry_id) == (FACE, candidate.camera_id, entry.id)
                and abs(candidate.time - alarm.last_time) <= FOLD_WITHIN
            ),
            None,
        )
        if standing is not None:
            time = Time(max(candidate.time, standing.last_time))
            fold_into(tx, self._environment, standing, time, candidate.id, why)
            return standing.id
        alarm = self._alarm(candidate, entry)
        raise_alarm(tx, self._environment, alarm, why)
        return alarm.id

    def _alarm(self, candidate: FaceCandidateRow, entry: PersonEntryRow) -> AlarmRow:
        """What it says is what was seen and not what to do (rule L7)."""
        title = f"Candidate for {entry.name} at {candidate.camera_id}, to be checked"
        key = f"{FACE}:{candidate.camera_id}:{entry.id}:{candidate.id}"
        alarm = new_alarm(
            self._environment, FACE, entry.priority, candidate.camera_id, candidate.time, title, key
        )  # fmt: skip
        facts = json.dumps({"name": entry.name}, ensure_ascii=False)
        return replace(alarm, observation_id=candidate.id, watchlist_entry_id=entry.id, facts=facts)


def give_verdict(
    tx: Transaction, environment: Environment, author: Author, candidate_id: str, verdict: FaceVerdict, reason: str
) -> FaceCandidateRow:
    """One person's word on a candidate; the second one, by another person, settles it.

    Both same: confirmed. Both different: rejected. Otherwise disputed. What is not confirmed loses its picture at once.
    Raises CandidateUnknown, CandidateStateConflict (settled, or said before by the same person), EntryRefused (no reason).
    """
    candidate, now = known_candidate(tx, candidate_id), environment.clock.now()
    text = reason.strip()
    if not text or not is_plain(text, MOST_REASON):
        raise EntryRefused("A verdict needs a reason.", "Write what you compared.", "reason", "missing")
    if candidate.outcome != "open":
        raise CandidateStateConflict(
            say("candidate-settled", "Two people have settled this candidate already."), "Read what they found."
        )
    if not tx.faces.say(FaceVerdictRow(candidate_id, author.actor, now, verdict, text)):
        raise CandidateStateConflict(
            say("candidate-judged", "You have given your verdict on this candidate."),
            "A second person gives theirs without seeing yours.",
        )
    subject = {"entry": candidate.entry_id or "", "search": candidate.search_id or ""}
    detail = {"verdict": verdict, "reason": text, "sha256": candidate.sha256, **subject}
    record(tx, environment, author, "faces.verdict", candidate_id, detail)
    given = tx.faces.verdicts(candidate_id)
    if len(given) >= 2:
        outcome = outcome_of({each.verdict for each in given})
        tx.faces.settle(candidate_id, now, outcome)
        if outcome != "confirmed":
            tx.faces.erase_pictures([candidate_id])
        told = {"outcome": outcome, "by": sorted(each.by for each in given), "sha256": candidate.sha256, **subject}
        record(tx, environment, NODE, "faces.settle", candidate_id, told)
    return known_candidate(tx, candidate_id)


def outcome_of(verdicts: set[FaceVerdict]) -> Outcome:
    """What two verdicts come to."""
    if verdicts == {"same"}:
        return "confirmed"
    return "rejected" if verdicts == {"different"} else "disputed"


def confirmed(tx: Transaction, alarm: AlarmRow) -> bool:
    """Whether two people have confirmed a candidate of the alarm."""
    return any(each.outcome == "confirmed" for each in tx.faces.of_alarm(alarm.id))


def similarity_of(distance: float) -> float:
    """1 for the same picture, 0 for faces as different as can be."""
    return max(0.0, 1.0 - distance)


def known_candidate(tx: Transaction, candidate_id: str) -> FaceCandidateRow:
    """The candidate of that id. CandidateUnknown."""
    candidate = tx.faces.get(candidate_id)
    if candidate is None:
        raise CandidateUnknown("There is no such candidate.", "Open the list of alarms again.")
    return candidate
