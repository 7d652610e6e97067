"""The keys of one named identity provider, or of one issuer of tokens."""

from pydantic import Field

from access_model.model import AssertionAudience, ClientAuthentication
from access_model.schema.base import Keys
from access_model.schema.types import FileName, Parameters, SecretText, Texts, Words


class ProviderKeys(Keys):
    """A further identity provider, which calls back at `/oauth2/callback/<name>` of the authenticate service. With
    `audiences` it is an issuer of tokens alone (`bearer_token_format: jwt`), and nobody signs in there."""

    title: str = Field(default="", description="What people see where they choose. Default: its name.")
    provider: str = Field(default="oidc", description="The kind of identity provider, as in `idp_provider`.")
    issuer: str | None = Field(
        default=None,
        description="Its issuer URL, exactly as it names itself. `http://` only on loopback. Required, unless the kind"
        " of provider has but one.",
        examples=["https://id.example.com/realms/partners"],
    )
    client_id: str | None = Field(default=None, description="Our client id there. Required.")
    client_secret: SecretText | None = Field(default=None, description="Our client secret there.")
    client_secret_file: FileName | None = Field(default=None, description="`client_secret`, as the name of a file.")
    client_authentication: ClientAuthentication | None = Field(
        default=None, description="How we authenticate ourselves there, as in `idp_client_authentication`."
    )
    client_assertion_audience: AssertionAudience | None = Field(
        default=None, description="Whom our assertions are for, as in `idp_client_assertion_audience`."
    )
    scopes: Words | None = Field(default=None, description="Scopes to ask for, as in `idp_scopes`.")
    request_params: Parameters = Field(
        default={}, description="Further parameters of the authorization request.", examples=[{"prompt": "login"}]
    )
    pushed_authorization: bool = Field(
        default=False, description="Push authorization requests (RFC 9126), also where the provider does not insist."
    )
    audiences: Texts = Field(
        default=[],
        description="Whom its tokens must be made for: `aud` has to hold one of these. It makes this entry an issuer of"
        " tokens, for routes with `bearer_token_format: jwt`, and is required then; of the other keys `issuer`,"
        " `jwks_url` and `supported_algs` go with it.",
        examples=[["https://api.example.com"]],
    )
    jwks_url: str | None = Field(
        default=None,
        description="The public keys of an issuer of tokens. `http://` only on loopback. Default: where the discovery"
        " document below `issuer` says.",
        examples=["https://tokens.example.com/keys"],
    )
    supported_algs: Words = Field(
        default=[],
        description="How tokens of an issuer may be signed: of `RS256`, `PS256`, `ES256`, `EdDSA` (the default),"
        " `RS384`, `RS512`, `PS384`, `PS512`, `ES384`, `ES512`.",
        examples=[["ES256"]],
    )
