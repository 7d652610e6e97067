"""An ID token as a credential (`bearer_token_format: idp_identity_token`)."""

from collections.abc import Iterable
from datetime import datetime

from access_model.model import IdentityProvider
from access_model.secret import Secret
from extauthz.oidc.claims import flatten
from extauthz.oidc.discovery import discover, may_issue
from extauthz.oidc.finish import address_verified, user_id
from extauthz.oidc.http import Exchange
from extauthz.oidc.id_token import Expected, verify_presented_id_token
from extauthz.oidc.key_lookup import find_keys
from extauthz.oidc.logout_token import unverified_claims
from extauthz.oidc.signed_in import SignedIn
from extauthz.oidc.signed_token import read_header
from extauthz.oidc.vouched import Vouched, end_of
from session_store.records import Tokens


def provider_of(unverified_token: str, providers: Iterable[IdentityProvider]) -> IdentityProvider | None:
    """The provider that an ID token claims to be from; good for choosing the keys, and nothing else."""
    claims = unverified_claims(unverified_token)
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    meant = [each for each in providers if each.client_id in audiences]
    return next((each for each in meant if may_issue(each, str(claims.get("iss")))), None)


def verify_identity_token(provider: IdentityProvider, unverified_token: str, now: datetime) -> Exchange[Vouched]:
    """Who an ID token is about, checked as at a sign-in, without its nonce; raises `OidcError`."""
    metadata = yield from discover(provider)
    header = read_header(unverified_token, metadata.id_token_algorithms)
    keys = yield from find_keys(metadata.jwks_uri, header)
    expected = Expected(metadata.token_issuer, provider.client_id, None, "")
    claims = verify_presented_id_token(unverified_token, header, keys, expected, now)
    claims |= address_verified(metadata, claims)
    tokens = Tokens(id_token=Secret.of(unverified_token))
    who = SignedIn(claims["iss"], user_id(provider, claims), flatten(claims), {}, tokens)
    return Vouched(who, provider.id, end_of(claims))
