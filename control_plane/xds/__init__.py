"""The xDS protocol: the state machine of one ADS stream, without any input or output."""

from control_plane.xds.effects import Acked, Close, Effect, Rejected, Send
from control_plane.xds.messages import DeltaRequest, DeltaResponse, Node, Refusal, Request, Response
from control_plane.xds.stream import Stream
from control_plane.xds.subscription import Variant

__all__ = [
    "Acked",
    "Close",
    "DeltaRequest",
    "DeltaResponse",
    "Effect",
    "Node",
    "Refusal",
    "Rejected",
    "Request",
    "Response",
    "Send",
    "Stream",
    "Variant",
]
