"""A hand on a head: the newest wish counts, a lost hand stops the camera, one hand at a time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from istros.base.clock import SystemClock
from istros.base.environment import Environment
from istros.base.time import SECOND, Time
from istros.devices import head_lease
from istros.devices.control import ControlServer, DeviceControl
from istros.devices.errors import DeviceError, DevicesAway, DeviceUnreachable
from istros.devices.facts import Velocity
from istros.devices.head_lease import HeadTaken
from istros.devices.steering import Steering
from istros.store import Database
from tests.devices.waiting import until


class Head:
    """Remembers its orders; slow or deaf on demand."""

    def __init__(self) -> None:
        self.orders: list[Velocity] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.deaf = 0

    async def move(self, velocity: Velocity) -> None:
        self.orders.append(velocity)
        await self.gate.wait()
        self._hear()

    async def stop(self) -> None:
        self.orders.append(Velocity())
        self._hear()

    def _hear(self) -> None:
        if self.deaf:
            self.deaf -= 1
            raise DeviceUnreachable("Camera IZ-01 does not answer.")


def test_a_hand_that_is_lost_stops_the_camera() -> None:
    async def run() -> None:
        head = Head()
        steering = Steering(SystemClock(), head, "IZ-01")
        await steering.move(Velocity(0.5))
        await until(lambda: head.orders[-1].is_rest, 3.0)
        assert set(head.orders[:-1]) == {Velocity(0.5)}
        await asyncio.sleep(0.2)
        assert head.orders[-1].is_rest and head.orders.count(Velocity()) == 1

    asyncio.run(run())


def test_orders_are_not_queued() -> None:
    async def run() -> None:
        head = Head()
        head.gate.clear()
        steering = Steering(SystemClock(), head, "IZ-01")
        moves = [asyncio.create_task(steering.move(Velocity(number / 100))) for number in range(1, 40)]
        await until(lambda: bool(head.orders))
        await asyncio.sleep(0.05)
        head.gate.set()
        await asyncio.gather(*moves)
        assert len(head.orders) <= 3, "the first, and the newest"
        assert Velocity(0.39) in head.orders
        await steering.stop()
        assert head.orders[-1].is_rest
        await steering.close()

    asyncio.run(run())


def test_a_stop_that_is_not_heard_is_said_again() -> None:
    async def run() -> None:
        head = Head()
        steering = Steering(SystemClock(), head, "IZ-01")
        await steering.move(Velocity(0, 1))
        head.deaf = 3
        await steering.stop()
        assert [order.is_rest for order in head.orders[-4:]] == [True] * 4

    asyncio.run(run())


def test_what_the_camera_refuses_reaches_the_hand() -> None:
    async def run() -> None:
        head = Head()
        steering = Steering(SystemClock(), head, "IZ-01")
        head.deaf = 1
        with pytest.raises(DeviceUnreachable):
            await steering.move(Velocity(1))
        await steering.move(Velocity(-1))
        assert head.orders[-1] == Velocity(-1) or head.orders[-1].is_rest
        await steering.close()
        assert head.orders[-1].is_rest

    asyncio.run(run())


def test_one_hand_at_a_time(database: Database) -> None:
    now = Time(1_000_000 * SECOND)
    later = Time(now + 61 * SECOND)
    take = head_lease.take

    mine = database.write_now(lambda tx: take(tx, "IZ-01", "olena", "Olena", now))
    assert (mine.holder, mine.before) == ("olena", "")
    with pytest.raises(HeadTaken, match="Olena steers camera IZ-01"):
        database.write_now(lambda tx: take(tx, "IZ-01", "ion", "Ion", now))
    database.write_now(lambda tx: take(tx, "TL-01", "ion", "Ion", now))
    over = database.write_now(lambda tx: take(tx, "IZ-01", "leader", "Vasile", now, over=True))
    assert over.before == "Olena"
    with pytest.raises(HeadTaken, match="Vasile steers camera IZ-01 and took it over from Olena"):
        database.read_now(lambda tx: head_lease.require(tx, "IZ-01", "olena", now))
    assert not database.write_now(lambda tx: head_lease.release(tx, "IZ-01", "olena", now))
    assert database.read_now(lambda tx: head_lease.holder_of(tx, "IZ-01", later)) is None
    again = database.write_now(lambda tx: take(tx, "IZ-01", "olena", "Olena", later))
    assert again.before == ""
    assert database.write_now(lambda tx: head_lease.release(tx, "IZ-01", "olena", later))
    with pytest.raises(HeadTaken, match="Nobody steers"):
        database.read_now(lambda tx: head_lease.require(tx, "IZ-01", "olena", later))


def test_moves_of_one_hand_are_one_act_and_keep_the_lease(database: Database) -> None:
    now = Time(1_000_000 * SECOND)

    def move(at: Time) -> bool:
        lease = database.read_now(lambda tx: head_lease.require(tx, "IZ-01", "olena", at))
        if not head_lease.is_due(lease, at):
            return False
        database.write_now(lambda tx: head_lease.moved(tx, lease, at))
        return True

    database.write_now(lambda tx: head_lease.take(tx, "IZ-01", "olena", "Olena", now))
    written = [move(Time(now + second * SECOND)) for second in range(180)]
    assert [second for second, due in enumerate(written) if due] == [0, 30, 60, 90, 120, 150]


def test_orders_cross_the_socket_and_errors_keep_their_words(tmp_path: Path, environment: Environment) -> None:
    async def run() -> None:
        heard = []

        async def obey(order: object) -> dict[str, object]:
            heard.append(order)
            if len(heard) == 2:
                raise DeviceUnreachable("Camera IZ-01 is away.", "Wait.")
            return {}

        control = DeviceControl(tmp_path / "run" / "devices.sock")
        with pytest.raises(DevicesAway):
            await control.stop("IZ-01")
        server = ControlServer(tmp_path / "run" / "devices.sock", obey)
        await server.start()
        assert (tmp_path / "run" / "devices.sock").stat().st_mode & 0o777 == 0o600
        await control.move("IZ-01", Velocity(0.5, 0, -1))
        assert heard == [{"camera": "IZ-01", "do": "move", "pan": 0.5, "tilt": 0, "zoom": -1}]
        with pytest.raises(DeviceError) as told:
            await control.stop("IZ-01")
        assert (told.value.code, str(told.value)) == ("device-unreachable", "Camera IZ-01 is away. Wait.")
        await server.close()

    asyncio.run(run())
