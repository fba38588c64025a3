"""Which of the things that fell have one cause: a switch, a subnet, the line to all of them. Pure, so that it can be tested."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from istros.base.time import SECOND, Time
from istros.devices.camera import Camera
from istros.settings import HealthSettings

SEVERAL = ""
"""The network of things whose common cause lies beyond one network."""

MANY = 5
"""So many that fall together over several networks have a common cause, whatever it is."""


@dataclass(frozen=True, slots=True)
class Fallen:
    """A cause, where it hangs, and since when it lasts."""

    thing: tuple[str, str, str]
    network: str
    since: Time

    @property
    def camera_id(self) -> str:
        """Whose it is."""
        return self.thing[0]


@dataclass(frozen=True, slots=True)
class Together:
    """Things that fell together, and the network that they have in common (`SEVERAL`: none)."""

    network: str
    members: tuple[Fallen, ...]


def network_of(camera: Camera) -> str:
    """Where a camera hangs: as somebody said, else the subnet of its address (/24, or /64 of IPv6), else its host."""
    if camera.network:
        return camera.network
    host = urlsplit(str(camera.streams[0].url)).hostname if camera.streams else None
    if not host:
        return camera.id
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 64), strict=False))


def find_together(
    fallen: Sequence[Fallen], sizes: Mapping[str, int], rule: HealthSettings
) -> tuple[list[Together], list[Fallen]]:
    """Groups with a common cause, and those that fell alone. `sizes` tells how many cameras each network has."""
    groups: list[Together] = []
    alone: list[Fallen] = []
    for cluster in _clusters(fallen, round(rule.together_s * SECOND)):
        cameras = Counter(network for network, _ in {(each.network, each.camera_id) for each in cluster})
        down = {name for name, count in cameras.items() if count >= min(rule.together, max(2, sizes.get(name, 0)))}
        strays = sum(count for name, count in cameras.items() if name not in down)
        if len(down) > 1 or strays >= max(MANY, rule.together):
            groups.append(Together(SEVERAL, tuple(cluster)))
            continue
        members = tuple(each for each in cluster if each.network in down)
        groups += [Together(name, members) for name in down]
        alone += [each for each in cluster if each.network not in down]
    return groups, alone


def _clusters(fallen: Iterable[Fallen], within: int) -> list[list[Fallen]]:
    """In order of time, cut where nothing fell for longer than that."""
    clusters: list[list[Fallen]] = []
    for each in sorted(fallen, key=lambda one: (one.since, one.thing)):
        if clusters and each.since - clusters[-1][-1].since <= within:
            clusters[-1].append(each)
        else:
            clusters.append([each])
    return clusters
