"""What a stream tells its shell to do, in this order."""

from dataclasses import dataclass

from control_plane.xds.messages import DeltaResponse, Response


@dataclass(frozen=True, slots=True)
class Send:
    """Write this response to the client."""

    response: Response | DeltaResponse


@dataclass(frozen=True, slots=True)
class Acked:
    """The client has taken this version of this type, or on a new stream says that it still has it."""

    type_url: str
    """Type of the response."""
    version: str
    """Version of the response."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The client refused a response and keeps what it had. The version is not sent again."""

    type_url: str
    """Type of the response."""
    version: str
    """Version of the response."""
    message: str
    """The client's own words."""
    names: tuple[str, ...]
    """What the response would have changed, sorted."""


@dataclass(frozen=True, slots=True)
class Close:
    """End the call with an error: the request was illegal, and nothing has been changed by it."""

    code: str
    """Name of the gRPC status code."""
    message: str
    """What was wrong with the request."""


Effect = Send | Acked | Rejected | Close
