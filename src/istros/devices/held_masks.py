"""Privacy masks that a camera holds itself, beside the node's own painting (rule L19, docs/design/0038).

What people decided reaches the camera: a new mask goes in before an old one goes out, and one that shrinks was agreed to
by two before it is in force. What the camera shows is looked at again and again; a mask that it lost or changed is put
back and told of. Masks that somebody drew in the camera's own page are left as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from istros.base.environment import Environment
from istros.base.said import NOTHING, Said, say
from istros.base.time import Time
from istros.compliance import audit
from istros.devices.camera import Camera, Zone
from istros.devices.errors import DeviceError, DeviceFault, DeviceRefusedPassword
from istros.devices.masks import Masks, masks_in_camera
from istros.devices.onvif.device import OnvifDevice
from istros.devices.onvif.masks import CameraMask, MaskOptions, OnvifMasks
from istros.devices.polygon import bounds, holds
from istros.store import Database, Transaction
from istros.store.devices import HeldMask, HeldMasksRow
from istros.store.signals import SignalRow

LOOK_EVERY_S = 60.0
"""How often the camera is asked what it holds."""

CHANGE_EVERY_S = 5.0
"""How often it is looked whether people decided something else."""

SNAP = 0.01
"""Cameras move corners to blocks of pixels: a mask still holds what it should when it is off by this share of the picture."""

ACTION = "cameras.hold-masks"
LOST = "mask-lost"
"""The kind of signal that a camera no longer hides what it was told to."""


def fitted(masks: Masks, options: MaskOptions) -> Masks:
    """The masks in shapes that the camera takes: each as it is or the rectangle round it, never less."""
    return tuple(
        dict.fromkeys(
            bounds(mask) if options.only_rectangles or len(mask) > options.most_corners else mask for mask in masks
        )
    )


@dataclass(slots=True)
class _Look:
    """One picture of the camera: what is to be hidden in it, what the node put there, what the camera shows."""

    source: str
    wanted: Masks
    put: list[HeldMask]
    shown: dict[str, CameraMask]

    def stands(self, mask: HeldMask) -> bool:
        """Whether the camera shows that it still hides what it was told to."""
        shown = self.shown.get(mask.token)
        return shown is not None and shown.hides and holds(shown.zone, mask.zone, SNAP)

    @property
    def lost(self) -> list[HeldMask]:
        """What the camera is to hide, was told to, and does not."""
        return [mask for mask in self.put if mask.zone in self.wanted and not self.stands(mask)]

    @property
    def held(self) -> int:
        """How many of the wanted masks the camera shows."""
        standing = {mask.zone for mask in self.put if self.stands(mask)}
        return sum(zone in standing for zone in self.wanted)


class MaskKeeper:
    """Keeps the masks of one camera in the camera."""

    def __init__(self, environment: Environment, database: Database, camera: Camera) -> None:
        self._environment = environment
        self._database = database
        self._camera = camera
        self._row = self._written = HeldMasksRow(camera.id)

    async def run(self, device: OnvifDevice, sources: Sequence[str]) -> None:
        """Until cancelled, or until the camera refuses the account."""
        clock, known, looked = self._environment.clock, None, 0.0
        masks = OnvifMasks(device)
        self._row = self._written = await self._database.read(self._kept)
        while True:
            wanted = await self._database.read(self._wanted)
            is_due = clock.elapsed() - looked >= LOOK_EVERY_S and bool(wanted or self._row.tokens)
            if wanted != known or is_due:
                await self._look(masks, sources, wanted)
                known, looked = wanted, clock.elapsed()
            await clock.sleep(CHANGE_EVERY_S)

    async def _look(self, masks: OnvifMasks, sources: Sequence[str], wanted: Masks) -> None:
        try:
            problem = await self._bring(masks, sources, wanted)
            self._note(problem=problem, checked=self._environment.clock.now())
        except DeviceRefusedPassword:
            raise
        except DeviceError as error:
            # What it was last seen to hold stays, under the time of that look.
            self._note(problem=error.said if wanted or self._row.tokens else NOTHING)
        await self._write()

    async def _bring(self, masks: OnvifMasks, sources: Sequence[str], wanted: Masks) -> Said:
        """Have the camera hold what is wanted, and nothing else of what the node put there."""
        options = await self._learn(masks, sources)
        if options is None or not options.opaque:
            return await self._cannot(options, wanted)
        zones = fitted(wanted, options)
        elsewhere = [mask for mask in self._row.put if mask.source not in sources]
        await self._lost(len(elsewhere) if zones else 0)
        await self._remember([mask for mask in self._row.put if mask not in elsewhere])
        held = placed = 0
        for source in sources if zones or self._row.tokens else ():
            look = await self._seen(masks, source, zones)
            await self._lost(len(look.lost))
            await self._mend(masks, look, options.most_masks)
            seen = await self._seen(masks, source, zones)
            held, placed = held + seen.held, placed + len(seen.put)
        self._note(wanted=len(zones) * len(sources), held=held)
        if held < self._row.wanted:
            return self._short(placed < self._row.wanted, options.most_masks)
        await self._tell(0)
        return NOTHING

    async def _cannot(self, options: MaskOptions | None, wanted: Masks) -> Said:
        if not wanted:
            await self._remember([])
            await self._tell(0)
        await self._lost(len(self._row.tokens))
        self._note(wanted=len(wanted), held=0)
        return self._unable(options) if wanted else NOTHING

    async def _learn(self, masks: OnvifMasks, sources: Sequence[str]) -> MaskOptions | None:
        """What each of its pictures can hold: the least of it.

        A camera that does not tell is taken at its last word, for not telling it has lost nothing: what it shows says that.
        DeviceFault where it never said any and has masks of ours.
        """
        try:
            found = [await masks.options(source) for source in sources]
        except DeviceFault:
            if self._row.most_masks:
                return MaskOptions(self._row.most_masks, self._row.most_corners or 0, self._row.only_rectangles, True)
            if self._row.tokens:
                raise
            found = []
        known = [each for each in found if each is not None]
        if not known or len(known) < len(found):
            self._note(most_masks=0)
            return None
        least = MaskOptions(
            min(each.most_masks for each in known), min(each.most_corners for each in known),
            any(each.only_rectangles for each in known), all(each.opaque for each in known),
        )  # fmt: skip
        self._note(
            most_masks=least.most_masks if least.opaque else 0, most_corners=least.most_corners,
            only_rectangles=least.only_rectangles,
        )  # fmt: skip
        return least

    async def _seen(self, masks: OnvifMasks, source: str, wanted: Masks) -> _Look:
        shown = {mask.token: mask for mask in await masks.all(source)}
        return _Look(source, wanted, [mask for mask in self._row.put if mask.source == source], shown)

    async def _mend(self, masks: OnvifMasks, look: _Look, most: int) -> None:
        """New ones first, then what changes, then what goes: in between the camera hides more, never less."""
        by_zone = {mask.zone: mask for mask in look.put if mask.token in look.shown}
        spare = [mask for mask in look.put if mask.token in look.shown and mask.zone not in look.wanted]
        put = [mask for mask in by_zone.values() if mask.zone in look.wanted]
        others = [mask for mask in self._row.put if mask.source != look.source]
        room = most - len(look.shown)
        for zone in look.wanted:
            mask = by_zone.get(zone)
            if mask is not None:
                if not look.stands(mask):
                    await masks.set(mask.token, look.source, zone)
                continue
            left = _left_behind(look, zone, {each.token for each in self._row.put})
            if left is not None:
                token = left
            elif room > 0:
                token, room = await masks.create(look.source, zone), room - 1
            elif spare:
                token = spare.pop().token
                await masks.set(token, look.source, zone)
            else:
                continue
            put.append(HeldMask(token, look.source, zone))
            await self._remember([*others, *put, *spare])
        for mask in spare:
            await masks.delete(mask.token)
        await self._remember([*others, *put])

    async def _remember(self, put: Sequence[HeldMask]) -> None:
        """Written down at once and on the record: a token that is lost is a mask that nobody can take away."""
        before, now = self._row.put, tuple(put)
        if set(before) == set(now):
            return
        self._note(tokens=tuple((mask.token, mask.source, mask.zone) for mask in now))
        row = self._written = self._row
        detail = {"before": [mask.zone for mask in before], "after": [mask.zone for mask in now]}

        def write(tx: Transaction) -> None:
            tx.devices.put_held_masks(row)
            audit.append(
                tx, self._environment, actor="istros", origin="devices", action=ACTION, subject=row.camera_id, detail=detail
            )  # fmt: skip

        await self._database.write(write)

    # What is known and told.

    def _wanted(self, tx: Transaction) -> Masks:
        return masks_in_camera(tx.camera_zones.in_force(self._camera.id), self._camera.private_zone)

    def _kept(self, tx: Transaction) -> HeldMasksRow:
        return tx.devices.held_masks(self._camera.id) or HeldMasksRow(self._camera.id)

    def _note(self, **facts: Any) -> None:
        self._row = replace(self._row, **facts)

    async def _write(self) -> None:
        if self._row != self._written:
            row = self._row
            await self._database.write(lambda tx: tx.devices.put_held_masks(row))
            self._written = row

    async def _lost(self, masks: int) -> None:
        if masks:
            await self._tell(masks)

    async def _tell(self, lost: int) -> None:
        """A signal when the camera does not hide what it did, and one when it holds all of its masks again."""
        rows = await self._database.read(lambda tx: tx.signals.latest(self._camera.id))
        last = next((row.state for row in rows if (row.kind, row.source) == (LOST, "onvif")), "off")
        if last != ("on" if lost else "off"):
            signal = self._signal(self._environment.clock.now(), lost)
            await self._database.write(lambda tx: tx.signals.add([signal]))

    def _signal(self, now: Time, lost: int) -> SignalRow:
        return SignalRow(
            0, self._environment.ids.new(), self._camera.id, "onvif", LOST, "on" if lost else "off", now, now,
            detail=f'{{"masks":{lost}}}',
        )  # fmt: skip

    def _unable(self, options: MaskOptions | None) -> Said:
        camera = self._camera.id
        if options is None:
            return say(
                "camera-masks-none",
                f"Camera {camera} cannot hold privacy masks itself. The node alone paints them.",
                camera=camera,
            )
        return say(
            "camera-masks-undone", f"Camera {camera} only blurs what it masks, which can be undone. The node alone paints the masks.",
            camera=camera,
        )  # fmt: skip

    def _short(self, is_full: bool, most: int) -> Said:
        camera = self._camera.id
        if is_full:
            return say(
                "camera-masks-full", f"Camera {camera} has no room for all masks: it can hold {most}, its own among them."
                " The node alone paints the others. Join masks, or take out those that were drawn in the camera's own page.",
                camera=camera, most=most,
            )  # fmt: skip
        return say(
            "camera-masks-other", f"Camera {camera} took its masks but hides less than they say. The node paints them all"
            " the same; look at the masks in the camera's own page.", camera=camera,
        )  # fmt: skip


def _left_behind(look: _Look, zone: Zone, known: set[str]) -> str | None:
    """A mask of just that shape whose token was not kept: the node was stopped between making it and writing it down."""
    for mask in look.shown.values():
        if mask.token not in known and mask.hides and len(mask.zone) == len(zone):
            pairs = zip(mask.zone, zone, strict=True)
            if all(abs(x - at) < _SAME and abs(y - down) < _SAME for (x, y), (at, down) in pairs):
                return mask.token
    return None


_SAME = 1e-4
