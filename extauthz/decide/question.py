"""What Envoy asks: a request, and which route it chose for it."""

from dataclasses import dataclass

from access_model.facts import RequestFacts


@dataclass(frozen=True, slots=True)
class Question:
    """One request that waits for a decision."""

    facts: RequestFacts
    """The request."""
    route_id: str | None
    """Route that our own Envoy configuration matched, empty when it matched none; None in a mesh that someone else
    programs, where the route is found by host and path."""
    body: bytes = b""
    """The request's body, where Envoy was told to send it."""
