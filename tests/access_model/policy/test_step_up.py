"""When signing in anew would help, and what to ask for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from access_model.policy import StepUp, parse_policy, step_up
from tests.access_model.people import STRANGER
from tests.access_model.policy.documents import NOON, people, read_tree

SILVER, GOLD = "urn:example:silver", "urn:example:gold"


@pytest.mark.parametrize(
    ("policy", "who", "expected"),
    [
        (f"{{allow: {{or: [{{acr: '{GOLD}'}}]}}}}", "alice", StepUp((GOLD,))),
        (f"{{allow: {{or: [{{acr: '{SILVER}'}}]}}}}", "alice", None),
        (f"{{allow: {{or: [{{acr: '{GOLD}'}}]}}}}", "nobody", None),
        (f"{{allow: {{or: [{{acr: {{in: ['{GOLD}', x]}}}}]}}}}", "alice", StepUp(("urn:example:gold", "x"))),
        ("{allow: {or: [{auth_age: 15m}]}}", "alice", StepUp((), timedelta(minutes=15))),
        ("{allow: {or: [{auth_age: 2h}]}}", "alice", None),
        ("{allow: {and: [{amr: hwk}, {auth_age: 15m}]}}", "alice", StepUp((), timedelta(minutes=15))),
        (f"{{allow: {{and: [{{acr: '{GOLD}'}}, {{email: alice@example.com}}]}}}}", "alice", StepUp((GOLD,))),
        # No sign-in makes Bob Alice.
        (f"{{allow: {{and: [{{acr: '{GOLD}'}}, {{email: alice@example.com}}]}}}}", "bob", None),
        # Another way in is open already, or a deny rule stands whatever is proven.
        (f"{{allow: {{or: [{{acr: '{GOLD}'}}, {{user: alice}}]}}}}", "alice", None),
        (f"{{allow: {{or: [{{acr: '{GOLD}'}}]}}, deny: {{or: [{{accept: 1}}]}}}}", "alice", None),
        # Asked for by a deny rule.
        (f"{{allow: {{or: [{{accept: 1}}]}}, deny: {{not: [{{acr: '{GOLD}'}}]}}}}", "alice", StepUp((GOLD,))),
        ("{allow: {or: [{email: x@y.z}]}}", "alice", None),
    ],
)
def test_step_up(policy: str, who: str, expected: StepUp | None) -> None:
    asked = replace(STRANGER, identity=people().get(who), now=NOON)
    assert step_up(parse_policy(read_tree(policy)).policy, asked) == expected
