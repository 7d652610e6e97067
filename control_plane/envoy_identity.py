"""The files in which an Envoy's secret discovery finds its certificate, and whom to believe: names of files alone."""

import json
from collections.abc import Mapping
from typing import Any

from control_plane.snapshot import TypeUrl
from control_plane.translate.service_tls import AUTHORITIES, IDENTITY, file_of

CHAIN, KEY, AUTHORITY = "tls.crt", "tls.key", "ca.crt"
"""What the operator puts beside them, renewed whenever he likes. The names are those of Kubernetes' TLS secrets."""


def identity_files(folder: str) -> Mapping[str, str]:
    """File name, within `folder` on the Envoy's machine, to content (a `DiscoveryResponse` as JSON)."""
    watched = {"watched_directory": {"path": folder}}
    identity = {
        "certificate_chain": {"filename": f"{folder}/{CHAIN}"},
        "private_key": {"filename": f"{folder}/{KEY}"},
    }
    authorities = {"trusted_ca": {"filename": f"{folder}/{AUTHORITY}"}}
    return {
        _name(IDENTITY): _response(IDENTITY, {"tls_certificate": identity | watched}),
        _name(AUTHORITIES): _response(AUTHORITIES, {"validation_context": authorities | watched}),
    }


def _name(secret: str) -> str:
    return file_of(secret, "").removeprefix("/")


def _response(name: str, secret: Mapping[str, Any]) -> str:
    return json.dumps({"resources": [{"@type": TypeUrl.SECRET, "name": name, **secret}]}, indent=2) + "\n"
