"""What can go wrong with a camera's stream: one sentence naming the camera, one with the remedy, no secret."""

from __future__ import annotations

from istros.base.errors import IstrosError


class StreamError(IstrosError):
    """A stream cannot be opened or has ended; only this stream is concerned."""

    code = "stream"


class CameraUnreachable(StreamError):
    """No connection could be made."""

    code = "camera-unreachable"


class CameraRefusedPassword(StreamError):
    """The camera wants another user or password."""

    code = "camera-password"


class StreamNotFound(StreamError):
    """The camera answers, but has no stream under this address."""

    code = "stream-not-found"


class UnknownCodec(StreamError):
    """The stream has no video that Istros can record."""

    code = "unknown-codec"


class CameraSilent(StreamError):
    """The connection stands, but nothing comes."""

    code = "camera-silent"


class StreamBroken(StreamError):
    """The camera closed the connection or speaks nonsense."""

    code = "stream-broken"


class MasksUnknown(StreamError):
    """Nobody can say which privacy masks hold, so nothing is shown."""

    code = "masks-unknown"


class MasksChanged(StreamError):
    """Other privacy masks hold now: what was made under the old ones is not shown any more."""

    code = "masks-changed"


class NotPainted(StreamError):
    """The masked picture cannot be made, so nothing is shown."""

    code = "not-painted"


class PaintersTaken(NotPainted):
    """As many masked pictures are watched on this machine as it can paint."""

    code = "painters-taken"


class EnoughMasked(StreamError):
    """One person watches as many masked pictures as one may."""

    code = "enough-masked"


class RelayClosed(StreamError):
    """The recorder's relay is not there (any more)."""

    code = "relay-closed"
