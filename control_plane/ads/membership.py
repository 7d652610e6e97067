"""Which certificates may ask for what a group of Envoys alone gets. Pure.

A node says itself what group it is of, so where others can reach us its certificate has to bear that out.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from access_model.client_certificate import CertificateNames

Members: TypeAlias = Mapping[str, Sequence[str]]
"""Group to the names of its members: DNS names in lower case, `*.` for any subdomain, or URIs."""


def is_member(peer: CertificateNames, names: Sequence[str]) -> bool:
    """Whether one of the certificate's DNS names or URIs is among the names."""
    presented = [name.lower() for name in peer.dns_names]
    return any(_covers(wanted, presented, peer.uris) for wanted in names)


def _covers(wanted: str, dns_names: Sequence[str], uris: Sequence[str]) -> bool:
    if "://" in wanted:
        return wanted in uris
    if wanted.startswith("*."):
        return any(name.endswith(wanted[1:]) for name in dns_names)
    return wanted in dns_names
