"""Removes what a client could forge, before a route is chosen, on every route, public ones included.

Underscore spellings need no line here: a request with an underscore in a header name was refused before.
"""

from collections.abc import Iterable

from envoy_data_plane.envoy.config.common.mutation_rules.v3 import HeaderMutation as Mutation
from envoy_data_plane.envoy.config.common.mutation_rules.v3 import HeaderMutationRemoveOnMatch
from envoy_data_plane.envoy.config.core.v3 import TypedExtensionConfig
from envoy_data_plane.envoy.extensions.http.early_header_mutation.header_mutation.v3 import HeaderMutation
from envoy_data_plane.envoy.type.matcher.v3 import RegexMatcher, StringMatcher

from access_model.model import AccessModel
from access_model.reserved_headers import (
    ASSERTION_FOR,
    CREDENTIAL_HEADER,
    ENVOY_PREFIX,
    FORWARDED_PREFIX,
    IDENTITY,
    IMPERSONATE_PREFIX,
    KEPT_FORWARDED,
    ORIGIN,
    OWN_PREFIX,
)
from control_plane.translate import wire
from control_plane.translate.complement import everything_but

FOR_CHECK = tuple(name.removeprefix(OWN_PREFIX) for name in (CREDENTIAL_HEADER, ASSERTION_FOR))
"""What a client may send behind our prefix, because `Check` judges and removes it."""


def header_stripping(model: AccessModel) -> TypedExtensionConfig:
    """The early header mutation that removes all of these."""
    mutations = [
        _remove_matching(StringMatcher(prefix=ENVOY_PREFIX, ignore_case=True)),
        _remove_matching(StringMatcher(safe_regex=RegexMatcher(regex=_under_a_prefix()))),
        *(Mutation(remove=name) for name in sorted({*IDENTITY, *ORIGIN, *_configured(model)})),
    ]
    return TypedExtensionConfig(
        name="envoy.http.early_header_mutation.header_mutation",
        typed_config=wire.packed(HeaderMutation(mutations=mutations)),
    )


def _under_a_prefix() -> str:
    """One expression for all these prefixes: it is tried on every header of every request."""
    own, forwarded = OWN_PREFIX + everything_but(FOR_CHECK), FORWARDED_PREFIX + everything_but(KEPT_FORWARDED)
    return f"(?:{own}|{forwarded}|{IMPERSONATE_PREFIX}.*)"


def _configured(model: AccessModel) -> Iterable[str]:
    """Names that the configuration gives to the assertion and to claims, those under our prefix left out."""
    configured = {model.assertion.header.lower(), *model.index.claim_headers}
    return (name for name in configured if not name.startswith(OWN_PREFIX))


def _remove_matching(names: StringMatcher) -> Mutation:
    return Mutation(remove_on_match=HeaderMutationRemoveOnMatch(key_matcher=names))
