"""`cors_preflight`: true for the question that browsers ask before they send a cross-origin request."""

from dataclasses import dataclass

from access_model.policy.data import Given
from access_model.policy.reasons import Reason
from access_model.policy.tree import Dependencies, PolicyInput, Verdict, judged

REQUEST_METHOD = "access-control-request-method"


@dataclass(frozen=True, slots=True)
class CorsPreflight:
    """Holds for OPTIONS with `Origin` and `Access-Control-Request-Method` (Fetch standard, CORS protocol)."""

    name = "cors_preflight"
    data = ""

    @classmethod
    def read(cls, given: Given) -> "CorsPreflight":  # noqa: ARG003 - any data will do
        """Read it; any data will do."""
        return cls()

    @property
    def depends_on(self) -> Dependencies:
        """Method and headers."""
        return Dependencies.METHOD | Dependencies.HEADERS

    def evaluate(self, asked: PolicyInput) -> Verdict:
        """Look at the method and the two headers."""
        method, headers = asked.request.method, asked.request.headers
        holds = method == "OPTIONS" and bool(headers.get("origin")) and bool(headers.get(REQUEST_METHOD))
        return judged(holds, Reason.CORS_REQUEST if holds else Reason.NON_CORS_REQUEST)
