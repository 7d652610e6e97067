"""What the upstream sees instead of the path and the host that the client asked for."""

import re

from access_model.forwarding import HostRewrite, HostSource, PathRewrite, PrefixRewrite, RegexRewrite
from access_model.load.headers import client_header_name
from access_model.load.marks import Path
from access_model.load.matching import literal_path, regular_expression
from access_model.load.problems import Mistake, Report
from access_model.pattern import compiled
from access_model.schema import RouteKeys

_AUTHORITY = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?", re.ASCII)
_GROUP = re.compile(r"\\(.?)", re.DOTALL)
_HOST_KEYS = ("preserve_host_header", "host_rewrite", "host_rewrite_header", "host_path_regex_rewrite_pattern")


def path_rewrite(path: Path, keys: RouteKeys, report: Report) -> PathRewrite | None:
    """How the path changes; None when it does not, or as a path in `to` says."""
    if keys.prefix_rewrite is not None and keys.regex_rewrite_pattern is not None:
        message = "the route has `prefix_rewrite` and `regex_rewrite_pattern`"
        report.error((*path, "regex_rewrite_pattern"), "given-twice", message, "keep one of them")
    by_expression = _regex_rewrite(path, keys, "regex_rewrite", report)
    if keys.prefix_rewrite is None:
        return by_expression
    replacement = report.attempt((*path, "prefix_rewrite"), literal_path, keys.prefix_rewrite)
    return None if replacement is None else PrefixRewrite(replacement)


def host_rewrite(path: Path, keys: RouteKeys, report: Report) -> HostRewrite | None:
    """The `Host` for the upstream, where it is neither its own nor the client's."""
    given = [key for key in _HOST_KEYS if getattr(keys, key)]
    if len(given) > 1:
        names = " and ".join(f"`{key}`" for key in given)
        report.error((*path, given[1]), "given-twice", f"the route has {names}", "keep one of them")
    by_expression = _regex_rewrite(path, keys, "host_path_regex_rewrite", report)
    if by_expression is not None:
        return HostRewrite(HostSource.PATH, from_path=by_expression)
    if keys.host_rewrite_header is not None:
        name = report.attempt((*path, "host_rewrite_header"), client_header_name, keys.host_rewrite_header)
        return None if name is None else HostRewrite(HostSource.HEADER, name)
    if keys.host_rewrite is not None:
        host = report.attempt((*path, "host_rewrite"), _authority, keys.host_rewrite)
        return None if host is None else HostRewrite(HostSource.LITERAL, host)
    return None


def _regex_rewrite(path: Path, keys: RouteKeys, name: str, report: Report) -> RegexRewrite | None:
    """The pair of keys `…_pattern` and `…_substitution`; without a substitution, what is found is left out."""
    pattern, substitution = getattr(keys, f"{name}_pattern"), getattr(keys, f"{name}_substitution")
    where = (*path, f"{name}_substitution")
    if pattern is None:
        if substitution is not None and not report.broken((*path, f"{name}_pattern")):
            message = f"`{name}_pattern` is missing"
            report.error(where, "missing", message, "say what the text replaces")
        return None
    checked = report.attempt((*path, f"{name}_pattern"), regular_expression, pattern)
    if checked is None:
        return None
    groups = compiled(checked).groups
    text = report.attempt(where, lambda given: _substitution(given, groups), substitution or "")
    return None if text is None else RegexRewrite(checked, text)


def _substitution(text: str, groups: int) -> str:
    r"""Check a substitution in RE2's syntax: `\0` to `\9`, and `\\` for a backslash."""
    for reference in _GROUP.finditer(text):
        number = reference[1]
        if number != "\\" and not (number.isascii() and number.isdigit() and int(number) <= groups):
            message = f"`{reference[0]}` is none of the {groups} groups of the expression"
            raise Mistake("bad-substitution", message, r"write `\1` for the first group, and `\\` for a backslash")
    if not text.isascii() or not text.isprintable():
        raise Mistake("bad-substitution", "the text has characters that no path may have", "percent-encode them")
    return text


def _authority(text: str) -> str:
    if _AUTHORITY.fullmatch(text) is None:
        raise Mistake("bad-host", f"`{text}` is not a host", "write `host` or `host:port`")
    return text
