"""Which route a request is judged by."""

from access_model.model import AccessModel, Route
from access_model.routing import find_route
from extauthz.decide.outcome import Refused, RefusedFor
from extauthz.decide.question import Question
from extauthz.own_endpoints import own_path
from extauthz.request_path import canonical, merged, without_parameters


def choose_route(question: Question, model: AccessModel) -> Route | Refused:
    """The route that Envoy named, or in a foreign mesh the one found by host and path; else why there is none.

    A path that another reader could take for one of another route is refused: `/%61dmin` and `/admin;x=.css` both mean
    `/admin` to many upstreams, while Envoy matched what was sent. So is another spelling of an endpoint of ours, which
    no route can shadow.
    """
    route = _matched(question, model)
    if isinstance(route, Route) and (own_path(question.facts.raw_path) or not _reads_alike(question, route, model)):
        return Refused(
            RefusedFor.BAD_REQUEST,
            route,
            problem=f"path `{question.facts.raw_path}` reads as another one once decoded",
        )
    return route


def _matched(question: Question, model: AccessModel) -> Route | Refused:
    if question.route_id is None:
        return find_route(model, question.facts.host, question.facts.raw_path) or Refused(RefusedFor.NO_ROUTE)
    if question.route_id == "":
        return Refused(RefusedFor.NO_ROUTE)
    route = model.route_by_id(question.route_id)
    if route is None:
        problem = f"Envoy matched route `{question.route_id}`, which revision `{model.revision}` does not hold"
        return Refused(RefusedFor.UNAVAILABLE, problem=problem)
    if not route.origin.covers(question.facts.host):
        # No Envoy of ours asks so. Whoever can would get one host's assertion by another host's policy.
        problem = f"Envoy matched route `{route.name}`, which is not for `{question.facts.host}`"
        return Refused(RefusedFor.UNAVAILABLE, route, problem=problem)
    return route


def _reads_alike(question: Question, route: Route, model: AccessModel) -> bool:
    host, raw = question.facts.host, question.facts.raw_path
    if "%" not in raw and ";" not in raw:
        return True
    plain = canonical(raw)
    readings = {plain, merged(without_parameters(plain))} - {raw}
    return all(_is(route, find_route(model, host, reading)) for reading in readings)


def _is(route: Route, found: Route | None) -> bool:
    return found is not None and found.id == route.id
