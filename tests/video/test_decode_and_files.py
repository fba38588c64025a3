"""Decoding with damage, films as frames, and films and pictures as clips for the simulated cameras."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from istros.sim.cameras.film import load_film
from istros.video.clip_file import UnreadableFile, read_clip
from istros.video.codec_names import codec_string
from istros.video.decode import Decoder
from istros.video.decode_time import DecodeTimes
from istros.video.files import frames_of, prepare_clip
from istros.video.packet import Codec
from tests.video.encodes import picture, write_clip
from tests.video.packets import packets_of


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("film")
    return write_clip(folder / "film.h264", Codec.H264, width=320, height=240, frames=50, fps=25, gop=25)


def save_picture(path: Path, width: int, height: int) -> None:
    with av.open(str(path), "w", format="image2") as container:
        stream = container.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        container.mux(stream.encode(picture(3, width, height).reformat(format="yuvj420p")))
        container.mux(stream.encode(None))


@pytest.mark.parametrize("codec", list(Codec))
def test_frames_carry_the_packets_time(codec: Codec) -> None:
    packets = packets_of(codec, frames=10, width=178, height=146)
    decoder = Decoder(packets[0].parameters)
    for packet in packets:
        frame = decoder.decode(packet)
        assert frame is not None
        assert (frame.time, frame.key, frame.is_key) == (packet.time, packet.key, packet.is_key)
        assert frame.luma.shape == (146, 178) and frame.bgr().shape == (146, 178, 3)
        assert frame.luma.std() > 10


def test_damage_is_counted_and_ends_at_the_next_keyframe() -> None:
    packets = packets_of(frames=20, gop=5)
    decoder = Decoder(packets[0].parameters)
    packets[0] = replace(packets[0], data=bytes(100))
    packets[7] = replace(packets[7], lost_before=3)
    packets[11] = replace(packets[11], data=b"\x00\x00\x00\x02\x65\x00")
    shown = [index for index, packet in enumerate(packets) if decoder.decode(packet) is not None]
    assert set(shown) >= {5, 6, 10, 15, 16, 17, 18, 19}
    assert not set(shown) & {0, 1, 2, 3, 4, 7, 8, 9}
    assert decoder.damaged >= 1 and decoder.skipped >= 3


def test_new_parameters_open_a_new_decoder() -> None:
    first, second = packets_of(frames=3), packets_of(frames=3, width=320, height=180)
    decoder = Decoder(first[0].parameters)
    frames = [decoder.decode(packet) for packet in (*first, *second)]
    assert [frame.width for frame in frames if frame] == [176] * 3 + [320] * 3


def test_frames_of_films_and_pictures(film: Path, tmp_path: Path) -> None:
    frames = list(frames_of(film))
    assert len(frames) == 50 and frames[0].frame.bgr().shape == (240, 320, 3)
    save_picture(tmp_path / "one.jpg", 400, 300)
    (one,) = frames_of(tmp_path / "one.jpg")
    assert (one.number, one.time_s, one.frame.width) == (0, 0.0, 400)
    assert one.frame.luma.dtype == np.uint8
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    with pytest.raises(UnreadableFile, match=r"bad\.jpg cannot be read"):
        list(frames_of(tmp_path / "bad.jpg"))
    with pytest.raises(UnreadableFile, match="No such file"):
        list(frames_of(tmp_path / "none.mp4"))


def test_a_film_becomes_clips_once(film: Path, tmp_path: Path) -> None:
    clip = prepare_clip(film, tmp_path)
    main, sub = read_clip(clip.main), read_clip(clip.sub)
    assert (main.parameters.width, main.parameters.height, main.fps, len(main.units)) == (320, 240, 25.0, 50)
    assert (sub.parameters.width, sub.parameters.height, sub.fps, len(sub.units)) == (640, 360, 10.0, 20)
    assert [n for n, unit in enumerate(sub.units) if unit.is_key] == [0, 10]
    assert codec_string(main.parameters).startswith("avc1.4d")
    assert load_film([clip.main]).duration == 180_000
    before = clip.main.stat().st_mtime_ns
    assert prepare_clip(film, tmp_path) == clip and clip.main.stat().st_mtime_ns == before


def test_pictures_stay_a_while_and_bad_ones_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    save_picture(folder / "a.jpg", 400, 300)
    save_picture(folder / "b.jpg", 200, 300)
    (folder / "c.jpg").write_bytes(b"no picture")
    clip = prepare_clip(folder, tmp_path / "clips")
    main = read_clip(clip.main)
    assert (main.parameters.width, main.parameters.height, clip.main_fps, len(main.units)) == (400, 300, 10.0, 30)
    edges = list(frames_of(clip.main))[20].frame.luma[:, :20]
    assert edges.max() < 40


def test_nothing_to_prepare(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.mp4").write_text("no film")
    for source in (tmp_path / "empty", tmp_path / "text.mp4", tmp_path / "missing.mp4"):
        with pytest.raises(UnreadableFile):
            prepare_clip(source, tmp_path / "clips")
    assert not list((tmp_path / "clips").glob("*")) if (tmp_path / "clips").exists() else True


def test_decode_times_grow_when_pictures_come_out_of_order() -> None:
    times = DecodeTimes()
    shown = [0, 10_800, 3_600, 7_200, 21_600, 14_400, 18_000, 25_200, 36_000, 28_800, 32_400, 46_800]
    found = [times.next(at, index in (0, 7)) for index, at in enumerate(shown)]
    assert found == sorted(set(found))
    assert found[7:] == [25_200, 28_800, 32_400, 36_000, 39_600]
