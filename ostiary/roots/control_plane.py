"""The control plane of one process: the model as a snapshot, served over ADS."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from access_model.model import AccessModel
from control_plane.ads import AdsServer, Members, Publisher
from control_plane.ledger import Ledger
from control_plane.lingering import LINGER, Lingering
from control_plane.readable import redacted
from control_plane.snapshot import Snapshot
from control_plane.translate import Memory, Places, groups, translate
from ostiary.installation import Installation
from ostiary.local_certificates import authority_of
from ostiary.places import envoy_folder_of, places_of
from ostiary.roots.certificate_expiry import CertificateExpiry
from ostiary.roots.clock import utc_now
from ostiary.roots.reload import Commit
from service_kit.addresses import Address
from service_kit.garbage import uncollected
from service_kit.mutual_tls import MutualTls
from service_kit.operations import Operations

log = structlog.get_logger(__name__)


class ControlPlaneFailed(Exception):
    """The ADS server cannot listen."""

    code = "control-plane-failed"


@dataclass(slots=True)
class ControlPlane:
    """The running service."""

    installation: Installation
    """Where the configuration and our own certificates lie."""
    check: str
    """Address of the gRPC `Check` service, as Envoys reach it."""
    web: str
    """Address of the web endpoints, as Envoys reach them."""
    publisher: Publisher
    """Holds the snapshot that is served."""
    ledger: Ledger
    """What each Envoy was sent, accepted and refused."""

    certificates: CertificateExpiry
    """When the certificates in force end."""
    _lingering: dict[str, Lingering] = field(default_factory=dict)
    _memory: Memory = field(default_factory=Memory)
    _built: Mapping[str, Snapshot] = field(default_factory=dict)
    _members: Members = field(default_factory=dict)

    async def prepare(self, model: AccessModel) -> Commit:
        """Translate `model`; once committed, every Envoy is sent what differs. Raises ValueError, changing nothing."""
        folder = self.installation.state_folder
        # Whether our services speak TLS was settled at the start, and holds until a restart.
        envoy_folder = envoy_folder_of(self.installation.model)
        places = replace(places_of(model, folder, check=self.check, web=self.web), envoy_folder=envoy_folder)
        # In a thread: thousands of new routes take a while, during which streams and probes want answers.
        snapshots = await asyncio.to_thread(self._build, model, places)

        def commit() -> None:
            between_services = [model.service_tls.certificate] if model.service_tls is not None else []
            served = [*model.listener.certificates, *places.certificates, *between_services]
            self.certificates.replace(served, model.listener.client_certificates)
            self._follow(snapshots, model.service_tls.groups if model.service_tls else {})
            if places.certificates:
                log.info(
                    "local_certificate", trust=str(authority_of(folder)), meaning="browsers warn until they trust it"
                )

        return commit

    def _build(self, model: AccessModel, places: Places) -> dict[str, Snapshot]:
        with uncollected():
            return {
                group: Snapshot.build(translate(model, places, group, self._memory), self._built.get(group))
                for group in ("", *groups(model))
            }

    def _follow(self, snapshots: dict[str, Snapshot], members: Members) -> None:
        self._lingering = {group: self._lingering.get(group, Lingering()) for group in snapshots}
        now = utc_now()
        served = {group: self._lingering[group].follow(each, now) for group, each in snapshots.items()}
        self._built = snapshots
        self.ledger.published(*served.values())
        self._members = members
        self._publish(served)
        if any(served[group] is not each for group, each in snapshots.items()):
            asyncio.get_running_loop().call_later(LINGER.total_seconds() + 0.1, self._settle)

    def _settle(self) -> None:
        """Retire what has lingered long enough, unless a later change keeps something."""
        now = utc_now()
        self._publish({group: each.settle(now) for group, each in self._lingering.items()})

    def _publish(self, served: dict[str, Snapshot]) -> None:
        self.publisher.publish(served[""], {group: each for group, each in served.items() if group}, self._members)

    def status(self) -> dict[str, Any]:
        """Plain values: what is served, and what became of it at each Envoy."""
        current = self.publisher.current
        return {"version": current and current.version, **self.ledger.as_dict()}

    def resources(self) -> dict[str, Any]:
        """Everything that is served, secrets redacted, and what it was translated for."""
        served = [redacted(resource) for resource in self._built.get("", ())]
        return {"check": self.check, "web": self.web, "resources": served}


@asynccontextmanager
async def control_plane_service(
    installation: Installation,
    xds: Address,
    operations: Operations,
    *,
    check: str,
    web: str,
    tls: MutualTls | None = None,
) -> AsyncIterator[ControlPlane]:
    """Serve ADS on `xds` while the block runs. Raises `ControlPlaneFailed`, and what translation raises."""
    publisher, ledger = Publisher(), Ledger(utc_now, operations.registry)
    service = ControlPlane(installation, check, web, publisher, ledger, CertificateExpiry(operations.registry))
    operations.describe("xds", service.status)
    operations.describe("certificates", service.certificates.status)
    operations.document("/xds", service.resources)
    (await service.prepare(installation.model))()
    server = AdsServer(publisher, ledger, [xds], tls and tls.grpc_credentials())
    try:
        await server.start()
    except RuntimeError as error:
        raise ControlPlaneFailed(f"cannot listen on `{xds}`: {error}") from error
    try:
        yield service
    finally:
        await server.stop()
