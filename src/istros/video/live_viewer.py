"""One viewer of live video: a bounded queue that holds the newest pictures, never an old story."""

from __future__ import annotations

from istros.base.ring import Ring
from istros.video.codec_configuration import configuration_of
from istros.video.codec_names import codec_string
from istros.video.fmp4 import with_base_time
from istros.video.live_messages import LiveConfiguration, LiveForm, LiveFragment, LiveInit, LiveMessage, LiveState
from istros.video.live_muxer import LiveMuxer, MuxedPicture
from istros.video.packet import MEDIA_RATE

RING_MESSAGES = 512
"""A group of pictures at the start and some seconds of a network that stumbles."""

BEHIND_S = 0.5
"""At a keyframe, a viewer who has not taken pictures older than this gets the keyframe instead of them."""

LONGEST_BEHIND_S = 4.0
"""Between keyframes, what waits may grow to this; then nothing follows until the next one."""

_AT_FIRST_S = 30.0
"""The group of pictures that a viewer begins with may be longer, until it has been taken."""


class LiveViewer:
    """One viewer's ring and timeline. Who cannot keep up loses whole pictures and goes on at the newest keyframe."""

    def __init__(self, size: int = RING_MESSAGES, form: LiveForm = "mp4") -> None:
        self.ring: Ring[LiveMessage | None] = Ring(size + 4)
        self._size = size
        self._form = form
        self._muxer: LiveMuxer | None = None
        self._base: int | None = None
        self._waiting_for_key = True
        self._allowed_s = _AT_FIRST_S
        self.dropped = 0

    def begin(self, muxer: LiveMuxer) -> None:
        """A new timeline; it is announced with its first keyframe."""
        self._muxer, self._base, self._waiting_for_key = muxer, None, True

    def forget(self) -> None:
        """Drop the pictures that wait; what follows begins with a new timeline."""
        self.dropped += self.ring.keep(lambda message: not isinstance(message, LiveFragment))
        self._muxer = None

    def picture(self, picture: MuxedPicture) -> None:
        """Queue a picture, or count it."""
        if not len(self.ring) and self._base is not None:
            self._allowed_s = LONGEST_BEHIND_S
        elif picture.is_key:
            self._let_the_old_go(picture)
        if self._muxer is None or (self._waiting_for_key and not picture.is_key) or self._is_too_far_behind(picture):
            self._waiting_for_key = True
            self.dropped += 1
            return
        self._waiting_for_key = False
        if self._base is None:
            self._base = picture.decode_time
            self.ring.push(self._announcement(self._muxer, picture))
        self.ring.push(self._message(picture, self._base))

    def state(self, state: LiveState) -> None:
        """Queue a change of state; there are few, and they must arrive."""
        if len(self.ring) >= self._size + 2:
            self.dropped += len(self.ring)
            self.ring.clear()
            self._waiting_for_key = True
            # What was cleared may have held the init segment.
            self._base = None
        self.ring.push(state)

    def _let_the_old_go(self, key: MuxedPicture) -> None:
        if self._waits_s(key) > BEHIND_S or len(self.ring) >= self._size:
            self.dropped += self.ring.keep(lambda message: not isinstance(message, LiveFragment))

    def _is_too_far_behind(self, picture: MuxedPicture) -> bool:
        return len(self.ring) >= self._size or self._waits_s(picture) > self._allowed_s

    def _waits_s(self, picture: MuxedPicture) -> float:
        """How much older than `picture` the oldest is that waits."""
        if not len(self.ring) or self._base is None:
            return 0.0
        oldest = next((each for each in self.ring.peek(4) if isinstance(each, LiveFragment)), None)
        return 0.0 if oldest is None else (picture.shown_at - self._base) / MEDIA_RATE - oldest.media_s

    def _announcement(self, muxer: LiveMuxer, first: MuxedPicture) -> LiveMessage:
        if self._form == "mp4":
            return LiveInit(muxer.mime, muxer.init, first.time)
        parameters = muxer.parameters
        description = configuration_of(parameters)
        codec = codec_string(parameters)
        return LiveConfiguration(codec, description, parameters.width, parameters.height, first.time)

    def _message(self, picture: MuxedPicture, base: int) -> LiveFragment:
        data = picture.unit
        if self._form == "mp4":
            data = with_base_time(picture.data, picture.decode_time - base) if base else picture.data
        shown_s = (picture.shown_at - base) / MEDIA_RATE
        return LiveFragment(data, shown_s, picture.time, picture.is_key, picture.arrived)
