"""The path of a request, read once, so that whoever matched it and whoever serves it cannot read it differently. Pure.

Envoy matches routes on the path as it was sent; an upstream decodes it, drops dot segments, merges slashes and cuts
path parameters off, each in its own way. A path on which these readings could part is refused rather than mended:
what reaches the upstream is what the client sent, so mending our copy would only hide the difference.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

_TARGET = re.compile(r"/[!-~]*")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_SLASHES = re.compile(r"//+")
_PARAMETERS = re.compile(r"(?:;|%3[Bb])[^/]*")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DOTS = frozenset((".", ".."))
MOST_DECODINGS = 3
"""How often an upstream chain is assumed to decode at most; what is encoded deeper is refused."""


class PathRefused(ValueError):
    """A path that can be read in more than one way; the message names what stands against it, for the client."""

    code = "path-refused"


@dataclass(frozen=True, slots=True)
class RequestPath:
    """A path that has one reading."""

    raw: str
    """As it reaches the upstream, percent-encoded."""
    decoded: str
    """Percent-decoded: what policies compare."""
    query: str
    """Everything behind the first `?` of the target, undecoded."""

    @property
    def ambiguous_slashes(self) -> bool:
        """Whether slashes are repeated: some upstreams merge them, some do not."""
        return "//" in self.raw


NO_PATH = RequestPath("", "", "")
"""What a request for a tunnel has (RFC 9110 section 9.3.6)."""


def read_target(target: str) -> RequestPath:
    """Split a request target in origin form (RFC 9112 section 3.2.1) at its first `?`, and read the path.

    Raises `PathRefused`. Repeated slashes are the caller's to judge (`ambiguous_slashes`).
    """
    raw, _, query = target.partition("?")
    if not _TARGET.fullmatch(raw):
        raise PathRefused("the path must begin with a slash and hold printable ASCII characters only")
    if "#" in raw or "\\" in raw:
        raise PathRefused("the path must not hold `#` or a backslash")
    decoded = _decode(raw)
    _refuse_hidden_segments(raw)
    return RequestPath(raw, decoded, query)


def canonical(raw: str) -> str:
    """The path without needless encoding: escapes of unreserved characters decoded (RFC 3986 section 6.2.2.2)."""
    return _ESCAPE.sub(_unreserved_decoded, raw) if "%" in raw else raw


def without_parameters(raw: str) -> str:
    """The path without the parameters of its segments (RFC 3986 section 3.3), as Java servlet containers match it."""
    return _PARAMETERS.sub("", raw)


def merged(raw: str) -> str:
    """The path with runs of slashes merged."""
    return _SLASHES.sub("/", raw)


def _decode(raw: str) -> str:
    if _BROKEN_ESCAPE.search(raw):
        raise PathRefused("the path holds a `%` without two hexadecimal digits")
    try:
        decoded = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise PathRefused("the path does not decode to UTF-8") from None
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in decoded):
        raise PathRefused("the path holds an encoded control character")
    return decoded


def _refuse_hidden_segments(raw: str) -> None:
    """Refuse dot segments, plain, encoded, behind parameters, or encoded again, and slashes that decoding reveals."""
    text = raw
    for _ in range(MOST_DECODINGS):
        if any(segment.partition(";")[0] in _DOTS for segment in text.split("/")):
            raise PathRefused("the path holds a dot segment")
        if "%" not in text:
            return
        decoded = unquote_to_bytes(text).decode(errors="replace")
        if decoded.count("/") != text.count("/") or "\\" in decoded:
            raise PathRefused("the path holds an encoded slash or backslash")
        if decoded == text:
            return
        text = decoded
    raise PathRefused("the path is encoded too often")


def _unreserved_decoded(escape: re.Match[str]) -> str:
    character = chr(int(escape[0][1:], 16))
    return character if character in _UNRESERVED else escape[0]
