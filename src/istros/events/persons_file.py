"""Persons' entries as a file: CSV or JSON in words alone. Pictures are files beside it, named in a column, and enrolled one by one.

An exported file names neither template nor picture. What is imported is described; a face comes with its own check, and
waits for its release, like any other.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from istros.base.environment import Environment
from istros.base.said import say
from istros.base.time import Time
from istros.compliance.errors import ReleaseNeeded
from istros.compliance.release_rules import OBJECTIVES
from istros.compliance.release_subjects import PICTURES_OF as PICTURES_OF
from istros.events.entry_file import REASONS, TOLD, Fields, as_list, as_table, reason_facts, records_of, require_whole
from istros.events.errors import EntryRefused
from istros.events.face_gallery import SOURCES, FaceGallery
from istros.events.persons import PersonRequest, check_person, is_open, open_person
from istros.events.record import Author, record
from istros.store import Transaction
from istros.store.persons import PersonEntryRow, SealedFaceRow
from istros.store.releases import Matter, ReleaseRow

COLUMNS = ("name", "description", "minor", "objective", "authorisation", *REASONS)
PICTURE, SOURCE = "picture", "picture_source"
"""Columns that may be there: the name of a file beside this one, and where its picture is from."""

"""Subject of the release (`evidence-export`) under which pictures of sought persons leave the node."""

MOST_PICTURES = 200

SealedPicture: TypeAlias = tuple[PersonEntryRow, SealedFaceRow]
"""An entry with its face, as it lies sealed."""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One line of a file: what it asks for and which picture belongs to it, or why it cannot be taken."""

    number: int
    name: str
    asked: PersonRequest | None
    picture: str = ""
    source: str = ""
    problem: EntryRefused | None = None


def as_csv(entries: Iterable[PersonEntryRow]) -> str:
    """The entries as CSV with a heading; no field can be taken for a formula."""
    return as_table((*COLUMNS, *TOLD), map(_facts, entries))


def as_json(entries: Iterable[PersonEntryRow]) -> str:
    """The entries as JSON: a list of objects of the same names."""
    return as_list(map(_facts, entries))


def lines_of(
    environment: Environment, format: str, text: str, owner: str, known_cameras: Collection[str]
) -> list[PersonLine]:
    """Every line of a file, judged. Raises ImportRefused where the file as a whole cannot be read."""
    records = records_of(format, text, COLUMNS)
    return [_line(environment, number, facts, owner, known_cameras) for number, facts in records]


def import_lines(
    tx: Transaction, environment: Environment, author: Author, lines: list[PersonLine], digest: str, whole: bool
) -> dict[int, str]:
    """Write the entries, all of them or the good ones; the new ids by line. Raises ImportRefused when `whole` and one is bad."""
    bad = sum(line.asked is None for line in lines)
    if whole:
        require_whole(bad, len(lines))
    written = {line.number: open_person(tx, environment, author, line.asked).id for line in lines if line.asked}
    detail = {"lines": len(lines), "written": len(written), "left_out": bad, "sha256": digest}
    record(tx, environment, author, "persons.import", "persons", detail)
    return written


def pictures_for(
    tx: Transaction, environment: Environment, author: Author, owner: str, recipient: Mapping[str, str]
) -> tuple[ReleaseRow, list[SealedPicture]]:
    """The faces of the owner's open entries, and the release under which they leave the node.

    Raises ReleaseNeeded unless the author's own release stands (`evidence-export`, subject PICTURES_OF) that names this
    very recipient and ground.
    """
    now = environment.clock.now()
    release = _release_of(tx, author.actor, now, recipient)
    faces = [
        (entry, face)
        for entry in tx.persons.with_face(now)
        if entry.owner == owner and is_open(entry, now) and (face := tx.persons.face(entry.id)) is not None
    ]
    return release, faces[:MOST_PICTURES]


def record_pictures(
    tx: Transaction, environment: Environment, author: Author, release: ReleaseRow, faces: Iterable[SealedPicture],
    departure: str,
) -> None:  # fmt: skip
    """Which pictures went out, by hash, under which release and which number of departure."""
    hashes = [face.sha256 for _, face in faces]
    detail = {"release": release.id, "departure": departure, "pictures": hashes}
    record(tx, environment, author, "persons.export", "persons", detail)


def as_zip(gallery: FaceGallery, faces: Iterable[SealedPicture]) -> bytes:
    """A package of the entries (`persons.csv`) and their pictures beside it; no template. Raises SealBroken."""
    listed, out = list(faces), io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        rows = [_facts(entry) | {PICTURE: f"{entry.id}.jpg", SOURCE: face.source} for entry, face in listed]
        package.writestr("persons.csv", as_table((*COLUMNS, PICTURE, SOURCE, *TOLD), rows))
        for entry, face in listed:
            picture = gallery.picture(face)
            assert hashlib.sha256(picture).hexdigest() == face.sha256, "what is sealed is what was enrolled"
            package.writestr(f"{entry.id}.jpg", picture)
    return out.getvalue()


def _release_of(tx: Transaction, actor: str, now: Time, recipient: Mapping[str, str]) -> ReleaseRow:
    alive = tx.releases.alive(Matter.EVIDENCE_EXPORT, PICTURES_OF)
    standing = [row for row in alive if row.asked_by == actor and row.stands(now)]
    if not standing:
        raise ReleaseNeeded(
            say("pictures-release", "Pictures of sought persons leave the node only under a second person's release."),
            "Ask for it on this screen; another person releases it under Releases.",
        )
    release = next((row for row in standing if row.scope_facts.get("recipient") == recipient), None)
    if release is None:
        raise ReleaseNeeded(
            say(
                "pictures-for-another",
                "The release of the pictures is for another recipient, or on another ground or paper.",
            ),
            "Choose the recipient that was released, or ask for this one.",
        )
    return release


def _facts(entry: PersonEntryRow) -> dict[str, object]:
    return {
        "name": entry.name, "description": entry.description, "minor": "yes" if entry.minor else "no",
        "objective": entry.objective, "authorisation": entry.authorisation, **reason_facts(entry),
    }  # fmt: skip


def _line(
    environment: Environment, number: int, facts: Mapping[str, object], owner: str, known_cameras: Collection[str]
) -> PersonLine:
    name, fields = str(facts.get("name") or "")[:100], Fields(facts)
    try:
        picture = fields.text(PICTURE)
        source = fields.word(SOURCE, SOURCES) if picture else ""
        asked = PersonRequest(
            fields.text("name"), fields.text("description"), fields.word("minor", ("yes", "no")) == "yes",
            fields.word("objective", OBJECTIVES), fields.text("authorisation"), fields.reasons(owner),
        )  # fmt: skip
        check_person(environment, asked, known_cameras)
    except EntryRefused as problem:
        return PersonLine(number, name, None, problem=problem)
    return PersonLine(number, name, asked, picture, source)
