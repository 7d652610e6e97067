"""A request that cannot be read in one way, with what is needed to say so in its client's form."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Malformed:
    """It is refused whatever its route."""

    problem: str
    """What stands against it, for the client: lower case, repeats nothing of the request."""
    method: str = ""
    """The method, as far as it could be read."""
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """Lower-case header name to all its values."""
    request_id: str = ""
    """Envoy's `x-request-id`."""
