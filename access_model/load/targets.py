"""Where a route leads: one upstream or several, evenly or by weight."""

from dataclasses import dataclass

from access_model.load import urls
from access_model.load.marks import Path
from access_model.load.problems import Report
from access_model.model import Origin, Target
from access_model.schema import RouteKeys


@dataclass(frozen=True, slots=True)
class Targets:
    """The upstreams of one route."""

    targets: tuple[Target, ...]
    """At least one."""
    path: str
    """The path that replaces the matched one; empty for none."""


NO_TARGETS = Targets((), "")
"""What a route has that answers by itself."""


def targets(path: Path, keys: RouteKeys, report: Report) -> Targets | None:
    """The upstreams of a route; None when there are none that can be used."""
    where = (*path, "to")
    if not keys.to:
        if not report.broken(where, (*path, "redirect"), (*path, "response")):
            report.error(
                where,
                "missing",
                "the route does not say where it leads",
                "add `to: http://host:port`, `redirect` or `response`",
            )
        return None
    read = [report.attempt(_place(where, index, keys.to), urls.target, text) for index, text in enumerate(keys.to)]
    found = [each for each in read if each is not None]
    if len(found) < len(read):
        return None
    _check_alike(where, found, report)
    if found[0][1] and (keys.prefix_rewrite or keys.regex_rewrite_pattern):
        report.warn(
            where, "no-effect", f"the path `{found[0][1]}` is not used, for the route rewrites paths", "remove it"
        )
    return Targets(tuple(target for target, _ in found), found[0][1])


def check_tunnel(path: Path, origin: Origin | None, keys: RouteKeys, leads_to: Targets | None, report: Report) -> None:
    """Refuse tunnels to what is no TCP port, and TCP ports behind what is no tunnel."""
    if origin is None or leads_to is None or report.broken((*path, "to")):
        return
    tunnel = origin.scheme == "tcp+https"
    given = next((key for key in ("redirect", "response") if getattr(keys, key)), "to")
    if tunnel and {target.scheme for target in leads_to.targets} != {"tcp"}:
        message = "a tunnel leads to a TCP port and nowhere else"
        report.error((*path, given), "mixed-schemes", message, "write `to: tcp://host:port`")
    elif not tunnel and any(target.scheme == "tcp" for target in leads_to.targets):
        message = "a TCP port can be reached through a tunnel alone"
        report.error((*path, "to"), "mixed-schemes", message, "write `from: tcp+https://host:port`")


def _place(where: Path, index: int, texts: list[str]) -> Path:
    return where if len(texts) == 1 else (*where, index)


def _check_alike(where: Path, found: list[tuple[Target, str]], report: Report) -> None:
    """Refuse what would make the answer depend on which upstream is chosen."""
    if len({target.weight is None for target, _ in found}) > 1:
        report.error(where, "partial-weights", "some upstreams have a weight and some have none", "weigh all or none")
    if len({target.scheme for target, _ in found}) > 1:
        report.error(where, "mixed-schemes", "the upstreams have different schemes", "use one scheme for all of them")
    if len({path for _, path in found}) > 1:
        report.error(where, "mixed-paths", "the upstreams have different paths", "use one path for all of them")
    if len({(target.host, target.port) for target, _ in found}) < len(found):
        report.error(where, "given-twice", "an upstream is named twice", "name it once, or give it more weight")
