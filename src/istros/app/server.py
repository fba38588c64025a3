"""The server process: rules, alarms, screens."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import AsyncGenerator

import structlog

from istros.api.node import Identity, Node
from istros.api.proxies import TrustedProxies
from istros.api.server import serve_api
from istros.api.tls import TlsPlan
from istros.app.assessment_watch import AssessmentWatch
from istros.app.checking import authorities_of
from istros.app.directories import directories_of
from istros.app.duties import watch_duties
from istros.app.exports import export_place
from istros.app.forgetting import forget_reads
from istros.app.models import models_of
from istros.app.process import run_process
from istros.app.redaction import open_finder
from istros.app.releases import ReleaseWatch, connect_parts
from istros.app.wiring import (
    access_of,
    archive_of,
    cameras_of,
    face_keys,
    open_node_database,
    policy_of,
    sign_in_rules,
)
from istros.base.environment import Environment, real_environment
from istros.base.sealing import load_or_make_seal
from istros.base.signing import SigningKey, load_or_make
from istros.compliance.access_index import AccessIndexer
from istros.compliance.accounts import Accounts
from istros.compliance.camera_owners import record_owners
from istros.compliance.divided import has_no_officer
from istros.compliance.heads import HeadSigner
from istros.compliance.key_uses import KeyUses
from istros.compliance.models_record import record_models
from istros.compliance.policy_record import record_policy
from istros.compliance.transfers import Sending
from istros.devices.camera import StreamKey
from istros.devices.control import DeviceControl
from istros.events.breach_clock import BreachClock
from istros.events.escalation import Escalation
from istros.events.face_gallery import FaceGallery
from istros.events.face_judging import FaceJudge
from istros.events.health_watch import HealthWatch
from istros.events.judging import Judge
from istros.events.signal_rules import SignalRules
from istros.recording.chain import KEY_NAME, ChainSigner
from istros.recording.playback import Playback
from istros.settings import Settings
from istros.store import Database
from istros.video.live import LiveHub
from istros.video.masked import MaskedStreams, MaskWatch, Painters
from istros.video.masked_views import MaskedViews
from istros.video.packet import Packet
from istros.video.relay import read_relay

log = structlog.get_logger("istros.server")


def run(settings: Settings) -> None:
    """Serve until told to stop."""

    async def main(stop: asyncio.Event) -> None:
        environment = real_environment()
        database = open_node_database(settings, environment)
        key = load_or_make(settings.data / "keys", KEY_NAME)
        by = getpass.getuser()
        gallery = FaceGallery(environment, database, face_keys(settings, environment))
        painters = Painters(settings.relay_path)
        node = _node(settings, environment, database, key, gallery, painters)
        await database.write(lambda tx: record_policy(tx, environment, node.access, by=by))
        await database.write(lambda tx: record_owners(tx, environment, node.owners, by=by))
        await database.write(lambda tx: record_models(tx, environment, models_of(settings), by=by))
        connect_parts()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(ChainSigner(environment, database, key).run(stop), name="ChainSigner")
                group.create_task(AccessIndexer(environment, database, node.owners).run(stop), name="AccessIndexer")
                group.create_task(KeyUses(environment, database).run(stop), name="KeyUses")
                heads = HeadSigner(environment, database, key, authorities_of(settings))
                group.create_task(heads.run(stop), name="HeadSigner")
                for part in (
                    Judge(environment, database),
                    Escalation(environment, database),
                    HealthWatch(environment, database, node.cameras, settings.health, node.authorities),
                    SignalRules(environment, database, settings),
                    ReleaseWatch(environment, database, node.cameras, training=settings.node.simulated),
                    AssessmentWatch(environment, database, node.cameras),
                    gallery,
                    node.masks,
                    FaceJudge(environment, database),
                    BreachClock(environment, database),
                ):
                    group.create_task(part.run(stop), name=type(part).__name__)
                group.create_task(forget_reads(environment, database, settings.analysis.reads_kept_days, stop))
                group.create_task(watch_duties(environment, database, stop), name="duties")
                where = settings.server
                _warn_of_the_clear(settings)
                await _warn_of_no_officer(settings, database)
                await serve_api(node, where.host, where.port, stop, on_listening=_listening, tls=tls_of(settings))
                stop.set()
        finally:
            await node.live.close()
            await painters.close()
            database.close()

    run_process("server", settings.data, main)


def tls_of(settings: Settings) -> TlsPlan | None:
    """The certificate's files, where the node serves by TLS itself."""
    tls = settings.server.tls
    return None if tls is None else TlsPlan(tls.certificate, tls.key, tls.redirect_port)


def _warn_of_the_clear(settings: Settings) -> None:
    where = settings.server
    if where.tls is None and not where.secure_cookies and where.host not in ("127.0.0.1", "::1", "localhost"):
        log.warning("the screens are served without TLS: passwords and pictures travel in the clear", host=where.host)


async def _warn_of_no_officer(settings: Settings, database: Database) -> None:
    name = settings.node.organisation
    if await database.read(lambda tx: has_no_officer(tx, name)):
        log.warning("no data-protection officer works for node.organisation: officers of others see all", name=name)


def _listening(port: int) -> None:
    log.info("the screens are served", port=port)


def _node(
    settings: Settings, environment: Environment, database: Database, key: SigningKey, gallery: FaceGallery,
    painters: Painters,
) -> Node:  # fmt: skip
    def naked(key: StreamKey) -> AsyncGenerator[Packet, None]:
        return read_relay(settings.relay_path, (key,))

    cameras = cameras_of(settings)
    masks = MaskWatch(environment, database, cameras, begin=painters.begin)
    hub = LiveHub(environment, MaskedStreams(masks, naked, painters.read).read)
    seal = load_or_make_seal(settings.data / "keys")
    return Node(
        environment=environment,
        database=database,
        cameras=cameras,
        playback=Playback(database, archive_of(settings), cameras),
        live=MaskedViews(environment.clock, hub, masks),
        masks=masks,
        accounts=Accounts(environment, database, rules=sign_in_rules(settings), key=seal),
        directories=directories_of(settings, environment, seal),
        identity=Identity(
            settings.node.name, settings.node.organisation, settings.node.town, training=settings.node.simulated
        ),
        cookie_secure=settings.server.secure_cookies or settings.server.tls is not None,
        devices=DeviceControl(settings.devices_path),
        exports=export_place(settings) if settings.export.enabled else None,
        open_finder=open_finder,
        keeping=policy_of(settings).keeping,
        sending=Sending(settings.node.home, settings.node.regime),
        access=access_of(settings),
        signing_key=key,
        address=settings.server.address,
        proxies=TrustedProxies(settings.server.trusted_proxies, settings.server.proxy_header),
        gallery=gallery,
        reads_kept_days=settings.analysis.reads_kept_days,
        authorities=tuple(stamp.name for stamp in settings.stamp),
        keys=settings.data / "keys",
    )
