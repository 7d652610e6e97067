"""The identity headers that an allowed request takes upstream. Pure."""

from collections.abc import Mapping

from extauthz.assertion.header_text import escape_element, escape_text


def identity_headers(
    assertion: str, claims: Mapping[str, object], *, assertion_header: str, claim_headers: Mapping[str, str]
) -> dict[str, str]:
    """The assertion and every configured claim header, by name; each is always there, empty when its claim is missing.

    Values come from the assertion's own `claims`, so that header and token never disagree. Lists are joined by `,`.
    See `header_text` for what is percent-encoded. Setting them must overwrite what the client sent.
    """
    values = {name: claim_header_value(claims.get(claim)) for name, claim in sorted(claim_headers.items())}
    return {**values, assertion_header: assertion}


def claim_header_value(value: object) -> str:
    """The text of one claim as a header value; None is empty."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ",".join(escape_element(str(element)) for element in value)
    return escape_text(str(value))
