"""What the card kept: recording control, search and replay (ONVIF Profile G), one recording with one video track."""

from __future__ import annotations

from collections import OrderedDict

from istros.base.time import Span, from_iso
from istros.sim.cameras.onvif.card import Card
from istros.sim.cameras.onvif.device import SimulatedDevice
from istros.sim.cameras.onvif.soap import RECORDING, REPLAY, SEARCH, Call, Fault, escape, moment

RECORDING_TOKEN = "recording-1"
TRACK_TOKEN = "video-1"
SEARCHES_MOST = 16
_searches: OrderedDict[str, Span] = OrderedDict()


async def summary(device: SimulatedDevice, call: Call) -> str:
    """GetRecordingSummary."""
    kept = _card(device).kept
    now = device.now()
    start, end = (kept.start, kept.end) if kept else (now, now)
    return (
        f"<tse:GetRecordingSummaryResponse><tse:Summary><tt:DataFrom>{moment(start)}</tt:DataFrom>"
        f"<tt:DataUntil>{moment(end)}</tt:DataUntil><tt:NumberRecordings>{1 if kept else 0}</tt:NumberRecordings>"
        "</tse:Summary></tse:GetRecordingSummaryResponse>"
    )


async def find_recordings(device: SimulatedDevice, call: Call) -> str:
    """FindRecordings."""
    _card(device)
    token = f"search-{device.environment.ids.new()}"
    return f"<tse:FindRecordingsResponse><tse:SearchToken>{token}</tse:SearchToken></tse:FindRecordingsResponse>"


async def recording_results(device: SimulatedDevice, call: Call) -> str:
    """GetRecordingSearchResults: everything at once."""
    kept = _card(device).kept
    found = "" if kept is None else _information(device, kept)
    return (
        "<tse:GetRecordingSearchResultsResponse><tse:ResultList><tt:SearchState>Completed</tt:SearchState>"
        f"{found}</tse:ResultList></tse:GetRecordingSearchResultsResponse>"
    )


async def recording_information(device: SimulatedDevice, call: Call) -> str:
    """GetRecordingInformation."""
    kept = _card(device).kept
    if kept is None or call.text("RecordingToken") != RECORDING_TOKEN:
        raise Fault("ter:InvalidArgVal/ter:InvalidToken", "There is no such recording.")
    found = _information(device, kept)
    return f"<tse:GetRecordingInformationResponse>{found}</tse:GetRecordingInformationResponse>".replace(
        "tt:RecordingInformation>", "tse:RecordingInformation>"
    )


async def find_events(device: SimulatedDevice, call: Call) -> str:
    """FindEvents: where the track has pictures and where not."""
    _card(device)
    start, end = from_iso(call.text("StartPoint")), call.text("EndPoint")
    token = f"search-{device.environment.ids.new()}"
    _searches[token] = Span(start, from_iso(end) if end else device.now())
    if len(_searches) > SEARCHES_MOST:
        _searches.popitem(last=False)
    return f"<tse:FindEventsResponse><tse:SearchToken>{token}</tse:SearchToken></tse:FindEventsResponse>"


async def event_results(device: SimulatedDevice, call: Call) -> str:
    """GetEventSearchResults: the two ends of what is kept, as far as they lie in the span."""
    asked, kept = _searches.get(call.text("SearchToken")), _card(device).kept
    if asked is None:
        raise Fault("ter:InvalidArgVal/ter:InvalidToken", "There is no such search.")
    ends = [] if kept is None else [(kept.start, "true"), (kept.end, "false")]
    results = "".join(
        f"<tt:Result><tt:RecordingToken>{RECORDING_TOKEN}</tt:RecordingToken><tt:TrackToken>{TRACK_TOKEN}"
        f"</tt:TrackToken><tt:Time>{moment(time)}</tt:Time><tt:Event>"
        '<wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">'
        "tns1:RecordingHistory/Track/State</wsnt:Topic><wsnt:Message>"
        f'<tt:Message UtcTime="{moment(time)}"><tt:Source><tt:SimpleItem Name="RecordingToken" '
        f'Value="{RECORDING_TOKEN}"/><tt:SimpleItem Name="Track" Value="{TRACK_TOKEN}"/></tt:Source>'
        f'<tt:Data><tt:SimpleItem Name="IsDataPresent" Value="{present}"/></tt:Data></tt:Message></wsnt:Message>'
        "</tt:Event><tt:StartStateEvent>false</tt:StartStateEvent></tt:Result>"
        for time, present in ends
        if asked.contains(time)
    )
    return (
        "<tse:GetEventSearchResultsResponse><tse:ResultList><tt:SearchState>Completed</tt:SearchState>"
        f"{results}</tse:ResultList></tse:GetEventSearchResultsResponse>"
    )


async def end_search(device: SimulatedDevice, call: Call) -> str:
    """EndSearch."""
    _searches.pop(call.text("SearchToken"), None)
    return f"<tse:EndSearchResponse><tse:Endpoint>{moment(device.now())}</tse:Endpoint></tse:EndSearchResponse>"


async def replay_uri(device: SimulatedDevice, call: Call) -> str:
    """GetReplayUri."""
    if call.text("RecordingToken") != RECORDING_TOKEN:
        raise Fault("ter:InvalidArgVal/ter:InvalidToken", "There is no such recording.")
    host = call.origin.removeprefix("http://").rsplit(":", 1)[0]
    uri = f"rtsp://{host}:{device.replay_port}/{device.path}/replay"
    return f"<trp:GetReplayUriResponse><trp:Uri>{escape(uri)}</trp:Uri></trp:GetReplayUriResponse>"


async def recordings(device: SimulatedDevice, call: Call) -> str:
    """GetRecordings."""
    _card(device)
    return (
        f"<trc:GetRecordingsResponse><trc:RecordingItem><tt:RecordingToken>{RECORDING_TOKEN}</tt:RecordingToken>"
        f"<tt:Configuration>{_source(device)}<tt:Content>Everything</tt:Content>"
        "<tt:MaximumRetentionTime>PT1H</tt:MaximumRetentionTime></tt:Configuration><tt:Tracks><tt:Track>"
        f"<tt:TrackToken>{TRACK_TOKEN}</tt:TrackToken><tt:Configuration><tt:TrackType>Video</tt:TrackType>"
        "<tt:Description>video</tt:Description></tt:Configuration></tt:Track></tt:Tracks></trc:RecordingItem>"
        "</trc:GetRecordingsResponse>"
    )


def _card(device: SimulatedDevice) -> Card:
    if device.card is None:
        raise Fault("ter:ActionNotSupported", "This camera has no card.", "Receiver")
    return device.card


def _source(device: SimulatedDevice) -> str:
    return (
        "<tt:Source><tt:SourceId>main</tt:SourceId><tt:Name>main</tt:Name><tt:Location>Izmail</tt:Location>"
        f"<tt:Description>main profile</tt:Description><tt:Address>{escape(device.path)}</tt:Address></tt:Source>"
    )


def _information(device: SimulatedDevice, kept: Span) -> str:
    start, end = moment(kept.start), moment(kept.end)
    return (
        f"<tt:RecordingInformation><tt:RecordingToken>{RECORDING_TOKEN}</tt:RecordingToken>{_source(device)}"
        f"<tt:EarliestRecording>{start}</tt:EarliestRecording><tt:LatestRecording>{end}</tt:LatestRecording>"
        f"<tt:Content>Everything</tt:Content><tt:Track><tt:TrackToken>{TRACK_TOKEN}</tt:TrackToken>"
        "<tt:TrackType>Video</tt:TrackType><tt:Description>video</tt:Description>"
        f"<tt:DataFrom>{start}</tt:DataFrom><tt:DataTo>{end}</tt:DataTo></tt:Track>"
        "<tt:RecordingStatus>Recording</tt:RecordingStatus></tt:RecordingInformation>"
    )


OPERATIONS = {
    (RECORDING, "GetRecordings"): recordings,
    (SEARCH, "GetRecordingSummary"): summary,
    (SEARCH, "FindRecordings"): find_recordings,
    (SEARCH, "GetRecordingSearchResults"): recording_results,
    (SEARCH, "GetRecordingInformation"): recording_information,
    (SEARCH, "FindEvents"): find_events,
    (SEARCH, "GetEventSearchResults"): event_results,
    (SEARCH, "EndSearch"): end_search,
    (REPLAY, "GetReplayUri"): replay_uri,
}
