"""The requests an exchange asks for, and the responses it is given."""

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeAlias, TypeVar

from access_model.model import ClientAuthentication

Result = TypeVar("Result")

ClientAuthMethod = ClientAuthentication


class Freshness(StrEnum):
    """How old an answer may be."""

    SENT = "sent"
    """The request is sent, always, and once."""
    KEPT = "kept"
    """A kept copy will do: provider metadata, keys."""
    RENEWED = "renewed"
    """The kept copy did not do; a new one is wanted, as often as the throttle allows."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request to the identity provider. It holds no client secret: the driver adds that."""

    method: Literal["GET", "POST"]
    """The method."""
    url: str
    """Absolute URL."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Header name to value."""
    form: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Body, `application/x-www-form-urlencoded`."""
    client_auth: ClientAuthMethod | None = None
    """How the client authenticates itself; None where it does not."""
    freshness: Freshness = Freshness.SENT
    """Whether a kept answer will do."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response, whole; redirects are not followed."""

    status: int
    """The status."""
    content_type: str = ""
    """Media type without parameters, lower case."""
    body: bytes = field(default=b"", repr=False)
    """The body, decoded from its transfer and content encoding."""

    def json_object(self) -> dict[str, Any] | None:
        """The body as a JSON object; None when it is anything else."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None


Exchange: TypeAlias = Generator[HttpRequest, HttpResponse, Result]
