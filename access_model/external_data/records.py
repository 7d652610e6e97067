"""Tables of records, each found by one thing about a request."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from access_model.external_data.rows import DataInvalid, Row
from access_model.facts import Record, RecordKey

Networks = Mapping[tuple[int, int], Mapping[int, Record]]
"""IP version and prefix length, longest first, to network address (as a number) to record."""


@dataclass(frozen=True, slots=True)
class Table:
    """The records of one type."""

    kind: str
    """The type."""
    key: RecordKey
    """What they are found by."""
    by_id: Mapping[str, Record] = field(repr=False)
    """Id to record; unused for networks."""
    networks: Networks = field(default_factory=dict, repr=False)
    """The records of networks."""

    def find(self, key: str) -> Record | None:
        """The record under a key, or None; for an address that of the longest network around it."""
        return self.by_id.get(key) if self.key is not RecordKey.ADDRESS else _around(self.networks, key)


@dataclass(frozen=True, slots=True)
class Records:
    """A `RecordSource` of tables."""

    tables: Mapping[str, Table] = field(default_factory=dict)
    """Type to table."""

    def key_of(self, kind: str) -> RecordKey | None:
        """See `RecordSource.key_of`."""
        table = self.tables.get(kind)
        return None if table is None else table.key

    def find(self, kind: str, key: str) -> Record | None:
        """See `RecordSource.find`."""
        table = self.tables.get(kind)
        return None if table is None else table.find(key)


def table_of(kind: str, key: RecordKey, rows: Iterable[Row]) -> Table:
    """The table of a type's rows. Raises `DataInvalid`.

    Networks stand in `$index.cidr` (nested, or a column of this name), else in `id`; fingerprints may be written in
    upper case and with colons.
    """
    match key:
        case RecordKey.ADDRESS:
            return Table(kind, key, {}, _networks(rows))
        case RecordKey.CERTIFICATE:
            return Table(kind, key, {row["id"].replace(":", "").lower(): row for row in rows})
        case RecordKey.USER_ID | RecordKey.USER_EMAIL:
            return Table(kind, key, {row["id"]: row for row in rows})


def _networks(rows: Iterable[Row]) -> Networks:
    found: dict[tuple[int, int], dict[int, Record]] = {}
    for row in rows:
        network = _network(row)
        same = found.setdefault((network.version, network.prefixlen), {})
        if same.setdefault(int(network.network_address), row) is not row:
            raise DataInvalid(f"the network `{network}` occurs twice")
    return dict(sorted(found.items(), reverse=True))


def _network(row: Row) -> IPv4Network | IPv6Network:
    index: Any = row.get("$index")
    nested = index.get("cidr") if isinstance(index, dict) else None
    text = nested or row.get("$index.cidr") or row["id"]
    try:
        return ip_network(text)
    except (ValueError, TypeError):
        raise DataInvalid(f"the record `{row['id']}` names no network: write `$index: {{cidr: 10.0.0.0/8}}`") from None


def _around(networks: Networks, address: str) -> Record | None:
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    for (version, length), of_length in networks.items():
        if version == parsed.version:
            host_bits = parsed.max_prefixlen - length
            record = of_length.get(int(parsed) >> host_bits << host_bits)
            if record is not None:
                return record
    return None
