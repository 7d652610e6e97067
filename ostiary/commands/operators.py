"""Asking a running process over its operations listener."""

from typing import Any

import httpx
import typer

from ostiary.commands.reading import NOT_RIGHT
from ostiary.installation import Installation
from ostiary.roots.operations import operations_address
from service_kit.addresses import Address, UnixAddress, parse_address

SECONDS = 60.0
SERVICES = ("control-plane", "run")
"""Processes that hold a control plane; one of them runs."""


def ask_control_plane(installation: Installation, path: str, address: str | None) -> Any:
    """The JSON at `path` of the running control plane, or exit with what the operator can do about its absence."""
    candidates = [parse_address(address)] if address else _candidates(installation)
    for candidate in candidates:
        if isinstance(candidate, UnixAddress) and not candidate.path.exists():
            continue
        try:
            return _get(candidate, path)
        except httpx.TransportError:
            continue
        except (httpx.HTTPError, ValueError) as error:
            typer.echo(f"`{candidate}` is not our operations listener: {error}", err=True)
            raise typer.Exit(NOT_RIGHT) from None
    tried = ", ".join(f"`{each}`" for each in candidates)
    typer.echo(
        f"no control plane answers at {tried}; start it, or name its `health_check_addr` with --address", err=True
    )
    raise typer.Exit(NOT_RIGHT)


def _candidates(installation: Installation) -> list[Address]:
    return list(dict.fromkeys(operations_address(installation, service) for service in SERVICES))


def _get(address: Address, path: str) -> Any:
    uds = str(address.path) if isinstance(address, UnixAddress) else None
    base = "http://operations" if uds else f"http://{address}"
    with httpx.Client(transport=httpx.HTTPTransport(uds=uds), base_url=base, timeout=SECONDS) as client:
        return client.get(path).raise_for_status().json()
