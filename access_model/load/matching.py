"""Which paths a route answers on: `prefix`, `path` or `regex`."""

from typing import Literal

from access_model.load.marks import Path
from access_model.load.problems import Mistake, Report
from access_model.model import Origin, PathMatch
from access_model.pattern import PatternInvalid, compiled
from access_model.schema import RouteKeys

_KINDS: tuple[Literal["prefix", "path", "regex"], ...] = ("prefix", "path", "regex")


def path_match(path: Path, keys: RouteKeys, origin: Origin | None, report: Report) -> PathMatch | None:
    """The match of a route, every path when it names none; None when it cannot be used."""
    given = [(kind, text) for kind in _KINDS if (text := getattr(keys, kind)) is not None]
    if len(given) > 1:
        names = " and ".join(f"`{kind}`" for kind, _ in given)
        report.error((*path, given[1][0]), "given-twice", f"the route has {names}", "keep one of them")
    if keys.regex_priority_order is not None and keys.regex is None and not report.broken((*path, "regex")):
        message = "only routes with `regex` have a priority"
        report.error(
            (*path, "regex_priority_order"), "without-regex", message, "put the route in its place in the file"
        )
    if origin is not None and origin.scheme == "tcp+https":
        for kind, _ in given:
            report.error((*path, kind), "path-of-tunnel", "a tunnel has no path", "remove it")
        return PathMatch("connect", f"{origin.host}:{origin.port}")
    if not given:
        return PathMatch("prefix", "/")
    kind, text = given[0]
    checked = report.attempt((*path, kind), regular_expression if kind == "regex" else literal_path, text)
    return None if checked is None else PathMatch(kind, checked)


def regular_expression(text: str) -> str:
    """Check an RE2 expression. Raises `Mistake`."""
    try:
        compiled(text)
    except PatternInvalid as invalid:
        message = f"`{text}` is not an RE2 expression: {invalid}"
        raise Mistake("bad-regex", message, "see the RE2 syntax; it has no lookaround and no backreferences") from None
    if not text:
        raise Mistake("bad-regex", "the expression is empty and matches no path", "write `/.*` for every path")
    return text


def literal_path(text: str) -> str:
    """Check a path, or the beginning of one, as it travels. Raises `Mistake`."""
    if not text.startswith("/"):
        raise Mistake("bad-path", f"`{text}` is not a path", "begin it with `/`")
    if "//" in text or not {".", ".."}.isdisjoint(text.split("/")):
        raise Mistake(
            "bad-path", f"`{text}` is never asked for", "leave out dots and double slashes; they are resolved first"
        )
    if not text.isascii() or not text.isprintable() or any(char in text for char in " ?#\\"):
        raise Mistake(
            "bad-path", f"`{text}` is not a path as it travels", "percent-encode it, without query and fragment"
        )
    return text
