"""What a client subscribes to, of one type.

Subscribing: https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return

A client that never named anything, not even `*`, has the wildcard. Once it has named something that
is over: an empty list then means nothing at all. Only types that support it have a wildcard.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

WILDCARD = "*"


@dataclass(frozen=True, slots=True)
class Interest:
    """The wildcard, or not, and names. A name that the wildcard covers may be subscribed to as well."""

    wildcard: bool = False
    """Everything of the type."""
    names: frozenset[str] = frozenset()
    """What was named one by one."""
    explicit: bool = False
    """The client has named something on this stream, so that an empty list no longer means everything."""

    def covers(self, name: str) -> bool:
        """Whether the client wants to hear of this name."""
        return self.wildcard or name in self.names

    def replaced(self, listed: Iterable[str], *, wildcard_type: bool) -> Self:
        """SotW: the interest that a request with this list of names expresses."""
        names = frozenset(listed)
        explicit = self.explicit or bool(names)
        if not wildcard_type:
            return type(self)(False, names, explicit)
        return type(self)(WILDCARD in names or not explicit, names - {WILDCARD}, explicit)

    def altered(self, subscribe: Iterable[str], unsubscribe: Iterable[str], *, wildcard_type: bool) -> Self:
        """Delta: the interest after a request with these differences. A name in both ends up subscribed."""
        added, dropped = frozenset(subscribe), frozenset(unsubscribe)
        explicit = self.explicit or bool(added) or WILDCARD in dropped
        names = (self.names - dropped) | added
        if not wildcard_type:
            return type(self)(False, names, explicit)
        kept = self.wildcard and WILDCARD not in dropped
        return type(self)(WILDCARD in added or kept or not explicit, names - {WILDCARD}, explicit)
