"""What a decision can be: allowed, allowed only after signing in, or refused; with the reasons that made it so."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from access_model.facts import NO_RECORDS, Identity, RecordSource
from access_model.model import Route
from access_model.policy import Reason, StepUp

DeterminedBy = Literal["allow", "deny", "default"]
"""Which rules settled it: an allow rule, a deny rule, or none (nothing matched, which denies)."""


class RefusedFor(StrEnum):
    """Why a request is refused; spelt the same in answers, logs and tests."""

    BAD_REQUEST = "bad-request"
    """The request can be read in more than one way."""
    CLIENT_CERTIFICATE = "client-certificate"
    """The policy wants a client certificate that is trusted, and there is none."""
    CONFLICTING_CREDENTIALS = "conflicting-credentials"
    """Two credentials where one belongs."""
    TWO_CREDENTIALS = "two-credentials"
    """A bearer token beside a credential of ours: they may speak for two people."""
    INVALID_TOKEN = "invalid-token"  # noqa: S105 - a word, not a credential
    """A bearer token was presented that opens nothing; whatever else the request carries does not count."""
    FORBIDDEN = "forbidden"
    """The user is known and may not."""
    NO_ROUTE = "no-such-route"
    """Nothing is served there."""
    TOO_MANY_ATTEMPTS = "too-many-attempts"
    """The client has presented too many tokens lately that open nothing."""
    TWO_METHODS = "two-methods"
    """A header contradicts the method, and the policy looks at it."""
    UNAVAILABLE = "unavailable"
    """We cannot tell: the store, or the evaluation, failed."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was found out for the `Needs` of a route."""

    identity: Identity | None = None
    """Who the presented credential belongs to; None without one, or when it opens nothing."""
    fault: RefusedFor | None = None
    """What is wrong with the credentials themselves, so that nobody can be meant by them."""
    problem: str = ""
    """The fault in words for the operator's log."""
    records: RecordSource = NO_RECORDS
    """External data, for policies that look at records."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The request may pass to the upstream."""

    route: Route
    """The route it takes."""
    identity: Identity | None
    """Who asks; None for a stranger on a public route."""
    reasons: frozenset[Reason]
    """Why it may pass."""
    determined_by: DeterminedBy = "allow"
    """Which rules settled it."""


@dataclass(frozen=True, slots=True)
class SignInNeeded:
    """A stranger asks, and the answer depends on who it is."""

    route: Route
    """The route that was asked for."""
    reasons: frozenset[Reason]
    """Contains `user-unauthenticated`."""
    determined_by: DeterminedBy = "default"
    """Which rules settled it."""


@dataclass(frozen=True, slots=True)
class StepUpNeeded:
    """Somebody is signed in, but not well enough; a better sign-in would let them pass."""

    route: Route
    """The route that was asked for."""
    identity: Identity
    """Who asks."""
    demand: StepUp
    """What the new sign-in has to prove."""
    reasons: frozenset[Reason]
    """Why the policy said no."""
    determined_by: DeterminedBy = "default"
    """Which rules settled it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The request must not pass."""

    kind: RefusedFor
    """What stands against it."""
    route: Route | None = None
    """The route that was asked for, where one was found."""
    identity: Identity | None = None
    """Who asked, where it is known."""
    reasons: frozenset[Reason] = frozenset()
    """Why the policy said no."""
    determined_by: DeterminedBy = "default"
    """Which rules settled it."""
    findings: tuple[tuple[bool, str], ...] = field(default=())
    """Each criterion and whether it held, for routes with `show_error_details`."""
    problem: str = ""
    """What went wrong, in words for the operator's log; never for the client."""


Decision = Allowed | SignInNeeded | StepUpNeeded | Refused
