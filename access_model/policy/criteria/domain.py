"""`domain`: true for the addresses of one mail domain."""

from dataclasses import dataclass
from typing import ClassVar

from access_model.facts import Identity
from access_model.policy.criteria.session import SessionCriterion
from access_model.policy.data import Given
from access_model.policy.matching import TextMatch, read_text_match
from access_model.policy.reasons import Reason


@dataclass(frozen=True, slots=True)
class Domain(SessionCriterion):
    """Compares the part behind the `@` of an address that leaves no doubt about what that is."""

    match: TextMatch
    """The test on the domain."""

    ok: ClassVar = Reason.DOMAIN_OK
    unauthorized: ClassVar = Reason.DOMAIN_UNAUTHORIZED
    name: ClassVar = "domain"

    @classmethod
    def read(cls, given: Given) -> "Domain":
        """Read a String. Raises `DataInvalid`."""
        return cls(read_text_match(given.data))

    @property
    def data(self) -> str:
        """The test, for people."""
        return str(self.match)

    def holds_for(self, identity: Identity) -> bool:
        """Compare the domain, unless the address is malformed or the provider says it is not verified."""
        domain = domain_of(identity.email)
        return identity.email_verified is not False and domain is not None and self.match.matches(domain)


def domain_of(address: str) -> str | None:
    """The domain of an address, or None when it has not exactly one `@` or could be read in two ways.

    `attacker@evil.com@company.com` and addresses with blanks or control characters have fooled products that took
    whatever follows an `@` (CVE-2026-40574).
    """
    local, at, domain = address.partition("@")
    plain = address.isprintable() and " " not in address
    return domain if local and at and domain and "@" not in domain and plain else None
