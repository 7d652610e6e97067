"""One thing that is expected of a policy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who asks."""

    name: str
    """What the file calls them."""
    id: str
    """User id."""
    email: str = ""
    """E-mail address, or empty."""
    groups: tuple[str, ...] | None = None
    """Ids and names of directory groups; None for those that the configuration's own directory names."""
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Claim to its values."""


@dataclass(frozen=True, slots=True)
class Case:
    """A request with what is to come of it."""

    name: str
    """What the file says about it."""
    source: str
    """Where it was written, as `file:line`."""
    person: Person | None
    """Who asks; None for a stranger."""
    method: str
    """The method."""
    url: str
    """The absolute URL."""
    expect: str
    """The word of the expected outcome."""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers of the request, in order."""
    address: IPv4Address | IPv6Address | None = None
    """The client's address."""
    body: str = ""
    """The request's body."""
    certificate: str = ""
    """The client's certificate: the name of a PEM file, or `trusted` for any that is; empty for none."""
    at: datetime | None = None
    """When it is asked, with zone; None for the time of the run."""
    reasons: tuple[str, ...] = ()
    """Reasons that the decision must have, among others."""

    @property
    def title(self) -> str:
        """What it is called, and which of its kind it is."""
        who = self.person.name if self.person else "a stranger"
        return f"{self.name}: {who} {self.method} {self.url}"
