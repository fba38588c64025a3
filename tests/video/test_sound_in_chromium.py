"""What Chromium makes of segments whose camera sends sound."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import Browser

from istros.video.codec_names import mime_type
from istros.video.fmp4 import read_init
from istros.video.segment_sound import without_sound
from istros.video.sound import SoundCodec
from istros.video.sound_coding import for_browsers
from tests.video.test_sound import segment

APPEND = """async ([mime, text]) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const video = document.createElement("video");
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  await new Promise((done) => source.addEventListener("sourceopen", done, { once: true }));
  if (!MediaSource.isTypeSupported(mime)) return ["unsupported", 0];
  const buffer = source.addSourceBuffer(mime);
  let failed = false;
  buffer.addEventListener("error", () => { failed = true; });
  const end = new Promise((done) => {
    buffer.addEventListener("updateend", () => done(failed || video.error ? "error" : "appended"), { once: true });
  });
  buffer.appendBuffer(bytes);
  const how = await end;
  return [how, how === "appended" && buffer.buffered.length === 1 ? buffer.buffered.end(0) : 0];
}"""


@pytest.mark.parametrize("codec", list(SoundCodec))
def test_segments_play_without_their_sound_and_with_it_as_aac(browser: Browser, codec: SoundCodec) -> None:
    data = segment(codec)
    picture = mime_type(read_init(data))
    page = browser.new_page()
    try:

        def append(mime: str, content: bytes) -> tuple[str, float]:
            how, end = page.evaluate(APPEND, [mime, base64.b64encode(content).decode()])
            return how, end

        assert append(picture, without_sound(data)) == ("appended", pytest.approx(4.0, abs=0.05))
        heard = picture[:-1] + ',mp4a.40.2"'
        assert append(heard, for_browsers(data)) == ("appended", pytest.approx(4.0, abs=0.15))
        assert append(picture, data)[0] == "error", "why the sound is taken out"
    finally:
        page.close()
