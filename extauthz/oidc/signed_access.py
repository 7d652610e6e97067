"""Access tokens that are signed statements (JWT), verified without asking anybody (RFC 9068)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access_model.bearer import ANY_AUDIENCE, TokenIssuer
from access_model.secret import Secret
from extauthz.oidc.claims import flatten
from extauthz.oidc.discovery import find_key_set
from extauthz.oidc.errors import NotTrusted, Reason
from extauthz.oidc.http import Exchange
from extauthz.oidc.id_token import named_issuer
from extauthz.oidc.key_lookup import find_keys
from extauthz.oidc.logout_token import unverified_claims
from extauthz.oidc.signed_in import SignedIn
from extauthz.oidc.signed_token import check_lifetime, check_subject, read_header, signed_claims
from extauthz.oidc.token_kinds import ACCESS_TOKEN, refuse_other_kinds
from extauthz.oidc.vouched import Vouched, end_of
from session_store.records import Tokens


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a signed access token has to say."""

    issuer: str
    """`iss`, exactly; for `{tenantid}` see `id_token.Expected`."""
    audiences: tuple[str, ...]
    """`aud` has to hold one of these; `*` takes any."""
    algorithms: tuple[str, ...]
    """How it may be signed."""


def issuer_of(unverified_token: str, issuers: Iterable[TokenIssuer]) -> TokenIssuer | None:
    """The issuer that a token claims to be from; good for choosing the keys, and nothing else."""
    claims = unverified_claims(unverified_token)
    named = [each for each in issuers if each.issuer == claims.get("iss")]
    # one issuer may stand there twice, for different audiences
    meant = (each for each in named if not set(each.audiences).isdisjoint(audiences_of(claims)))
    return next(meant, next(iter(named), None))


def verify_issued(issuer: TokenIssuer, unverified_token: str, now: datetime) -> Exchange[Vouched]:
    """Whom a token of an issuer speaks for (`bearer_token_format: jwt`); raises `OidcError`."""
    wanted = Wanted(issuer.issuer, issuer.audiences, issuer.algorithms)
    header = read_header(unverified_token, wanted.algorithms, ACCESS_TOKEN)
    jwks_url = issuer.jwks_url or (yield from find_key_set(issuer.issuer))
    keys = yield from find_keys(jwks_url, header, ACCESS_TOKEN)
    claims = check_claims(signed_claims(unverified_token, header, keys, ACCESS_TOKEN), wanted, now)
    tokens = Tokens(access_token=Secret.of(unverified_token))
    return Vouched(SignedIn(issuer.issuer, claims["sub"], flatten(claims), {}, tokens), issuer.name, end_of(claims))


def verify_signed(jwks_uri: str, unverified_token: str, wanted: Wanted, now: datetime) -> Exchange[dict[str, Any]]:
    """The claims of a signed access token, all checked; raises `OidcError`."""
    header = read_header(unverified_token, wanted.algorithms, ACCESS_TOKEN)
    keys = yield from find_keys(jwks_uri, header, ACCESS_TOKEN)
    return check_claims(signed_claims(unverified_token, header, keys, ACCESS_TOKEN), wanted, now)


def check_claims(claims: dict[str, Any], wanted: Wanted, now: datetime) -> dict[str, Any]:
    """The claims, if they are meant for us and still good (RFC 9068 section 4); raises `NotTrusted`."""
    if claims.get("iss") != named_issuer(claims, wanted.issuer):
        raise NotTrusted(
            Reason.ID_TOKEN_ISSUER,
            f"the access token was issued by `{str(claims.get('iss'))[:200]}`, not by `{wanted.issuer}`",
        )
    check_audience(claims, wanted.audiences)
    check_lifetime(claims, now, ACCESS_TOKEN)
    refuse_other_kinds(claims, ACCESS_TOKEN)
    check_subject(claims, ACCESS_TOKEN)
    return claims


def check_audience(claims: dict[str, Any], wanted: Iterable[str]) -> None:
    """Refuse a token that was made for somebody else, or does not say for whom; raises `NotTrusted`."""
    accepted = frozenset(wanted)
    if ANY_AUDIENCE not in accepted and accepted.isdisjoint(audiences_of(claims)):
        raise NotTrusted(
            Reason.ID_TOKEN_AUDIENCE,
            f"the access token is for `{str(claims.get('aud'))[:200]}`; accepted is {', '.join(sorted(accepted))}",
        )


def audiences_of(claims: dict[str, Any]) -> tuple[str, ...]:
    """The `aud` of claims as texts, whatever form it has."""
    audience = claims.get("aud")
    listed = audience if isinstance(audience, list) else [audience]
    return tuple(each for each in listed if isinstance(each, str))
