"""The analyser process: packets from the relay, plate reads and motion into the database."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

from istros.app.clearances import FollowedClearances
from istros.app.leaves import Leaves
from istros.app.models import models_of
from istros.app.people_analysis import PeopleOffice
from istros.app.process import run_process
from istros.app.wiring import cameras_of, face_keys, open_node_database
from istros.app.zones import DrawnZones
from istros.base.environment import Environment, real_environment
from istros.base.plate_text import fold_read
from istros.devices.camera import StreamKey
from istros.events.analysis_pauses import AnalysisPauses
from istros.events.picture_states import PictureStates
from istros.recognition.analyser import Analyser, AnalysisPolicy
from istros.recognition.motion_watch import LOOK_EVERY_S, MotionChange, MotionWatch
from istros.recognition.observation import PlateRead, VehicleSeen
from istros.recognition.own_detector import detector_of
from istros.settings import Settings
from istros.store.plate_spots import PlateSpotRow
from istros.store.rows import AnalyserStateRow, PlateReadRow
from istros.store.signals import SignalRow, SignalState
from istros.store.vehicles import VehicleRow
from istros.video.packet import Packet
from istros.video.relay import read_relay

RELAY_RING = 300
"""Packets a stream that the analyser may be behind before the relay drops: about ten seconds of one camera."""

PATIENCE_S = 0.2
"""How much later than it could a packet may come: an alarm has seconds, and packets by the handful are cheaper."""

NICENESS = 5
"""Looking gives way to recording and showing wherever the cores do not suffice for all."""


def run(settings: Settings) -> None:
    """Analyse until told to stop."""
    os.nice(NICENESS)

    async def main(stop: asyncio.Event) -> None:
        environment = real_environment()
        database = open_node_database(settings, environment)

        def read_stream(keys: tuple[StreamKey, ...]) -> AsyncIterator[Packet]:
            return read_relay(settings.relay_path, keys, ring_size=RELAY_RING, patience_s=PATIENCE_S)

        def read_patiently(keys: tuple[StreamKey, ...]) -> AsyncIterator[Packet]:
            return read_relay(settings.relay_path, keys, ring_size=RELAY_RING, patience_s=LOOK_EVERY_S)

        async def emit(read: PlateRead) -> None:
            await database.write(lambda tx: tx.reads.add(row_of(read)))

        async def report(states: list[AnalyserStateRow]) -> None:
            await database.write(lambda tx: tx.analysers.put(states))

        async def keep_spots(rows: list[PlateSpotRow]) -> None:
            if rows:
                await database.write(lambda tx: tx.plate_spots.add(rows))

        async def keep_vehicles(passages: list[VehicleSeen]) -> None:
            if passages:
                await database.write(lambda tx: tx.vehicles.add([vehicle_row_of(each) for each in passages]))

        async def tell_motion(changes: list[MotionChange]) -> None:
            rows = [_motion_signal(environment, change) for change in changes]
            await database.write(lambda tx: tx.signals.add(rows))

        policy = AnalysisPolicy(frames_per_second=settings.analysis.frames_per_second)
        cameras = cameras_of(settings)
        watched = [camera for camera in cameras if camera.analysis == "motion"]
        looked_at = [camera for camera in cameras if camera.analysis == "full"]
        pictures = PictureStates(environment, database, [*watched, *looked_at], settings.health)
        try:
            await pictures.open()
            eyes: list[MotionWatch | Analyser] = []
            people = PeopleOffice(environment, database, face_keys(settings, environment), models_of(settings))
            if watched:
                eyes.append(MotionWatch(environment, watched, read_patiently, tell_motion, report, pictures))
            if looked_at or not watched:
                detector = detector_of(settings.analysis.detector, settings.analysis.runtime)
                analyser = Analyser(
                    environment, looked_at, read_stream, emit, report, policy, pictures, keep_spots, detector,
                    keep_vehicles, people.desk,
                )  # fmt: skip
                eyes.append(analyser)
            leaves = Leaves()
            leaves.hand_to([eye for eye in eyes if isinstance(eye, Analyser)])
            clearances = FollowedClearances(environment, database, cameras, leaves.use_clearances)
            pauses = AnalysisPauses(environment, database, [*watched, *looked_at], pictures, leaves.use_pauses)
            await clearances.take_over()
            await pauses.look()
            zones = DrawnZones(environment, database, cameras, [eye.use_zones for eye in eyes])
            await zones.take_over()  # before the first look: what is ignored is never looked at
            async with asyncio.TaskGroup() as group:
                for part in (pictures, pauses, clearances, zones, people, *eyes):
                    group.create_task(part.run(stop))
            await pictures.close()
        finally:
            database.close()

    run_process("analyser", settings.data, main)


def _motion_signal(environment: Environment, change: MotionChange) -> SignalRow:
    state: SignalState = "on" if change.moving else "off"
    now = environment.clock.now()
    return SignalRow(0, environment.ids.new(), change.camera_id, "picture", "motion", state, change.time, now)


def row_of(read: PlateRead) -> PlateReadRow:
    """The observation as the store keeps it."""
    return PlateReadRow(
        id=read.id,
        camera_id=read.camera_id,
        time=read.time,
        track_id=read.track_id,
        text=read.best.text,
        folded=fold_read(read.best.text),
        country=read.best.country,
        confidence=read.best.confidence,
        alternatives=tuple((other.text, other.confidence) for other in read.alternatives),
        plate_box=read.plate_box.sides,
        vehicle_box=None if read.vehicle_box is None else read.vehicle_box.sides,
        vehicle_class=read.vehicle_class,
        frames_read=read.frames_read,
        plate_width_px=read.plate_width_px,
        first_seen=read.first_seen,
        last_seen=read.last_seen,
        direction=read.direction,
        heading=read.heading,
        vehicle_colour=read.vehicle_colour,
        crop_jpeg=read.crop_jpeg,
    )


def vehicle_row_of(passage: VehicleSeen) -> VehicleRow:
    """The passage as the store keeps it."""
    return VehicleRow(
        id=passage.id,
        camera_id=passage.camera_id,
        track_id=passage.track_id,
        first_seen=passage.first_seen,
        last_seen=passage.last_seen,
        vehicle_class=passage.vehicle_class,
        class_confidence=passage.class_confidence,
        colour=passage.colour,
        direction=passage.direction,
        heading=passage.heading,
        stood_s=passage.stood_s,
        box=passage.box.sides,
        box_time=passage.box_time,
    )
