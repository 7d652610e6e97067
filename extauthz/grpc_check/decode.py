"""`CheckRequest` to `Question`: the one place that reads Envoy's message. Pure.

Envoy sends the headers raw and one by one (`header_map`, with `encode_raw_headers`), or as a map of text in which it
joins repeated headers by commas and replaces what is not UTF-8 by `!`. Its `path` holds the query too, and its `query`
is always empty. `source.address` is whoever opened the connection; the client behind the trusted hops stands in a
header that our own Envoy writes, whatever a client sent under that name. In a foreign mesh nobody vouches for it.
"""

import re
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from urllib.parse import unquote

from envoy.service.auth.v3 import attribute_context_pb2, external_auth_pb2
from google.protobuf.message import DecodeError

from access_model.facts import ClientCertificate, RequestFacts
from extauthz.check.malformed import Malformed
from extauthz.decide import Question
from extauthz.limits import EXTERNAL_ADDRESS, read_address
from extauthz.own_endpoints import own_path
from extauthz.request_host import HostRefused, fold_host
from extauthz.request_path import NO_PATH, PathRefused, RequestPath, read_target

# xds-protos carries no types: these are upb message classes.
CheckRequest: Any = external_auth_pb2.CheckRequest
AttributeContext: Any = attribute_context_pb2.AttributeContext

ROUTE_ID = "route_id"
CHAIN_METADATA = "ostiary.client_certificate"
CHAIN = "chain"

_METHOD = re.compile(r"[A-Za-z!#$%&'*+.^_`|~-]{1,32}")
_NOT_FOR_APPLICATIONS = frozenset(("TRACE", "TRACK", "PRI"))
"""The answer to a trace is the request as the upstream got it, our assertion included (RFC 9110 section 9.3.8). `PRI`
begins an HTTP/2 connection and is no method (RFC 9113 section 11.5)."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")

Headers = Mapping[str, tuple[str, ...]]


def decode_check_request(data: bytes) -> Question | Malformed:
    """Read a serialised `CheckRequest`; total."""
    try:
        attributes = CheckRequest.FromString(data).attributes
    except DecodeError:
        return Malformed("it cannot be read")
    http = attributes.request.http
    pseudo, headers = _headers(http)
    method = pseudo.get(":method") or http.method
    request_id = _request_id(headers)
    try:
        facts = _facts(attributes, pseudo, headers, method=method, request_id=request_id)
    except (HostRefused, PathRefused) as refused:
        return Malformed(str(refused), method, headers, request_id)
    return Question(facts, route_id=attributes.context_extensions.get(ROUTE_ID), body=facts.body)


def _facts(
    attributes: Any, pseudo: Mapping[str, str], headers: Headers, *, method: str, request_id: str
) -> RequestFacts:
    http = attributes.request.http
    if not _METHOD.fullmatch(method):
        raise PathRefused("the method is malformed")
    if method.upper() in _NOT_FOR_APPLICATIONS:
        raise PathRefused("the method is not for applications")
    authority = pseudo.get(":authority") or http.host
    target = pseudo.get(":path") or http.path
    path = NO_PATH if method == "CONNECT" and not target else _unambiguous(read_target(target))
    return RequestFacts(
        method=method,
        scheme="http" if http.scheme.lower() == "http" else "https",
        host=fold_host(authority),
        authority=authority,
        path=path.decoded,
        raw_path=path.raw,
        query=path.query,
        headers=headers,
        client_address=_client_address(attributes, headers),
        client_certificate=_client_certificate(attributes),
        request_id=request_id,
        sni=attributes.tls_session.sni.lower(),
        body=http.raw_body or http.body.encode(),
    )


def _unambiguous(path: RequestPath) -> RequestPath:
    """Repeated slashes are merged on the way to our own endpoints; an upstream might or might not merge them."""
    if not path.ambiguous_slashes:
        return path
    own = own_path(path.raw)
    if own is None:
        raise PathRefused("the path holds repeated slashes")
    return read_target(f"{own}?{path.query}" if path.query else own)


def _headers(http: Any) -> tuple[Mapping[str, str], Headers]:
    """Pseudo-headers by name, and the others with all their values."""
    pseudo: dict[str, str] = {}
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in _fields(http):
        if name.startswith(":"):
            pseudo[name] = value
        else:
            headers[name] = (*headers.get(name, ()), value)
    return pseudo, headers


def _fields(http: Any) -> Iterable[tuple[str, str]]:
    if http.header_map.headers:
        for field in http.header_map.headers:
            name = field.key.lower()
            yield name, field.value or _text(name, field.raw_value)
    else:
        for name, value in http.headers.items():
            yield name.lower(), value


def _text(name: str, raw: bytes) -> str:
    """A header's value as text: UTF-8 where it is, else one character per byte.

    Cookies keep track of the bytes that are neither (surrogates, PEP 383), because others than ours are sent on
    untouched or not at all.
    """
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode(errors="surrogateescape") if name == "cookie" else raw.decode("latin-1")


def _request_id(headers: Headers) -> str:
    """Envoy's id; empty when there is none that may stand in a log line and a page."""
    values = headers.get("x-request-id", ())
    return values[0] if len(values) == 1 and _REQUEST_ID.fullmatch(values[0]) else ""


def _client_address(attributes: Any, headers: Headers) -> IPv4Address | IPv6Address | None:
    ours = ROUTE_ID in attributes.context_extensions
    behind_hops = headers.get(EXTERNAL_ADDRESS, ()) if ours else ()
    text = behind_hops[0] if len(behind_hops) == 1 else attributes.source.address.socket_address.address
    return read_address(text)


def _client_certificate(attributes: Any) -> ClientCertificate | None:
    """The certificate of the connection, whose key the client has proven to hold; nobody has said it may be trusted.

    What else the client sent comes as metadata of Envoy's, which no header can set.
    """
    if not attributes.source.certificate:
        return None
    sent = attributes.metadata_context.filter_metadata
    chain = sent[CHAIN_METADATA].fields[CHAIN].string_value if CHAIN_METADATA in sent else ""
    return ClientCertificate(unquote(attributes.source.certificate), trusted=False, chain=unquote(chain))
