"""The keys of one named identity provider."""

from pydantic import Field

from access_model.model import ClientAuthentication
from access_model.schema.base import Keys
from access_model.schema.types import FileName, Parameters, SecretText, Words


class ProviderKeys(Keys):
    """A further identity provider. It calls back at `/oauth2/callback/<name>` of the authenticate service."""

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
    scopes: Words | None = Field(default=None, description="Scopes to ask for, as in `idp_scopes`.")
    request_params: Parameters = Field(
        default={}, description="Further parameters of the authorization request.", examples=[{"prompt": "login"}]
    )
    pushed_authorization: bool = Field(
        default=False, description="Push authorization requests (RFC 9126), also where the provider does not insist."
    )
