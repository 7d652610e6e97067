"""Telling kinds of tokens apart where their `typ` says nothing (RFC 8725 section 3.11, RFC 9068 section 5).

Most providers sign ID tokens, access tokens and logout tokens with one key, for overlapping audiences, under the `typ`
of `JWT`. What one kind alone carries gives it away.
"""

from typing import Any

from extauthz.oidc.errors import NotTrusted, Reason
from extauthz.oidc.signed_token import ID_TOKEN, TokenKind

ACCESS_TOKEN = TokenKind("access token", frozenset({"jwt", "at+jwt", "application/at+jwt"}))
"""RFC 9068; many issuers leave its `typ` out, or write `JWT`."""

_OF_ACCESS_TOKENS = ("scope", "scp")
_OF_ID_TOKENS = ("nonce", "at_hash", "c_hash", "s_hash")
_OF_OTHERS = ("events",)
"""Logout tokens, and security events at large (RFC 8417)."""
_ID_WORDS = frozenset({"id", "id_token"})
_ACCESS_WORDS = frozenset({"access", "access_token", "bearer"})
_WORDED = ("token_use", "typ")
"""Claims by which Cognito, Hydra and Keycloak say what kind a token is of; `typ` is one of the payload here."""


def refuse_other_kinds(claims: dict[str, Any], kind: TokenKind) -> None:
    """Refuse verified claims of a token of another kind than `ID_TOKEN` or `ACCESS_TOKEN`; raises `NotTrusted`.

    A word for the kind decides, where there is one: access tokens of Keycloak may carry a `nonce`.
    """
    words = [(name, str(claims[name]).lower()) for name in _WORDED if name in claims]
    for name, word in words:
        if word not in (_ID_WORDS if kind is ID_TOKEN else _ACCESS_WORDS):
            raise _refusal(kind, f"its `{name}` is `{word[:50]}`")
    markers = () if words else _OF_ACCESS_TOKENS if kind is ID_TOKEN else _OF_ID_TOKENS
    for name in (*markers, *_OF_OTHERS):
        if name in claims:
            raise _refusal(kind, f"it has `{name}`")
    refuse_bound(claims, kind)


def refuse_bound(claims: dict[str, Any], kind: TokenKind) -> None:
    """Refuse a token that is good only together with a key or certificate (`cnf`, RFC 7800, RFC 9449): whoever shows it
    without that proof may have stolen it. Raises `NotTrusted`."""
    if "cnf" in claims:
        raise _refusal(kind, "it is bound to a key (`cnf`), which no bearer token is")


def _refusal(kind: TokenKind, why: str) -> NotTrusted:
    return NotTrusted(Reason.TOKEN_KIND, f"this is no {kind.name} for us: {why}")
