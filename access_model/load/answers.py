"""Routes that answer by themselves: `redirect` and `response`."""

from access_model.forwarding import FixedResponse, Redirection
from access_model.load.hosts import host_or_address
from access_model.load.marks import Path
from access_model.load.matching import literal_path
from access_model.load.problems import Mistake, Report
from access_model.schema import RedirectKeys, RouteKeys

MAX_BODY_BYTES = 4096
"""As much as Envoy keeps of a fixed answer."""
_KINDS = ("to", "redirect", "response")


def answer(path: Path, keys: RouteKeys, report: Report) -> Redirection | FixedResponse | None:
    """What a route answers by itself; None when it leads to an upstream. More than one of the three is refused."""
    given = [kind for kind in _KINDS if getattr(keys, kind)]
    if len(given) > 1:
        names = " and ".join(f"`{kind}`" for kind in given)
        report.error((*path, given[1]), "given-twice", f"the route has {names}", "keep one of them")
    if keys.redirect is not None:
        return _redirect((*path, "redirect"), keys.redirect, report)
    if keys.response is not None:
        body = report.attempt((*path, "response", "body"), _body, keys.response.body)
        return FixedResponse(keys.response.status, body or "")
    return None


def _redirect(path: Path, keys: RedirectKeys, report: Report) -> Redirection:
    _keep_one(path, keys, ("https_redirect", "scheme_redirect"), report)
    _keep_one(path, keys, ("path_redirect", "prefix_rewrite"), report)
    host, whole, prefix = keys.host_redirect, keys.path_redirect, keys.prefix_rewrite
    made = Redirection(
        scheme="https" if keys.https_redirect else keys.scheme_redirect,
        host=host and report.attempt((*path, "host_redirect"), _host, host),
        port=keys.port_redirect,
        path=whole and report.attempt((*path, "path_redirect"), _path_and_query, whole),
        prefix=prefix and report.attempt((*path, "prefix_rewrite"), literal_path, prefix),
        status=int(keys.response_code),
        strip_query=keys.strip_query,
    )
    if (made.scheme, made.host, made.port, made.path, made.prefix) == (None,) * 5 and not report.broken(path):
        remedy = "say what changes, as `host_redirect: new.example.com`"
        report.error(path, "missing", "the redirect leads to where the client is already", remedy)
    return made


def _keep_one(path: Path, keys: RedirectKeys, names: tuple[str, str], report: Report) -> None:
    if all(getattr(keys, name) for name in names):
        message = f"the redirect has `{names[0]}` and `{names[1]}`"
        report.error((*path, names[1]), "given-twice", message, "keep one of them")


def _host(text: str) -> str:
    bare = text.removeprefix("[").removesuffix("]")
    host = host_or_address(bare)
    return f"[{host}]" if ":" in host else host


def _path_and_query(text: str) -> str:
    path, mark, query = text.partition("?")
    literal_path(path)
    if not query.isascii() or not query.isprintable() or any(char in query for char in " #\\"):
        raise Mistake("bad-path", f"`{text}` is not a path with a query as it travels", "percent-encode it")
    return path + mark + query


def _body(text: str) -> str:
    if len(text.encode(errors="surrogatepass")) > MAX_BODY_BYTES:
        raise Mistake("too-long", f"the body is longer than {MAX_BODY_BYTES} bytes", "serve it from an upstream")
    return text
