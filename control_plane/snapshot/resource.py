"""One xDS resource, serialised, with what the control plane must know of it without decoding it."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from control_plane.snapshot.types import TypeUrl


class Reference(NamedTuple):
    """The name of another resource, as a resource uses it. A tuple, for sets of them are compared at every change."""

    type_url: TypeUrl
    """Type of the resource that is named."""
    name: str
    """Its name."""

    def __str__(self) -> str:
        return f"{self.type_url.noun} `{self.name}`"


@dataclass(frozen=True, slots=True)
class Resource:
    """One serialised resource. Its version is a hash of its content, so that replicas agree on it."""

    name: str
    """Name, unique within the type."""
    type_url: TypeUrl
    """Type of the message in `body`."""
    body: bytes = field(repr=False)
    """The message's deterministic serialisation: the `value` of an `Any`. May hold key material, so never printed."""
    references: frozenset[Reference] = frozenset()
    """What this resource names, and Envoy would miss if it were not served as well."""
    version: str = field(init=False, compare=False)
    """Short hexadecimal hash of `body`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", content_version(self.body))

    @property
    def reference(self) -> Reference:
        """How others name this resource."""
        return Reference(self.type_url, self.name)


def content_version(content: bytes) -> str:
    """A version that depends on the content alone: 64 bits of SHA-256, in lower-case hexadecimal."""
    return sha256(content).hexdigest()[:16]
