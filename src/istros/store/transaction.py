"""One transaction: a repository a noun (docs/design/0003)."""

from __future__ import annotations

from sqlalchemy import Connection

from istros.store.accesses import Accesses
from istros.store.alarm_causes import AlarmCauses
from istros.store.alarms import Alarms
from istros.store.analysers import Analysers
from istros.store.analysis_pauses import AnalysisPauses
from istros.store.assessments import Assessments
from istros.store.attempts import Attempts
from istros.store.audit import Audit
from istros.store.audit_heads import AuditHeads
from istros.store.breaches import Breaches
from istros.store.camera_zones import CameraZones
from istros.store.corrections import Corrections
from istros.store.departures import Departures
from istros.store.devices import Devices
from istros.store.due import Due
from istros.store.edge import Edge
from istros.store.event_spans import EventSpans
from istros.store.exports import Exports
from istros.store.face_searches import FaceSearches
from istros.store.faces import Faces
from istros.store.factors import Factors
from istros.store.gaps import Gaps
from istros.store.health import Health
from istros.store.holds import Holds
from istros.store.links import Links
from istros.store.marks import Marks
from istros.store.operators import Operators
from istros.store.oversight import Oversight
from istros.store.people import People
from istros.store.permits import Permits
from istros.store.persons import Persons
from istros.store.places import Places
from istros.store.plate_spots import PlateSpots
from istros.store.profiles import Profiles
from istros.store.program_keys import ProgramKeys
from istros.store.reads import Reads
from istros.store.releases import Releases
from istros.store.removed import Removed
from istros.store.repository import wait_for
from istros.store.role_wishes import RoleWishes
from istros.store.schedules import Schedules
from istros.store.segments import Segments
from istros.store.sessions import Sessions
from istros.store.shares import Shares
from istros.store.signals import Signals
from istros.store.spans import Spans
from istros.store.storage import Storage
from istros.store.streams import Streams
from istros.store.subject_requests import SubjectRequests
from istros.store.vehicles import Vehicles
from istros.store.watchlist import Watchlist


class Transaction:
    """What a unit of work sees of the database; made and ended by `Database`, valid only inside the work."""

    def __init__(self, connection: Connection, writing: bool) -> None:
        self._connection = connection
        self.segments = Segments(connection, writing)
        self.links = Links(connection, writing)
        self.spans = Spans(connection, writing)
        self.exports = Exports(connection, writing)
        self.corrections = Corrections(connection, writing)
        self.departures = Departures(connection, writing)
        self.gaps = Gaps(connection, writing)
        self.signals = Signals(connection, writing)
        self.schedules = Schedules(connection, writing)
        self.storage = Storage(connection, writing)
        self.holds = Holds(connection, writing)
        self.due = Due(connection, writing)
        self.removed = Removed(connection, writing)
        self.event_spans = EventSpans(connection, writing)
        self.devices = Devices(connection, writing)
        self.marks = Marks(connection, writing)
        self.edge = Edge(connection, writing)
        self.subject_requests = SubjectRequests(connection, writing)
        self.breaches = Breaches(connection, writing)
        self.streams = Streams(connection, writing)
        self.analysers = Analysers(connection, writing)
        self.reads = Reads(connection, writing)
        self.plate_spots = PlateSpots(connection, writing)
        self.vehicles = Vehicles(connection, writing)
        self.camera_zones = CameraZones(connection, writing)
        self.alarms = Alarms(connection, writing)
        self.alarm_causes = AlarmCauses(connection, writing)
        self.health = Health(connection, writing)
        self.watchlist = Watchlist(connection, writing)
        self.persons = Persons(connection, writing)
        self.faces = Faces(connection, writing)
        self.face_searches = FaceSearches(connection, writing)
        self.people = People(connection, writing)
        self.permits = Permits(connection, writing)
        self.releases = Releases(connection, writing)
        self.profiles = Profiles(connection, writing)
        self.assessments = Assessments(connection, writing)
        self.pauses = AnalysisPauses(connection, writing)
        self.audit = Audit(connection, writing)
        self.audit_heads = AuditHeads(connection, writing)
        self.accesses = Accesses(connection, writing)
        self.shares = Shares(connection, writing)
        self.oversight = Oversight(connection, writing)
        self.operators = Operators(connection, writing)
        self.sessions = Sessions(connection, writing)
        self.attempts = Attempts(connection, writing)
        self.places = Places(connection, writing)
        self.factors = Factors(connection, writing)
        self.role_wishes = RoleWishes(connection, writing)
        self.program_keys = ProgramKeys(connection, writing)

    def wait_for(self, key: str) -> None:
        """Let no other transaction that asks for this key go on until this one ends; called before what is decided by is read."""
        wait_for(self._connection, key)
