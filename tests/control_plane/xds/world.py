"""Small resources, named for what they are, and shorthands to read a stream's effects."""

from collections.abc import Iterable, Sequence

from control_plane.snapshot import Reference, Resource, Snapshot, TypeUrl
from control_plane.xds import DeltaResponse, Effect, Response, Send

CDS, EDS, LDS, RDS, SDS = TypeUrl.CLUSTER, TypeUrl.ENDPOINT, TypeUrl.LISTENER, TypeUrl.ROUTE, TypeUrl.SECRET
VHDS = TypeUrl.VIRTUAL_HOST


def cluster(name: str, content: str = "", *, eds: bool = False, secrets: Iterable[str] = ()) -> Resource:
    references = {Reference(SDS, secret) for secret in secrets}
    if eds:
        references.add(Reference(EDS, name))
    return Resource(name, CDS, f"{name}={content}".encode(), frozenset(references))


def endpoints(name: str, content: str = "") -> Resource:
    return Resource(name, EDS, f"{name}={content}".encode())


def secret(name: str, content: str = "") -> Resource:
    return Resource(name, SDS, f"{name}={content}".encode())


def route(name: str, content: str = "", *, to: Iterable[str] = ()) -> Resource:
    references = frozenset(Reference(CDS, target) for target in to)
    return Resource(name, RDS, f"{name}={content}".encode(), references)


def host(name: str, content: str = "", *, to: Iterable[str] = ()) -> Resource:
    references = frozenset(Reference(CDS, target) for target in to)
    return Resource(name, VHDS, f"{name}={content}".encode(), references)


def listener(name: str, content: str = "", *, routes: Iterable[str] = (), to: Iterable[str] = ()) -> Resource:
    references = {Reference(RDS, routed) for routed in routes} | {Reference(CDS, target) for target in to}
    return Resource(name, LDS, f"{name}={content}".encode(), frozenset(references))


def snapshot(*resources: Resource) -> Snapshot:
    return Snapshot.build(resources)


def responses(effects: Sequence[Effect]) -> list[Response | DeltaResponse]:
    return [effect.response for effect in effects if isinstance(effect, Send)]


def only(effects: Sequence[Effect]) -> Response | DeltaResponse:
    (response,) = responses(effects)
    return response


def names(response: Response | DeltaResponse) -> list[str]:
    return [resource.name for resource in response.resources]


def types(effects: Sequence[Effect]) -> list[str]:
    return [response.type_url for response in responses(effects)]
