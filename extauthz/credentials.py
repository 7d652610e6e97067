"""The credential of a request: where it may stand, in which order it is read, and what is never looked up.

Order: session cookie, `X-Pomerium-Authorization: <token>`, `Authorization: Pomerium <token>`,
`Authorization: Bearer Pomerium-<token>`. The first place where something stands counts; what is wrong with it is never
made good by the next. Every other `Authorization` belongs to the upstream, or is a bearer token for the route
(`extauthz.bearer`). A token in the query is not read.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from access_model.external_data import Directory
from access_model.facts import Identity
from access_model.model import CookieSettings
from access_model.reserved_headers import CREDENTIAL_HEADER
from access_model.secret import Secret
from extauthz.cookies import parse_cookie_header, values_of
from extauthz.session_cookie import token_hash
from extauthz.step_up import auth_time
from session_store.records import KnownSession
from session_store.repository import SessionStore

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,512}")
"""Every credential we issue; whatever is longer, shorter or of other characters is refused without a lookup."""
SERVICE_TOKEN = "osa_"  # noqa: S105 - how the tokens of service accounts begin
_AUTHORIZATION = re.compile(r"(?i:pomerium[ \t]+|bearer[ \t]+pomerium-)(?P<token>.*)", re.DOTALL)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_SECOND_SCHEME = re.compile(r",\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+\s+[^\s,=]")


class Source(StrEnum):
    """Where a credential stood."""

    COOKIE = "cookie"
    CREDENTIAL_HEADER = "x-pomerium-authorization"
    AUTHORIZATION = "authorization"


@dataclass(frozen=True, slots=True)
class Presented:
    """A credential that may be looked up."""

    token: Secret
    """The token."""
    source: Source
    """Where it stood."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """Something stood where a credential belongs, and cannot be one: the asker counts as a stranger."""

    source: Source
    """Where it stood."""
    problem: str
    """What is wrong with it, without repeating it."""


Credential = Presented | Unusable | None
"""None: nothing was presented."""


def read_credential(headers: Mapping[str, Sequence[str]], settings: CookieSettings) -> Credential:
    """Find the credential in a request's headers (lower-case name to all values)."""
    cookies = values_of(parse_cookie_header(headers.get("cookie", ())), settings.name)
    if cookies:
        found = _only(cookies, Source.COOKIE)
        service = isinstance(found, Presented) and found.token.reveal_text().startswith(SERVICE_TOKEN)
        return Unusable(Source.COOKIE, "a service account's token is no cookie") if service else found
    if own := headers.get(CREDENTIAL_HEADER, ()):
        return _only(own, Source.CREDENTIAL_HEADER)
    authorization = headers.get("authorization", ())
    if tokens := [match["token"] for value in authorization if (match := _AUTHORIZATION.match(value.strip()))]:
        return _only(tokens, Source.AUTHORIZATION)
    return None


def is_ours(authorization: str) -> bool:
    """Whether the value of an `Authorization` header is a credential of ours, good or not, and no upstream's."""
    return _AUTHORIZATION.match(authorization.strip()) is not None


def presents_ours(headers: Mapping[str, Sequence[str]]) -> bool:
    """Whether a request carries a token of ours in a header, good or not."""
    return CREDENTIAL_HEADER in headers or any(map(is_ours, headers.get("authorization", ())))


def has_two_authorizations(headers: Mapping[str, Sequence[str]]) -> bool:
    """Whether a request carries more than one `Authorization`, be it on two lines or joined by a comma on one.

    The field is a singleton (RFC 9110 section 11.6.2), yet Envoy joins two lines into one. Parameters of one scheme
    are joined by commas too, so what counts is a further scheme: a token and a space before something else.
    """
    values = headers.get("authorization", ())
    return len(values) > 1 or any(_SECOND_SCHEME.search(_QUOTED.sub('""', value)) for value in values)


async def find_session(store: SessionStore, credential: Credential, host: str, now: datetime) -> KnownSession | None:
    """The session that a credential opens on a folded host; None for a stranger. Raises `StoreUnavailable`."""
    if not isinstance(credential, Presented):
        return None
    return await store.find_by_handle(token_hash(credential.token.reveal_text()), host, now)


def identity_of(known: KnownSession, directory: Directory | None = None) -> Identity:
    """Who a session belongs to, as policies and the assertion see it: with the groups that the directory has now."""
    session, user = known.session, known.user
    identity = Identity(
        user_id=user.id,
        session_id=session.id,
        email=user.email,
        email_verified=user.email_verified,
        name=user.name,
        session_claims=session.claims,
        user_claims=user.claims,
        issuer=session.issuer,
        acr=next(iter(session.claims.get("acr", ())), ""),
        amr=session.claims.get("amr", ()),
        authenticated_at=auth_time(session.claims),
    )
    return identity if directory is None else directory.placed(identity)


def _only(values: Sequence[str], source: Source) -> Presented | Unusable:
    if len(values) > 1:
        return Unusable(source, "presented more than once")
    if not _TOKEN.fullmatch(values[0].strip(" \t")):
        return Unusable(source, "no credential of ours looks like this")
    return Presented(Secret.of(values[0].strip(" \t")), source)
