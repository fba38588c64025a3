"""The event service by pull point (ONVIF Core, clause 9.2; WS-BaseNotification)."""

from __future__ import annotations

from istros.base.time import after
from istros.sim.cameras.onvif.device import SimulatedDevice
from istros.sim.cameras.onvif.events import PullPoint
from istros.sim.cameras.onvif.soap import EVENTS, NOTIFICATION, Call, Fault, moment, seconds_of

DEFAULT_S = 60.0
LONGEST_S = 3600.0


async def create(device: SimulatedDevice, call: Call) -> str:
    """CreatePullPointSubscription."""
    seconds = min(seconds_of(call.text("InitialTerminationTime"), DEFAULT_S), LONGEST_S)
    point = device.events.subscribe(seconds)
    if point is None:
        raise Fault("ter:Action/wsnt:SubscribeCreationFailedFault", "There are too many subscriptions.", "Receiver")
    address = f"{call.origin}/{device.path}/onvif/subscription/{point.id}"
    return (
        "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference>"
        f"<wsa:Address>{address}</wsa:Address></tev:SubscriptionReference>"
        f"{_times(device, seconds)}</tev:CreatePullPointSubscriptionResponse>"
    )


async def pull(device: SimulatedDevice, call: Call) -> str:
    """PullMessages: a real long poll."""
    point = _point(device, call)
    seconds = min(seconds_of(call.text("Timeout"), 10.0), 60.0)
    most = int(call.text("MessageLimit") or "10")
    notices = await device.events.pull(point, seconds, max(1, most))
    _point(device, call)
    left = point.expires_s - device.environment.clock.elapsed()
    times = f"<tev:CurrentTime>{moment(device.now())}</tev:CurrentTime>"
    times += f"<tev:TerminationTime>{moment(after(device.now(), left))}</tev:TerminationTime>"
    return f"<tev:PullMessagesResponse>{times}{''.join(n.as_xml() for n in notices)}</tev:PullMessagesResponse>"


async def renew(device: SimulatedDevice, call: Call) -> str:
    """Renew."""
    point = _point(device, call)
    seconds = min(seconds_of(call.text("TerminationTime"), DEFAULT_S), LONGEST_S)
    device.events.renew(point, seconds)
    end = moment(after(device.now(), seconds))
    return (
        f"<wsnt:RenewResponse><wsnt:TerminationTime>{end}</wsnt:TerminationTime>"
        f"<wsnt:CurrentTime>{moment(device.now())}</wsnt:CurrentTime></wsnt:RenewResponse>"
    )


async def unsubscribe(device: SimulatedDevice, call: Call) -> str:
    """Unsubscribe."""
    device.events.end(_point(device, call))
    return "<wsnt:UnsubscribeResponse/>"


async def synchronise(device: SimulatedDevice, call: Call) -> str:
    """SetSynchronizationPoint."""
    device.events.synchronise(_point(device, call))
    return "<tev:SetSynchronizationPointResponse/>"


async def properties(device: SimulatedDevice, call: Call) -> str:
    """GetEventProperties: the topics as a tree."""
    tree: dict[str, dict[str, object]] = {}
    for topic in device.events.topics:
        branch: dict[str, object] = tree  # type: ignore[assignment]
        for step in topic.split("/"):
            branch = branch.setdefault(step, {})  # type: ignore[assignment]
    return (
        "<tev:GetEventPropertiesResponse>"
        "<tev:TopicNamespaceLocation>http://www.onvif.org/onvif/ver10/topics/topicns.xml</tev:TopicNamespaceLocation>"
        f"<wsnt:FixedTopicSet>true</wsnt:FixedTopicSet><wstop:TopicSet>{_tree(tree)}</wstop:TopicSet>"
        "<wsnt:TopicExpressionDialect>http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
        "</wsnt:TopicExpressionDialect>"
        "<tev:MessageContentFilterDialect>http://www.onvif.org/ver10/tev/messageContentFilter/ItemFilter"
        "</tev:MessageContentFilterDialect>"
        "<tev:MessageContentSchemaLocation>http://www.onvif.org/onvif/ver10/schema/onvif.xsd"
        "</tev:MessageContentSchemaLocation></tev:GetEventPropertiesResponse>"
    )


async def capabilities(device: SimulatedDevice, call: Call) -> str:
    """GetServiceCapabilities."""
    return (
        "<tev:GetServiceCapabilitiesResponse>"
        '<tev:Capabilities WSSubscriptionPolicySupport="false" WSPullPointSupport="true" MaxPullPoints="16"/>'
        "</tev:GetServiceCapabilitiesResponse>"
    )


def _tree(branches: object) -> str:
    assert isinstance(branches, dict)
    return "".join(
        f"<{name}>{_tree(below)}</{name}>" if below else f'<{name} wstop:topic="true"/>'
        for name, below in branches.items()
    )


def _point(device: SimulatedDevice, call: Call) -> PullPoint:
    point = device.events.point(call.path.rsplit("/", 1)[-1])
    if point is None:
        raise Fault("ter:InvalidArgVal/ter:NoSubscription", "There is no such subscription (any more).")
    return point


def _times(device: SimulatedDevice, seconds: float) -> str:
    now = device.now()
    return (
        f"<wsnt:CurrentTime>{moment(now)}</wsnt:CurrentTime>"
        f"<wsnt:TerminationTime>{moment(after(now, seconds))}</wsnt:TerminationTime>"
    )


OPERATIONS = {
    (EVENTS, "CreatePullPointSubscription"): create,
    (EVENTS, "PullMessages"): pull,
    (EVENTS, "SetSynchronizationPoint"): synchronise,
    (EVENTS, "GetEventProperties"): properties,
    (EVENTS, "GetServiceCapabilities"): capabilities,
    (NOTIFICATION, "Renew"): renew,
    (NOTIFICATION, "Unsubscribe"): unsubscribe,
}
