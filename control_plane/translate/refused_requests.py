"""Requests that the next server may read otherwise than we did: refused before any route is looked at.

That is early enough for no decision, cached or fresh, to let one through.
"""

from envoy.config.route.v3 import route_components_pb2 as components
from envoy.type.matcher.v3 import regex_pb2 as regex
from envoy.type.matcher.v3 import string_pb2 as string

from control_plane.translate import names
from control_plane.translate.asking_check import without_check

DOT_SEGMENT_WITH_PARAMETER = r".*/(\.|%2[eE]){1,2}(;|%3[bB]).*"
AUTHORITY = r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?"


def refuse_ambiguous_path() -> components.Route:
    """400 for a dot segment with a parameter (RFC 3986 section 3.3).

    Envoy resolves `..;` like `..`, but not its encoded spellings, for which servlet containers go up as well:
    `/public/%2e%2e;/admin` is theirs for `/admin`. Which paths these are was told before (see `host_choice`).
    """
    return _refuse(names.REFUSED_PATH, components.RouteMatch(prefix="/"))


def refuse_malformed_host() -> components.Route:
    """400 for what is no host, such as several `Host` headers, which Envoy joins by commas (RFC 9112 section 3.2).

    Needed where hosts are matched by their end; an exact host is well-formed by itself.
    """
    well_formed = components.HeaderMatcher(
        name=":authority", string_match=string.StringMatcher(safe_regex=_regex(AUTHORITY)), invert_match=True
    )
    return _refuse(names.REFUSED_HOST, components.RouteMatch(prefix="/", headers=[well_formed]))


def _refuse(name: str, match: components.RouteMatch) -> components.Route:
    return components.Route(
        name=name,
        match=match,
        direct_response=components.DirectResponseAction(status=400),
        typed_per_filter_config=without_check(),
    )


def _regex(pattern: str) -> regex.RegexMatcher:
    return regex.RegexMatcher(regex=pattern)
