"""Names made of content: what a route is called in every process, and which configuration an answer belongs to."""

import json
from collections.abc import Collection, Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import datetime, time, timedelta, tzinfo
from hashlib import sha256
from hmac import digest
from ipaddress import IPv4Network, IPv6Network
from typing import TypeAlias

from access_model.forwarding import FixedResponse, Redirection
from access_model.model import AccessModel, Origin, PathMatch, Target, origin_url
from access_model.secret import Secret

ID_DIGITS = 16
Canonical: TypeAlias = "dict[str, Canonical] | list[Canonical] | str | int | bool | None"

_NEVER_DECISIVE = {
    "AccessModel": {"revision", "source", "store_url", "services", "service_tls", "envoy", "log_level", "operations"}
    | {"raw_files", "store_grace", "previous_shared_secret", "sign_in_limit", "token_failure_limit"},
    "AssertionSettings": {"key_rotation"},
    "Listener": {"address", "port", "certificates", "proxy_protocol", "codec", "timeouts", "redirect"},
    "Route": {"source", "name", "description", "logo_url", "tls", "pool"},
}
"""Fields that change neither a decision nor a route nor an assertion. Whatever is not listed counts."""


def route_id(
    origin: Origin,
    match: PathMatch,
    targets: Collection[Target],
    target_path: str,
    answer: Redirection | FixedResponse | None = None,
) -> str:
    """The id of a route: a hash of from, match and what it leads to, of neither its position nor the weights."""
    leads_to = sorted([target.scheme, target.host, target.port] for target in targets)
    instead = [] if answer is None else [_canonical(answer, b"")]
    return _hash([origin_url(origin), match.kind, match.value, leads_to, target_path, *instead])


def revision_of(model: AccessModel) -> str:
    """The revision of a model: equal for equal content, whatever machine computes it.

    Secrets go in as HMACs under `shared_secret`, so the revision, which travels in clear, tells nothing about them.
    """
    key = model.shared_secret.reveal() if model.shared_secret is not None else b"ostiary revision"
    return _hash(_canonical(model, key))


def _canonical(value: object, key: bytes) -> Canonical:
    match value:
        case None | str() | bool() | int():
            return value
        case Secret():
            return digest(key, value.reveal(), "sha256").hex()
        case timedelta() | datetime() | time() | tzinfo() | IPv4Network() | IPv6Network():
            return f"{value.total_seconds()}s" if isinstance(value, timedelta) else str(value)
        case Mapping():
            return {str(name): _canonical(each, key) for name, each in value.items()}
        case Collection():
            members = [_canonical(each, key) for each in value]
            return sorted(members, key=json.dumps) if isinstance(value, Set) else members
    if is_dataclass(value):
        kind = type(value).__name__
        ignored = _NEVER_DECISIVE.get(kind, set())
        counting = ((f, getattr(value, f.name)) for f in fields(value) if f.init and f.name not in ignored)
        # What is left at its default says nothing; most routes leave most options there.
        return [kind, {f.name: _canonical(each, key) for f, each in counting if each != f.default}]
    raise TypeError(f"a {type(value).__name__} has no canonical form")


def _hash(content: object) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(text.encode()).hexdigest()[:ID_DIGITS]
