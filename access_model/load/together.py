"""What only shows when the whole file is seen: routes in each other's way, loops, sign-in that nobody set up."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from access_model.load.addresses import TcpAddress
from access_model.load.problems import Report
from access_model.load.routes import Numbered
from access_model.model import Origin, Route, RouteIndex, precedence
from access_model.policy import Dependencies

OWN_PATHS = ("/ping", "/healthz", "/.well-known/pomerium", "/.well-known/pomerium/", "/.pomerium", "/.pomerium/")
"""Paths that we answer on every host, before any route."""


def check_distinct(routes: Sequence[Numbered], sign_in: Origin | None, report: Report) -> None:
    """Refuse two routes that answer the same requests, and warn of those that are never reached.

    On the sign-in host every path is ours, so a route there is refused too.
    """
    first: dict[tuple[str, str, str], int] = {}
    on_host = Counter(route.origin.host for _, route in routes)
    for index, route in sorted(routes, key=lambda each: precedence(each[1])):
        host, kind, value = route.origin.host, route.match.kind, route.match.value
        alone = on_host[host] == 1
        earlier = index if alone else first.setdefault((host, kind, value), index)
        if earlier != index:
            line = report.marks.of(("routes", earlier)).line
            message = f"`routes[{earlier}]` in line {line} answers the same requests"
            report.error(("routes", index), "same-route", message, "change `prefix`, `path` or `regex`, or remove one")
        elif not alone and (hiding := _hidden_by(first, route)) is not None:
            message = f"`routes[{hiding}]` comes first and takes all its requests"
            report.warn(("routes", index), "never-reached", message, "put the more specific route first")
        if sign_in is not None and host == sign_in.host:
            message = f"`{host}` is the host of `authenticate_service_url`"
            report.error(("routes", index, "from"), "authenticate-host", message, "give sign-in a host of its own")
        if value != "/" and kind != "regex" and (value in OWN_PATHS or value.startswith("/.pomerium/")):
            message = f"`{value}` is answered by the proxy itself"
            report.warn(("routes", index, kind), "never-reached", message, "choose another path")


def check_loops(
    routes: Iterable[Numbered], own: Sequence[tuple[str, TcpAddress]], own_sockets: Mapping[str, str], report: Report
) -> None:
    """Refuse upstreams that are one of our own ports: they would hand out what is not for clients, or never end."""
    own_ports = {address.port for _, address in own}
    for index, route in routes:
        for target in route.targets:
            if target.scheme == "unix" and target.host in own_sockets:
                message = f"`{target.host}` is our own `{own_sockets[target.host]}`"
                report.error(("routes", index, "to"), "own-port", message, "name the upstream's socket")
            for name, address in own if target.port in own_ports else ():
                if address.reached_by(target.host, target.port):
                    message = f"`{target.host}:{target.port}` is our own `{name}`"
                    report.error(("routes", index, "to"), "own-port", message, "name the upstream's address")


def check_companions(routes: Sequence[Numbered], sign_in: Origin | None, report: Report) -> None:
    """Refuse `depends_on` where it names a host that no route answers on, or one that has its cookie anyhow."""
    depending = [(number, route) for number, route in routes if route.depends_on]
    index = RouteIndex.of(route for _, route in routes) if depending else RouteIndex.of(())
    for number, route in depending:
        had = {route.origin.host, *([sign_in.host] if sign_in else [])}
        for companion in route.depends_on:
            host, _, port = companion.partition(":")
            path = ("routes", number, "depends_on")
            served = {each.origin.port for each in index.of_host(host)}
            if host in had:
                message = f"`{host}` gets its cookie anyhow, or is named twice"
                report.error(path, "given-twice", message, "remove it")
            elif int(port or 443) not in served:
                message = f"no route answers on `{companion}`, so nobody can be signed in there"
                report.error(path, "no-such-host", message, _meant(served) or "name the host of a route")
            had.add(host)


def _meant(ports: Iterable[int]) -> str:
    """The remedy where only the port is wrong."""
    return " or ".join(f"write `:{port}` behind it" for port in sorted(ports))


def needing_session(routes: Iterable[Numbered]) -> Iterator[Numbered]:
    """The routes that ask who somebody is."""
    return (each for each in routes if Dependencies.SESSION in each[1].policy.depends_on)


def check_sign_in(routes: Iterable[Numbered], *, provider: bool, authenticate: bool, report: Report) -> None:
    """Refuse routes that need people to sign in while there is nowhere to do so. With `jwt`, programs may be enough."""
    needing = needing_session(routes)
    index = next((index for index, route in needing if route.bearer_format != "jwt"), None)
    if index is None:
        return
    mark = report.marks.of(("routes", index))
    if not authenticate and not report.broken(("authenticate_service_url",)):
        message = f"`routes[{index}]` needs people to sign in, but there is no host to do so"
        remedy = "add `authenticate_service_url: https://authenticate.example.com`"
        report.error(("authenticate_service_url",), "missing", message, remedy, mark=mark)
    idp_keys = ("idp_provider", "idp_provider_url", "idp_client_id", "idp_client_secret", "idp_client_secret_file")
    if not provider and not report.broken(*((key,) for key in idp_keys)):
        message = f"`routes[{index}]` needs people to sign in, but there is no identity provider"
        remedy = "add `idp_provider`, `idp_provider_url` and `idp_client_id`"
        report.error(("idp_provider",), "missing", message, remedy, mark=mark)


def _hidden_by(first: dict[tuple[str, str, str], int], route: Route) -> int | None:
    """An earlier route of the host whose prefix takes everything that this one would."""
    host, value = route.origin.host, route.match.value
    if route.match.kind == "regex":
        return first.get((host, "prefix", "/"))
    lengths = range(1, len(value) + (route.match.kind == "path"))
    return next((first[key] for length in lengths if (key := (host, "prefix", value[:length])) in first), None)
