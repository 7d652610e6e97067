"""A method that a header contradicts is not judged, where it matters."""

import pytest

from access_model.policy.criteria import HttpMethod
from access_model.policy.matching import In
from extauthz.decide import Allowed, Known, Refused, RefusedFor, decide
from tests.extauthz.decide.policies import ALICE, EVERYBODY, NOW, a_policy, a_route, facts

POSTS = a_policy([HttpMethod(In(frozenset(("GET", "POST"))))])
ANYTHING = a_policy([EVERYBODY])


@pytest.mark.parametrize(
    "name", ["x-http-method-override", "x-http-method", "x-method-override", "x_http_method_override"]
)
@pytest.mark.parametrize("values", [("DELETE",), ("delete",), ("POST", "DELETE"), ("POST,DELETE",), ("",)])
def test_a_contradiction_is_refused_whoever_asks(name: str, values: tuple[str, ...]) -> None:
    asked = facts(method="POST", headers={name: values})
    for identity in (None, ALICE):
        decision = decide(asked, a_route(POSTS), Known(identity), NOW)
        assert isinstance(decision, Refused)
        assert decision.kind is RefusedFor.TWO_METHODS
        assert name in decision.problem


@pytest.mark.parametrize("value", ["POST", "post", " Post "])
def test_a_header_that_says_the_same_is_none(value: str) -> None:
    asked = facts(method="POST", headers={"x-http-method-override": (value,)})
    assert isinstance(decide(asked, a_route(POSTS), Known(), NOW), Allowed)


def test_where_no_policy_looks_at_the_method_the_application_may() -> None:
    asked = facts(method="POST", headers={"x-http-method-override": ("DELETE",)})
    assert isinstance(decide(asked, a_route(ANYTHING), Known(), NOW), Allowed)
