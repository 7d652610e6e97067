"""The keys of one route."""

from typing import Annotated, Any, Literal

from pydantic import Field

from access_model.schema.base import Keys
from access_model.schema.types import ClaimHeaders, ClaimValues, Duration, Headers, Shown, Texts

PolicyText = Annotated[Any, Shown("policy, or list of policies")]
Targets = Annotated[Texts, Shown("URL, or list of URLs")]


class RouteKeys(Keys):
    """One route: where it answers, where it leads, who may pass."""

    name: str | None = Field(
        default=None, description="What the route is called in logs and pages.", examples=["Verify"]
    )
    description: str = Field(default="", description="A sentence for people who may open the route.")
    from_: str | None = Field(
        default=None,
        alias="from",
        description="Where clients find the route: `https://host[:port]`, without a path. `http://` needs"
        " `insecure_server`. A leading `*.` stands for all subdomains; exact hosts beat wildcards, longer ones beat"
        " shorter ones. The port is what clients use; routes are told apart by host and path alone. Required.",
        examples=["https://verify.example.com"],
    )
    to: Targets | None = Field(
        default=None,
        description="Where requests go: `http`, `https` or `h2c` URLs. Several share the load, evenly or by weights"
        " written behind a comma on all of them. A path replaces what `prefix` or `path` matched. Required.",
        examples=["http://10.0.0.7:8080", ["https://a.internal,10", "https://b.internal,1"]],
    )
    prefix: str | None = Field(
        default=None,
        description="Only paths that begin with this text; it is compared as text, without regard to segments.",
        examples=["/admin/"],
    )
    path: str | None = Field(default=None, description="Only exactly this path.", examples=["/metrics"])
    regex: str | None = Field(
        default=None, description="Only paths that this RE2 expression matches as a whole.", examples=["/api/v[12]/.*"]
    )
    allow_public_unauthenticated_access: bool = Field(
        default=False, description="Everyone may pass, signed in or not. Excludes the other access keys."
    )
    allow_any_authenticated_user: bool = Field(default=False, description="Whoever is signed in may pass.")
    allowed_users: Texts = Field(
        default=[],
        description="User ids or e-mail addresses that may pass; case matters.",
        examples=[["alice@example.com"]],
    )
    allowed_domains: Texts = Field(
        default=[],
        description="Mail domains whose people may pass. An address counts only with exactly one `@`, and not when the"
        " provider says that it is not verified.",
        examples=[["example.com"]],
    )
    allowed_idp_claims: ClaimValues = Field(
        default={},
        description="Claims of which one value is enough to pass; nested claims are written `a.b` or `a/b`.",
        examples=[{"department": ["engineering"]}],
    )
    allowed_groups: Texts = Field(
        default=[],
        description="Directory groups, by id or name, whose members may pass. Groups that the provider claims are"
        " `allowed_idp_claims: {groups: ...}`.",
        examples=[["engineering"]],
    )
    cors_allow_preflight: bool = Field(
        default=False, description="Everyone may send a CORS preflight; what follows it is judged as ever."
    )
    policy: PolicyText = Field(
        default=None,
        description="Who may pass, in the policy language (docs/policy.md): rules that allow and rules that deny."
        " What it allows comes on top of the keys above; what it denies is denied to all.",
        examples=[{"allow": {"and": [{"domain": "example.com"}, {"http_method": {"in": ["GET", "HEAD"]}}]}}],
    )
    identity_providers: Texts = Field(
        default=[],
        description="Whom people may have signed in with: names of `identity_providers`, and `default` for the one at"
        " the top of the file. Default: all.",
        examples=[["partners"]],
    )
    preserve_host_header: bool = Field(
        default=False, description="The upstream sees the host that the client asked for, instead of its own."
    )
    set_request_headers: Headers = Field(
        default={},
        description="Headers for the upstream. Values may hold templates such as `${pomerium.jwt}`; `$$` is a dollar"
        " sign.",
        examples=[{"X-Token": "${pomerium.jwt}"}],
    )
    pass_identity_headers: bool | None = Field(
        default=None,
        description="Whether the upstream gets the assertion and the claim headers. Default: the global setting.",
    )
    jwt_issuer_format: Literal["hostOnly", "uri"] | None = Field(
        default=None, description="Form of the assertion's `iss` for this route. Default: the global setting."
    )
    jwt_claims_headers: ClaimHeaders = Field(
        default={}, description="Claim headers of this route, besides the global ones; the same header is replaced."
    )
    show_error_details: bool = Field(
        default=False,
        description="A refusal shows each criterion with its outcome. It tells strangers who would be let in.",
    )
    timeout: Duration | None = Field(
        default=None,
        description="How long a whole request may take; `0s` for no limit. Default: `default_upstream_timeout`.",
        examples=["2m"],
    )
