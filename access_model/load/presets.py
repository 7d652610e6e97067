"""What is known of each kind of identity provider, so that the operator need not look it up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from access_model.model import AssertionAudience

NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Preset:
    """The defaults of one kind of provider."""

    issuer: str | None = None
    """Issuer URL where there is but one; None where every customer has their own."""
    scopes: tuple[str, ...] = ("openid", "profile", "email", "offline_access")
    """Scopes to ask for. Several providers refuse a whole sign-in for one scope that they do not know."""
    request_params: Mapping[str, str] = field(default_factory=lambda: NO_PARAMETERS)
    """Further parameters of the authorization request; the operator's win."""
    fixed_params: Mapping[str, str] = field(default_factory=lambda: NO_PARAMETERS)
    """Parameters without which this provider does not work; they win over the operator's."""
    ends_with_slash: bool = False
    """Whether the issuer always ends with a slash, which people leave out."""
    assertion_audience: AssertionAudience = "issuer"
    """Whom it wants client assertions to be for."""
    speaks_openid: bool = True
    """Whether it gives ID tokens; False for plain OAuth 2.0."""


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "oidc": Preset(),
        # Without consent Google gives a refresh token at the first sign-in alone; it refuses `offline_access`.
        "google": Preset(
            "https://accounts.google.com",
            ("openid", "profile", "email"),
            {"access_type": "offline", "prompt": "select_account consent"},
        ),
        "azure": Preset(request_params={"prompt": "select_account"}, assertion_audience="endpoint"),
        "okta": Preset(assertion_audience="endpoint"),
        "auth0": Preset(ends_with_slash=True),
        "cognito": Preset(scopes=("openid", "profile", "email")),
        "onelogin": Preset(scopes=("openid", "profile", "email", "groups", "offline_access")),
        "ping": Preset(scopes=("openid", "profile", "email")),
        "gitlab": Preset("https://gitlab.com", ("openid", "profile", "email")),
        "github": Preset("https://github.com", ("user:email", "read:user"), speaks_openid=False),
        # Apple posts its answer whenever name or address is asked for, and has neither `profile` nor userinfo.
        "apple": Preset(
            "https://appleid.apple.com", ("openid", "name", "email"), fixed_params={"response_mode": "form_post"}
        ),
    }
)
"""Kind of provider (`idp_provider`) to its preset."""
