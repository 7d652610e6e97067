"""Glewlwyd, an identity provider that shares no code with the demo's: C, of Debian's packages, made of settings here.

It is told everything through its own administration interface, on a database in the test's folder.
"""

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
from joserfc.jwk import RSAKey

from tests.harness import parts
from tests.harness.identity_provider import DEMO_USERS, Client, IdentityProvider, User
from tests.harness.ports import LOOPBACK, free_port
from tests.harness.processes import Process, running
from tests.harness.tls_relay import tls_relay
from tests.harness.web_client import WebClient

SCHEMA = Path("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3")
"""Where Debian's package keeps what makes an empty database; `admin` with `password` comes with it."""
MODULES = Path("/usr/lib/glewlwyd")
SESSION_COOKIE = "GLEWLWYD_OIDC_SESSION"
SCOPES = ("openid", "profile", "email", "offline_access")


@dataclass(frozen=True, slots=True)
class Glewlwyd(IdentityProvider):
    """A running Glewlwyd."""

    base: str
    """Its origin."""
    admin: httpx.Client
    """Signed in as its administrator, relative to `/api`."""

    def register(self, client_id: str, redirect_uri: str, **metadata: Any) -> None:
        """Register another client."""
        made = {"client_id": client_id, "confidential": True, "redirect_uri": [redirect_uri]}
        _done(self.admin.post("client/", json={**made, "authorization_type": ["code", "refresh_token"], **metadata}))

    def set_groups(self, user: User, groups: Sequence[str]) -> None:
        """Change what the claim `groups` of somebody says from now on."""
        _done(self.admin.put(f"user/{user.id}", json=_account(user) | {"groups": list(groups)}))

    def login(self, client: WebClient, url: str, user: User) -> httpx.Response:
        """Open `url`, sign in on the way as the provider's own page does, and return the last response."""
        page = client.get(url)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(str(page.url)).query).items()}
        assert "callback_url" in asked, f"no sign-in page but {page.status_code} from {page.url}"
        self._call(client, "POST", "auth/", {"username": user.id, "password": user.password})
        self._call(client, "PUT", f"auth/grant/{asked['client_id']}", {"scope": asked["scope"]})
        return client.get(f"{asked['callback_url']}&g_continue")

    def end_session(self, client: WebClient, page: httpx.Response) -> httpx.Response:
        """Confirm on the provider's `page` that its session ends too, and return where that leads."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(str(page.url)).query).items()}
        assert asked.get("prompt") == "end_session", f"no sign-out page but {page.status_code} from {page.url}"
        self._call(client, "DELETE", f"oidc/session/{asked['sid']}")
        self._call(client, "DELETE", "auth/")
        return client.get(asked["callback_url"])

    def end_own_session(self, client: WebClient) -> None:
        """Sign out at the provider itself, as its own page does."""
        session = client.jar.for_host(LOOPBACK, time.time())[SESSION_COOKIE]
        self._call(client, "DELETE", f"oidc/session/{session}")
        self._call(client, "DELETE", "auth/")

    def revoke(self, client: WebClient) -> None:
        """Take back what was granted, as the provider's page of all refresh tokens lets people do."""
        tokens = json.loads(self._call(client, "GET", "oidc/token").content)
        for token in [each for each in tokens if each["enabled"]]:
            self._call(client, "DELETE", f"oidc/token/{quote(token['token_hash'], safe='')}")

    def _call(self, client: WebClient, method: str, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"}
        answer = client.send(method, f"{self.base}/api/{path}", headers=headers, content=content)
        _done(answer)
        return answer


@contextmanager
def glewlwyd(
    folder: Path,
    client: Client,
    *,
    users: Sequence[User] = DEMO_USERS,
    token_lifetimes: Mapping[str, int] | None = None,
    authority: Path | None = None,
) -> Iterator[Glewlwyd]:
    """Run it, its database and log in `folder`; takes what `identity_provider` takes. Without it the test is skipped.

    It looks for authorities where the system keeps them and nowhere else, so a relay speaks TLS for it.
    """
    remedy = "install Debian's packages `glewlwyd` and `dbconfig-no-thanks`"
    program = parts.program("glewlwyd", remedy)
    if not SCHEMA.exists():
        parts.missing(f"`{SCHEMA}`", remedy)
    port = free_port()
    base = f"http://{LOOPBACK}:{port}"
    config = _written(folder, port, base)
    with ExitStack() as block:
        process = block.enter_context(running(Process.start("glewlwyd", [program, "-c", config], folder=folder)))
        process.wait_for_line("Glewlwyd started")
        admin = block.enter_context(httpx.Client(base_url=f"{base}/api/", trust_env=False))
        logout = urlsplit(client.metadata["backchannel_logout_uri"])
        assert authority is not None
        relay = block.enter_context(tls_relay(logout.hostname or "", logout.port or 443, authority))
        provider = Glewlwyd(f"{base}/api/oidc", client, tuple(users), process, base, admin)
        _set_up(provider, token_lifetimes or {}, f"http://{logout.hostname}:{relay}{logout.path}")
        yield provider


def _written(folder: Path, port: int, base: str) -> Path:
    """Its configuration file, beside an empty database."""
    database = folder / "glewlwyd.sqlite3"
    with closing(sqlite3.connect(database)) as made:
        made.executescript(SCHEMA.read_text("utf-8"))
    texts = {
        "bind_address": LOOPBACK,
        "external_url": base,
        "login_url": "login.html",
        "api_prefix": "api",
        "static_files_path": "/usr/share/glewlwyd/webapp/",
        "log_mode": "console",
        "log_level": "INFO",
        "cookie_domain": LOOPBACK,
        "hash_algorithm": "SHA512",
        "admin_scope": "g_admin",
        "profile_scope": "g_profile",
        "user_module_path": f"{MODULES}/user",
        "client_module_path": f"{MODULES}/client",
        "user_auth_scheme_module_path": f"{MODULES}/scheme",
        "plugin_module_path": f"{MODULES}/plugin",
    }
    lines = [f"port = {port}", "cookie_secure = false", *(f'{name} = "{text}"' for name, text in texts.items())]
    config = folder / "glewlwyd.conf"
    config.write_text("\n".join([*lines, f'database = {{ type = "sqlite3", path = "{database}" }}', ""]), "utf-8")
    return config


def _set_up(provider: Glewlwyd, lifetimes: Mapping[str, int], logout_url: str) -> None:
    admin = provider.admin
    _done(admin.post("auth/", json={"username": "admin", "password": "password"}))
    _done(admin.post("mod/plugin/", json=_plugin(provider.issuer, lifetimes)))
    _allow(admin, "user", {"groups": True, "verified": False})
    _allow(admin, "client", {"post_logout_redirect_uris": True})
    for scope in SCOPES[1:]:
        _done(admin.post("scope/", json={"name": scope, "display_name": scope, "password_required": False}))
    for user in provider.users:
        _done(admin.post("user/", json=_account(user)))
    _done(admin.post("client/", json=_registration(provider.client, logout_url)))


def _plugin(issuer: str, lifetimes: Mapping[str, int]) -> dict[str, Any]:
    """OpenID Connect as strictly as it can be had: code flow, PKCE, `iss` in answers, refresh tokens good once."""
    key = RSAKey.generate_key(2048, {"alg": "RS256", "use": "sig", "kid": "one"})
    on = dict.fromkeys(
        (
            "auth-type-code-enabled",
            "auth-type-code-revoke-replayed",
            "auth-type-refresh-enabled",
            "pkce-allowed",
            "pkce-required",
            "oauth-as-iss-id",
            "jwks-show",
            "introspection-revocation-allowed",
            "introspection-revocation-allow-target-client",
            "session-management-allowed",
            "back-channel-logout-allowed",
            "oauth-par-allowed",
            "request-parameter-allow",
        ),
        True,
    )
    parameters = {
        **on,
        "iss": issuer,
        "jwt-type": "rsa",
        "jwt-key-size": "256",
        "jwks-private": json.dumps({"keys": [key.as_dict(private=True)]}),
        "access-token-duration": lifetimes.get("access_token", 3600),
        "refresh-token-duration": lifetimes.get("refresh_token", 86400),
        "code-duration": 60,
        "oauth-par-duration": 60,
        "oauth-par-request_uri-prefix": "urn:ietf:params:oauth:request_uri:",
        "client-jwks-parameter": "jwks",
        "request-maximum-exp": 3600,
        "refresh-token-rolling": False,
        "refresh-token-one-use": "always",
        "subject-type": "public",
        "session-cookie-name": SESSION_COOKIE,
        "session-cookie-expiration": 86400,
        "name-claim": "mandatory",
        "email-claim": "mandatory",
        "claims": [
            {"name": "groups", "user-property": "groups", "type": "string", "mandatory": True},
            {
                "name": "email_verified",
                "user-property": "verified",
                "type": "boolean",
                "boolean-value-true": "yes",
                "boolean-value-false": "no",
                "mandatory": True,
            },
        ],
    }
    return {"module": "oidc", "name": "oidc", "display_name": "OpenID", "enabled": True, "parameters": parameters}


def _allow(admin: httpx.Client, kind: str, properties: Mapping[str, bool]) -> None:
    """Let users or clients have further properties; true for those of several values."""
    module = admin.get(f"mod/{kind}/database").json()
    for name, multiple in properties.items():
        module["parameters"]["data-format"][name] = {"multiple": multiple, "read": True, "write": True}
    _done(admin.put(f"mod/{kind}/database", json=module))
    _done(admin.put(f"mod/{kind}/database/reset"))


def _account(user: User) -> dict[str, Any]:
    return {
        "username": user.id,
        "password": user.password,
        "name": user.name,
        "email": user.email,
        "scope": list(SCOPES),
        "groups": list(user.groups),
        "verified": "yes" if user.email_verified else "no",
    }


def _registration(client: Client, logout_url: str) -> dict[str, Any]:
    return {
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "confidential": True,
        "redirect_uri": list(client.redirect_uris),
        "post_logout_redirect_uris": list(client.post_logout_redirect_uris),
        "authorization_type": ["code", "refresh_token", "client_credentials"],
        "token_endpoint_auth_method": ["client_secret_post"],
        "backchannel_logout_uri": logout_url,
        "backchannel_logout_session_required": "true",
    }


def _done(answer: httpx.Response) -> None:
    assert answer.status_code == httpx.codes.OK, f"{answer.request.url}: {answer.status_code} {answer.text[:500]}"
