"""`certificate_authority_file`: upstreams of a private authority, through a real Envoy, while the file changes."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from tests.harness.certificates import ServerCertificate, make_certificate
from tests.harness.obedient_upstream import ObedientUpstream, obedient_upstream
from tests.harness.ports import LOOPBACK
from tests.harness.stack import Stack, running_stack

UPSTREAM_NAME = "upstream.internal"
PUBLIC = {"allow_public_unauthenticated_access": True}
SHARED, NAMED_WRONGLY, OWN, SKIPPING = "shared", "named-wrongly", "own", "skipping"


@dataclass(frozen=True, slots=True)
class World:
    """A stack that at first trusts another authority than the upstream's."""

    stack: Stack
    """The running whole."""
    upstream: ObedientUpstream
    """Its certificate is of `authority`."""
    authority: str
    """PEM of the authority that has to be trusted."""
    stranger: str
    """PEM of another one."""
    file: Path
    """What `certificate_authority_file` names; `stranger` at first."""

    def trust(self, text: str) -> None:
        """Put another text into the file's place, whole at once."""
        beside = self.file.with_suffix(".new")
        beside.write_text(text)
        beside.replace(self.file)

    def status(self, host: str) -> int:
        """Ask a route's host once."""
        with self.stack.program() as program:
            return program.get(self.stack.url(f"{host}.localhost")).status_code

    def becomes(self, host: str, status: int) -> None:
        """Wait until a host answers so."""
        self.stack.ostiary.process.wait_until(lambda: self.status(host) == status, what=f"{host}: {status}")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("authority")
    theirs, others = _certificate(folder / "theirs"), _certificate(folder / "others")
    file = folder / "company-ca.pem"
    file.write_bytes(others.authority.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(theirs.chain, theirs.key)
    with obedient_upstream("tls", tls=context) as upstream:
        to = {"to": f"https://{LOOPBACK}:{upstream.port}", "tls_server_name": UPSTREAM_NAME}
        hosts: dict[str, dict[str, Any]] = {
            SHARED: to,
            NAMED_WRONGLY: to | {"tls_server_name": "other.internal"},
            OWN: to | {"tls_custom_ca_file": str(others.authority)},
            SKIPPING: to | {"tls_skip_verify": True},
        }
        routes = [{"from": f"https://{host}.localhost:{{port}}"} | keys | PUBLIC for host, keys in hosts.items()]
        settings = {"certificate_authority_file": str(file)}
        with running_stack(folder, routes=routes, settings=settings) as stack:
            yield World(stack, upstream, theirs.authority.read_text(), others.authority.read_text(), file)


def _certificate(folder: Path) -> ServerCertificate:
    folder.mkdir()
    return make_certificate(folder, [UPSTREAM_NAME])


def test_a_file_that_changes_counts_without_a_restart(world: World) -> None:
    processes = world.stack.ostiary.descendants()
    assert world.status(SHARED) == HTTPStatus.SERVICE_UNAVAILABLE
    assert world.upstream.targets == []
    world.trust(world.authority)
    world.becomes(SHARED, HTTPStatus.OK)
    assert world.stack.ostiary.descendants() == processes
    # The chain is not all: a certificate for another name is not believed, and a route's own authority stands alone.
    assert world.status(NAMED_WRONGLY) == HTTPStatus.SERVICE_UNAVAILABLE
    assert world.status(OWN) == HTTPStatus.SERVICE_UNAVAILABLE
    assert world.status(SKIPPING) == HTTPStatus.OK


def test_without_the_key_the_upstream_is_not_believed(world: World) -> None:
    world.trust(world.stranger + world.authority)
    world.becomes(SHARED, HTTPStatus.OK)
    without = {key: value for key, value in world.stack.config.items() if key != "certificate_authority_file"}
    world.stack.ostiary.rewrite(without)
    world.becomes(SHARED, HTTPStatus.SERVICE_UNAVAILABLE)
    world.stack.ostiary.rewrite(world.stack.config)
    world.becomes(SHARED, HTTPStatus.OK)


def test_a_file_that_is_no_certificate_changes_nothing(world: World) -> None:
    world.trust(world.authority)
    world.becomes(SHARED, HTTPStatus.OK)
    world.trust("-----BEGIN CERTIFICATE-----\n")

    def refused() -> bool:
        return any("certificate_authority_file" in str(event) for event in world.stack.ostiary.events())

    world.stack.ostiary.process.wait_until(refused, what="the refusal")
    assert world.status(SHARED) == HTTPStatus.OK
