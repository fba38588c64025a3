"""One MP4 of an export: it grows segment by segment, and goes on where a killed exporter left it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from istros.base.time import SECOND, Time
from istros.recording.export.journal import StepJournal
from istros.recording.export.plan import PlannedFilm
from istros.store.rows import SegmentRow
from istros.video.mp4_file import Entry, Piece, closing, in_band, index, opening
from istros.video.packet import MEDIA_RATE, Codec, CodecParameters
from istros.video.smart_cut import Part

_MOST_PARTS = 3
"""Parts of one segment: a head that was coded again, what is copied, a tail that was coded again."""

_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Recoded:
    """A stretch of a film that was coded again."""

    start: Time
    end: Time
    pictures: int
    psnr_db: float | None


@dataclass(frozen=True, slots=True)
class FilmFacts:
    """A finished film: when it begins and ends, what it holds, which stretches were coded again."""

    start: Time
    end: Time
    pictures: int
    recoded: tuple[Recoded, ...]


class FilmFile:
    """Writes the file of a planned film below `folder`; `key` names it in the journal."""

    def __init__(self, folder: Path, film: PlannedFilm, journal: StepJournal, key: str) -> None:
        self._path = folder / film.path
        self._journal, self._key = journal, key
        self._steps = [f"{key}/{number}" for number in range(len(film.segments))]
        self._head = opening(film.pictures + len(film.segments), _MOST_PARTS * len(film.segments))

    def add(self, number: int, row: SegmentRow, parameters: CodecParameters, parts: Sequence[Part]) -> None:
        """Append what segment `number` gives, and record it; what an earlier attempt wrote behind it is cut off."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        pieces = self._pieces()
        length = pieces[-1]["end"] if pieces else len(self._head)
        written: list[dict[str, Any]] = []
        with self._path.open("r+b" if self._path.exists() else "w+b") as file:
            file.truncate(length)
            if not pieces:
                file.seek(0)
                file.write(self._head)
            file.seek(length)
            for part in parts:
                before = written[-1] if written else pieces[-1] if pieces else None
                record = _record(file.tell(), row, parameters, part, before)
                prefix, data = record.pop("prefix"), record.pop("data")
                file.write(prefix + data)
                written.append(record | {"end": file.tell()})
            file.flush()
            os.fsync(file.fileno())
        self._journal.done(self._steps[number], written)

    def finish(self) -> FilmFacts | None:
        """Write the index; None (and no file) when no picture lies in the span. The same again after a kill."""
        pieces = self._pieces()
        if not pieces:
            self._path.unlink(missing_ok=True)
            return None
        origin = pieces[0]["entries"][0][1]
        laid = [Piece(piece["at"], tuple(_entry(values, origin) for values in piece["entries"])) for piece in pieces]
        end = max(piece["shown_end"] for piece in pieces) - origin
        moov = index(_parameter_sets(pieces), laid, end)
        with self._path.open("r+b") as file:
            file.truncate(pieces[-1]["end"])
            for place, data in closing(len(self._head), pieces[-1]["end"], moov):
                file.seek(place)
                file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return FilmFacts(
            _time(origin), _time(origin + end), sum(len(piece["entries"]) for piece in pieces), _recoded(pieces)
        )

    def _pieces(self) -> list[dict[str, Any]]:
        """What was written so far, as the journal tells."""
        return [piece for step in self._steps if step in self._journal for piece in self._journal[step]]


def _record(
    at: int, row: SegmentRow, parameters: CodecParameters, part: Part, before: dict[str, Any] | None
) -> dict[str, Any]:
    """What the journal must know of a part, with the bytes to write."""
    base = _ticks(row.start)
    sets = part.recoded or parameters
    own = {
        "codec": sets.codec.value,
        "width": sets.width,
        "height": sets.height,
        "sets": [nal.hex() for nal in sets.parameter_sets],
    }
    stream = own | {"sets": [nal.hex() for nal in parameters.parameter_sets]} if part.recoded else own
    last = before["own"] if before else stream
    prefix = in_band(sets) if sets.codec is Codec.H265 and own != last else b""
    entries = [[base + u.decode, base + u.shown, len(u.data), int(u.is_key)] for u in part.units]
    entries[0][2] += len(prefix)
    return {
        "at": at,
        "own": own,
        "stream": stream,
        "recoded": part.recoded is not None,
        "psnr": part.psnr_db,
        "entries": entries,
        "shown_end": max(base + unit.shown + unit.duration for unit in part.units),
        "prefix": prefix,
        "data": b"".join(unit.data for unit in part.units),
    }


def _entry(values: Sequence[int], origin: int) -> Entry:
    return Entry(values[0] - origin, values[1] - origin, values[2], bool(values[3]))


def _parameter_sets(pieces: Sequence[dict[str, Any]]) -> list[CodecParameters]:
    """The stream's own first, then those of what was coded again, each once."""
    wanted = [piece["stream"] for piece in pieces[:1]] + [piece["own"] for piece in pieces]
    return list(dict.fromkeys(_parameters(each) for each in wanted))


def _parameters(data: dict[str, Any]) -> CodecParameters:
    sets = tuple(bytes.fromhex(nal) for nal in data["sets"])
    return CodecParameters(Codec(data["codec"]), data["width"], data["height"], sets)


def _recoded(pieces: Sequence[dict[str, Any]]) -> tuple[Recoded, ...]:
    return tuple(
        Recoded(_time(piece["entries"][0][1]), _time(piece["shown_end"]), len(piece["entries"]), piece["psnr"])
        for piece in pieces
        if piece["recoded"]
    )


def _ticks(time: Time) -> int:
    """Wall time as 90 kHz ticks: a film's own time runs as the clock did."""
    return time * MEDIA_RATE // SECOND


def _time(ticks: int) -> Time:
    return Time(round(ticks * SECOND / MEDIA_RATE))


def hash_file(path: Path) -> tuple[str, int]:
    """SHA-256 and length of a file. Blocks."""
    digest, length = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_READ_BYTES):
            digest.update(piece)
            length += len(piece)
    return digest.hexdigest(), length
