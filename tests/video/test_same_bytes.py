"""The same pictures give the same bytes, whatever was in the memory that the encoder was given."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest

from istros.video.packet import MEDIA_RATE, Codec
from istros.video.recode import Encoder
from tests.video.encodes import picture

FILLINGS = ("0", "1", "254")
"""What glibc fills fresh memory with (mallopt(3), M_PERTURB); 0 leaves what was there."""


def digest(codec: Codec) -> str:
    """The hash of two seconds of the test pattern, coded."""
    frames = ((number * MEDIA_RATE // 10, picture(number, 320, 240).reformat(format="yuv420p")) for number in range(20))
    coded = Encoder(codec, 21, "high" if codec is Codec.H264 else "").encode(frames)
    return hashlib.sha256(b"".join(data for _, _, data in coded)).hexdigest()


@pytest.mark.parametrize("codec", list(Codec))
def test_what_was_in_memory_does_not_show(codec: Codec) -> None:
    program = f"from tests.video.test_same_bytes import *; print(digest(Codec({codec.value!r})))"
    found = {
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, check=True, timeout=120, text=True,
            env=os.environ | {"MALLOC_PERTURB_": filling, "PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout
        for filling in FILLINGS
    }  # fmt: skip
    assert len(found) == 1, found
