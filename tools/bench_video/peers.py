"""Other recorders doing the same: ffmpeg a camera, PyAV threads, motion; ZoneMinder has a module of its own."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from tools.bench_video.cameras import address
from tools.bench_video.processes import Group

SEGMENT_S = 10
FRAGMENTED = "+frag_keyframe+empty_moov+default_base_moof"
MOTION = """daemon off
log_level 4
log_file {log}
webcontrol_port 0
stream_port 0
target_dir {folder}
movie_output on
movie_passthrough on
movie_max_time {segment}
picture_output off
emulate_motion on
noise_tune off
despeckle_filter
width 640
height 360
framerate {fps}
"""
MOTION_CAMERA = """camera_id {id}
netcam_url {sub}
netcam_high_url {main}
movie_filename C{number:02d}/%Y%m%d%H%M%S
"""


def missing(name: str) -> str:
    """Why a peer cannot run here; empty when it can."""
    program = {"ffmpeg": "ffmpeg", "motion": "motion", "zoneminder": "zmc"}.get(name)
    return "" if program is None or shutil.which(program) else f"{program} is not installed (apt-get install {name})"


def start_ffmpeg(folder: Path, port: int, count: int) -> Group:
    """One `ffmpeg -c copy -f segment` a camera, as Frigate and many scripts do."""
    group = Group("ffmpeg")
    for number in range(count):
        target = folder / f"C{number:02d}"
        target.mkdir(parents=True)
        command = ["ffmpeg", "-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", address(port, number, "main")]
        command += ["-an", "-c", "copy", "-f", "segment", "-segment_time", str(SEGMENT_S), "-reset_timestamps", "1"]
        command += ["-segment_format", "mp4", "-segment_format_options", f"movflags={FRAGMENTED}"]
        group.start([*command, str(target / "%05d.mp4")], folder / "log.txt")
    return group


def start_pyav(folder: Path, port: int, count: int) -> Group:
    """One process, one thread a camera, libavformat by PyAV."""
    folder.mkdir(parents=True)
    group = Group("pyav")
    group.start(
        [sys.executable, "-m", "tools.bench_video.peers", str(folder), str(port), str(count)], folder / "log.txt"
    )
    return group


def start_motion(folder: Path, port: int, count: int, fps: int) -> Group:
    """Debian's motion: the main stream passed through into files, the sub stream decoded and watched at `fps`."""
    folder.mkdir(parents=True)
    text = MOTION.format(log=folder / "motion.log", folder=folder, segment=SEGMENT_S, fps=fps)
    for number in range(count):
        part = folder / f"camera{number}.conf"
        urls = {"sub": address(port, number, "sub"), "main": address(port, number, "main")}
        part.write_text(MOTION_CAMERA.format(id=number + 1, number=number, **urls), encoding="utf-8")
        text += f"camera {part}\n"
    (folder / "motion.conf").write_text(text, encoding="utf-8")
    group = Group("motion")
    group.start(["motion", "-n", "-c", str(folder / "motion.conf")], folder / "log.txt")
    return group


def _record_by_pyav(folder: Path, port: int, number: int) -> None:
    target = folder / f"C{number:02d}"
    target.mkdir(parents=True)
    options = {"rtsp_transport": "tcp", "probesize": "5000", "analyzeduration": "0", "fflags": "nobuffer"}
    source = av.open(address(port, number, "main"), options=options, timeout=10)
    stream = source.streams.video[0]
    output: OutputContainer | None = None
    written: VideoStream | None = None
    began, base, files = 0.0, 0, 0
    for packet in source.demux(stream):
        if packet.dts is None or packet.pts is None or packet.time_base is None:
            continue
        at = float(packet.pts * packet.time_base)
        if packet.is_keyframe and (output is None or at - began >= SEGMENT_S - 0.1):
            if output is not None:
                output.close()
            files += 1
            output = av.open(str(target / f"{files:05d}.mp4"), "w", options={"movflags": FRAGMENTED})
            written, began, base = output.add_stream_from_template(stream), at, packet.dts
        if output is not None and written is not None:
            packet.pts -= base
            packet.dts -= base
            packet.stream = written
            output.mux(packet)


def _main() -> None:
    folder, port, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    for number in range(count):
        threading.Thread(target=_record_by_pyav, args=(folder, port, number), daemon=True).start()
        time.sleep(0.05)
    threading.Event().wait()


if __name__ == "__main__":
    _main()
