"""Still pictures and thumbnails through the interface: the right frame, under a permit, its hash on the record."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from dataclasses import replace
from typing import Any

import av
import numpy as np
import pytest

from istros.base.time import SECOND, Span, Time, from_iso, to_iso
from istros.base.workers import ThreadWorkers
from istros.recording.pictures import NoPicture, Pictures, PicturesBusy
from istros.store.rows import SegmentRow, SegmentState
from istros.video.mark import marked
from tests.api.conftest import START
from tests.api.site import Browser, Site
from tests.video.packets import packets_of
from tests.video.test_stills import FRAMES, segment_of, whole

FRAME_US = SECOND // 10


def decoded(jpeg: bytes) -> np.ndarray:  # type: ignore[type-arg]
    (frame,) = av.CodecContext.create("mjpeg", "r").decode(av.Packet(jpeg))  # type: ignore[attr-defined]
    return frame.to_ndarray(format="rgb24")  # type: ignore[no-any-return]


@pytest.mark.parametrize("number", [0, 1, 7, 13, 19])
def test_a_still_is_the_very_frame(site: Site, officer: Browser, data: bytes, number: int) -> None:
    moment = to_iso(Time(START + number * FRAME_US))
    answer = officer.get("/api/stills/TL-01", time=moment, permit=officer.open_permit())
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    got = decoded(answer.content).astype(int)
    unmarked = got.shape[0] * 3 // 4
    apart = [float(np.abs(got - pixels)[:unmarked].mean()) for _, pixels in whole(data)]
    assert apart.index(min(apart)) == number, "another frame is nearer"
    assert apart[number] < 3
    assert answer.headers["x-istros-time"] == moment


def test_a_still_names_its_camera_time_and_permit_and_its_hash_is_on_the_record(
    site: Site, officer: Browser, data: bytes
) -> None:
    moment = to_iso(Time(START + 3 * FRAME_US + 40_000))
    permit = officer.open_permit()
    answer = officer.get("/api/stills/TL-01", time=moment, permit=permit, width=88)
    number = officer.get("/api/permits").json()[-1]["number"]
    exact = to_iso(Time(START + 3 * FRAME_US))
    assert f'filename="TL-01_{exact.replace(":", "")}_P-' in answer.headers["content-disposition"]
    assert decoded(answer.content).shape == (72, 88, 3)
    assert f'istros:time="{exact}"'.encode() in answer.content
    assert b'istros:permit="P-' in answer.content
    assert number.startswith("P-")
    sha256 = hashlib.sha256(answer.content).hexdigest()
    asked, made = site.audit("playback.view")[-2:]
    assert asked["detail"] == {"stream": "main", "time": moment, "what": "still"}
    assert made["detail"]["sha256"] == answer.headers["x-istros-sha256"] == sha256
    assert (made["subject"], made["permit"], made["detail"]["time"]) == ("TL-01", permit, exact)


def middle(jpeg: bytes) -> np.ndarray:  # type: ignore[type-arg]
    """The part that the site's finder finds, without its edge."""
    picture = decoded(jpeg)
    height, width = picture.shape[:2]
    return picture[height * 5 // 16 : height * 11 // 16, width * 5 // 16 : width * 11 // 16].astype(int)


def test_a_saved_still_hides_people_unless_another_person_released_it(
    site: Site, officer: Browser, data: bytes
) -> None:
    """What is shown on the screen stays as it is; what leaves as a file does not."""
    permit, leader = officer.open_permit(), site.browser("shift_leader")
    asked = {"time": to_iso(Time(START + SECOND)), "permit": permit}
    shown = officer.get("/api/stills/TL-01", **asked)
    assert shown.headers["content-disposition"].startswith("inline") and shown.headers["x-istros-hidden"] == ""
    assert middle(shown.content).std() > 10, "the picture has something in its middle"
    saved = officer.get("/api/stills/TL-01", save=True, **asked)
    assert saved.headers["content-disposition"].startswith("attachment")
    assert saved.headers["x-istros-hidden"] == "people plates" and b'istros:hidden="people plates"' in saved.content
    assert middle(saved.content).std(axis=(0, 1)).max() < 4, "one colour"
    made = site.audit("playback.view")[-1]["detail"]
    assert (made["what"], made["saved"], made["hidden"]) == ("still-made", True, True)
    wish: dict[str, Any] = {"matter": "lift-redaction", "subject": permit, "reason": "the court asks"}
    wish |= {"permit": permit, "scope": {"cameras": ["TL-01"]}}
    for_masks = officer.post("/api/releases", wish | {"matter": "lift-mask"}).json()["id"]
    leader.post(f"/api/releases/{for_masks}/answer", {"grant": True})
    elsewhere = officer.post("/api/releases", wish | {"scope": {"cameras": ["IZ-07"]}}).json()["id"]
    leader.post(f"/api/releases/{elsewhere}/answer", {"grant": True})
    release = officer.post("/api/releases", wish).json()["id"]
    assert middle(officer.get("/api/stills/TL-01", save=True, **asked).content).std(axis=(0, 1)).max() < 4, "asked only"
    leader.post(f"/api/releases/{release}/answer", {"grant": True})
    lifted = officer.get("/api/stills/TL-01", save=True, **asked)
    assert lifted.headers["x-istros-hidden"] == "" and middle(lifted.content).std() > 10
    other = officer.get("/api/stills/TL-01", save=True, **(asked | {"permit": officer.open_permit()}))
    assert other.headers["x-istros-hidden"] != "", "the release is for one permit"
    officer.post(f"/api/releases/{release}/withdraw", {"reason": "the court has it"})
    assert officer.get("/api/stills/TL-01", save=True, **asked).headers["x-istros-hidden"] != ""


@pytest.mark.parametrize("save", [False, True])
def test_a_still_says_in_its_picture_who_had_it_made_and_when(
    site: Site, officer: Browser, data: bytes, save: bool
) -> None:
    permit = officer.open_permit()
    answer = officer.get("/api/stills/TL-01", time=to_iso(START), permit=permit, save=save)
    found = re.search(rb'istros:mark="(investigator P-2\d{3}-\d{4} (2.{9}) (.{8})Z)"', answer.content)
    assert found is not None, "the file says what is drawn"
    mark, day, moment = (each.decode() for each in found.groups())
    assert abs(from_iso(f"{day}T{moment}Z") - site.environment.clock.now()) < 60 * SECOND
    (_, pixels), *_ = whole(data)
    plain = av.VideoFrame.from_ndarray(pixels, format="rgb24")
    got, strip = decoded(answer.content).astype(int), slice(pixels.shape[0] * 3 // 4, None)
    apart = {
        each: float(np.abs(got - marked(plain, each).to_ndarray(format="rgb24"))[strip].mean())
        for each in (mark, mark.replace("investigator", "shift-leader"), mark.replace("investigator", ""))
    }
    assert min(apart, key=lambda each: apart[each]) == mark and apart[mark] < 6, apart


def test_no_permit_no_picture(site: Site, officer: Browser, data: bytes) -> None:
    moment = to_iso(START)
    span = {"from": moment, "to": to_iso(Time(START + SECOND))}
    for permit in (officer.permit, "none"):
        assert officer.get("/api/stills/TL-01", time=moment, permit=permit).status_code == 403
        assert officer.get("/api/thumbnails/TL-01", permit=permit, **span).status_code == 403
    assert site.audit("playback.view", "refused")[-1]["actor"] == "investigator"


def test_where_nothing_was_recorded_there_is_no_picture(officer: Browser, data: bytes) -> None:
    permit = officer.open_permit()
    answer = officer.get("/api/stills/TL-01", time=to_iso(Time(START - SECOND)), permit=permit)
    assert (answer.status_code, answer.json()["code"]) == (404, "no-picture")
    assert officer.get("/api/stills/XX-01", time=to_iso(START), permit=permit).status_code == 404
    assert officer.get("/api/stills/TL-01", time="yesterday", permit=permit).status_code == 422
    assert officer.get("/api/stills/TL-01", time=to_iso(START), permit=permit, width=-1).status_code == 422


def test_thumbnails_are_the_nearest_keyframes(site: Site, officer: Browser, data: bytes) -> None:
    span = {"from": to_iso(Time(START - 2 * SECOND)), "to": to_iso(Time(START + 2 * SECOND))}
    permit = officer.open_permit()
    rows = len(site.audit("playback.view"))
    found = officer.get("/api/thumbnails/TL-01", permit=permit, count=8, width=64, **span).json()
    assert len(site.audit("playback.view")) == rows + 1
    assert (found["width"], found["height"], len(found["pictures"])) == (64, 52, 4)
    frames = dict(whole(data))
    for each in found["pictures"]:
        ticks = (from_iso(each["time"]) - START) * 9 // 100
        assert ticks % (5 * 9000) == 0, "a keyframe"
        assert abs(from_iso(each["time"]) - from_iso(each["asked"])) <= SECOND // 4
        small = decoded(base64.b64decode(each["jpeg"]))
        assert small.shape[1] == 64
        assert abs(float(small.mean()) - float(frames[ticks].mean())) < 4


def test_a_segment_comes_as_its_keyframes_alone(site: Site, officer: Browser, data: bytes) -> None:
    (row,) = site.database.read_now(lambda tx: tx.segments.between("TL-01", "main", Span(START, Time(START + 1))))
    permit = officer.open_permit()
    answer = officer.get(f"/api/segments/{row.id}", permit=permit, keyframes=True)
    assert answer.status_code == 200
    assert [ticks // 9000 for ticks, _ in whole(answer.content)] == [0, 5, 10, 15]


ROW = SegmentRow("s", "TL-01", "main", START, Time(START + 2 * SECOND), "p", 9, FRAMES, "", SegmentState.CLOSED)


def test_too_many_at_once_are_sent_away_and_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("istros.recording.pictures.MOST_WAITING", 3)
    monkeypatch.setattr("istros.recording.pictures.CACHE_BYTES", 9_000)
    segment, reads = segment_of(packets_of()), []

    def read(row: SegmentRow) -> bytes:
        reads.append(row.id)
        return segment

    async def ask() -> list[object]:
        workers = ThreadWorkers(2, "pictures")
        pictures = Pictures(read, lambda row: (), workers)
        asked = [pictures.thumbnail(replace(ROW, id=str(n)), START, 64) for n in range(8)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        again = [await pictures.thumbnail(ROW, START, 64) for _ in range(3)]
        for n in range(20):
            await pictures.thumbnail(replace(ROW, id=f"more {n}"), START, 64)
        assert pictures._kept_bytes <= 9_000
        workers.close()
        return [*answers, *again]

    answers = asyncio.run(ask())
    assert [isinstance(answer, PicturesBusy) for answer in answers] == [False] * 3 + [True] * 5 + [False] * 3
    assert reads.count("s") == 1


def test_what_cannot_be_decoded_is_said_to_be() -> None:
    async def ask() -> None:
        workers = ThreadWorkers(1, "pictures")
        try:
            await Pictures(lambda row: b"rubbish", lambda row: (), workers).still(ROW, START, mark="somebody")
        finally:
            workers.close()

    with pytest.raises(NoPicture, match="cannot be decoded"):
        asyncio.run(ask())
