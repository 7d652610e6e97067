"""Header templates: `Bearer ${pomerium.id_token}` in `set_request_headers`. Parsed once, expanded per request. Pure.

    reference  = "$" path / "${" spaces path spaces "}"
    path       = name *( "." name / "[" string "]" )        spaces are allowed around every part inside braces
    string     = double-quoted, with backslash escapes

`$$` is `$`. What is no reference, such as an unterminated `${`, is literal. A reference that nobody knows is empty.
What a reference gives is never expanded again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from access_model.secret import Secret
from extauthz.assertion.header_text import escape_controls

Path = tuple[str, ...]

JWT: Path = ("pomerium", "jwt")
ACCESS_TOKEN: Path = ("pomerium", "access_token")
ID_TOKEN: Path = ("pomerium", "id_token")
CLIENT_CERT_FINGERPRINT: Path = ("pomerium", "client_cert_fingerprint")
REQUEST_HEADERS: Path = ("pomerium", "request", "headers")

_NAME = r"[A-Za-z0-9_-]+"
_STRING = r'"(?:\\.|[^"\\])*"'
_TIGHT = rf"{_NAME}(?:\.{_NAME}|\[{_STRING}\])*"
_LOOSE = rf"{_NAME}(?:[ \t]*\.[ \t]*{_NAME}|[ \t]*\[[ \t]*{_STRING}[ \t]*\])*"
_REFERENCE = re.compile(rf"\$(?:(?P<dollar>\$)|\{{[ \t]*(?P<braced>{_LOOSE})[ \t]*\}}|(?P<bare>{_TIGHT}))")
_STEP = re.compile(rf"(?P<name>{_NAME})|(?P<string>{_STRING})")


@dataclass(frozen=True, slots=True)
class TemplateContext:
    """What references stand for; whatever is missing expands to nothing."""

    jwt: str = field(default="", repr=False)
    """The assertion."""
    access_token: Secret | None = None
    """The provider's access token."""
    id_token: Secret | None = None
    """The provider's ID token."""
    client_cert_fingerprint: str = ""
    """SHA-256 of the client's certificate, lower-case hex."""
    request_headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    """Lower-case header name to all its values, as the client sent them."""

    def resolve(self, path: Path) -> str:
        """The value of a reference; empty when unknown."""
        if path[:-1] == REQUEST_HEADERS:
            return ",".join(self.request_headers.get(path[-1].lower(), ()))
        if path == JWT:
            return self.jwt
        if path == CLIENT_CERT_FINGERPRINT:
            return self.client_cert_fingerprint
        token = {ACCESS_TOKEN: self.access_token, ID_TOKEN: self.id_token}.get(path)
        return token.reveal_text() if token else ""


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed header template."""

    parts: tuple[str | Path, ...]
    """Literal text and the paths of references, in order."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse; every text is a template."""
        parts: list[str | Path] = []
        end = 0
        for match in _REFERENCE.finditer(text):
            parts += [text[end : match.start()], "$" if match["dollar"] else _path(match["braced"] or match["bare"])]
            end = match.end()
        return cls(tuple(part for part in (*parts, text[end:]) if part))

    def uses(self, path: Path) -> bool:
        """Whether it refers to exactly this path, as in `uses(JWT)`."""
        return path in self.parts

    def expand(self, context: TemplateContext) -> str:
        """The header's value; control characters out of a reference are percent-encoded."""
        return "".join(part if isinstance(part, str) else escape_controls(context.resolve(part)) for part in self.parts)


def _path(reference: str) -> Path:
    return tuple(match["name"] or _unquoted(match["string"]) for match in _STEP.finditer(reference))


def _unquoted(string: str) -> str:
    return re.sub(r"\\(.)", r"\1", string[1:-1], flags=re.DOTALL)
