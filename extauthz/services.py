"""What every use case works with: one immutable view of the configuration, and the effects.

A request takes `services.current()` once, at its top, and passes the value down; a reload swaps the value and never
changes one that is in use. `Services` itself is built in the composition root and nowhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from access_model.external_data import NO_DATA, ExternalData
from access_model.model import AccessModel, IdentityProvider
from extauthz.adapters.provider_client import ProviderClient
from extauthz.assertion.ring import SigningRing
from extauthz.bearer.verifying import BearerTokens
from extauthz.judged_certificates import JudgedCertificates
from extauthz.limits import Limits
from extauthz.purpose_keys import PurposeKeys
from extauthz.refresh.renewals import Renewals
from extauthz.session_memory import SessionMemory
from session_store.repository import SessionStore


@dataclass(frozen=True, slots=True)
class Current:
    """Configuration, signing keys, derived keys and external data of one moment."""

    model: AccessModel
    """The access model."""
    signing: SigningRing
    """Keys that sign assertions, and those published in the JWKS."""
    keys: PurposeKeys
    """Keys derived from the shared secret: URL signatures, login state, binding cookies, tickets."""
    data: ExternalData = NO_DATA
    """Directory groups, and records for policies."""


@dataclass(frozen=True, slots=True)
class Services:
    """The effects, one field each."""

    current: Callable[[], Current]
    """The view of this moment."""
    store: SessionStore
    """Sessions."""
    provider: ProviderClient
    """Speaks HTTP to the identity provider; caches discovery and keys."""
    clock: Callable[[], datetime]
    """Now, with zone UTC."""
    entropy: Callable[[int], bytes]
    """So many unguessable bytes."""
    renewals: Renewals = field(init=False, repr=False)
    """Renews sessions that are due."""
    bearer: BearerTokens = field(init=False, repr=False)
    """Verifies bearer tokens of identity providers."""
    memory: SessionMemory = field(default_factory=SessionMemory, repr=False)
    """What is remembered of sessions; without a change feed nothing is."""
    limits: Limits = field(default_factory=Limits, repr=False)
    """How often clients have tried."""
    certificates: JudgedCertificates = field(default_factory=JudgedCertificates, repr=False)
    """Judges clients' certificates."""

    def __post_init__(self) -> None:
        renewals = Renewals(self.store, self.provider, self._find_provider, self.clock)
        object.__setattr__(self, "renewals", renewals)
        object.__setattr__(self, "bearer", BearerTokens(self.provider, self.clock))

    def _find_provider(self, provider_id: str) -> IdentityProvider | None:
        return self.current().model.provider_by_id(provider_id)
