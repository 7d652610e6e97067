"""Paths that the next server may read as another path than we did.

Envoy resolves dot segments, but `..;` is none to it (RFC 3986 section 3.3 leaves parameters of segments to the server),
while servlet containers drop the parameter and go up: `/public/..;/admin` is theirs for `/admin`. Such a path has no
honest use, and is refused before any route is looked at, so that no cached decision can let it through either.
"""

from envoy.config.route.v3 import route_components_pb2 as components
from envoy.type.matcher.v3 import regex_pb2 as regex

from control_plane.translate.asking_check import without_check

DOT_SEGMENT_WITH_PARAMETER = r".*/(\.|%2[eE]){1,2}(;|%3[bB]).*"


def refuse_ambiguous_path() -> components.Route:
    """400 for a dot segment with a parameter."""
    return components.Route(
        name="refused-path",
        match=components.RouteMatch(safe_regex=regex.RegexMatcher(regex=DOT_SEGMENT_WITH_PARAMETER)),
        direct_response=components.DirectResponseAction(status=400),
        typed_per_filter_config=without_check(),
    )
