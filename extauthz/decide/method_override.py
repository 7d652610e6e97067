"""Requests whose method a header contradicts: policy would judge one method, and the application act on another."""

from access_model.facts import RequestFacts
from access_model.model import Route
from access_model.policy import Dependencies
from extauthz.decide.outcome import Refused, RefusedFor

OVERRIDES = ("x-http-method", "x-http-method-override", "x-method-override")
"""What frameworks read a method from, in place of the request's own."""


def contradicted_method(facts: RequestFacts, route: Route) -> Refused | None:
    """The refusal of a request whose method can be read in two ways, on a route whose policy looks at it; else None."""
    if Dependencies.METHOD not in route.policy.depends_on:
        return None
    for name, values in facts.headers.items():
        if name.replace("_", "-") in OVERRIDES and any(value.strip().upper() != facts.method for value in values):
            problem = f"header `{name}` names another method than `{facts.method}`"
            return Refused(RefusedFor.TWO_METHODS, route, problem=problem)
    return None
