"""Single steps: the street detector with several pictures at once, and what decoding less saves."""

from __future__ import annotations

import time
from typing import Any

import av
import numpy as np
import onnx
import onnxruntime
from av.video.codeccontext import VideoCodecContext

from istros.recognition.detector import SIZES
from istros.recognition.models.cards import STREET_DETECTOR
from istros.recognition.models.registry import model_path
from istros.sim.clips import FOLDER
from istros.video.clip_file import read_clip
from istros.video.codec_configuration import configuration_of
from istros.video.packet import MEDIA_RATE

BATCHES = (1, 2, 4, 8)
_WAYS: dict[str, dict[str, str]] = {
    "everything": {},
    "without the loop filter": {"skip_loop_filter": "all", "flags2": "+fast"},
    "keyframes alone": {"skip_frame": "nokey"},
}


def batches() -> dict[int, float]:
    """Median milliseconds of CPU a picture, by pictures in one run, on one thread."""
    random, found = np.random.default_rng(1), {}
    columns, rows = SIZES["usual"]
    for size in BATCHES:
        session, spent = _session(size, columns, rows), []
        pictures = {"images": random.integers(0, 255, (size, 3, rows, columns)).astype(np.float32)}
        for _ in range(2 + max(8, 32 // size)):
            began = time.process_time()
            session.run(None, pictures)
            spent.append((time.process_time() - began) / size * 1000)
        found[size] = float(np.median(spent[2:]))
    return found


def _session(size: int, columns: int, rows: int) -> onnxruntime.InferenceSession:
    model = onnx.load(str(model_path(STREET_DETECTOR)))
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = size
    del model.graph.value_info[:]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_free_dimension_override_by_name("width", columns)
    options.add_free_dimension_override_by_name("height", rows)
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def decoding() -> dict[str, dict[str, float]]:
    """Milliseconds of CPU a second of film, by stream and by how much of it is decoded; the best of two rounds."""
    return {
        name: {way: min(_decoded_ms(name, options) for _ in range(2)) for way, options in _WAYS.items()}
        for name in ("sub", "main")
    }


def _decoded_ms(name: str, options: dict[str, str]) -> float:
    clip = read_clip(FOLDER / f"izmail-avenue_{name}.mp4")
    coded = [b"".join(len(nal).to_bytes(4, "big") + nal for nal in unit.nals) for unit in clip.units]
    context: Any = av.CodecContext.create("h264", "r")
    assert isinstance(context, VideoCodecContext)
    context.extradata, context.thread_count, context.options = configuration_of(clip.parameters), 1, options
    began = time.process_time()
    for number, data in enumerate(coded):
        packet = av.Packet(data)
        packet.pts = number
        context.decode(packet)
    return (time.process_time() - began) * 1000 / (clip.duration / MEDIA_RATE)
