"""One camera as a device: met, known, measured, listened to, steered. No error leaves it; it always comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

import structlog

from istros.base.environment import Environment
from istros.base.errors import IstrosError
from istros.base.retry import Backoff
from istros.base.said import NOTHING, Said, say
from istros.base.time import SECOND
from istros.devices.camera import Camera
from istros.devices.errors import DeviceError, DeviceFault, DeviceRefusedPassword, DeviceUnreachable, NotOffered
from istros.devices.facts import ProfileFacts, Velocity
from istros.devices.held_masks import MaskKeeper
from istros.devices.onvif.device import OnvifDevice, main_and_sub
from istros.devices.onvif.events import PullPoint
from istros.devices.onvif.head import OnvifHead
from istros.devices.onvif.signals import SignalReader
from istros.devices.onvif.soap import Service
from istros.devices.steering import Steering
from istros.store import Database
from istros.store.devices import DeviceRow, FoundStreamRow
from istros.store.rows import StreamName
from istros.store.signals import SignalRow

CLOCK_EVERY_S = 30.0
OFF_US, RIGHT_US = 2 * SECOND, SECOND
"""A clock that is further off than the first is wrong, and right again within the second (hysteresis)."""

REFUSED_S = 300.0
"""Cameras lock an account after a few wrong passwords: after a refusal nothing is tried for so long."""

REPORT_S = 5.0
MISSED_MOST = 3
"""Clock questions in a row that a camera may leave unanswered before it counts as gone."""

log = structlog.get_logger("istros.devices")


class DeviceWatch:
    """Owns all ONVIF conversations with one camera."""

    def __init__(self, environment: Environment, database: Database, camera: Camera) -> None:
        assert camera.onvif is not None
        self._environment = environment
        self._database = database
        self._camera = camera
        self._address = camera.onvif
        self._name = f"Camera {camera.id}"
        self._signals = SignalReader(camera.id)
        self._masks = MaskKeeper(environment, database, camera)
        self._device: OnvifDevice | None = None
        self._head: OnvifHead | None = None
        self._steering: Steering | None = None
        self._profiles: list[ProfileFacts] = []
        self._clock_wrong: bool | None = None
        now = environment.clock.now()
        self.row = DeviceRow(
            camera.id,
            now,
            "starting",
            now,
            NOTHING,
            "",
            "",
            "",
            "",
            None,
            None,
            steers=False,
            events="none",
            keeps=False,
        )

    @property
    def device(self) -> OnvifDevice | None:
        """The conversation, while the camera is there."""
        return self._device

    @property
    def camera(self) -> Camera:
        """The camera as it is configured."""
        return self._camera

    async def run(self) -> None:
        """Until cancelled."""
        backoff = Backoff(self._environment.random, 1.0, 30.0)
        while True:
            wait_s = await self._once(backoff)
            await self._environment.clock.sleep(wait_s)

    async def _once(self, backoff: Backoff) -> float:
        """One acquaintance, from meeting to losing; how long to wait before the next."""
        try:
            await self._session(backoff)
        except DeviceRefusedPassword as error:
            await self._gone("refused", error.said)
            return REFUSED_S * (0.9 + 0.2 * self._environment.random.random())
        except IstrosError as error:
            await self._gone("offline", error.said)
        except Exception as error:
            log.exception("device-failed", camera=self._camera.id)
            fault = type(error).__name__
            sentence = f"{self._name}: {fault} while ONVIF was spoken."
            await self._gone("offline", say("device-failed", sentence, camera=self._camera.id, fault=fault))
        finally:
            await self._hang_up()
        return backoff.next_s()

    async def _session(self, backoff: Backoff) -> None:
        device = OnvifDevice(self._environment, self._address, self._name)
        try:
            await device.connect()
            await self._meet(device)
        except BaseException:
            await device.close()
            raise
        self._device = device
        backoff.reset()
        tasks = [asyncio.create_task(self._keep_clock(device))]
        if device.soap.offers(Service.EVENTS):
            tasks.append(asyncio.create_task(self._listen(device)))
        sources = dict.fromkeys(each.source for each in main_and_sub(self._profiles) if each is not None)
        tasks.append(asyncio.create_task(self._masks.run(device, tuple(sources))))
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # Neither ends but by an error: it is this session's.
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _meet(self, device: OnvifDevice) -> None:
        who = await device.information()
        self._profiles = await device.profiles() if device.soap.offers(Service.MEDIA) else []
        await self._keep_found()
        await self._learn_head(device)
        rows = await self._database.read(lambda tx: tx.signals.latest(self._camera.id))
        self._signals.restore(rows)
        self._restore_clock(rows)
        self._change(
            status="online", problem=NOTHING, manufacturer=who.manufacturer, model=who.model, firmware=who.firmware,
            serial=who.serial, steers=self._head is not None,
            keeps=device.soap.offers(Service.SEARCH) and device.soap.offers(Service.REPLAY),
        )  # fmt: skip
        await self._report()

    async def _keep_found(self) -> None:
        """Tell the recorder where the streams are that the configuration leaves out."""
        now = self._environment.clock.now()
        main, sub = main_and_sub(self._profiles)
        both: tuple[tuple[StreamName, ProfileFacts | None], ...] = (("main", main), ("sub", sub))
        rows = [
            FoundStreamRow(
                self._camera.id, name, found.url, found.token, found.codec, found.width, found.height, found.fps, now
            )
            for name, found in both
            if found is not None
        ]
        await self._database.write(lambda tx: tx.devices.put_found(rows))

    async def _learn_head(self, device: OnvifDevice) -> None:
        profile = next((each for each in self._profiles if each.steers), None)
        self._head = self._steering = None
        if profile is None or not device.soap.offers(Service.PTZ):
            return
        head = OnvifHead(device, profile.token)
        with suppress(DeviceFault, NotOffered):
            await head.learn()
            self._head = head
            self._steering = Steering(self._environment.clock, head, self._camera.id)

    # The clock.

    async def _keep_clock(self, device: OnvifDevice) -> None:
        missed = 0
        while True:
            try:
                await self._look_at_clock(device)
                missed = 0
            except DeviceUnreachable:
                missed += 1
                if missed >= MISSED_MOST:
                    raise
            deadline = self._environment.clock.elapsed() + CLOCK_EVERY_S
            while self._environment.clock.elapsed() < deadline:
                await self._report()
                await self._environment.clock.sleep(REPORT_S)

    async def _look_at_clock(self, device: OnvifDevice) -> None:
        offset = await device.measure_clock()
        if offset is None:
            return
        if self._camera.sets_clock and abs(offset.offset_us) - offset.doubt_us > OFF_US:
            was = offset.seconds
            offset = await device.set_clock() or offset
            log.info("a camera's clock was set", camera=self._camera.id, was_s=round(was, 1))
        self._change(
            clock_offset_ms=round(offset.offset_us / 1000), clock_doubt_ms=round(offset.doubt_us / 1000)
        )  # fmt: skip
        await self._tell_clock(offset.offset_us, offset.doubt_us)

    async def _tell_clock(self, offset_us: int, doubt_us: int) -> None:
        off = abs(offset_us)
        wrong = off - doubt_us > OFF_US or (self._clock_wrong is True and off > RIGHT_US)
        known, self._clock_wrong = self._clock_wrong, wrong
        if wrong == (known or False):
            return
        now = self._environment.clock.now()
        signal = SignalRow(
            0, self._environment.ids.new(), self._camera.id, "onvif", "clock", "on" if wrong else "off", now, now,
            "onvif", f'{{"offset_ms":{round(offset_us / 1000)}}}',
        )  # fmt: skip
        await self._database.write(lambda tx: tx.signals.add([signal]))

    def _restore_clock(self, rows: list[SignalRow]) -> None:
        last = next((row for row in rows if (row.kind, row.subject) == ("clock", "onvif")), None)
        self._clock_wrong = None if last is None else last.state == "on"

    # Events.

    async def _listen(self, device: OnvifDevice) -> None:
        backoff = Backoff(self._environment.random, 1.0, 30.0)
        while True:
            point = PullPoint(device, self._environment.clock)
            try:
                await point.subscribe()
                self._change(events="pulling")
                async for notices in point.notices():
                    backoff.reset()
                    await self._keep(device, notices)
            except DeviceRefusedPassword:
                raise
            except DeviceError as error:
                self._change(events="lost")
                log.warning("events-lost", camera=self._camera.id, problem=error.message)
                await device.measure_clock()  # A camera that does not answer this either is gone, not only its events.
            finally:
                await point.end()
            await self._environment.clock.sleep(backoff.next_s())

    async def _keep(self, device: OnvifDevice, notices: list[Any]) -> None:
        now = self._environment.clock.now()
        ahead = device.clock.offset_us if device.clock is not None else 0
        rows = [row for each in notices if (row := self._signals.read(each, now, ahead)) is not None]
        if rows:
            await self._database.write(lambda tx: tx.signals.add(rows))

    # The state.

    def _change(self, **facts: Any) -> None:
        now = self._environment.clock.now()
        since = now if facts.get("status", self.row.status) != self.row.status else self.row.since
        self.row = replace(self.row, **facts, since=since)

    async def _report(self) -> None:
        self.row = replace(self.row, updated=self._environment.clock.now())
        row = self.row
        await self._database.write(lambda tx: tx.devices.put([row]))

    async def _gone(self, status: str, problem: Said) -> None:
        if self.row.status != status:
            log.warning("device-gone", camera=self._camera.id, problem=problem.text)
        self._change(status=status, problem=problem, events="none")
        try:
            await self._report()
        except IstrosError as error:
            log.error("device-not-reported", camera=self._camera.id, problem=error.message)

    async def _hang_up(self) -> None:
        steering, device = self._steering, self._device
        self._device = self._head = self._steering = None
        if steering is not None:
            with suppress(IstrosError):
                await steering.close()
        if device is not None:
            await device.close()

    # Orders.

    async def obey(self, do: str, order: Mapping[str, Any]) -> Mapping[str, Any]:
        """Carry out an order for the head. Raises a DeviceError."""
        head, steering = self._ready()
        match do:
            case "head":
                return asdict(await head.facts())
            case "move":
                await steering.move(Velocity(*(_share(order[axis]) for axis in ("pan", "tilt", "zoom"))))
            case "stop":
                await steering.stop()
            case "go":
                await steering.rest()
                await head.go_to(str(order["preset"]))
            case "home":
                await steering.rest()
                await head.go_home()
            case "keep":
                return {"token": await head.keep(str(order["name"])), "name": str(order["name"])}
            case "forget":
                await head.forget(str(order["preset"]))
            case _:
                sentence = f"{self._name} knows no order '{do}'."
                raise DeviceFault(say("device-refused", sentence, camera=self._camera.id, answer=do))
        return {}

    def _ready(self) -> tuple[OnvifHead, Steering]:
        if self._head is None or self._steering is None:
            if self.row.status == "online":
                sentence = f"{self._name} has no head that could be steered."
                raise NotOffered(say("device-no-head", sentence, camera=self._camera.id))
            sentence = f"{self._name} has not been reached by ONVIF yet."
            not_yet = say("device-not-yet", sentence, camera=self._camera.id)
            raise DeviceUnreachable(self.row.problem or not_yet, "Try again in a moment.")
        return self._head, self._steering


def _share(value: Any) -> float:
    return max(-1.0, min(1.0, float(value)))
