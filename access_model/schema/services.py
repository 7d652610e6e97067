"""The keys of our own services, for running them apart."""

from typing import Annotated

from pydantic import Field

from access_model.schema.base import Keys
from access_model.schema.types import FileName, SecretText, Shown

ENVOY_FOLDER = "/etc/ostiary/envoy"


class ServiceTlsKeys(Keys):
    """Mutual TLS between Envoys and our services."""

    cert: str | None = Field(
        default=None,
        description="What our services show: certificate and chain, base64 of PEM, leaf first. It names the hosts of"
        " `xds_address`, `check_address` and `web_address`.",
    )
    cert_file: FileName | None = Field(default=None, description="`cert`, as the name of a PEM file.")
    key: SecretText | None = Field(default=None, description="Its private key, base64 of PEM.")
    key_file: FileName | None = Field(default=None, description="`key`, as the name of a PEM file.")
    client_ca: str | None = Field(
        default=None,
        description="Authorities that Envoys' certificates come from, base64 of PEM. Whoever has one of these gets our"
        " configuration, private keys included, and is believed in what it tells of requests.",
    )
    client_ca_file: FileName | None = Field(default=None, description="`client_ca`, as the name of a PEM file.")
    groups: Annotated[dict[str, list[str]], Shown("mapping of groups to names")] = Field(
        default={},
        description="Which Envoys may ask for what `xds_resources` has for a group alone: DNS names or URIs, one of"
        " which must be in the Envoy's certificate; `*.` stands for any subdomain. Required for every such group.",
        examples=[{"edge": ["*.edge.example.com", "spiffe://example.com/edge"]}],
    )
    envoy_folder: str = Field(
        default=ENVOY_FOLDER,
        description="Folder on the machine of every Envoy, with its certificate `tls.crt`, its key `tls.key` and the"
        " authorities `ca.crt` that our certificate comes from. `ostiary xds bootstrap --output` makes the rest.",
    )


class ServiceKeys(Keys):
    """Where our own services are reached when they run apart, as `unix:///path` or `host:port`."""

    xds_address: str | None = Field(
        default=None,
        description="The xDS server. It hands out private keys, so without `tls` only a Unix socket or a loopback"
        " address will do.",
    )
    check_address: str | None = Field(default=None, description="The gRPC authorization service.")
    web_address: str | None = Field(default=None, description="The HTTP endpoints: sign-in, sign-out, JWKS.")
    xds_listen: str | None = Field(
        default=None,
        description="Where the xDS server listens, if not at the very address by which Envoys reach it.",
        examples=[":18000"],
    )
    check_listen: str | None = Field(default=None, description="The same for `check_address`.")
    web_listen: str | None = Field(default=None, description="The same for `web_address`.")
    tls: ServiceTlsKeys | None = Field(
        default=None,
        description="Mutual TLS at all of these addresses but Unix sockets. Default: plain text.",
        examples=[
            {
                "cert_file": "tls/services.crt",
                "key_file": "tls/services.key",
                "client_ca_file": "tls/envoys-ca.crt",
                "groups": {"edge": ["*.edge.example.com"]},
            }
        ],
    )
