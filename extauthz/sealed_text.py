"""Small values sealed into text that fits a cookie or a query parameter."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from session_store.sealing import NONCE_BYTES, Sealer, UnsealFailed

__all__ = ["NONCE_BYTES", "open_text", "seal_text"]

MAX_TEXT = 8192


def seal_text(key: bytes, value: Mapping[str, Any], place: bytes, nonce: bytes) -> str:
    """Seal a JSON object as base64url text that opens only with the same key and place."""
    plaintext = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(Sealer.single(key).seal(plaintext, place, nonce)).rstrip(b"=").decode()


def open_text(key: bytes, text: str, place: bytes) -> dict[str, Any] | None:
    """Open what `seal_text` made; None for everything else."""
    if len(text) > MAX_TEXT:
        return None
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        value: dict[str, Any] = json.loads(Sealer.single(key).unseal(sealed, place))
    except (binascii.Error, ValueError, UnsealFailed):
        return None
    return value
