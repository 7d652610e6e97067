"""Names made of content: what a route is called in every process, and which configuration an answer belongs to."""

import json
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, time, timedelta, tzinfo
from functools import cache
from hashlib import sha256
from hmac import digest
from ipaddress import IPv4Network, IPv6Network
from typing import Any, TypeAlias

from access_model.forwarding import FixedResponse, Redirection
from access_model.model import AccessModel, Origin, PathMatch, Route, Target, origin_url
from access_model.secret import Secret

ID_DIGITS = 16
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)
_PLAIN = {type(None), str, int, bool}
Canonical: TypeAlias = "dict[str, Canonical] | list[Canonical] | str | int | bool | None"

_NEVER_DECISIVE = {
    "AccessModel": {"revision", "source", "lines", "store_url", "services", "service_tls", "envoy", "log_level"}
    | {"operations", "stream_recheck", "authorities_pem", "decision_log_fields"}
    | {"raw_files", "store_grace", "previous_shared_secret", "sign_in_limit", "token_failure_limit"},
    "AssertionSettings": {"key_rotation"},
    "Listener": {"address", "port", "certificates", "proxy_protocol", "codec", "timeouts", "redirect"} | {"log_fields"},
    "Route": {"name", "description", "logo_url", "tls", "pool"},
}
"""Fields that change neither a decision nor a route nor an assertion. Whatever is not listed counts."""
_BY_THEMSELVES = {"routes"}
"""Fields of the model that count through digests of their elements."""


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
    text = _text([origin_url(origin), match.kind, match.value, leads_to, target_path, *instead])
    return sha256(text).hexdigest()[:ID_DIGITS]


def digest_of(route: Route) -> str:
    """All of a route that can change a decision, as a hash: equal for equal content.

    It is for this process alone: whoever knows all else could try out secrets in it.
    """
    return sha256(_text(_canonical(route, b""))).hexdigest()


def revision_of(model: AccessModel, digests: Iterable[str] | None = None) -> str:
    """The revision of a model: equal for equal content, whatever machine computes it.

    It is an HMAC under `shared_secret`, so the revision, which travels in clear, tells nothing of secrets. `digests`
    are those of the model's routes where they are known already.
    """
    key = model.shared_secret.reveal() if model.shared_secret is not None else b"ostiary revision"
    routes = [*digests] if digests is not None else [digest_of(route) for route in model.routes]
    return digest(key, _text([_canonical(model, key), routes]), "sha256").hex()[:ID_DIGITS]


def _canonical(value: Any, key: bytes) -> Canonical:
    kind: Any = type(value)
    counting = None if kind in _PLAIN else _counting(kind)
    if counting is None:
        return value if kind in _PLAIN else _canonical_data(value, key)
    told: dict[str, Canonical] = {}
    for name, default in counting:
        each = getattr(value, name)
        # What is left at its default says nothing; most routes leave most options there.
        if each is not default and each != default:
            told[name] = _canonical(each, key)
    return [kind.__name__, told]


def _canonical_data(value: object, key: bytes) -> Canonical:
    match value:
        case str() | int():
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
    raise TypeError(f"a {type(value).__name__} has no canonical form")


@cache
def _counting(kind: Any) -> tuple[tuple[str, object], ...] | None:
    """The fields of a dataclass that count, each with its default; None for other types, and secrets."""
    name = kind.__name__
    if kind is Secret or not is_dataclass(kind):
        return None
    ignored = _NEVER_DECISIVE.get(name, set()) | (_BY_THEMSELVES if kind is AccessModel else set())
    return tuple(
        (each.name, each.default if each.default_factory is MISSING else each.default_factory())
        for each in fields(kind)
        if each.init and each.name not in ignored
    )


def _text(content: object) -> bytes:
    return _ENCODER.encode(content).encode()
