"""The control plane of one process: the model as a snapshot, served over ADS."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from access_model.model import AccessModel
from control_plane.ads import AdsServer, Publisher
from control_plane.ledger import Ledger
from control_plane.snapshot import Snapshot
from control_plane.translate import Places, translate
from ostiary.installation import Installation
from ostiary.local_certificates import certificates_for
from ostiary.roots.clock import utc_now
from ostiary.roots.reload import Commit
from service_kit.addresses import Address


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

    async def prepare(self, model: AccessModel) -> Commit:
        """Translate `model`; once committed, every Envoy is sent what differs. Raises ValueError, changing nothing."""
        snapshot = self._snapshot(model)
        return lambda: self.publisher.publish(snapshot)

    def _snapshot(self, model: AccessModel) -> Snapshot:
        certificates = certificates_for(model, self.installation.state_folder, utc_now())
        return Snapshot.build(translate(model, Places(self.check, self.web, certificates=certificates)))


@asynccontextmanager
async def control_plane_service(
    installation: Installation, xds: Address, *, check: str, web: str
) -> AsyncIterator[ControlPlane]:
    """Serve ADS on `xds` while the block runs. Raises `ControlPlaneFailed`, and what translation raises."""
    publisher, ledger = Publisher(), Ledger(utc_now, CollectorRegistry())
    service = ControlPlane(installation, check, web, publisher, ledger)
    (await service.prepare(installation.model))()
    server = AdsServer(publisher, ledger, [xds])
    try:
        await server.start()
    except RuntimeError as error:
        raise ControlPlaneFailed(f"cannot listen on `{xds}`: {error}") from error
    try:
        yield service
    finally:
        await server.stop()
