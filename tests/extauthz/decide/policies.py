"""Small policies and routes to decide with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from access_model.facts import Identity, RequestFacts
from access_model.load import load
from access_model.model import AccessModel, Route
from access_model.policy import Dependencies, Operator, Policy, PolicyInput, Reason, Rule, Verdict
from access_model.policy.criteria import Accept, AuthenticatedUser, Email
from access_model.policy.matching import Is

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALICE = Identity("alice", "session-1", email="alice@example.com")
BOB = Identity("bob", "session-2", email="bob@example.com")

CONFIGURATION = """
authenticate_service_url: https://auth.example.com
address: 127.0.0.1:8443
shared_secret: c2VjcmV0LW9mLTMyLWJ5dGVzLWZvci10aGUtdGVzdHM=
idp_provider: oidc
idp_provider_url: https://id.example.com
idp_client_id: client
idp_client_secret: a-client-secret
pass_identity_headers: true
jwt_claims_headers: {X-Email: email}
routes:
- {from: 'https://app.example.com', prefix: /public/, to: 'http://a:1', allow_public_unauthenticated_access: true}
- {from: 'https://app.example.com', path: /status, to: 'http://a:1', allow_public_unauthenticated_access: true}
- {from: 'https://app.example.com', regex: '.*\\.css', to: 'http://a:1', allow_public_unauthenticated_access: true}
- {from: 'https://app.example.com', to: 'http://b:2', allowed_users: [alice]}
- {from: 'https://open.example.com', to: 'http://c:3', allow_public_unauthenticated_access: true}
"""


def a_model(text: str = CONFIGURATION) -> AccessModel:
    """The access model of a configuration."""
    return load(text, source="test.yaml", environment={}, read_file=lambda name: name.encode()).model


def facts(path: str = "/", host: str = "app.example.com", **changes: Any) -> RequestFacts:
    """A GET of a plain path."""
    plain = RequestFacts("GET", "https", host, host, path=path, raw_path=path, query="", request_id="req-1")
    return replace(plain, **changes)


@dataclass(frozen=True, slots=True)
class Broken:
    """A criterion that cannot be evaluated."""

    name: str = "broken"
    data: str = ""
    depends_on: Dependencies = Dependencies.SESSION

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Fail."""
        raise ArithmeticError("no such number")


@dataclass(frozen=True, slots=True)
class Always:
    """A criterion that always holds, with a reason of its own."""

    name: str = "always"
    data: str = ""
    depends_on: Dependencies = Dependencies.NOTHING

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Hold."""
        return Verdict(True, frozenset({Reason.REJECT}))


EVERYBODY = Accept()
ANY_USER = AuthenticatedUser()
ONLY_ALICE = Email(Is("alice@example.com"))


def a_policy(allow: Sequence[Any] = (), deny: Sequence[Any] = ()) -> Policy:
    """One `or` under each action."""
    return Policy(
        allow=(Rule((Operator("or", tuple(allow)),)),) if allow else (),
        deny=(Rule((Operator("or", tuple(deny)),)),) if deny else (),
    )


def a_route(policy: Policy, **changes: Any) -> Route:
    """A route with this policy."""
    return replace(a_model().routes[0], policy=policy, **changes)
