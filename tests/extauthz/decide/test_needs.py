import pytest

from access_model.policy import Policy
from extauthz.decide import Needs, needs
from tests.extauthz.decide.policies import ANY_USER, EVERYBODY, ONLY_ALICE, a_policy, a_route


@pytest.mark.parametrize(
    ("policy", "passes_identity", "need"),
    [
        (a_policy([EVERYBODY]), False, Needs.NOTHING),
        (a_policy([EVERYBODY]), True, Needs.SESSION_IF_KNOWN),
        (a_policy([ANY_USER]), False, Needs.SESSION),
        (a_policy([EVERYBODY], [ONLY_ALICE]), False, Needs.SESSION),
    ],
)
def test_what_a_policy_needs(policy: Policy, passes_identity: bool, need: Needs) -> None:
    assert needs(a_route(policy, pass_identity_headers=passes_identity, set_request_headers={})) is need


def test_a_template_may_name_the_user() -> None:
    route = a_route(a_policy([EVERYBODY]), pass_identity_headers=False, set_request_headers={"X-J": "${pomerium.jwt}"})
    assert needs(route) is Needs.SESSION_IF_KNOWN
