"""What a camera's own card kept, and where it replays it (ONVIF Profile G: recording search and replay)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from istros.base.time import Span, Time, from_iso
from istros.devices.errors import DeviceError, DeviceFault
from istros.devices.onvif.device import OnvifDevice
from istros.devices.onvif.soap import Service

SEARCH_S = 20.0
"""How long a search may take: cards are slow."""

RESULTS_MOST = 100


@dataclass(frozen=True, slots=True)
class KeptRecording:
    """One recording on the card with pictures, from when to when by the camera's own clock."""

    token: str
    span: Span


class OnvifCard:
    """The search and replay services of one camera."""

    def __init__(self, device: OnvifDevice) -> None:
        self._device = device
        self._soap = device.soap

    async def recordings(self) -> list[KeptRecording]:
        """Every recording with pictures, the longest first."""
        token = await self._soap.call(Service.SEARCH, "FindRecordings", {"Scope": {}, "KeepAliveTime": "PT30S"})
        found: list[KeptRecording] = []
        try:
            async with asyncio.timeout(SEARCH_S):
                while True:
                    answer = await self._soap.call(
                        Service.SEARCH, "GetRecordingSearchResults",
                        {"SearchToken": token, "MaxResults": RESULTS_MOST, "WaitTime": "PT2S"},
                    )  # fmt: skip
                    results = answer.RecordingInformation or ()
                    found += [kept for each in results if (kept := _kept(each)) is not None]
                    if str(answer.SearchState) == "Completed":
                        break
        except TimeoutError:
            raise DeviceFault(
                f"{self._device.name} did not end the search on its card within {SEARCH_S:g} s."
            ) from None
        finally:
            with suppress(DeviceError):
                await self._soap.call(Service.SEARCH, "EndSearch", {"SearchToken": token}, within_s=2.0)
        return sorted(found, key=lambda kept: -kept.span.duration_us)

    async def replay_url(self, recording: str) -> str:
        """Where the recording is replayed by RTSP, on the configured host, without an account."""
        setup = {"Stream": "RTP-Unicast", "Transport": {"Protocol": "RTSP"}}
        answer = await self._soap.call(
            Service.REPLAY, "GetReplayUri", {"StreamSetup": setup, "RecordingToken": recording}
        )
        try:
            return self._soap.address.stream_here(str(getattr(answer, "Uri", answer)))
        except ValueError as problem:
            raise DeviceFault(f"{self._device.name} names no usable address for its card: {problem}.") from None


def _kept(found: Any) -> KeptRecording | None:
    """The span of the video tracks; of the whole recording where its tracks tell nothing."""
    tracks = [track for track in found.Track or () if str(track.TrackType) == "Video"]
    starts = [time for track in tracks if (time := _time(track.DataFrom)) is not None]
    ends = [time for track in tracks if (time := _time(track.DataTo)) is not None]
    start = min(starts, default=_time(found.EarliestRecording))
    end = max(ends, default=_time(found.LatestRecording))
    if start is None or end is None or end <= start:
        return None
    return KeptRecording(str(found.RecordingToken), Span(start, end))


def _time(value: Any) -> Time | None:
    if value is None:
        return None
    text = value.isoformat()
    try:
        return from_iso(text if value.tzinfo is not None else f"{text}+00:00")
    except ValueError:
        return None
