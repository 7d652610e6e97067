"""The protobuf messages of ADS to and from values. The only place of the server that knows protobuf.

`envoy.service.discovery.v3`, with the upb classes of `xds-protos`.
"""

from dataclasses import dataclass
from typing import Any

from envoy.service.discovery.v3 import discovery_pb2 as pb

from control_plane.xds import (
    DeltaRequest,
    DeltaResponse,
    Node,
    Refusal,
    Request,
    Response,
    Variant,
)


@dataclass(frozen=True, slots=True)
class Received:
    """A request, and who says to have sent it."""

    node: Node
    """Only on the first request of a stream is it sure to be filled in."""
    request: Request | DeltaRequest
    """What it says."""


def decode(variant: Variant, data: bytes) -> Received:
    """Read a serialised request. Raises `google.protobuf.message.DecodeError` if it is none."""
    if variant is Variant.SOTW:
        message = pb.DiscoveryRequest.FromString(data)
        return Received(_node(message.node), _request(message))
    delta = pb.DeltaDiscoveryRequest.FromString(data)
    return Received(_node(delta.node), _delta_request(delta))


def encode(response: Response | DeltaResponse) -> bytes:
    """Serialise a response."""
    message = _response(response) if isinstance(response, Response) else _delta_response(response)
    return bytes(message.SerializeToString(deterministic=True))


def _node(message: Any) -> Node:
    number = message.user_agent_build_version.version
    built = f"{number.major_number}.{number.minor_number}.{number.patch}"
    told = message.WhichOneof("user_agent_version_type") == "user_agent_build_version"
    group = message.metadata.fields["group"].string_value if "group" in message.metadata.fields else ""
    return Node(message.id, message.cluster, built if told else message.user_agent_version, group)


def _refusal(message: Any) -> Refusal | None:
    if not message.HasField("error_detail"):
        return None
    return Refusal(message.error_detail.code, message.error_detail.message)


def _request(message: Any) -> Request:
    return Request(
        type_url=message.type_url,
        names=tuple(message.resource_names),
        version=message.version_info,
        nonce=message.response_nonce,
        refusal=_refusal(message),
    )


def _delta_request(message: Any) -> DeltaRequest:
    return DeltaRequest(
        type_url=message.type_url,
        subscribe=tuple(message.resource_names_subscribe),
        unsubscribe=tuple(message.resource_names_unsubscribe),
        initial_versions=dict(message.initial_resource_versions),
        nonce=message.response_nonce,
        refusal=_refusal(message),
    )


def _response(response: Response) -> Any:
    message = pb.DiscoveryResponse(version_info=response.version, type_url=response.type_url, nonce=response.nonce)
    for resource in response.resources:
        message.resources.add(type_url=resource.type_url, value=resource.body)
    return message


def _delta_response(response: DeltaResponse) -> Any:
    message = pb.DeltaDiscoveryResponse(
        system_version_info=response.version,
        type_url=response.type_url,
        nonce=response.nonce,
        removed_resources=response.removed,
    )
    for resource in response.resources:
        added = message.resources.add(name=resource.name, version=resource.version)
        added.resource.type_url = resource.type_url
        added.resource.value = resource.body
    return message
