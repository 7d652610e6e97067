import base64

import pytest

from access_model.secret import Secret
from extauthz.adapters.client_authentication import authenticate
from extauthz.oidc.http import ClientAuthMethod, HttpRequest
from tests.extauthz.oidc.fake_provider import provider

SECRET = "p+ss/w:rd %é"
FORM = (("grant_type", "authorization_code"), ("code", "a b&c=d+~*"))


def outgoing(method: ClientAuthMethod | None) -> tuple[dict[str, str], str]:
    asked = HttpRequest("POST", "https://id.example.com/token", form=FORM, client_auth=method)
    sent = authenticate(asked, provider(client_id="cli:ent", client_secret=Secret.of(SECRET)))
    assert SECRET not in repr(sent)
    return sent.headers, sent.body.decode()


def test_basic_form_encodes_id_and_secret_before_joining_them() -> None:
    headers, body = outgoing("client_secret_basic")
    scheme, _, credentials = headers["Authorization"].partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(credentials).decode() == "cli%3Aent:p%2Bss%2Fw%3Ard+%25%C3%A9"
    assert body == "grant_type=authorization_code&code=a+b%26c%3Dd%2B~%2A"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_post_puts_them_into_the_form() -> None:
    headers, body = outgoing("client_secret_post")
    assert "Authorization" not in headers
    assert body.endswith("&client_id=cli%3Aent&client_secret=p%2Bss%2Fw%3Ard+%25%C3%A9")
    assert body.startswith("grant_type=authorization_code&code=a+b%26c%3Dd%2B~%2A")


@pytest.mark.parametrize(("method", "end"), [("none", "&client_id=cli%3Aent"), (None, "~%2A")])
def test_a_public_client_sends_no_secret(method: ClientAuthMethod | None, end: str) -> None:
    headers, body = outgoing(method)
    assert "Authorization" not in headers
    assert body.endswith(end)
    assert "p%2Bss" not in body
