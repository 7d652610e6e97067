"""Records to test with. The clock is an argument everywhere; here it stands still until a test winds it forward."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from access_model.secret import Secret
from session_store.records import Handle, Session, SigningKey, Tokens, User

ChangeOfKeys = Callable[[Sequence[SigningKey]], Sequence[SigningKey]]

STORE_KEY = b"k" * 32
NOW = datetime(2031, 5, 6, 7, 8, 9, 123456, UTC)
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

ANNA = User(
    issuer="https://idp.example",
    id="anna",
    email="anna@example.com",
    email_verified=True,
    name="Anna Å. 安娜",
    claims={"address.country": ("NO",), "groups": ("staff", "ops")},
)
BERT = User(issuer="https://idp.example", id="bert")

TOKENS = Tokens(
    access_token=Secret.of("the-access-token-of-anna"),
    refresh_token=Secret.of("the-refresh-token-of-anna"),
    id_token=Secret.of("the-id-token-of-anna"),
    access_expires=NOW + HOUR,
)


def session(name: str = "s1", user: User = ANNA) -> Session:
    """A session that began now and lasts eight hours."""
    return Session(
        id=f"session-{name}",
        user_id=user.id,
        issuer=user.issuer,
        provider_id="main",
        created=NOW,
        last_seen=NOW,
        expires=NOW + 8 * HOUR,
        claims={"acr": ("2",), "roles": ("a", "b"), "none": ()},
        provider_session=f"provider-{name}",
        tokens=TOKENS,
        device="Firefox on Linux",
        address="2001:db8::7",
    )


def handle(cookie: str = "cookie-1", host: str = "app.example.com", session_name: str = "s1") -> Handle:
    """The handle of a cookie value."""
    return Handle(token_hash=token_hash(cookie), session_id=f"session-{session_name}", host=host, created=NOW)


def token_hash(cookie: str) -> bytes:
    """What the store keeps of a cookie value."""
    return sha256(cookie.encode()).digest()


def signing_key(name: str, created: datetime = NOW) -> SigningKey:
    """A key that only looks like one."""
    return SigningKey(kid=f"kid-{name}", private_pem=Secret.of(f"PRIVATE KEY {name}"), created=created)


def keeping(*keys: SigningKey) -> ChangeOfKeys:
    """The change that leaves exactly these keys."""
    return lambda _: keys


def unless_kept(key: SigningKey) -> ChangeOfKeys:
    """The change of a process that starts: its own key where there is none."""
    return lambda kept: kept or [key]


def seen(known: Session, at: datetime) -> Session:
    """The session as it is after a use."""
    return replace(known, last_seen=at)
