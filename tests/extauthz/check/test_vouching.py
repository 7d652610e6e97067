"""Whose client certificates count as verified."""

from dataclasses import replace

import pytest

from access_model.facts import ClientCertificate
from access_model.model import ClientCertificates
from extauthz.check.vouching import vouched
from extauthz.decide import Question
from tests.extauthz.decide.policies import a_model, facts


@pytest.mark.parametrize(
    ("route_id", "required", "trusted"),
    [("r", True, True), ("", True, True), ("r", False, False), (None, True, False), (None, False, False)],
)
def test_only_what_our_own_envoy_requires_is_trusted(route_id: str | None, required: bool, trusted: bool) -> None:
    model = a_model()
    model = replace(
        model, listener=replace(model.listener, client_certificates=ClientCertificates("") if required else None)
    )
    asked = Question(facts(client_certificate=ClientCertificate("pem", trusted=False)), route_id)
    certificate = vouched(asked, model).facts.client_certificate
    assert certificate == ClientCertificate("pem", trusted)


def test_without_a_certificate_there_is_nothing_to_trust() -> None:
    asked = Question(facts(), "r")
    model = a_model()
    required = replace(model, listener=replace(model.listener, client_certificates=ClientCertificates("")))
    assert vouched(asked, required) is asked
