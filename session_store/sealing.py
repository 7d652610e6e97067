"""Sealing: authenticated encryption of what must not be read or moved, at rest and in cookies. Pure.

A sealed value is `version (1) | key id (8) | nonce (12) | ciphertext and tag`, AES-256-GCM (NIST SP 800-38D). Its
header is authenticated too. Associated data names the one place where the value may be opened, so that it opens nowhere
else: build it with `bind`. The caller brings the nonce, 12 fresh bytes from a CSPRNG for every call.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID_BYTES = 8
VERSION = b"\x01"
_HEADER_BYTES = len(VERSION) + KEY_ID_BYTES
_LENGTH_BYTES = 4


class UnsealFailed(Exception):
    """A sealed value does not open: cut, altered, moved, or sealed with a key that is not held."""

    code = "unseal-failed"


def bind(*fields: str | bytes) -> bytes:
    """Associated data of these fields, each behind its length, so that no byte can change field unnoticed."""
    parts = [value.encode() if isinstance(value, str) else value for value in fields]
    return b"".join(len(part).to_bytes(_LENGTH_BYTES, "big") + part for part in parts)


def key_id(key: bytes) -> bytes:
    """The public name of a key: the first bytes of a hash over it, labelled so that it is good for nothing else."""
    return sha256(b"ostiary sealing key id\x00" + key).digest()[:KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals with one key and opens with every key it holds, so that keys can be exchanged without losing values."""

    keys: Mapping[bytes, bytes] = field(repr=False)
    """Key id to key, 32 bytes each."""
    current: bytes
    """Id of the key that seals."""

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise ValueError("the current sealing key is not among the keys")
        if any(len(key) != KEY_BYTES for key in self.keys.values()):
            raise ValueError(f"a sealing key must have {KEY_BYTES} bytes")
        if any(len(name) != KEY_ID_BYTES for name in self.keys):
            raise ValueError(f"the id of a sealing key must have {KEY_ID_BYTES} bytes")

    @classmethod
    def single(cls, key: bytes) -> Self:
        """A sealer of one key, its id derived from it."""
        return cls.ring(key)

    @classmethod
    def ring(cls, current: bytes, *previous: bytes) -> Self:
        """A sealer that seals with `current` and still opens what `previous` keys sealed; ids are derived."""
        return cls({key_id(key): key for key in (current, *previous)}, key_id(current))

    @property
    def header(self) -> bytes:
        """How every value begins that is sealed now."""
        return VERSION + self.current

    @property
    def headers(self) -> frozenset[bytes]:
        """How the values begin that can be opened."""
        return frozenset(VERSION + name for name in self.keys)

    def seal(self, plaintext: bytes, associated_data: bytes, nonce: bytes) -> bytes:
        """Seal with the current key. `nonce` is 12 bytes and must never repeat under one key."""
        if len(nonce) != NONCE_BYTES:
            raise ValueError(f"a nonce must have {NONCE_BYTES} bytes, not {len(nonce)}")
        header = self.header
        cipher = AESGCM(self.keys[self.current])
        return header + nonce + cipher.encrypt(nonce, plaintext, header + associated_data)

    def unseal(self, sealed: bytes, associated_data: bytes) -> bytes:
        """Return the plaintext, or raise `UnsealFailed` without telling which part was wrong."""
        header, nonce = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES : _HEADER_BYTES + NONCE_BYTES]
        key = self.keys.get(header[len(VERSION) :])
        if header[: len(VERSION)] != VERSION or key is None or len(nonce) != NONCE_BYTES:
            raise UnsealFailed("the sealed value does not open")
        try:
            return AESGCM(key).decrypt(nonce, sealed[_HEADER_BYTES + NONCE_BYTES :], header + associated_data)
        except InvalidTag:
            raise UnsealFailed("the sealed value does not open") from None
