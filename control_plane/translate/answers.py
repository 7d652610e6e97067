"""Routes that answer by themselves. `Check` is asked first, as on every route."""

from collections.abc import Mapping
from typing import Any

from envoy.config.core.v3 import base_pb2 as core
from envoy.config.route.v3 import route_components_pb2 as components

from access_model.forwarding import FixedResponse, Redirection
from access_model.model import PathMatch
from control_plane.translate.rewriting import prefix_fields

_STATUSES = {
    301: components.RedirectAction.MOVED_PERMANENTLY,
    302: components.RedirectAction.FOUND,
    303: components.RedirectAction.SEE_OTHER,
    307: components.RedirectAction.TEMPORARY_REDIRECT,
    308: components.RedirectAction.PERMANENT_REDIRECT,
}


def answer_fields(answer: Redirection | FixedResponse, match: PathMatch) -> Mapping[str, Any]:
    """The field of a `Route` that makes it answer."""
    if isinstance(answer, Redirection):
        return {"redirect": _redirect(answer, match)}
    body = core.DataSource(inline_string=answer.body) if answer.body else None
    return {"direct_response": components.DirectResponseAction(status=answer.status, body=body)}


def _redirect(answer: Redirection, match: PathMatch) -> components.RedirectAction:
    path = {} if answer.prefix is None else prefix_fields(match, answer.prefix)
    if answer.path is not None:
        path = {"path_redirect": answer.path}
    return components.RedirectAction(
        scheme_redirect=answer.scheme,
        host_redirect=answer.host or "",
        port_redirect=answer.port or 0,
        response_code=_STATUSES[answer.status],
        strip_query=answer.strip_query,
        **path,
    )
