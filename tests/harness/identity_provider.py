"""The demo's identity provider as a child process, on generated settings."""

import fcntl
import json
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.harness import parts
from tests.harness.ports import LOOPBACK, free_port
from tests.harness.processes import Process, running

PROVIDER = Path(__file__).parents[2] / "examples" / "demo" / "identity-provider"
SETTINGS = "identity-provider.json"
READ_AGAIN = "the users were read again"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can sign in."""

    id: str
    """Becomes `sub`."""
    email: str
    """Address; also the name to sign in with."""
    password: str
    """Password."""
    name: str = ""
    """Display name."""
    email_verified: bool = True
    """Claim of the same name."""
    groups: tuple[str, ...] = ()
    """Claim of the same name."""
    claims: Mapping[str, Any] = field(default_factory=dict)
    """Any further claims."""


ALICE = User("alice", "alice@example.com", "wonderland", "Alice Liddell", groups=("engineering", "admins"))
BOB = User("bob", "bob@example.com", "builder", "Bob Baumeister", groups=("engineering",))
MALLORY = User("mallory", "mallory@example.net", "outsider", "Mallory Outsider", email_verified=False)
GRANTS = ["authorization_code", "refresh_token", "client_credentials"]
DEMO_USERS = (ALICE, BOB, MALLORY)


@dataclass(frozen=True, slots=True)
class Client:
    """A relying party's registration."""

    redirect_uris: tuple[str, ...]
    """Where codes may be sent."""
    post_logout_redirect_uris: tuple[str, ...] = ()
    """Where a sign-out may end."""
    client_id: str = "ostiary"
    """Client id."""
    # Characters that Basic authentication must form-encode (RFC 6749 section 2.3.1) show who forgets it.
    client_secret: str = "test+secret/with:odd%characters"
    """Client secret."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """Further client metadata, such as `token_endpoint_auth_method` or `backchannel_logout_uri`."""


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """A running identity provider."""

    issuer: str
    """Issuer URL; discovery is under it."""
    client: Client
    """The one registered relying party."""
    users: tuple[User, ...]
    """Who can sign in."""
    process: Process
    """The child process; stop it to see what happens without a provider."""


@contextmanager
def identity_provider(
    folder: Path,
    client: Client,
    *,
    users: Sequence[User] = DEMO_USERS,
    port: int | None = None,
    token_lifetimes: Mapping[str, int] | None = None,
    resources: Sequence[str] = (),
    authority: Path | None = None,
    further_clients: Mapping[str, str] | None = None,
) -> Iterator[IdentityProvider]:
    """Run the identity provider; its settings and log are files in `folder`.

    `token_lifetimes` are seconds for `access_token`, `id_token`, `refresh_token` and `session`. For `resources` it
    signs access tokens, which clients may then have for themselves, too. `authority` is a PEM file to trust besides,
    where it calls the client; `further_clients` are ids with secrets of clients that are registered like the first.
    """
    node = parts.node()
    _install()
    port = port or free_port()
    issuer = f"http://{LOOPBACK}:{port}"
    grants = {"grant_types": GRANTS} if resources else {}
    settings = {
        "listen": {"host": LOOPBACK, "port": port},
        "issuer": issuer,
        "clients": [_registration(each) | grants for each in (client, *_like(client, further_clients or {}))],
        "users": [_account(user) for user in users],
        "token_lifetimes": dict(token_lifetimes or {}),
        "resources": list(resources),
    }
    env = {"NODE_EXTRA_CA_CERTS": str(authority)} if authority else None
    file = folder / SETTINGS
    file.write_text(json.dumps(settings, indent=2), "utf-8")
    with running(
        Process.start("identity-provider", [node, PROVIDER / "server.mjs", file], folder=folder, env=env)
    ) as process:
        process.wait_for_line('{"listening":')
        yield IdentityProvider(issuer, client, tuple(users), process)


def change_user(provider: IdentityProvider, changed: User) -> None:
    """Have the provider say something else of one of its users from now on; who is signed in stays signed in."""
    file, process = provider.process.log.with_name(SETTINGS), provider.process
    settings = json.loads(file.read_text("utf-8"))
    settings["users"] = [_account(changed) if one["id"] == changed.id else one for one in settings["users"]]
    file.write_text(json.dumps(settings, indent=2), "utf-8")
    before = process.output().count(READ_AGAIN)
    process.signal(signal.SIGHUP)
    process.wait_until(lambda: process.output().count(READ_AGAIN) > before, what=READ_AGAIN)


def _like(client: Client, further: Mapping[str, str]) -> list[Client]:
    return [replace(client, client_id=name, client_secret=secret) for name, secret in further.items()]


def _registration(client: Client) -> dict[str, Any]:
    known = {key: value for key, value in asdict(client).items() if key != "metadata"}
    return {**known, **client.metadata}


def _account(user: User) -> dict[str, Any]:
    known = {key: value for key, value in asdict(user).items() if key != "claims"}
    return {**known, **user.claims}


def _install() -> None:
    # Two test runs in one checkout must not install at once; the lock file itself is what they share.
    with (PROVIDER / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (PROVIDER / "node_modules" / ".package-lock.json").exists():
            return
        command: list[str | Path] = [parts.npm(), "ci", "--no-fund", "--no-audit"]
        done = subprocess.run(command, cwd=PROVIDER, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        parts.missing("npm's `oidc-provider`", f"`npm ci` failed: {done.stderr.strip()[-500:]}")
