"""Finding the key that a provider's token was signed with."""

from extauthz.oidc.errors import NotTrusted, Reason
from extauthz.oidc.http import Exchange, Freshness, HttpRequest
from extauthz.oidc.key_set import PublicKey, candidates, read_key_set
from extauthz.oidc.signed_token import ID_TOKEN, TokenKind, UnverifiedHeader


def find_keys(jwks_uri: str, header: UnverifiedHeader, kind: TokenKind = ID_TOKEN) -> Exchange[tuple[PublicKey, ...]]:
    """The keys that fit; an unknown key id is worth one look at a new copy, since providers rotate keys."""
    for freshness in (Freshness.KEPT, Freshness.RENEWED):
        response = yield HttpRequest("GET", jwks_uri, freshness=freshness)
        keys = candidates(read_key_set(response), header.algorithm, header.kid)
        if keys:
            return keys
    raise NotTrusted(
        Reason.ID_TOKEN_KEY,
        f"the {kind.name} is signed with the key `{header.kid}`, which the provider does not publish",
    )
