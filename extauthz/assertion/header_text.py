"""Making any text safe as the value of one HTTP header (RFC 9110 section 5.5). Pure."""

import re

_CONTROL = r"\x00-\x1f\x7f"
_UNSAFE = re.compile(rf"[{_CONTROL}]|[^\x00-\x7f]|%(?=[0-9A-Fa-f]{{2}})")
_CONTROLS = re.compile(rf"[{_CONTROL}]")


def escape_text(text: str) -> str:
    """Percent-encode, as UTF-8, every control character (CR, LF, NUL, TAB, DEL …) and everything that is not ASCII.

    A `%` is encoded only where two hex digits follow, so that percent-decoding always gives back the very text, and
    ordinary values stay as they are (`100%`).
    """
    return _UNSAFE.sub(_percent, text)


def escape_element(text: str) -> str:
    """Like `escape_text`, for an element of a comma-joined list: its own commas are encoded too, so that a group named
    `a,admins` does not count as two."""
    return escape_text(text).replace(",", "%2C")


def escape_controls(text: str) -> str:
    """Percent-encode control characters alone, for what must otherwise arrive byte for byte."""
    return _CONTROLS.sub(_percent, text)


def _percent(match: re.Match[str]) -> str:
    # a provider's JSON can hold a lone surrogate, which UTF-8 has no bytes for
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace"))
