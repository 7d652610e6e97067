"""What the upstream sees instead of the path and the host that the client asked for."""

import re
from collections.abc import Mapping
from typing import Any

from envoy.type.matcher.v3 import regex_pb2 as regex

from access_model.forwarding import HostRewrite, HostSource, PrefixRewrite, RegexRewrite
from access_model.model import PathMatch, Route

ROOT = "/"


def path_fields(route: Route) -> Mapping[str, Any]:
    """The fields of a `RouteAction` that change the path; a path in `to` counts where the route says nothing."""
    match route.rewrite:
        case PrefixRewrite(replacement):
            return prefix_fields(route.match, replacement)
        case RegexRewrite():
            return {"regex_rewrite": _substitute(route.rewrite)}
    return prefix_fields(route.match, route.target_path) if route.target_path not in ("", ROOT) else {}


def prefix_fields(match: PathMatch, replacement: str) -> Mapping[str, Any]:
    """The fields of a `RouteAction` or `RedirectAction` that replace the matched part of the path.

    Envoy replaces text, so the replacement of a prefix ends in a slash exactly if the prefix does: otherwise `/a/b`
    under the prefix `/a/` and the replacement `/x` would become `/xb`, and under `/a` and `/x/`, `/x//b`. What
    replaces `/a` by nothing takes the slash behind it along, for Envoy knows no empty replacement.
    """
    if match.kind != "prefix":
        return {"prefix_rewrite": replacement}
    bare = replacement.rstrip("/")
    if match.value.endswith("/"):
        return {} if match.value == f"{bare}/" else {"prefix_rewrite": f"{bare}/"}
    if bare:
        return {"prefix_rewrite": bare}
    return {"regex_rewrite": _substitute(RegexRewrite(f"^{re.escape(match.value)}/?", ROOT))}


def host_fields(route: Route) -> Mapping[str, Any]:
    """The fields of a `RouteAction` that make the `Host`.

    By default the upstream sees its own name (of several, the chosen one's), or the client's if the route preserves it.
    """
    if route.host_rewrite is not None:
        return _host_rewrite(route.host_rewrite)
    if route.preserve_host_header:
        return {}
    authorities = {target.authority for target in route.targets}
    return (
        {"host_rewrite_literal": authorities.pop()} if len(authorities) == 1 else {"auto_host_rewrite": {"value": True}}
    )


def _host_rewrite(rewrite: HostRewrite) -> Mapping[str, Any]:
    match rewrite.source:
        case HostSource.LITERAL:
            return {"host_rewrite_literal": rewrite.value}
        case HostSource.HEADER:
            return {"host_rewrite_header": rewrite.value}
        case HostSource.PATH:
            assert rewrite.from_path is not None
            return {"host_rewrite_path_regex": _substitute(rewrite.from_path)}


def _substitute(rewrite: RegexRewrite) -> regex.RegexMatchAndSubstitute:
    return regex.RegexMatchAndSubstitute(
        pattern=regex.RegexMatcher(regex=rewrite.pattern), substitution=rewrite.substitution
    )
