"""Secrets as a type: what is sensitive shows in the signature and never in a log line, a traceback or a repr."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that must not be printed. Compare two of them with `hmac.compare_digest` on what they reveal."""

    _value: bytes = field(repr=False)

    @classmethod
    def of(cls, value: str | bytes) -> "Secret":
        """Wrap text (as UTF-8) or bytes."""
        return cls(value.encode() if isinstance(value, str) else value)

    def reveal(self) -> bytes:
        """The bytes themselves; call it only where they are used."""
        return self._value

    def reveal_text(self) -> str:
        """The text itself; call it only where it is used."""
        return self._value.decode()

    def __repr__(self) -> str:
        return "[redacted]"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "[redacted]"
