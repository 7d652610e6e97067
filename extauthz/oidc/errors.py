"""What can go wrong with an identity provider.

OidcError
├── ProviderUnavailable    it says that it cannot: try again later
│   ├── ProviderSilent     it does not answer at all
│   └── NotAsked           it was silent a moment ago, or has enough to do: it was not asked
└── NotTrusted             it answers what must not be believed, with a reason of a closed set
    ├── AccessTokenRefused the access token is not good for userinfo any more
    └── KeySetUnusable     what should be its keys is no key set
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why a sign-in was refused; the same word in logs, metrics and tests."""

    RESPONSE_MALFORMED = "response-malformed"
    ACCESS_DENIED = "access-denied"
    PROVIDER_ERROR = "provider-error"
    RESPONSE_ISSUER = "response-issuer"
    METADATA = "metadata"
    CODE = "code"
    CLIENT = "client"
    REFRESH_TOKEN = "refresh-token"  # noqa: S105 - a word, not a credential
    TOKEN_RESPONSE = "token-response"  # noqa: S105 - a word, not a credential
    ID_TOKEN_MALFORMED = "id-token-malformed"  # noqa: S105
    ID_TOKEN_ALGORITHM = "id-token-algorithm"  # noqa: S105
    ID_TOKEN_KEY = "id-token-key"  # noqa: S105
    ID_TOKEN_SIGNATURE = "id-token-signature"  # noqa: S105
    ID_TOKEN_ISSUER = "id-token-issuer"  # noqa: S105
    ID_TOKEN_AUDIENCE = "id-token-audience"  # noqa: S105
    ID_TOKEN_TIME = "id-token-time"  # noqa: S105
    ID_TOKEN_NONCE = "id-token-nonce"  # noqa: S105
    ID_TOKEN_ACCESS_TOKEN_HASH = "id-token-at-hash"  # noqa: S105
    ID_TOKEN_SUBJECT = "id-token-subject"  # noqa: S105
    TOKEN_INACTIVE = "token-inactive"  # noqa: S105
    TOKEN_KIND = "token-kind"  # noqa: S105
    LOGOUT_TOKEN = "logout-token"  # noqa: S105
    USERINFO = "userinfo"
    USERINFO_SUBJECT = "userinfo-subject"


class OidcError(Exception):
    """Base of this package's errors; `code` is stable."""

    code = "oidc"


class ProviderUnavailable(OidcError):
    """The identity provider does not answer; nobody can sign in, sessions go on."""

    code = "provider-unavailable"


class ProviderSilent(ProviderUnavailable):
    """Nothing whole came back: whoever asks again at once would only make it worse."""


class NotAsked(ProviderUnavailable):
    """The provider is spared; nothing was learnt about it."""


class NotTrusted(OidcError):
    """The provider's answer was refused; the text is for the operator and holds no secret."""

    code = "provider-not-trusted"

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        """Why."""


class AccessTokenRefused(NotTrusted):
    """The userinfo endpoint takes the access token no longer: it has ended, or was revoked."""


class KeySetUnusable(NotTrusted):
    """No token of the provider can be verified, for its keys cannot be read."""
