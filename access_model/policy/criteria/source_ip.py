"""`source_ip`: true for clients in certain networks."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from access_model.policy.data import DataInvalid, Given, Step, texts_of
from access_model.policy.reasons import Reason
from access_model.policy.tree import Dependencies, PolicyInput, Verdict, judged

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class SourceIp:
    """Compares the client's address behind the trusted hops."""

    networks: tuple[Network, ...]
    """The networks, of which one is enough; a single address is a network of one."""

    name = "source_ip"

    @classmethod
    def read(cls, given: Given) -> "SourceIp":
        """Read an address, a network in CIDR notation, or a list of both. Raises `DataInvalid`."""
        several = isinstance(given.data, list)
        texts = texts_of(given.data)
        return cls(tuple(_network(text, *((index,) if several else ())) for index, text in enumerate(texts)))

    @property
    def data(self) -> str:
        """The networks, for people."""
        return ", ".join(
            str(each.network_address if each.prefixlen == each.max_prefixlen else each) for each in self.networks
        )

    @property
    def depends_on(self) -> Dependencies:
        """The client's address."""
        return Dependencies.ADDRESS

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Compare the address; an unknown one is in no network."""
        address = plain_address(asked.request.client_address)
        holds = address is not None and any(address in network for network in self.networks)
        return judged(holds, Reason.SOURCE_IP_OK if holds else Reason.SOURCE_IP_UNAUTHORIZED)


def plain_address(address: IPv4Address | IPv6Address | None) -> IPv4Address | IPv6Address | None:
    """The address, as IPv4 where an IPv6 socket wrapped it (RFC 4291 section 2.5.5.2)."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _network(text: str, *at: Step) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        remedy = "write `192.0.2.7`, `192.0.2.0/24` or `2001:db8::/32`"
        reason = (
            "has bits set behind its prefix" if "host bits" in str(error) else "is neither an address nor a network"
        )
        raise DataInvalid("bad-network", f"`{text}` {reason}", remedy, at=at) from None
