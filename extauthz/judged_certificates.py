"""Which client certificates are trusted, judged once for each and remembered as long as the judgement holds.

A judgement takes a millisecond, a client asks for a page and its fifty pictures with one certificate. What is
remembered is the outcome for exactly these bytes under exactly these settings, until something in them expires or
becomes valid; other settings begin anew. No I/O; time is an argument.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from access_model.client_trust import Judgement, Trust, judge, trust_of
from access_model.facts import ClientCertificate, RequestFacts
from access_model.model import AccessModel, ClientCertificates

CAPACITY = 4096
NOT_ASKED_FOR = "the configuration has no `downstream_mtls`, so no certificate is trusted"


@dataclass(slots=True)
class JudgedCertificates:
    """Bounded; the oldest entry goes first."""

    capacity: int = CAPACITY
    """Most entries."""
    judging: Callable[[ClientCertificate, Trust, datetime], Judgement] = judge
    """Judges one that is not remembered."""
    _settings: ClientCertificates | None = None
    _entries: dict[bytes, Judgement] = field(default_factory=dict, repr=False)

    def applied(self, facts: RequestFacts, model: AccessModel, now: datetime) -> RequestFacts:
        """The facts with the certificate trusted or not, whatever was said about it before."""
        presented = facts.client_certificate
        if presented is None:
            return facts
        asked = model.listener.client_certificates
        objection = NOT_ASKED_FOR if asked is None else self._judged(presented, asked, now).objection
        certificate = replace(presented, trusted=not objection, objection=objection)
        return replace(facts, client_certificate=certificate)

    def _judged(self, presented: ClientCertificate, asked: ClientCertificates, now: datetime) -> Judgement:
        if asked is not self._settings:
            if asked != self._settings:
                self._entries.clear()
            self._settings = asked
        key = sha256(f"{presented.pem}\0{presented.chain}".encode()).digest()
        known = self._entries.get(key)
        if known is not None and known.holds_at(now):
            return known
        self._entries.pop(key, None)
        while len(self._entries) >= self.capacity:
            del self._entries[next(iter(self._entries))]
        found = self._entries[key] = self.judging(presented, trust_of(asked), now)
        return found
