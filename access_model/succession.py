"""A model that still knows the routes of the one before it, while Envoys pass from one to the other.

An Envoy names the route that it matched by its id, which is a hash of where the route leads. For the moment in which it
does not have the newest routes yet, it names one that the newest model no longer holds. Such an id stands for its
successor if nothing but the upstreams changed: then who may pass is the same by either, and no request is refused for
having come in between. Whatever else has changed, the id stays unknown.
"""

from copy import copy
from dataclasses import replace

from access_model.model import AccessModel, Route, RouteIndex

MOST_REMEMBERED = 20_000
"""Ids beyond which those that left first are forgotten."""


def succeeding(model: AccessModel, previous: AccessModel) -> AccessModel:
    """`model`, with what `previous` knew and `model` has a successor for."""
    gone = [(name, route) for name, route in previous.index.by_id.items() if name not in model.index.by_id]
    if not gone:
        return model
    remembered = {
        name: successor
        for name, route in gone
        if (successor := _successor(route, model.index)) is not None and _alike(route, successor)
    }
    kept = dict(list(remembered.items())[-MOST_REMEMBERED:])
    following = copy(model)
    index = replace(model.index, by_id={**model.index.by_id, **kept})
    object.__setattr__(following, "index", index)
    return following


def _successor(route: Route, index: RouteIndex) -> Route | None:
    """The route that answers where another one did."""
    there = index.by_host.get(route.origin.host, ())
    return next((each for each in there if (each.origin, each.match) == (route.origin, route.match)), None)


def _alike(route: Route, successor: Route) -> bool:
    """Whether they differ in nothing but their upstreams and what they are called."""
    renamed = replace(
        route,
        id=successor.id,
        name=successor.name,
        targets=successor.targets,
        target_path=successor.target_path,
    )
    return renamed == successor
